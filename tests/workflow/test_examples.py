"""The example configurations on real data, from the source files to the report."""

import pandas as pd
import pytest

pytestmark = pytest.mark.slow


def run(workflow, data, name):
    done = workflow.snakemake(
        "--configfile", f"config/examples/{name}.yaml", BASEWISE_DATA=str(data)
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (workflow.folder / "results/report.html").is_file()
    metrics = pd.read_csv(workflow.folder / "results/metrics.tsv", sep="\t")
    test = metrics[metrics["part"] == "test"]
    return test.pivot_table(index="model", columns="metric", values="value", aggfunc="mean")


def test_primer(workflow, data):
    metrics = run(workflow, data, "primer")
    assert metrics.drop("kmers")["accuracy"].max() >= 0.99


def test_yeast_peaks(workflow, data):
    metrics = run(workflow, data, "yeast_peaks")
    assert metrics.drop("kmers")["auroc"].max() >= metrics.loc["kmers", "auroc"]
    examples = pd.read_parquet(workflow.folder / "results/reb1/examples/examples.parquet")
    assert (examples["label"] == 1).sum() == 1078
    split = pd.read_csv(workflow.folder / "results/reb1/splits/fold0.tsv", sep="\t")
    chromosomes = split.groupby("part")["group"].unique().map(sorted)
    assert chromosomes["test"] == ["IX", "VIII", "XIII"]
    assert chromosomes["validation"] == ["XI"]
