"""The methods section of a paper about a run, ready to paste, with its references."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from basewise.evaluation.headlines import HEADLINES
from basewise.evaluation.paired import FEWEST_FOLDS
from basewise.examples.description import ALL
from basewise.examples.scales import LOGARITHMS
from basewise.report.wording import templates
from basewise.store.manifest import read_manifest
from basewise.store.parts import read_leaking
from basewise.store.receipts import writing
from basewise.store.tables import (
    BALANCE_COLUMNS,
    CEILING,
    COMPARISON_COLUMNS,
    REGION_FILE_COLUMNS,
    SOFTWARE_COLUMNS,
    read_examples,
    read_table,
)

BACKENDS = {"tensorflow": "TensorFlow", "jax": "JAX"}

LIBRARIES = {"keras": "Keras", **BACKENDS, "scikit-learn": "scikit-learn", "numpy": "NumPy"}

KINDS = {"architecture": "network", "baseline": "baseline"}

NOT_SETTINGS = (*KINDS, "control", "ensemble", "tune", "motifs")
"""Keys of a model's entry that are no settings of its own."""

TRAINED = ("optimizer", "learning_rate", "schedule", "batch_size", "epochs", "patience", "refit")
"""Settings of a training that are always named."""

USUAL = {
    "warmup_epochs": 0,
    "momentum": 0,
    "weight_decay": None,
    "clip_norm": None,
    "loss": "cross_entropy",
    "label_smoothing": 0,
    "class_weights": "none",
    "sampling": "natural",
    "average_decay": 0,
    "shift": 0,
    "precision": "float32",
}
"""Settings of a training that are named where they have another value."""


class Data(NamedTuple):
    """What a methods section says of a dataset.

    Attributes
    ----------
    entry
        Its entry in the configuration.
    manifest
        Of its tensors.
    background
        Examples that were drawn as background.
    sizes
        Part to its number of examples, mean over the folds.
    leaking
        Share of the test examples that have a partner in another part, of each fold.
    resampled
        What was drawn for the intervals of its models: example, group, sequence, or several with
        "or"; none without models.
    runs
        Most runs of one of its models.
    windows, on_summit
        Windows of regions, and how many of them stand on a summit; 0 where there are no regions.
    """

    name: str
    entry: Mapping[str, Any]
    manifest: Mapping[str, Any]
    background: int
    sizes: Mapping[str, float]
    leaking: Sequence[float]
    resampled: Sequence[str]
    runs: int
    windows: int = 0
    on_summit: int = 0


def write_methods(
    path: str | Path,
    *,
    results: str | Path,
    datasets: Mapping[str, Mapping[str, Any]],
    folds: Mapping[str, int],
    **what: Any,
) -> None:
    """Write the methods section of a run as Markdown, see `methods_text`.

    `results` is laid out as docs/spec.md says; `datasets` has the entry of each in the
    configuration, `folds` the number of its folds.
    """
    folder = Path(results)
    data = [read_data(folder / name, datasets[name], folds[name]) for name in datasets]
    software = read_table(folder / "provenance" / "software.tsv", SOFTWARE_COLUMNS)
    versions = dict(zip(software["package"], software["version"], strict=True))
    with writing(path) as unfinished:
        unfinished.write_text(methods_text(data, software=versions, **what), encoding="utf-8")


def read_data(folder: Path, entry: Mapping[str, Any], folds: int) -> Data:
    """Gather what there is to say of the dataset with its results in `folder`."""
    balance = read_table(folder / "evaluation" / "balance.tsv", BALANCE_COLUMNS)
    balance = balance.fillna({"class": ALL})
    totals = balance[balance["class"] == ALL].groupby(["fold", "part"])["count"].sum()
    examples = read_examples(folder / "examples" / "examples.parquet")
    leaking = read_leaking([folder / "leakage" / f"fold{fold}.tsv" for fold in range(folds)])
    windows, on_summit = 0, 0
    if "window" in entry:
        files = read_table(folder / "extract" / "files.tsv", REGION_FILE_COLUMNS)
        windows, on_summit = (int(files[column].sum()) for column in ("windows", "on_summit"))
    resampled, runs = _intervals(folder / "evaluation" / "comparison.tsv")

    return Data(
        name=folder.name,
        entry=entry,
        manifest=read_manifest(folder / "tensors" / "manifest.json"),
        background=int(examples["background"].sum()),
        sizes=totals.groupby("part").mean().to_dict(),
        leaking=[len(ids) / totals[fold, "test"] for fold, ids in leaking.items()],
        resampled=resampled,
        runs=runs,
        windows=windows,
        on_summit=on_summit,
    )


