"""The baselines, by name: what a network has to beat. Same shape as `architectures`."""

import re
import time
from collections.abc import Mapping, Sequence
from functools import cache, partial
from importlib import import_module
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import ZipFile, ZipInfo

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from basewise.config.own_code import BASELINE, code_versions, is_own, short
from basewise.core.errors import InputError
from basewise.core.seeds import derive_seed
from basewise.examples.control import fitted_parts, shuffle_labels
from basewise.examples.scales import Transform, learn_targets, read_covariates
from basewise.store.memory import peak_memory_mb
from basewise.store.parts import read_split, scored_rows
from basewise.store.receipts import writing
from basewise.store.run_records import RunRecord, write_run
from basewise.store.scores import score_rows, write_scores
from basewise.store.shards import Tensors, open_tensors

ADDRESS = re.compile(r'(?<="__id__": )\d+|(?<="file": ")\d+|^\d+(?=\.)')
"""Addresses in memory in the schema of a skops file, and in the names of its members."""


class Baseline(NamedTuple):
    """A fitted baseline.

    `estimator` is scikit-learn's; a list where each output has its own. `score` holds the class
    probability or value of every row it was given, float32, shape (n, outputs), per position
    (n, length, outputs); rows of the train part may be nan. `parameters` counts coefficients,
    shares or leaves. `chosen` says what validation has chosen, if that is no number.
    """

    estimator: Any
    score: NDArray[np.float32]
    parameters: int
    chosen: str | None = None


class Data(NamedTuple):
    """What a baseline is fitted on, see `fit`."""

    onehot: NDArray[np.uint8]
    target: NDArray[Any]
    part: NDArray[np.str_]
    seed: int
    task: str
    outputs: int


@cache
def registry() -> dict[str, dict[str, Any]]:
    """The content of `registry.yaml`: baseline name to its entry."""
    text = files("basewise.baselines").joinpath("registry.yaml").read_text(encoding="utf-8")
    entries: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return entries


def names() -> list[str]:
    """Every baseline that `fit` knows."""
    return list(registry())


def entry_of(name: str) -> dict[str, Any]:
    """What the registry says of a baseline; of one's own what holds for any.

    Raises
    ------
    InputError
        For a name that is neither.
    """
    if is_own(name):
        return BASELINE
    if name not in registry():
        raise InputError(f"unknown baseline {name!r}; there are {', '.join(names())}")
    return registry()[name]


def fit(
    name: str,
    onehot: NDArray[np.uint8],
    target: NDArray[Any],
    part: NDArray[np.str_],
    *,
    seed: int,
    task: str = "binary",
    outputs: int = 1,
    alphabet: str = "dna",
    **settings: Any,
) -> Baseline:
    """Fit a baseline on the train part and score every row, on one thread.

    The bytes of the scores would depend on the number of threads.

    Parameters
    ----------
    onehot
        uint8, shape (n, length, channels).
    target
        As in the tensors of the task, see `shards.Piece`; those of a regression on the scale on
        which they are learned, of genotypes nan where a value is missing.
    part
        Part of each example, shape (n,); the validation part chooses, the test part is only scored.
        Baselines on genotypes score it with a fit on train and validation, see `stages`.
    outputs
        1 for `binary`, the number of classes for `multiclass` and `per_position`, of targets for
        the others.
    alphabet
        A key of `alphabet.CHANNELS`; a baseline for several takes its features by it.
    **settings
        The baseline's own settings, listed in the registry.

    Raises
    ------
    InputError
        For an unknown name, a task the baseline has no estimator for, settings that do not go
        together, or scores that are not numbers.
    """
    entry = entry_of(name)
    if task not in entry["tasks"]:
        raise InputError(f"{name} cannot fit task {task!r}; it fits {', '.join(entry['tasks'])}")

    module = import_module(f"basewise.baselines.{entry['module']}")
    function = entry.get("functions", {}).get(alphabet, entry["function"])
    defaults = {key: schema["default"] for key, schema in entry["settings"].items()}
    data = Data(onehot, target, part, seed, task, outputs)
    make = getattr(module, function)
    if is_own(name):
        make = partial(make, name, alphabet=alphabet)
    with threadpool_limits(1):
        baseline: Baseline = make(data, **{**defaults, **settings})

    _check_numbers(name, baseline.score[scored_rows(part)])
    return baseline


class Fit(NamedTuple):
    """A baseline that was fitted on a dataset; `model` is `Baseline.estimator`.

    `score` is of the validation and test rows, as `network.Fit` has it, `transform` the scale on
    which a regression was learned, `seconds` the wall time of the fit.
    """

    model: Any
    score: NDArray[np.float32]
    transform: Transform | None
    parameters: int
    chosen: str | None
    seconds: float


