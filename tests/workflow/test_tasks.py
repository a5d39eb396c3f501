"""Every task of the data layer, from small files of all kinds to tensors, scores and the report."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from doors import check_by_door
from opened_files import check_reads, steps_of
from sklearn import metrics as sk
from support import Workflow, write_inputs

from basewise.evaluation.headlines import HEADLINES
from basewise.report.writing import write_report
from basewise.store.shards import open_tensors

GENES = {
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
        "strand": "any",
    },
    "split": {"method": "chromosome", "validation": ["chr2"], "test": ["chr3"]},
}
CONFIG = {
    "datasets": {
        "expression": {
            "alphabet": "dna",
            "table": "input/expression.csv",
            "columns": {"id": "name", "label": "level", "group": "tile"},
            "task": "regression",
            "transform": "zscore",
            "split": {"method": "group", "folds": 3},
            "models": ["conv1d", "mean"],
        },
        "classes": {
            "table": "input/classes.tsv",
            "columns": {"label": "kind"},
            "alphabet": "rna",
            "length": {"policy": "pad", "side": "left"},
            "task": "multiclass",
            "models": ["conv1d", "onehot", "shuffled"],
        },
        "named": {
            "fasta": "input/named.fa",
            "labels": {"file": "input/named.csv", "id": "name", "label": ["day", "night"]},
            "task": "multilabel",
            "split": {"method": "homology"},
            "models": ["onehot", "auto"],
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
            "models": ["conv1d", "onehot"],
        },
        "genes": GENES,
        "no_model": {**GENES, "alphabet": "rna"},  # birnn alone is for bases; it wants both strands
    },
    "models": {
        "conv1d": {"architecture": "conv1d", "filters": 4},
        "birnn": {
            "architecture": "conv_birnn",
            "filters": 4,
            "rnn_units": 4,
            "reverse_complement": "average",
            "training": {"shift": 0},
        },
        "auto": {"architecture": "autoencoder", "filters": [8, 4], "latent_units": 4},
        "mean": {"baseline": "mean"},
        "onehot": {"baseline": "onehot_logistic"},
        "shuffled": {"control": "onehot"},
    },
    "training": {"epochs": 1, "shift": 2},
    "default_baselines": [],
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
    done = made.run("results/report.html", "--configfile", made.write_config(CONFIG))
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
        ["n239", "the label is missing"],
    ]
    scores = pd.read_parquet(tasks / "named/models/auto/fold0/seed1/scores.parquet")
    assert list(scores)[2:] == ["target.day", "score.day", "target.night", "score.night"]


def test_a_negative_control_stands_apart(tasks):
    """Other scores of the same examples, whose targets are as they were; never the best model."""
    folder = tasks / "classes/models"
    own, other = (
        pd.read_parquet(folder / model / "fold0/seed1/scores.parquet")
        for model in ("onehot", "shuffled")
    )
    facts = [column for column in own if not column.startswith("score.")]
    pd.testing.assert_frame_equal(own[facts], other[facts])
    assert (own["score.a"] != other["score.a"]).all()
    comparison = pd.read_csv(tasks / "classes/evaluation/comparison.tsv", sep="\t")
    kinds = comparison.groupby("model")["kind"].unique().map(list).to_dict()
    assert kinds == {"conv1d": ["network"], "onehot": ["baseline"], "shuffled": ["control"]}
    paired = pd.read_csv(tasks / "classes/evaluation/paired.tsv", sep="\t")
    assert "shuffled" not in {*paired["model"], *paired["reference"]}
    assert "The negative control shuffled" in section_of(
        (tasks / "report.html").read_text(), "classes"
    )


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
    # 30 bp before the gene, then its first exon: the window is centered 20 bp behind the start
    assert (tensors.target == [0] * 30 + [1] * 70).all()


def test_the_report_shows_the_data_of_every_task(tasks):
    html = (tasks / "report.html").read_text()
    for text in ("intergenic", "touches an interval of exclude.bed", "3 folds", "groups in both"):
        assert text in html
    assert "filled up from 58 or more" in html
    assert not (tasks / "no_model/models").exists()
    assert "No model of this configuration takes a per position task" in html


def test_measures_of_every_task_stand_in_one_table(tasks):
    metrics = pd.read_csv(tasks / "metrics.tsv", sep="\t")
    chosen = metrics["metric"].str.startswith(("threshold_", "temperature"))
    assert metrics["value"].notna().all()
    assert metrics.loc[~chosen, ["low", "high"]].notna().all(axis=None)
    assert set(metrics["dataset"]) == {"expression", "classes", "named", "factors", "genes"}
    assert set(metrics["part"]) == {"validation", "test"}
    outputs = metrics.groupby("dataset")["output"].unique().map(set)
    assert outputs["expression"] == {"level"}
    assert outputs["classes"] == {"label", "a", "b", "c"}
    assert outputs["named"] == {"macro", "micro", "weighted", "day", "night"}
    assert outputs["genes"] == {"label", "intergenic", "exon"}  # no base of an intron
    assert metrics[metrics["dataset"] == "expression"]["fold"].unique().tolist() == [0, 1, 2]


def test_measures_are_those_of_the_score_files(tasks):
    metrics = pd.read_csv(tasks / "metrics.tsv", sep="\t")
    test = metrics[(metrics["part"] == "test") & metrics["model"].isin(["conv1d", "birnn", "auto"])]
    test = test.set_index(["dataset", "fold", "output", "metric"])

    def scores(dataset, model, fold=0):
        path = tasks / f"{dataset}/models/{model}/fold{fold}/seed1/scores.parquet"
        table = pd.read_parquet(path)
        return table[table["part"] == "test"]

    table = scores("expression", "conv1d", fold=2)
    error = table["score.level"] - table["target.level"]
    found = test.loc[("expression", 2, "level", "mae"), "value"]
    assert found == pytest.approx(error.abs().mean(), rel=1e-5)
    bases = scores("genes", "birnn")
    assert len(bases) == 100 * bases["id"].nunique()
    found = test.loc[("genes", 0, "exon", "auroc"), "value"]
    assert found == pytest.approx(sk.roc_auc_score(bases["target.exon"], bases["score.exon"]))
    label = scores("named", "auto")
    found = test.loc[("named", 0, "night", "auprc"), "value"]
    expected = sk.average_precision_score(label["target.night"], label["score.night"])
    assert found == pytest.approx(expected)


def section_of(html, dataset):
    return html.split(f'<section id="d.{dataset}">')[1].split("</section>")[0]


def test_the_report_compares_models_by_the_headlines_of_the_task(tasks):
    html = (tasks / "report.html").read_text()
    for dataset, entry in CONFIG["datasets"].items():
        section = section_of(html, dataset)
        shown = dataset != "no_model"
        text = f'alt="{HEADLINES[entry["task"]][0].title} of each model on the test part'
        assert (text in section) == shown
        assert section.count("<figcaption>Learning curves") == shown  # one network each
        for headline in HEADLINES[entry["task"]]:
            assert (f">{headline.title}</th>" in section) == shown
        models = section.count('<details class="card model"')
        classified = shown and entry["task"] != "regression"
        for figure in ("Scores by true class", "ROC curve"):
            assert section.count(f"<figcaption>{figure}") == classified * models
    assert "the best baseline, mean (" in section_of(html, "expression")
    assert "The best model is birnn (" in section_of(html, "genes")
    assert "test sequences, each with all its bases" in section_of(html, "genes")
    assert "Left out: intron, which does not occur in the test part." in section_of(html, "genes")


def test_the_report_shows_what_the_trainings_said(tasks, tmp_path):
    """Escaped, and each line once, with the number of runs that have it."""
    # elsewhere than in results files may be changed: nothing is held against its receipt
    shutil.copytree(tasks, tmp_path / "changed")
    folder = tmp_path / "changed/expression"
    for fold in range(3):
        path = folder / f"models/conv1d/fold{fold}/seed1/run.json"
        run = json.loads(path.read_text())
        run["warnings"] = [f"loss {fold}.5 <i>rose</i>; lower `learning_rate`"]
        run["advice"] = ["<b>few</b> examples"] if fold == 1 else []
        run["changes"] = ["pool_sizes [4] -> [2]"]
        run["reconstruction"] = {"test": {"letters_right": 0.25 * fold}}
        path.write_text(json.dumps(run))
    shutil.copy(folder / "evaluation/split.svg", folder / "evaluation/conv1d/embedding.svg")
    write_report(
        tmp_path / "report.html",
        results=tmp_path / "changed",
        models={"expression": ["conv1d"]},
        titles={"conv1d": {"title": "t", "citation": "c"}},
        classes={"expression": None},
        folds={"expression": [0, 1, 2]},
        seeds=[1],
        config=CONFIG,
    )
    html = (tmp_path / "report.html").read_text().split('<script type="module">')[0]
    warning = "loss 0.5 &lt;i&gt;rose&lt;/i&gt;; lower <code>learning_rate</code>"
    counted = f'{warning} <span class="soft">(in 3 of 3 runs)</span>'
    assert counted in html and html.count("rose") == 2  # near the top, and under the model
    assert html.index(warning) < html.index("<h3>Examples</h3>")
    assert '&lt;b&gt;few&lt;/b&gt; examples <span class="soft">(in 1 of 3 runs)</span>' in html
    assert "pool_sizes [4] -&gt; [2]" in html
    assert '<td>test</td><td class="number">0.250</td>' in html
    assert "<figcaption>Latent space of the autoencoder" in html
    assert "<i>" not in html and "<b>" not in html


def test_an_autoencoder_shows_its_latent_space(tasks):
    table = pd.read_csv(tasks / "named/evaluation/auto/embedding.tsv", sep="\t")
    split = pd.read_csv(tasks / "named/splits/fold0.tsv", sep="\t").set_index("id")["part"]
    assert dict(zip(table["id"], table["part"], strict=True)) == split.to_dict()
    assert {"x", "y", "target.day", "target.night"} < set(table)
    page = (tasks / "report.html").read_text()
    assert "Latent space of the autoencoder" in page
    assert "letters right with PCA" in page
    run = json.loads((tasks / "named/models/auto/fold0/seed1/run.json").read_text())
    assert all(f"<li>{line.split('`')[0]}" in page for line in run["advice"])


def test_steps_read_what_they_declare(tasks):
    assert len(check_reads(tasks.parent)) > 15


def test_sequences_are_read_once_by_each_stage(tasks):
    """Not for each fold or model."""
    steps = steps_of(tasks.parent)
    for dataset in CONFIG["datasets"]:
        letters = f"results/{dataset}/extract/letters.npy"
        readers = [step["rule"] for step in steps if letters in step["read"]]
        splits = ["split_examples"] if dataset == "named" else []
        assert sorted(readers) == ["audit_leakage", "encode_tensors", *splits]


def test_the_front_door_reads_the_same(tasks, monkeypatch):
    monkeypatch.chdir(tasks.parent)
    check_by_door(tasks, CONFIG["datasets"])