def methods_text(
    data: Sequence[Data],
    *,
    runs: Mapping[str, Sequence[str]],
    models: Mapping[str, Mapping[str, Any]],
    seeds: Sequence[int],
    root_seed: int,
    software: Mapping[str, str],
) -> str:
    """Say how a run was done: paragraphs on data, models, measures and software; references.

    `runs` has the models that ran on each dataset; `models` the ``title``, ``citation``, ``entry``
    in the configuration, and ``training`` (None of models that are no networks) of each; `software`
    is that of `record.software_table`.
    """
    numbers: dict[str, int] = {}

    def cite(text: str) -> str:
        """A reference by number, in the order of the text; none to what is not published."""
        return f" [{numbers.setdefault(text, len(numbers) + 1)}]" if _is_paper(text) else ""

    # a control is described in one sentence, by the model that it controls
    genuine = {name: model for name, model in models.items() if "control" not in model["entry"]}
    measured = [dataset for dataset in data if dataset.runs]
    compared = [dataset for dataset in data if len(runs[dataset.name]) > 1]
    tasks = dict.fromkeys(dataset.entry["task"] for dataset in data if runs[dataset.name])

    facts = {
        "data": data,
        "models": models,
        "kinds": {
            kind: [
                (name, _settings(model)) for name, model in genuine.items() if key in model["entry"]
            ]
            for key, kind in KINDS.items()
        },
        "unpublished": _alike(
            (model["citation"].rstrip("."), name)
            for name, model in genuine.items()
            if not _is_paper(model["citation"])
        ),
        "trainings": _alike(
            (_training(model["training"]), name)
            for name, model in genuine.items()
            if model["training"]
        ),
        "seeds": seeds,
        "root_seed": root_seed,
        "folded": any(len(dataset.leaking) > 1 for dataset in data),
        "runs": runs,
        "varied": len({tuple(sorted(names)) for names in runs.values()}) > 1,
        "headlines": {task: [measure.title for measure in HEADLINES[task]] for task in tasks},
        "scaled": [
            (dataset.name, dataset.entry["transform"])
            for dataset in measured
            if dataset.entry.get("transform") in LOGARITHMS
        ],
        "measured": [dataset.name for dataset in measured],
        "repeated": [dataset.name for dataset in measured if dataset.runs > 1],
        "resampled": _alike(
            (unit, dataset.name)
            for dataset in measured
            for unit in dict.fromkeys(" or ".join(dataset.resampled).split(" or "))
        ),
        "tests": sorted({_test(len(dataset.leaking)) for dataset in compared}),
        "software": software,
        "libraries": _libraries(software, models),
    }

    template = templates(html=False).get_template("methods.md")
    paragraphs = re.split(r"\n\n+", template.render(facts, cite=cite, references=numbers).strip())
    # only the references keep their lines
    return "\n\n".join(re.sub(r"\n(?!\d+\. )", " ", text) for text in paragraphs) + "\n"


def _intervals(path: Path) -> tuple[list[str], int]:
    """What was drawn for the intervals of the models, and the most runs of one of them."""
    if not path.exists():
        return [], 0
    comparison = read_table(path, COMPARISON_COLUMNS)
    models = comparison[(comparison["kind"] != CEILING) & (comparison["part"] == "test")]
    return sorted(models["unit"].unique()), int(models["runs"].max())


def _is_paper(citation: str) -> bool:
    """Whether a citation names something published, by its year; others describe the model."""
    return re.search(r"\b(19|20)\d\d\b", citation) is not None


def _test(folds: int) -> str:
    return "t-test" if folds >= FEWEST_FOLDS else "bootstrap"


def _settings(model: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a model that the user has set."""
    return {key: value for key, value in model["entry"].items() if key not in NOT_SETTINGS}


def _training(training: Mapping[str, Any]) -> dict[str, Any]:
    """What is said of a training, the rarer settings only where they are not as usual."""
    unusual = {
        key: training[key] for key, usual in USUAL.items() if training.get(key, usual) != usual
    }
    return {**{key: training[key] for key in TRAINED}, "unusual": unusual}


def _alike(facts: Iterable[tuple[Any, str]]) -> list[tuple[Any, list[str]]]:
    """Facts, each once, with the names that they are true of."""
    groups: dict[str, tuple[Any, list[str]]] = {}
    for fact, name in facts:
        groups.setdefault(json.dumps(fact), (fact, []))[1].append(name)
    return list(groups.values())


def _libraries(versions: Mapping[str, str], models: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The libraries that were used, with their versions."""
    backends = {model["training"]["backend"] for model in models.values() if model["training"]}
    idle = {*BACKENDS} - backends if backends else {"keras", *BACKENDS}
    return [
        f"{title} {versions[name]}"
        for name, title in LIBRARIES.items()
        if name in versions and name not in idle
    ]
