"""The methods section of a paper about a run, ready to paste, with its references."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from basewise.core.files import replacing
from basewise.core.text import listed, numbered
from basewise.evaluation.headlines import HEADLINES
from basewise.report.methods_data import Data, data_sentences, read_data
from basewise.report.methods_models import is_paper, model_sentences, training_sentences
from basewise.store.tables import SOFTWARE_COLUMNS, read_table

SNAKEMAKE = (
    "Mölder et al. 2021, Sustainable data analysis with Snakemake, F1000Research 10:33, "
    "doi 10.12688/f1000research.29032.2"
)

SHUFFLING = (
    "Altschul and Erickson 1985, Significance of nucleotide sequence alignments, Molecular Biology "
    "and Evolution 2:526-538, doi 10.1093/oxfordjournals.molbev.a040370"
)

CORRECTED = (
    "Nadeau and Bengio 2003, Inference for the generalization error, Machine Learning 52:239-281, "
    "doi 10.1023/A:1024068626366"
)

RESAMPLED = {
    "example": "test examples",
    "group": "groups of related test examples",
    "sequence": "test sequences",
}

FOLDS = 3
"""From so many folds on, differences are tested fold by fold."""

BACKENDS = {"tensorflow": "TensorFlow", "jax": "JAX"}

LIBRARIES = {"keras": "Keras", **BACKENDS, "scikit-learn": "scikit-learn", "numpy": "NumPy"}

THRESHOLDED = ("binary", "multilabel")

TASKS = {
    "binary": "Two classes",
    "multiclass": "Several classes",
    "multilabel": "Several labels",
    "regression": "Values",
    "per_position": "Classes of positions",
}


def write_methods(
    path: str | Path,
    *,
    results: str | Path,
    datasets: Mapping[str, Mapping[str, Any]],
    folds: Mapping[str, int],
    **what: Any,
) -> None:
    """Write the methods section of a run as Markdown.

    Parameters
    ----------
    path
        The file to write.
    results
        Folder of the results, laid out as docs/spec.md says.
    datasets
        Dataset to its entry in the configuration.
    folds
        Dataset to the number of its folds.
    **what
        ``runs``, ``models``, ``seeds`` and ``root_seed`` of `methods_text`.
    """
    folder = Path(results)
    data = [read_data(folder / name, datasets[name], folds[name]) for name in datasets]
    software = read_table(folder / "provenance" / "software.tsv", SOFTWARE_COLUMNS)
    versions = dict(zip(software["package"], software["version"], strict=True))
    with replacing(path) as unfinished:
        unfinished.write_text(methods_text(data, software=versions, **what), encoding="utf-8")


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

    Parameters
    ----------
    data
        The datasets, see `methods_data.read_data`.
    runs
        Dataset to the models that ran on it.
    models
        Model to its title, citation, entry in the configuration and training, see
        `methods_models`.
    seeds, root_seed
        As in the configuration.
    software
        Package to its version, see `record.software_table`.
    """
    shuffles = any(one.entry.get("negatives", {}).get("method") == "shuffle" for one in data)
    tested = any(len(one.leaking) >= FOLDS and len(runs[one.name]) > 1 for one in data)
    order = ("architecture", "baseline", "ensemble")
    cited = [
        models[name]["citation"]
        for key in order
        for name in models
        if key in _entry(models, name) and is_paper(models[name]["citation"])
    ]
    numbers = numbered([*([SHUFFLING] * shuffles), *cited, *([CORRECTED] * tested), SNAKEMAKE])
    reference = {text: f" [{number}]" for text, number in numbers.items()}
    paragraphs = [
        *(data_sentences(one, reference.get(SHUFFLING, "")) for one in data),
        [
            _encoding(data),
            *model_sentences(models, numbers),
            *training_sentences(models),
            *_repeats(data, seeds, root_seed),
            *_given(runs),
        ],
        [*_measures(data, runs), *_comparisons(data, runs, reference.get(CORRECTED, ""))],
        [_software(software, models, reference[SNAKEMAKE])],
    ]
    texts = [" ".join(sentences) for sentences in paragraphs if sentences]
    references = "\n".join(f"{number}. {text}" for text, number in numbers.items())
    return "\n\n".join([*texts, references]) + "\n"