def fit_tensors(
    tensors: Tensors,
    part: NDArray[np.str_],
    *,
    baseline: str,
    settings: Mapping[str, Any],
    transform: str = "none",
    covariates: pd.DataFrame | None = None,
    seed: int,
) -> Fit:
    """Fit a baseline on the train part of a dataset, as `network.fit_network` does a network.

    Raises
    ------
    InputError
        As `fit`, or when the transform does not fit the targets.
    """
    rows, learned = scored_rows(part), None
    if tensors.task == "regression":
        train = np.flatnonzero(part == "train")
        learned = learn_targets(tensors.target, train, transform, covariates)

    started = time.monotonic()
    fitted = fit(
        baseline,
        tensors.onehot(),
        tensors.target if learned is None else learned.target,
        part,
        seed=seed,
        task=tensors.task,
        outputs=len(tensors.outputs),
        alphabet=tensors.alphabet,
        **settings,
    )
    seconds = time.monotonic() - started

    score = fitted.score[rows]
    if learned is not None:
        score = learned.in_unit(score, rows)
        _check_numbers(baseline, score)

    scale = learned.scale if learned else None
    return Fit(fitted.estimator, score, scale, fitted.parameters, fitted.chosen, seconds)


def fit_and_save(
    tensors_folder: str | Path,
    split_path: str | Path,
    paths: Mapping[str, str],
    run: RunRecord,
    *,
    motifs: Sequence[str] = (),
    transform: str,
    covariates: str | None = None,
    root_seed: int,
) -> None:
    """Fit one baseline and write what the workflow keeps of it.

    Parameters
    ----------
    paths
        Where to write ``model`` (a skops file, never a pickle), ``scores`` and ``run``.
    run
        What is known of the run before it: its names, baseline and settings. A `control` learns
        shuffled labels, see `control`.
    motifs
        Files of the motifs that it scans for.
    transform
        Scale on which the targets of a regression are learned, see `scales.fit_transform`; the
        scores are in their own unit.
    covariates
        The file of examples, where they have covariates, see `scales.read_covariates`.
    root_seed
        The seed derives from it and the names of the run.

    Raises
    ------
    InputError
        As `fit`, or when the transform does not fit the targets.
    """
    tensors = open_tensors(tensors_folder)
    part = read_split(split_path, tensors.ids).part
    shown = tensors
    if run.control:
        again = tensors.alphabet == "genotype"
        shown = shuffle_labels(tensors, part, fitted_parts(again), root_seed, run)

    fitted = fit_tensors(
        shown,
        part,
        baseline=run.baseline,
        settings={**run.settings, **({"motifs": list(motifs)} if motifs else {})},
        transform=transform,
        covariates=read_covariates(covariates, tensors.ids) if covariates else None,
        seed=derive_seed(root_seed, *run.names),
    )

    with writing(paths["model"]) as path:
        path.write_bytes(packed(fitted.model))

    write_scores(score_rows(tensors, scored_rows(part), part, fitted.score), paths["scores"])
    done = run._replace(
        baseline=short(run.baseline),
        versions=code_versions(run.baseline),
        motifs=[Path(path).name for path in motifs],
        transform=fitted.transform and fitted.transform.as_json(),
        chosen=fitted.chosen,
        parameters=fitted.parameters,
        device="CPU",
        seconds=fitted.seconds,
        examples_per_second=int((part == "train").sum()) / fitted.seconds,
        peak_memory_mb=peak_memory_mb(),
    )
    write_run(paths["run"], done, ("numpy", "pandas", "scikit-learn"))


def packed(model: Any) -> bytes:
    """A model as a skops file, of the same bytes whenever the model is the same.

    skops names what it stores by addresses in memory, and zip notes the time; here addresses are
    numbered as they appear, and the time is that with which zip begins to count.
    """
    from skops.io import dumps  # all of scikit-learn; who asks for names or the registry saves it

    with ZipFile(BytesIO(dumps(model))) as source:
        schema = source.read("schema.json").decode()
        addresses = dict.fromkeys(ADDRESS.findall(schema))
        numbers = {address: str(number) for number, address in enumerate(addresses, 1)}
        numbered = partial(ADDRESS.sub, lambda match: numbers[match[0]])

        stream = BytesIO()
        with ZipFile(stream, "w") as archive:
            for name in source.namelist():
                is_schema = name == "schema.json"
                content = numbered(schema).encode() if is_schema else source.read(name)
                archive.writestr(ZipInfo(numbered(name)), content)
    return stream.getvalue()


def _check_numbers(name: str, score: NDArray[np.float32]) -> None:
    """Raise InputError for scores that are infinite or not numbers."""
    bad = ~np.isfinite(score)
    if bad.any():
        raise InputError(
            f"{name}: {bad.sum():,} of {bad.size:,} scores are not numbers; set another "
            "`transform`, or leave this baseline out"
        )
