"""Sentences of a methods section about the examples, their split and its audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from basewise.core.text import counted, listed
from basewise.examples.description import ALL
from basewise.store.manifest import read_manifest
from basewise.store.parts import PARTS, read_leaking
from basewise.store.tables import (
    BALANCE_COLUMNS,
    CEILING,
    COMPARISON_COLUMNS,
    read_examples,
    read_table,
)

UNITS = {"protein": ("protein sequence", "amino acid"), "rna": ("RNA sequence", "base")}

SHUFFLED = "sequences shuffled with their dinucleotide counts kept"

DRAWN = "windows drawn from the genome"

SPLITS = {
    "random": "at random",
    "chromosome": "by chromosome",
    "group": "by group, no group being in two parts,",
    "homology": "by clusters of near-identical examples, no cluster being in two parts,",
    "predefined": "as the data prescribe",
}

STRATIFIED = ("binary", "multiclass", "multilabel")


class Data(NamedTuple):
    """What a methods section says of a dataset.

    Attributes
    ----------
    name, entry
        The dataset and its entry in the configuration.
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
    """

    name: str
    entry: Mapping[str, Any]
    manifest: Mapping[str, Any]
    background: int
    sizes: Mapping[str, float]
    leaking: Sequence[float]
    resampled: Sequence[str]
    runs: int


def read_data(folder: Path, entry: Mapping[str, Any], folds: int) -> Data:
    """Gather what there is to say of the dataset with its results in `folder`."""
    balance = read_table(folder / "evaluation" / "balance.tsv", BALANCE_COLUMNS).fillna(
        {"class": ALL}
    )
    totals = balance[balance["class"] == ALL].groupby(["fold", "part"])["count"].sum()
    examples = read_examples(folder / "examples" / "examples.parquet")
    leaking = read_leaking([folder / "leakage" / f"fold{fold}.tsv" for fold in range(folds)])
    return Data(
        folder.name,
        entry,
        read_manifest(folder / "tensors" / "manifest.json"),
        int(examples["background"].sum()),
        totals.groupby("part").mean().to_dict(),
        [len(ids) / totals[fold, "test"] for fold, ids in leaking.items()],
        *_intervals(folder / "evaluation" / "comparison.tsv"),
    )


def data_sentences(data: Data, shuffling: str = "") -> list[str]:
    """What the examples are, how they were divided and what an audit of the parts found.

    Parameters
    ----------
    data
        From `read_data`.
    shuffling
        Stands behind the words about shuffled background, for a reference.
    """
    return list(
        filter(None, [_examples(data), _origin(data, shuffling), _split(data), _audit(data)])
    )


def _intervals(path: Path) -> tuple[list[str], int]:
    """What was drawn for the intervals of the models, and the most runs of one of them."""
    if not path.exists():
        return [], 0
    comparison = read_table(path, COMPARISON_COLUMNS)
    own = comparison[(comparison["kind"] != CEILING) & (comparison["part"] == "test")]
    return sorted(own["unit"].unique()), int(own["runs"].max())


def _examples(data: Data) -> str:
    number, length, alphabet = (data.manifest[key] for key in ("rows", "length", "alphabet"))
    if alphabet == "genotype":
        what = f"{counted(number, 'individual')} with genotypes at {counted(length, 'marker')}"
    else:
        one, unit = UNITS.get(alphabet, ("DNA sequence", "base"))
        what = f"{counted(number, one)} of {counted(length, unit)}"
    return f"The dataset {data.name} has {what}, {_labels(data)}."


def _labels(data: Data) -> str:
    task, outputs = data.entry["task"], len(data.manifest["outputs"])
    unit = UNITS.get(data.manifest["alphabet"], ("", "base"))[1]
    return {
        "binary": "each in one of two classes",
        "multiclass": f"each in one of {outputs} classes",
        "multilabel": f"each with {counted(outputs, 'label')} of 0 or 1",
        "regression": f"each with {counted(outputs, 'measured value')}",
        "per_position": f"each {unit} in one of {outputs} classes",
    }[task]


def _origin(data: Data, shuffling: str) -> str:
    sentences = []
    if "window" in data.entry:
        sentences = [f"Each is the window around the {data.entry['center']} of a region."]
    if data.background:
        negatives = data.entry["negatives"]
        matched = " with the GC content of the regions" * (negatives["match"] == "gc")
        how = SHUFFLED + shuffling if negatives["method"] == "shuffle" else DRAWN + matched
        verb = "is" if data.background == 1 else "are"
        sentences.append(f"Of them, {data.background:,} {verb} background: {how}.")
    return " ".join(sentences)


def _split(data: Data) -> str:
    split = data.entry["split"]
    method = split.get("method", "random")
    how = SPLITS[method]
    if method == "random" and data.entry["task"] in STRATIFIED:
        how += ", classes in equal shares,"
    sizes = [f"{round(data.sizes[part]):,}" for part in PARTS]
    if len(data.leaking) > 1:
        return (
            f"They were divided {how} into {len(data.leaking)} blocks for cross-validation; each "
            "was the test part of one fold and the validation part of another, and the others were "
            f"the training part (on average {listed(sizes)} examples for training, validation and "
            "test)."
        )
    held_out = ""
    if method == "chromosome":
        named = [listed(split[part]) for part in ("validation", "test")]
        held_out = f" ({named[0]} for validation, {named[1]} for test)"
    return (
        f"They were divided {how}{held_out} into {sizes[0]} training, {sizes[1]} validation and "
        f"{sizes[2]} test examples."
    )


def _audit(data: Data) -> str:
    folds = len(data.leaking) > 1
    looked_for = (
        "An audit for copies, near-identical examples and neighbours in two parts"
        f"{' of a fold' * folds} found"
    )
    largest = max(data.leaking)
    if not largest:
        return f"{looked_for} none among the test examples."
    worst = " of the worst fold" * folds
    without = "; measures are given with and without these" * bool(data.runs)
    share = f"{100 * largest:.1f} %" if largest >= 0.001 else "less than 0.1 %"
    return (
        f"{looked_for} for {share} of the test examples{worst} a partner in training or "
        f"validation{without}."
    )
