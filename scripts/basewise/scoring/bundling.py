"""From the results of a model to its bundle."""

import hashlib
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray

from basewise import __version__
from basewise.core.arrays import Floats, Integers
from basewise.core.errors import InputError
from basewise.core.user_code import load_code
from basewise.evaluation.headlines import HEADLINES, summary_output
from basewise.evaluation.validation import validate
from basewise.examples.scales import Transform
from basewise.scoring import relatives
from basewise.scoring.checking import CARD, CODE, CONTRACT, HELD_OUT, MEMBERS, letters_read
from basewise.scoring.familiar import EXAMPLES, KMERS, as_members, remember
from basewise.scoring.new_individuals import MARKERS
from basewise.scoring.onnx_graphs import Exported, export
from basewise.sequences.alphabet import CHANNELS, decode, letters_of
from basewise.sequences.composition import describe
from basewise.store.bundles import read_bundle, write_bundle
from basewise.store.contracts import BundledRun, Contract, as_json, from_json
from basewise.store.parts import Split, fold_file, read_split
from basewise.store.receipts import checked
from basewise.store.run_records import RunRecord, read_run
from basewise.store.scores import outputs_of, read_scores, truth_and_score, truth_and_value
from basewise.store.shards import Tensors, open_tensors
from basewise.store.tables import (
    COMPARISON_COLUMNS,
    LEAKAGE_SUMMARY_COLUMNS,
    read_examples,
    read_table,
    read_tables,
    score_column,
)

EXPECTED = 10
"""Test examples of each fold whose scores go along."""

COVERED = 0.9
"""Share of the validation part that lies within the interval of a number."""

MOST_SCORES = 2_000
"""Scores of held-out negatives of a run and output, evenly spaced by rank."""

SAME, SAME_NUMBERS = 1e-6, 1e-5
"""Two computations of one score lie within this share of the larger of 1 and the standard deviation
of the target: a probability, and a number. A number is a sum in float32 that nothing bounds; in
another order of its terms it differs by some steps, 1.3e-6 in tests."""

TEMPLATES = Path(__file__).parent / "templates"
GRAPH, SCRIPT = "model.onnx", "score.py"
INPUTS, SCORES = "expected/inputs.tsv", "expected/scores.tsv"


class Sources(NamedTuple):
    """The results that a bundle is made of; lists are run for run.

    An ensemble has no `models` but `members`, the bundles of what it averages. `own_code` is the
    Python file that a model of one's own is made from.
    """

    tensors: str
    splits: str
    leakage: str
    examples: str
    comparison: str
    models: Sequence[str]
    scores: Sequence[str]
    records: Sequence[str]
    markers: Sequence[str] = ()
    members: Sequence[str] = ()
    own_code: Sequence[str] = ()


