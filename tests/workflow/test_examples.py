"""The example configurations on real data, from the source files to the report."""

import pandas as pd
import pytest

from basewise.store.shards import open_tensors

pytestmark = pytest.mark.slow


def run(workflow, data, name, **changed):
    """Run an example, some of its keys changed."""
    change = [workflow.write_config(changed, "changed.yaml")] if changed else []
    done = workflow.snakemake(
        "--configfile", f"config/examples/{name}.yaml", *change, BASEWISE_DATA=str(data)
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (workflow.folder / "results/report.html").is_file()
    metrics = pd.read_csv(workflow.folder / "results/metrics.tsv", sep="\t")
    return metrics[metrics["part"] == "test"]


def by_model(metrics):
    return metrics.pivot_table(index="model", columns="metric", values="value", aggfunc="mean")


def examples_of(workflow, dataset):
    return pd.read_parquet(workflow.folder / f"results/{dataset}/examples/examples.parquet")


def leaks_of(workflow, dataset):
    """Examples of one part with a partner in another, by kind and parts."""
    summary = pd.read_csv(
        workflow.folder / f"results/{dataset}/leakage/fold0.summary.tsv", sep="\t"
    )
    return summary.set_index(["kind", "part", "other_part"])["rows"]


def test_primer(workflow, data):
    metrics = by_model(run(workflow, data, "primer"))
    assert metrics.drop("kmers")["accuracy"].max() >= 0.99


def test_yeast_peaks(workflow, data):
    metrics = by_model(run(workflow, data, "yeast_peaks", seeds=[1], training={"epochs": 16}))
    assert metrics.drop("kmers")["auroc"].max() >= metrics.loc["kmers", "auroc"]
    assert (examples_of(workflow, "reb1")["target.label"] == 1).sum() == 1078
    split = pd.read_csv(workflow.folder / "results/reb1/splits/fold0.tsv", sep="\t")
    chromosomes = split.groupby("part")["group"].unique().map(sorted)
    assert chromosomes["test"] == ["IX", "VIII", "XIII"]
    assert chromosomes["validation"] == ["XI"]


def test_published_splits(workflow, data):
    run(workflow, data, "published_splits")
    promoters, factor = leaks_of(workflow, "prom_300_tata"), leaks_of(workflow, "tf_human_4")
    assert promoters["exact", "test", "train"] == 6
    assert promoters["exact", "validation", "train"] == 14
    assert promoters["exact", "train", "train"] == 56
    assert factor["exact", "validation", "train"] == 358
    assert factor["exact", "train", "train"] == 3789
    html = (workflow.folder / "results/report.html").read_text()
    assert "390 of 1,000 validation examples (39.0%) have one in train" in html


def test_uci(workflow, data):
    metrics = run(workflow, data, "uci")
    assert metrics.groupby("fold").size().index.tolist() == [0, 1, 2, 3, 4]
    assert by_model(metrics).loc["kmers", "accuracy"] > 0.85
    splice = leaks_of(workflow, "splice")
    between = splice.index.get_level_values(1) != splice.index.get_level_values(2)
    assert splice[between].sum() == 0
    assert sum(splice["exact", part, part] for part in ("train", "validation", "test")) == 185
    assert open_tensors(workflow.folder / "results/splice/tensors").outputs == ["EI", "IE", "N"]


def test_promoters_fasta(workflow, data):
    metrics = run(workflow, data, "promoters_fasta")
    auroc = metrics[metrics["metric"] == "auroc"].set_index("dataset")["value"]
    assert auroc["bacillus"] > 0.9
    counts = examples_of(workflow, "bacillus")["target.label"].value_counts()
    assert counts.to_dict() == {1: 373, 0: 1000}
    assert examples_of(workflow, "tata_shuffled")["background"].sum() == 1497
    assert set(examples_of(workflow, "tata")["original_length"]) == {251}


def test_mpra(workflow, data):
    run(workflow, data, "mpra")
    scores = pd.read_parquet(
        workflow.folder / "results/native/models/wide/fold0/seed1/scores.parquet"
    )
    scores = scores[scores["part"] == "test"]
    assert scores["target.meanEL"].corr(scores["score.meanEL"]) > 0.4
    assert leaks_of(workflow, "native").get("group").sum() == 0


def test_yeast_factors(workflow, data):
    run(workflow, data, "yeast_factors", training={"epochs": 3})
    table = pd.read_csv(
        data / "yeast_chipexo/derived/bins200_multilabel.tsv.gz", sep="\t", index_col="name"
    )
    targets = examples_of(workflow, "factors").filter(like="target.")
    assert len(targets) == len(table) == 8466
    for factor in table.columns[3:]:
        assert targets[f"target.{factor}"].tolist() == table[factor].tolist()


def test_yeast_genes(workflow, data):
    run(workflow, data, "yeast_genes")
    coding = open_tensors(workflow.folder / "results/coding/tensors")
    # a window is centered on the first base of a start codon: base 250 codes, and reads ATG
    assert (coding.target[:, 250] == 1).mean() > 0.99
    starts = coding.onehot()[:, 250:253].argmax(axis=2)
    assert (starts == [0, 3, 2]).all(axis=1).mean() > 0.99
    structure = open_tensors(workflow.folder / "results/structure/tensors")
    assert structure.outputs == ["intergenic", "exon", "intron"]


def test_yeast_original_peaks(workflow, data):
    metrics = run(workflow, data, "yeast_original_peaks")
    assert metrics["fold"].nunique() == 5
    examples = examples_of(workflow, "abf1")
    assert examples["chrom"].isin(["I", "II", "XVI"]).any()
    dropped = pd.read_csv(workflow.folder / "results/abf1/extract/dropped.tsv", sep="\t")
    assert "touches an interval of ChExMix_Peak_Filter_List_190612.bed" in set(dropped["reason"])


def test_wheat(workflow, data):
    metrics = run(workflow, data, "wheat")
    assert metrics["fold"].nunique() == 10
    pearson = metrics[metrics["metric"] == "pearson"]
    found = pearson.pivot_table(index="model", columns="output", values="value")
    # GBLUP and the Gaussian kernel as two other programs have them on these folds
    assert (abs(found.loc["gblup"][:4] - [0.512, 0.481, 0.385, 0.478]) < 0.02).all()
    assert (abs(found.loc["gaussian"][:4] - [0.593, 0.480, 0.447, 0.526]) < 0.015).all()
    assert found.loc["dnn", "macro"] > found.loc["gblup", "macro"]
    paired = pd.read_csv(workflow.folder / "results/wheat/evaluation/paired.tsv", sep="\t")
    decided = paired[(paired["decides"] == 1) & (paired["output"] == "macro")]
    against = decided[decided["reference"] == "gblup"].set_index("model")
    assert (against["folds"] == 10).all() and against.loc["dnn", "difference"] > 0


def test_maize(workflow, data):
    done = workflow.snakemake(
        "tensors", "--configfile", "config/examples/maize.yaml", BASEWISE_DATA=str(data)
    )
    assert done.returncode == 0, done.stdout + done.stderr
    dropped = pd.read_csv(workflow.folder / "results/maize/examples/dropped.tsv", sep="\t")
    reasons = dropped.groupby("reason")["id"].agg(["size", "min"])
    assert reasons.loc["phenotype without genotypes", "size"] == 22
    without = dropped.loc[dropped["reason"] == "no label in mdp_traits.txt", "id"]
    assert sorted(without) == ["CML61", "W22R-RSTD"]
    examples = examples_of(workflow, "maize")
    assert len(examples) == 279
    assert {"4226", "33-16"} <= set(examples["id"])
    assert examples["target.EarDia"].isna().sum() > 0
    tensors = open_tensors(workflow.folder / "results/maize/tensors")
    assert (tensors.length, tensors.channels) == (3092, 4)