def _entry(models: Mapping[str, Mapping[str, Any]], name: str) -> Mapping[str, Any]:
    entry: Mapping[str, Any] = models[name]["entry"]
    return entry


def _encoding(data: Sequence[Data]) -> str:
    alphabets = [one.manifest["alphabet"] for one in data]
    read = ["sequences"] * any(name != "genotype" for name in alphabets)
    read += ["genotypes (AA, Aa, aa, missing)"] * ("genotype" in alphabets)
    text = listed(read)
    return f"{text[0].upper()}{text[1:]} were one-hot encoded."


def _repeats(data: Sequence[Data], seeds: Sequence[int], root_seed: int) -> list[str]:
    times = "once" if len(seeds) == 1 else f"{len(seeds)} times"
    named = f"seed{'s' * (len(seeds) > 1)} {listed(seeds)}, root seed {root_seed}"
    on_folds = " on each fold" * any(len(one.leaking) > 1 for one in data)
    return [f"Each model was trained {times}{on_folds} ({named})."]


def _given(runs: Mapping[str, Sequence[str]]) -> list[str]:
    """Which models ran on which dataset, where that differs."""
    if len({tuple(sorted(models)) for models in runs.values()}) == 1:
        return []
    return [f"On {name} {listed(models)} ran." for name, models in runs.items() if models]


def _measures(data: Sequence[Data], runs: Mapping[str, Sequence[str]]) -> list[str]:
    tasks = dict.fromkeys(one.entry["task"] for one in data if runs[one.name])
    sentences = []
    for task in tasks:
        first, *others = (headline.title for headline in HEADLINES[task])
        subject = "Models" if len(tasks) == 1 else f"{TASKS[task]}: models"
        sentences.append(
            f"{subject} were ranked by {first} on the test part; {listed(others)} are given too."
        )
    threshold = ["A score above 0.5 was taken for class 1."] * bool({*tasks} & {*THRESHOLDED})
    return [*sentences, *threshold, _intervals(data)] if sentences else []


def _intervals(data: Sequence[Data]) -> str:
    """What was drawn, and whether runs differ; datasets are named where they are not alike."""
    drawn: dict[str, list[str]] = {}
    for one in data:
        for unit in dict.fromkeys(" or ".join(one.resampled).split(" or ") if one.runs else []):
            drawn.setdefault(f"the {RESAMPLED[unit]}", []).append(one.name)
    repeated = [one.name for one in data if one.runs > 1]
    several = sum(one.runs > 0 for one in data)
    of = [
        f"{what}{f' ({listed(names)})' * (len(drawn) > 1 and several > 1)}"
        for what, names in drawn.items()
    ]
    where = f", on {listed(repeated)}," * (len(repeated) < several)
    runs = f" and{where} from the differences among the runs of a model" * bool(repeated)
    return (
        f"Intervals hold 95 % and come from 1,000 bootstrap resamples of {listed(of, 'or')}{runs}."
    )


def _comparisons(
    data: Sequence[Data], runs: Mapping[str, Sequence[str]], reference: str
) -> list[str]:
    several = [len(one.leaking) >= FOLDS for one in data if len(runs[one.name]) > 1]
    tests = ["a paired bootstrap"] * (not all(several)) + [
        f"the corrected resampled t-test over folds{reference}"
    ] * any(several)
    if not several:
        return []
    return [
        "Each model was compared with the best baseline and with the best model by "
        f"{listed(tests, 'or')}, with Holm's correction for the number of models."
    ]


def _software(
    versions: Mapping[str, str], models: Mapping[str, Mapping[str, Any]], reference: str
) -> str:
    backends = {model["training"]["backend"] for model in models.values() if model["training"]}
    idle = {*BACKENDS} - backends if backends else {"keras", *BACKENDS}
    used = [
        f"{title} {versions[name]}"
        for name, title in LIBRARIES.items()
        if name in versions and name not in idle
    ]
    commit = versions.get("git commit", "")
    at = (
        f" (commit {commit[:12]}{', with changes' * (versions['git state'] != 'clean')})"
        if commit
        else ""
    )
    return (
        f"Everything ran in basewise {versions['basewise']}{at} under Snakemake "
        f"{versions['snakemake']}{reference}, with Python {versions['python']}, {listed(used)}."
    )