class _Read(NamedTuple):
    """One run: its record, its split, and the file of its model, which an ensemble has not."""

    record: RunRecord
    split: Split
    scores: pd.DataFrame
    model: Path | None

    @property
    def folder(self) -> str:
        """Its place in the bundle."""
        return f"models/fold{self.record.fold}/seed{self.record.seed}"

    @property
    def member(self) -> str:
        """The place of its model."""
        return f"{self.folder}/{self.model.name}" if self.model else ""

    def rows(self, part: str) -> pd.DataFrame:
        """Scores of a part."""
        return self.scores[self.scores["part"] == part].reset_index(drop=True)

    def shown(self) -> Integers:
        """Some examples of the test part, as rows of the tensors."""
        tested = np.flatnonzero(self.split.part == "test")
        return tested[:: -(-len(tested) // EXPECTED)] if len(tested) else tested

    def tolerance(self, tensors: Tensors) -> Floats:
        """How far two computations of one score may lie apart, of each output."""
        if tensors.task != "regression":
            return np.full(len(tensors.outputs), SAME)
        target = tensors.target[self.split.part == "train"].astype(float)
        tolerance: Floats = SAME_NUMBERS * np.maximum(1.0, np.nanstd(target, axis=0))
        return tolerance


def bundle_model(
    path: str | Path,
    sources: Sources,
    *,
    dataset: Mapping[str, Any],
    title: str,
    classes: Mapping[str, str] | None,
    files_used: Sequence[Mapping[str, str]],
    precision: float,
    recall: float,
) -> None:
    """Write the bundle of a model: its runs, and all that it takes to use them.

    Parameters
    ----------
    path
        The zip.
    dataset
        Settings of the dataset: description, length, window, center, shift and near.
    title, classes
        The model's title, and what 0 and 1 of a binary task are, where they have names.
    files_used
        Where the data come from, as `sources` of the configuration has it.
    precision, recall
        What two of the thresholds are to reach on validation, see `validation.choose_thresholds`.

    Raises
    ------
    InputError
        When a file of the results is damaged, or the model stands on covariates, which new
        examples would not have.
    """
    tensors = open_tensors(sources.tensors)
    examples = read_examples(sources.examples, tensors.ids)
    if any(column.startswith("covariate.") for column in examples):
        raise InputError("a model beside covariates cannot be bundled; leave `covariates` out")
    models: list[Path | None] = [checked(model) for model in sources.models]
    models = models or [None] * len(sources.records)
    runs = [
        _read(*given, sources.splits, tensors)
        for given in zip(sources.records, sources.scores, models, strict=True)
    ]

    record = runs[0].record
    code = {Path(file): _code(file, record) for file in sources.own_code}
    for file, content in code.items():
        load_code(content, file)  # the user's own, whose classes a network may have
    graphs = [_as_onnx(run, tensors) for run in runs]

    learned = np.any([run.split.part != "test" for run in runs], axis=0)
    letters = letters_of(decode(tensors.onehot(learned), tensors.alphabet))
    near = {"k": None, **dataset["near"]}
    familiar = remember(letters, examples[learned], tensors.alphabet, near["k"])

    is_genotype = tensors.alphabet == "genotype"
    contract = Contract(
        basewise=__version__,
        dataset=record.dataset,
        model=record.model,
        kind=record.kind,
        name=record.architecture or record.baseline or record.kind,
        title=title,
        settings=record.settings,
        task=tensors.task,
        outputs=tensors.outputs,
        classes=classes,
        alphabet=tensors.alphabet,
        channels=list(CHANNELS[tensors.alphabet]),
        length=tensors.length,
        letters=letters_read(tensors.alphabet),
        lengths={"policy": "exact", "side": "center", **(dataset.get("length") or {})},
        window=_window(dataset),
        unknown=record.settings.get("unknown", "uniform"),
        strands=record.settings.get("reverse_complement", "none"),
        near={**near, "limit": int(familiar.kmers.limit)},
        training={
            "examples": int(learned.sum()),
            **_composition(letters, tensors.alphabet),
            **(_coding(letters, examples) if is_genotype else {}),
        },
        runs=[
            _bundled(run, graph, tensors, precision, recall)
            for run, graph in zip(runs, graphs, strict=True)
        ],
        members=sorted({member["model"] for run in runs for member in run.record.members}),
    )
    members: dict[str, bytes | Path] = {
        CONTRACT: as_json(contract),
        CARD: _card(contract, sources, dataset, files_used, graphs).encode(),
        HELD_OUT: _parquet(pd.concat([_held_out(run, tensors.task) for run in runs])),
        **_expected(runs, tensors),
        **as_members(familiar),
        **{run.member: run.model for run in runs if run.model},
        **{
            f"{run.folder}/{GRAPH}": graph.content
            for run, graph in zip(runs, graphs, strict=True)
            if graph.content
        },
    }
    if all(graph.content for graph in graphs):
        members[SCRIPT] = TEMPLATES / SCRIPT
    if is_genotype:
        related = relatives.relatives_of(letters, _numbers(tensors)[learned])
        members |= relatives.as_members(related)
    for path_of_member in sources.members:
        members |= _averaged(path_of_member)
    for file, content in code.items():
        members[f"{CODE}{file.name}"] = content
    for table in sources.markers:
        members[MARKERS] = checked(table)
    write_bundle(path, f"{record.dataset}.{record.model}", members)


def _read(record: str, scores: str, model: Path | None, splits: str, tensors: Tensors) -> _Read:
    run = read_run(record)
    split = read_split(fold_file(splits, run.fold), tensors.ids)
    return _Read(run, split, read_scores(scores, split), model)


def _code(path: str, record: RunRecord) -> bytes:
    """The Python file that a run was trained with; InputError for another one."""
    content = Path(path).read_bytes()
    if hashlib.sha256(content).hexdigest() != record.versions.get(Path(path).name):
        raise InputError("is not the file that the model was trained with; train it again", path)
    return content


def _averaged(path: str) -> dict[str, bytes]:
    """A bundle as a folder in that of an ensemble, which knows the training examples itself."""
    bundle = read_bundle(path)
    model = from_json(bundle.read(CONTRACT), path).model
    return {
        f"{MEMBERS}/{model}/{name}": bundle.read(name)
        for name in bundle.sums
        if name not in (EXAMPLES, KMERS, relatives.AXES, relatives.WEIGHTS)
    }


def _window(dataset: Mapping[str, Any]) -> dict[str, Any] | None:
    if "window" not in dataset:
        return None
    return {"center": dataset.get("center"), "shift": dataset.get("shift", 0)}


def _composition(letters: NDArray[np.uint8], alphabet: str) -> dict[str, Any]:
    """Lowest and highest GC content and highest share of unknown letters, of sequences."""
    if alphabet == "genotype":
        return {"gc": None, "unknown": None}
    gc, unknown = describe(letters, alphabet)
    known = gc[np.isfinite(gc)]
    extremes = [float(known.min()), float(known.max())] if len(known) else None
    return {"gc": extremes, "unknown": float(unknown.max())}


def _as_onnx(run: _Read, tensors: Tensors) -> Exported:
    """The network of a run as ONNX, which computes the scores of some test examples alike."""
    if run.record.kind != "network" or run.model is None:
        return Exported(None)
    scale = Transform.from_json(run.record.transform) if run.record.transform else None
    exported = export(
        run.model,
        tensors.onehot(run.shown()),
        scale.exact_inverse if scale else lambda score: score.astype(float),
        run.tolerance(tensors),
    )
    if exported.problem:
        print(f"{run.folder}: no ONNX, {exported.problem}")
    return exported


def _numbers(tensors: Tensors) -> Floats:
    """Targets as numbers, one column an output; of several classes whether it is this one."""
    is_class = tensors.target == np.arange(len(tensors.outputs))
    numbers: Floats = (is_class if tensors.task == "multiclass" else tensors.target).astype(float)
    return numbers


def _coding(letters: NDArray[np.uint8], examples: pd.DataFrame) -> dict[str, Any]:
    """What a file of other individuals is read by: whether 1 is Aa, and the file that was read."""
    source = examples["source"].iloc[0]
    return {
        "heterozygous": bool((letters == ord("1")).any()),
        "source": None if pd.isna(source) else str(source),
    }


def _bundled(
    run: _Read, graph: Exported, tensors: Tensors, precision: float, recall: float
) -> BundledRun:
    task = tensors.task
    validated: dict[str, Mapping[str, Any]] = {}
    if task == "regression":
        validated |= {name: _interval(run, name) for name in outputs_of(run.scores)}
    for name, chosen in validate(run.rows("validation"), task, precision, recall).items():
        temperature = chosen.calibrator.temperature
        validated[name] = {"thresholds": chosen.thresholds, "temperature": temperature}
    record = run.record
    return BundledRun(
        fold=record.fold,
        seed=record.seed,
        file=run.member,
        onnx=f"{run.folder}/{GRAPH}" if graph.content else None,
        transform=record.transform,
        validated=validated,
        tolerance=dict(zip(tensors.outputs, run.tolerance(tensors).tolist(), strict=True)),
    )


def _interval(run: _Read, output: str) -> dict[str, float | None]:
    """Half the width of the interval of a number, and the share of test that it covers.

    Split conformal prediction: J. Lei, M. G'Sell, A. Rinaldo, R. J. Tibshirani, L. Wasserman,
    "Distribution-free predictive inference for regression", J Am Stat Assoc 113:1094, 2018.
    """
    errors = {part: _errors(run.rows(part), output) for part in ("validation", "test")}
    chosen, tested = errors["validation"], errors["test"]
    rank = int(np.ceil((len(chosen) + 1) * COVERED))
    if rank > len(chosen) or not len(tested):
        return {"half_width": None, "coverage": None}
    half = float(np.sort(chosen)[rank - 1])
    return {"half_width": half, "coverage": float((tested <= half).mean())}


def _errors(scores: pd.DataFrame, output: str) -> Floats:
    truth, value = truth_and_value(scores, output)
    distance = np.abs(truth - value)
    known: Floats = distance[np.isfinite(distance)]
    return known


def _held_out(run: _Read, task: str) -> pd.DataFrame:
    """Test scores of what is not of a class: fold, seed, output, score, ascending."""
    tables = []
    for output in outputs_of(run.scores) if task != "regression" else ():
        target, score = truth_and_score(run.rows("test"), output)
        others = np.sort(score[target == 0])
        kept = np.unique(np.linspace(0, len(others) - 1, min(len(others), MOST_SCORES)).astype(int))
        tables.append(pd.DataFrame({"output": output, "score": others[kept].astype(np.float32)}))
    columns = {"fold": run.record.fold, "seed": run.record.seed}
    table = pd.concat(tables) if tables else pd.DataFrame({"output": [], "score": []})
    return table.assign(**columns)[["fold", "seed", "output", "score"]]


def _expected(runs: Sequence[_Read], tensors: Tensors) -> dict[str, bytes]:
    """Some test examples of each fold, as letters, and the scores that each run gave them."""
    inputs, scores = [], []
    for run in runs:
        shown = run.shown()
        ids = tensors.ids[shown]
        sequences = decode(tensors.onehot(shown), tensors.alphabet)
        inputs.append(pd.DataFrame({"id": pd.Series(ids, dtype="str"), "sequence": sequences}))
        rows = run.scores[run.scores["id"].isin(inputs[-1]["id"])]
        columns = ["id", *rows.columns.intersection(["position"])]
        columns += [score_column(output) for output in tensors.outputs]
        table = rows[columns].copy()
        table.insert(0, "seed", run.record.seed)
        table.insert(0, "fold", run.record.fold)
        scores.append(table)
    return {
        INPUTS: _text(pd.concat(inputs).drop_duplicates("id")),
        SCORES: _text(pd.concat(scores)),
    }


def _card(
    contract: Contract,
    sources: Sources,
    dataset: Mapping[str, Any],
    files_used: Sequence[Mapping[str, str]],
    graphs: Sequence[Exported],
) -> str:
    """The model card: Markdown behind YAML."""
    metrics, measured = _measures(contract, sources.comparison)
    of_model = next((cells for name, cells in measured if name == contract.model), [])
    front = {
        "model": contract.model,
        "dataset": contract.dataset,
        "task": contract.task,
        "library": f"basewise {contract.basewise}",
        "license": sorted({source["licence"] for source in files_used}) or "not stated",
        "tags": [contract.alphabet, contract.name],
        "measures": dict(zip([metric.metric for metric in metrics], of_model, strict=False)),
    }
    template = _templates().get_template("card.md")
    return template.render(
        front=yaml.safe_dump(front, sort_keys=False, allow_unicode=True),
        contract=contract,
        unit="An individual" if contract.alphabet == "genotype" else "A sequence",
        description=dataset.get("description"),
        sources=files_used,
        metrics=metrics,
        measured=measured,
        leakage=_leaks(sources.leakage, contract),
        without_onnx=[
            f"fold {run.fold}, seed {run.seed}: {graph.problem}"
            for run, graph in zip(contract.runs, graphs, strict=True)
            if graph.problem
        ],
        script=all(graph.content for graph in graphs),
    )


def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=jinja2.select_autoescape(default_for_string=False),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )


def _measures(contract: Contract, path: str) -> tuple[Sequence[Any], list[tuple[str, list[str]]]]:
    """Headline measures, and those of each model of the dataset with their intervals."""
    table = read_table(path, COMPARISON_COLUMNS)
    output = summary_output(contract.task, contract.outputs)
    table = table[(table["part"] == "test") & (table["output"] == output)]
    metrics = [
        metric for metric in HEADLINES[contract.task] if metric.metric in set(table["metric"])
    ]
    cells = {
        (row.model, row.metric): f"{row.value:.3f} ({row.low:.3f} to {row.high:.3f})"
        for row in table.itertuples()
    }
    models = table["model"].unique()
    return metrics, [
        (model, [cells.get((model, metric.metric), "") for metric in metrics]) for model in models
    ]


def _leaks(folder: str, contract: Contract) -> list[str]:
    """What the audit counted between test and what the model has learned from."""
    folds = sorted({run.fold for run in contract.runs})
    paths = [Path(folder) / f"fold{fold}.summary.tsv" for fold in folds]
    summary = read_tables(paths, LEAKAGE_SUMMARY_COLUMNS)
    of_test = summary[(summary["part"] == "test") & (summary["other_part"] != "test")]
    counts = of_test.groupby(["kind", "other_part"], sort=False)["rows"].max()
    return [
        f"{kind.replace('_', ' ')}: {rows:,} test examples have a partner in {other}"
        for (kind, other), rows in counts.items()
        if rows
    ]


def _parquet(table: pd.DataFrame) -> bytes:
    stream = io.BytesIO()
    table.to_parquet(stream, index=False)
    return stream.getvalue()


def _text(table: pd.DataFrame) -> bytes:
    text: str = table.to_csv(sep="\t", index=False, lineterminator="\n")
    return text.encode()
