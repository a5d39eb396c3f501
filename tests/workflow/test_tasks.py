"""Every task of the data layer, from small files of all kinds to tensors, scores and the report."""

import json

import numpy as np
import pandas as pd
import pytest
from support import Workflow, write_inputs

from basewise.shards import open_tensors

CONFIG = {
    "datasets": {
        "expression": {
            "table": "input/expression.csv",
            "columns": {"id": "name", "label": "level", "group": "tile"},
            "task": "regression",
            "transform": "zscore",
            "split": {"method": "group", "folds": 3},
        },
        "classes": {
            "table": "input/classes.tsv",
            "columns": {"label": "kind"},
            "alphabet": "rna",
            "length": {"policy": "pad", "side": "left"},
            "task": "multiclass",
        },
        "named": {
            "fasta": "input/named.fa",
            "labels": {"file": "input/named.csv", "id": "name", "label": ["day", "night"]},
            "task": "multilabel",
            "split": {"method": "homology"},
        },
        "factors": {
            "genome": "input/genome.fa",
            "regions": "input/peaks.bed",
            "aliases": "input/aliases.tsv",
            "exclude": ["input/exclude.bed"],
            "window": 60,
            "keep": {"column": 5, "equals": 1},
            "negatives": {"method": "genome", "match": "none", "ratio": 1},
            "task": "multilabel",
            "overlap": {"files": {"odd": "input/odd.bed", "even": "input/even.bed"}, "bases": 30},
            "split": {"method": "chromosome", "validation": ["chr2"], "test": ["chr3"]},
        },
        "genes": {
            "genome": "input/genome.fa",
            "regions": "input/genes.gtf",
            "feature": "gene",
            "columns": {"id": "gene_id"},
            "window": 100,
            "center": "start",
            "shift": 20,
            "task": "per_position",
            "features": {
                "file": "input/genes.gtf",
                "classes": {"exon": "exon", "intron": "gene"},
                "none": "intergenic",
            },
            "split": {"method": "chromosome", "validation": ["chr2"], "test": ["chr3"]},
        },
    },
    "models": {
        "conv1d": {"architecture": "conv1d", "filters": 4},
        "kmers": {"baseline": "kmer_logistic"},
    },
    "training": {"epochs": 1, "shift": 2},
}


def write_task_inputs(folder):
    write_inputs(folder)
    sequences = (folder / "sequences.txt").read_text().split()
    rows = [
        f"s{row},{sequence},{10 + 5 * sequence.count('G')},t{row % 30}"
        for row, sequence in enumerate(sequences)
    ]
    (folder / "expression.csv").write_text("\n".join(["name,sequence,level,tile", *rows]))
    rows = [
        f"{sequence.replace('T', 'U').lower()[: 60 - row % 3]}\t{'abc'[row % 3]}"
        for row, sequence in enumerate(sequences)
    ]
    (folder / "classes.tsv").write_text("\n".join(["sequence\tkind", *rows]))
    records = [f">n{row} x\n{sequence}\n" for row, sequence in enumerate(sequences)]
    (folder / "named.fa").write_text("".join(records))
    rows = [f'"n{row}";{row % 2};{int(row % 3 > 0)}' for row in range(239)]
    (folder / "named.csv").write_text("\n".join(["name;day;night", *rows, "nobody;1;1", "n239;;1"]))
    (folder / "aliases.tsv").write_text("chr1\t1\nchr2\t2\nchr3\t3\n")
    peaks = [line.split("\t") for line in (folder / "peaks.bed").read_text().splitlines()]
    for name, chosen in (("odd", peaks[1::2]), ("even", peaks[::2])):
        lines = [f"{chrom[3:]}\t{start}\t{end}\n" for chrom, start, end, *_ in chosen]
        (folder / f"{name}.bed").write_text("".join(lines))
    (folder / "exclude.bed").write_text("chr1\t0\t3000\n")


@pytest.fixture(scope="module")
def tasks(tmp_path_factory):
    made = Workflow.copied_to(tmp_path_factory.mktemp("tasks"))
    write_task_inputs(made.folder / "input")
    done = made.snakemake("--configfile", made.write_config(CONFIG))
    assert done.returncode == 0, done.stdout + done.stderr
    return made.folder / "results"


