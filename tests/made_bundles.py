"""A small trained model and its bundle, from the functions that the workflow's steps call."""

import hashlib
import zipfile

import numpy as np
import pandas as pd

from basewise.baselines import fit_and_save
from basewise.examples.scales import fit_transform
from basewise.scoring.bundling import Sources, bundle_model
from basewise.store.parts import read_split, scored_rows, write_split
from basewise.store.run_records import RunRecord, write_run
from basewise.store.scores import score_rows, write_scores
from basewise.store.shards import open_tensors, write_tensors
from basewise.store.tables import (
    COMPARISON_COLUMNS,
    EXAMPLE_COLUMNS,
    LEAKAGE_SUMMARY_COLUMNS,
    write_parquet,
    write_table,
)
from basewise.training.ensembles import average_runs

LENGTH, EXAMPLES = 60, 120
TARGETS = {
    "binary": (["label"], lambda rows: rows[:, None] % 2),
    "multiclass": (["a", "b", "c"], lambda rows: rows[:, None] % 3),
    "multilabel": (["x", "y"], lambda rows: np.stack([rows % 2, rows // 2 % 2], axis=1)),
    "regression": (["height"], lambda rows: 5000 + 900 * np.sin(rows)[:, None]),
}
POSITIONS = (["none", "gene"], lambda rows: (rows[:, None] + np.arange(LENGTH)) % 2)
BASELINES = {
    ("dna", "regression"): ("kmer_ridge", {"largest_k": 3}),
    ("rna", "multiclass"): ("onehot_logistic", {}),
    ("protein", "multilabel"): ("composition_logistic", {}),
    ("dna", "per_position"): ("majority", {}),
    ("genotype", "regression"): ("gblup", {}),
}


def made_letters(rows=EXAMPLES, length=LENGTH, letters=b"ACGT"):
    draws = np.random.default_rng(1)
    return draws.choice(np.frombuffer(letters, dtype=np.uint8), (rows, length))


def make_results(
    folder,
    task="binary",
    runs=((0, 1), (0, 2)),
    alphabet="dna",
    letters=None,
    model="baseline",
    name="m",
    **settings,
):
    """Tensors, splits, examples and the runs of a model; as `Sources`.

    `model` is ``network``, perhaps with another ``architecture`` and its settings, a baseline with
    its settings, or the ``baseline`` of `BASELINES`.
    """
    letters = made_letters() if letters is None else letters
    outputs, target = TARGETS.get(task, POSITIONS)
    ids = [f"e{row}" for row in range(len(letters))]
    piece = (letters, target(np.arange(len(letters))), ids)
    write_tensors(folder / "tensors", [piece], task=task, outputs=outputs, alphabet=alphabet)
    examples = pd.DataFrame({"id": ids}).reindex(columns=EXAMPLE_COLUMNS)
    write_parquet(examples, folder / "examples.parquet")
    for fold in {fold for fold, _ in runs}:
        pattern = np.repeat(["train", "validation", "test"], [6, 3, 3])
        part = np.roll(np.resize(pattern, len(letters)), fold)
        write_split(examples, part, folder / f"splits/fold{fold}.tsv")
        none = pd.DataFrame(columns=LEAKAGE_SUMMARY_COLUMNS)
        write_table(none, folder / f"leakage/fold{fold}.summary.tsv")
    write_table(pd.DataFrame(columns=COMPARISON_COLUMNS), folder / "comparison.tsv")

    file = "model.keras" if model == "network" else "model.skops"
    if model == "network":
        places = [build_network(folder, task, name, *run, **settings) for run in runs]
    else:
        plain = ("kmer_logistic", {"largest_k": 3})
        if model == "baseline":
            model, settings = BASELINES.get((alphabet, task), plain)
        places = [fit_baseline(folder, task, name, *run, model, settings) for run in runs]
    return Sources(
        *(str(folder / name) for name in ("tensors", "splits", "leakage")),
        examples=str(folder / "examples.parquet"),
        comparison=str(folder / "comparison.tsv"),
        models=[str(place / file) for place in places],
        scores=[str(place / "scores.parquet") for place in places],
        records=[str(place / "run.json") for place in places],
    )


def fit_baseline(folder, task, name, fold, seed, baseline, settings):
    place = folder / f"models/{name}/fold{fold}/seed{seed}"
    files = {"model": "model.skops", "scores": "scores.parquet", "run": "run.json"}
    fit_and_save(
        folder / "tensors",
        folder / f"splits/fold{fold}.tsv",
        {name: str(place / file) for name, file in files.items()},
        RunRecord(
            *("d", name, fold, seed),
            baseline=baseline,
            settings={key: value for key, value in settings.items() if key != "motifs"},
        ),
        motifs=settings.get("motifs", []),
        transform="zscore" if task == "regression" else "none",
        root_seed=1,
    )
    return place


def build_network(folder, task, name, fold, seed, architecture="deepbind", **settings):
    """A network with its initial weights, and the scores that it gives."""
    import keras
    from made_networks import small

    from basewise.training.feeding import predict

    place = folder / f"models/{name}/fold{fold}/seed{seed}"
    place.mkdir(parents=True)
    tensors = open_tensors(folder / "tensors")
    settings = settings or {"filters": 4, "reverse_complement": "average"}
    keras.utils.set_random_seed(seed)
    model = small(architecture, tensors.length, outputs=len(tensors.outputs), task=task, **settings)
    model.save(place / "model.keras")
    part = parts_of(folder, fold)
    rows = scored_rows(part)
    score, scale = predict(model, tensors, rows, 32), None
    if task == "regression":
        scale = fit_transform("zscore", tensors.target[part == "train"])
        score = scale.inverse(score)
    write_scores(score_rows(tensors, rows, part, score), place / "scores.parquet")
    facts = {"transform": scale and scale.as_json(), "architecture": architecture}
    run = RunRecord("d", name, fold, seed, settings=settings, **facts)
    write_run(place / "run.json", run, [])
    return place


def make_ensemble(folder, members):
    """The ensemble of some models of the same examples, seeds 1 and 2 of fold 0; as `Sources`.

    `members` have names, and are bundled beside it.
    """
    place = folder / "models/both/fold0/seed1"
    files = {"scores": str(place / "scores.parquet"), "run": str(place / "run.json")}
    scores, records = (
        [path for sources in members.values() for path in getattr(sources, what)]
        for what in ("scores", "records")
    )
    average_runs(scores, records, files, RunRecord("d", "both", 0, 1))
    for name, sources in members.items():
        make_bundle(folder / f"d.{name}.zip", sources)
    first = next(iter(members.values()))
    return first._replace(
        models=[],
        scores=[files["scores"]],
        records=[files["run"]],
        members=[str(folder / f"d.{name}.zip") for name in members],
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


def packed_again(bundle, path, change=lambda name, content: (name, content), more=()):
    """A bundle with other names or contents; what it makes None is left out."""
    with zipfile.ZipFile(bundle) as source, zipfile.ZipFile(path, "w") as target:
        kept = [change(name, source.read(name)) for name in source.namelist()]
        for name, content in [*filter(None, kept), *more]:
            target.writestr(name, content)
    return path


def with_member(bundle, path, member, content, folder="d.m"):
    """A bundle in which a member and its checksum were replaced."""
    with zipfile.ZipFile(bundle) as archive:
        old = archive.read(f"{folder}/{member}")
        sums = archive.read(f"{folder}/checksums.txt").decode()
    new = sums.replace(hashlib.sha256(old).hexdigest(), hashlib.sha256(content).hexdigest())
    contents = {f"{folder}/{member}": content, f"{folder}/checksums.txt": new.encode()}
    return packed_again(bundle, path, lambda name, old: (name, contents.get(name, old)))
