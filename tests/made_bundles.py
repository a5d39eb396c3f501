"""A small trained model and its bundle, from the functions that the workflow's steps call."""

import numpy as np
import pandas as pd

from basewise.baselines import fit_and_save
from basewise.scoring.bundling import Sources, bundle_model
from basewise.store.parts import read_split, write_split
from basewise.store.run_records import RunRecord
from basewise.store.shards import open_tensors, write_tensors
from basewise.store.tables import (
    COMPARISON_COLUMNS,
    EXAMPLE_COLUMNS,
    LEAKAGE_SUMMARY_COLUMNS,
    write_parquet,
    write_table,
)

LENGTH, EXAMPLES = 60, 120
TARGETS = {
    "binary": (["label"], lambda rows: rows[:, None] % 2),
    "multiclass": (["a", "b", "c"], lambda rows: rows[:, None] % 3),
    "multilabel": (["x", "y"], lambda rows: np.stack([rows % 2, rows // 2 % 2], axis=1)),
    "regression": (["height"], lambda rows: 5000 + 900 * np.sin(rows)[:, None]),
}
BASELINES = {"regression": "kmer_ridge"}


def made_letters(rows=EXAMPLES, length=LENGTH, letters=b"ACGT"):
    draws = np.random.default_rng(1)
    return draws.choice(np.frombuffer(letters, dtype=np.uint8), (rows, length))


def make_results(folder, task="binary", runs=((0, 1), (0, 2)), alphabet="dna", letters=None):
    """Tensors, splits, examples and the runs of a baseline; as `Sources`."""
    letters = made_letters() if letters is None else letters
    outputs, target = TARGETS[task]
    ids = [f"e{row}" for row in range(len(letters))]
    piece = (letters, target(np.arange(len(letters))), ids)
    write_tensors(folder / "tensors", [piece], task=task, outputs=outputs, alphabet=alphabet)
    examples = pd.DataFrame({"id": ids}).reindex(columns=EXAMPLE_COLUMNS)
    write_parquet(examples, folder / "examples.parquet")
    for fold in {fold for fold, _ in runs}:
        part = np.roll(np.resize(np.repeat(["train", "validation", "test"], [6, 3, 3]), 120), fold)
        write_split(examples, part, folder / f"splits/fold{fold}.tsv")
        none = pd.DataFrame(columns=LEAKAGE_SUMMARY_COLUMNS)
        write_table(none, folder / f"leakage/fold{fold}.summary.tsv")
    write_table(pd.DataFrame(columns=COMPARISON_COLUMNS), folder / "comparison.tsv")

    places = [folder / f"models/m/fold{fold}/seed{seed}" for fold, seed in runs]
    for (fold, seed), place in zip(runs, places, strict=True):
        files = {"model": "model.skops", "scores": "scores.parquet", "run": "run.json"}
        fit_and_save(
            folder / "tensors",
            folder / f"splits/fold{fold}.tsv",
            {name: str(place / file) for name, file in files.items()},
            RunRecord(
                *("d", "m", fold, seed),
                baseline=BASELINES.get(task, "kmer_logistic"),
                settings={"largest_k": 3},
            ),
            transform="zscore" if task == "regression" else "none",
            root_seed=1,
        )
    return Sources(
        *(str(folder / name) for name in ("tensors", "splits", "leakage")),
        examples=str(folder / "examples.parquet"),
        comparison=str(folder / "comparison.tsv"),
        models=[str(place / "model.skops") for place in places],
        scores=[str(place / "scores.parquet") for place in places],
        records=[str(place / "run.json") for place in places],
    )


def make_bundle(path, sources, **dataset):
    """The bundle of these results; `dataset` are settings of the dataset."""
    bundle_model(
        path,
        sources,
        dataset={"near": {"share": 0.5}, **dataset},
        title="k-mers",
        classes=None,
        files_used=[],
        precision=0.9,
        recall=0.9,
    )


def parts_of(folder, fold=0):
    ids = open_tensors(folder / "tensors").ids
    return read_split(folder / f"splits/fold{fold}.tsv", ids).part