def test_regression_scores_come_back_in_the_targets_unit(tasks):
    for fold in range(3):
        run = tasks / f"expression/models/conv1d/fold{fold}/seed1"
        scores = pd.read_parquet(run / "scores.parquet")
        assert list(scores) == ["id", "part", "target.level", "score.level"]
        assert set(scores["target.level"]) <= set(range(10, 400, 5))
        truth = scores["target.level"]
        assert abs(scores["score.level"].mean() - truth.mean()) < 2 * truth.std() < truth.mean()
        assert json.loads((run / "run.json").read_text())["transform"]["name"] == "zscore"
    tensors = open_tensors(tasks / "expression/tensors")
    assert tensors.target.dtype == np.float32 and tensors.target.min() >= 10


def test_folds_hold_each_group_out_once(tasks):
    splits = [pd.read_csv(tasks / f"expression/splits/fold{f}.tsv", sep="\t") for f in range(3)]
    tested = pd.concat([split[split["part"] == "test"] for split in splits])
    assert sorted(tested["id"]) == sorted(splits[0]["id"])
    for split in splits:
        assert (split.groupby("group")["part"].nunique() == 1).all()
    summary = pd.read_csv(tasks / "expression/leakage/fold0.summary.tsv", sep="\t")
    assert summary[summary["kind"] == "group"]["rows"].tolist() == [0, 0, 0]


def test_classes_of_padded_rna(tasks):
    tensors = open_tensors(tasks / "classes/tensors")
    assert (tensors.outputs, tensors.alphabet, tensors.length) == (["a", "b", "c"], "rna", 60)
    shares = tensors.onehot().sum(axis=(1, 2))
    assert shares.tolist() == [60 - row % 3 for row in range(240)]
    assert tensors.target[:4, 0].tolist() == [0, 1, 2, 0]
    scores = pd.read_parquet(tasks / "classes/models/conv1d/fold0/seed1/scores.parquet")
    np.testing.assert_allclose(scores[["score.a", "score.b", "score.c"]].sum(axis=1), 1, rtol=1e-5)


def test_labels_of_a_fasta_stand_in_a_table(tasks):
    examples = pd.read_parquet(tasks / "named/examples/examples.parquet")
    assert examples["target.day"].tolist() == [row % 2 for row in range(239)]
    assert examples["target.night"].tolist() == [int(row % 3 > 0) for row in range(239)]
    dropped = pd.read_csv(tasks / "named/examples/dropped.tsv", sep="\t")
    assert dropped[["id", "reason"]].to_numpy().tolist() == [
        ["nobody", "label without a sequence"],
        ["n239", "the label is empty"],
    ]
    scores = pd.read_parquet(tasks / "named/models/conv1d/fold0/seed1/scores.parquet")
    assert list(scores)[2:] == ["target.day", "score.day", "target.night", "score.night"]


def test_overlaps_are_labels(tasks):
    examples = pd.read_parquet(tasks / "factors/examples/examples.parquet")
    for name in ("odd", "even"):
        peaks = pd.read_csv(tasks.parent / f"input/{name}.bed", sep="\t", header=None)
        covered = {
            (f"chr{chrom}", base)
            for chrom, start, end in peaks.itertuples(index=False)
            for base in range(start, end)
        }
        shared = [
            len(covered & {(row.chrom, base) for base in range(row.start, row.end)})
            for row in examples.itertuples()
        ]
        assert examples[f"target.{name}"].tolist() == [int(bases >= 30) for bases in shared]
        assert not any(np.array(shared)[examples["background"]])
    assert examples["background"].mean() == 0.5
    assert not ((examples["chrom"] == "chr1") & (examples["start"] < 3000)).any()
    dropped = pd.read_csv(tasks / "factors/extract/dropped.tsv", sep="\t")
    assert "touches an interval of exclude.bed" in set(dropped["reason"])


def test_positions_have_classes(tasks):
    tensors = open_tensors(tasks / "genes/tensors")
    assert tensors.outputs == ["intergenic", "exon", "intron"]
    # 30 bp before the gene, then its first exon: the window is centred 20 bp behind the start
    assert (tensors.target == [0] * 30 + [1] * 70).all()


def test_the_report_shows_the_data_of_every_task(tasks):
    html = (tasks / "report.html").read_text()
    for text in ("intergenic", "touches an interval of exclude.bed", "3 folds", "same group"):
        assert text in html
    assert "filled up from 58 or more" in html
    assert not (tasks / "genes/models").exists()
