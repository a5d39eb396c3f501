"""Genotypes in the same workflow: from files of every kind to tensors, scores, effects, report."""

import copy

import numpy as np
import pandas as pd
import pytest
from doors import check_by_door
from made_panel import CONFIG, MARKERS, dosages, write_panel
from opened_files import check_reads
from support import Workflow, refused

from basewise.sequences.alphabet import encode
from basewise.store.shards import open_tensors

FORMATS = {
    "vcf": {"genotypes": "input/panel.vcf"},
    "plink": {"genotypes": "input/panel.bed"},
    "hapmap": {"genotypes": "input/panel.hmp.txt"},
    "rows": {"genotypes": "input/rows.csv", "map": "input/map.tsv"},
    "columns": {"genotypes": "input/columns.tsv", "individuals": "columns"},
}
HEIGHT = {"phenotypes": "input/phenotypes.csv", "traits": ["height"], "task": "regression"}


def table(workflow, path):
    return pd.read_csv(workflow.folder / "results" / path, sep="\t", dtype={"id": str})


@pytest.mark.slow
def test_every_format_gives_the_same_shards(tmp_path):
    made = Workflow.copied_to(tmp_path)
    write_panel(made.folder / "input")
    datasets = {name: {**source, **HEIGHT} for name, source in FORMATS.items()}
    config = made.write_config({**CONFIG, "datasets": datasets})
    done = made.run("tensors", "--configfile", config)
    assert done.returncode == 0, done.stdout + done.stderr
    shards = {
        (made.folder / f"results/{name}/tensors/shard-00000.npz").read_bytes() for name in FORMATS
    }
    assert len(shards) == 1
    kept = np.delete(dosages(), 3, axis=0)
    letters = np.where(kept < 0, ord("."), ord("0") + kept).astype(np.uint8)
    tensors = open_tensors(made.folder / "results/vcf/tensors")
    np.testing.assert_array_equal(tensors.onehot(), encode(letters, "genotype"))
    assert tensors.ids[:4].tolist() == ["000", "001", "002", "004"]
    markers = [table(made, f"{name}/extract/markers.tsv") for name in FORMATS]
    for name, found in zip(list(FORMATS)[:4], markers, strict=False):
        assert found["position"].tolist() == list(range(100, 500, 10)), name


def test_what_is_left_out_is_listed(panel):
    dropped = table(panel, "crop/examples/dropped.tsv")
    assert dropped[["id", "reason"]].to_numpy().tolist() == [
        ["003", "no label in phenotypes.csv"],
        ["stranger", "phenotype without genotypes"],
    ]
    markers = table(panel, "crop/extract/dropped_markers.tsv").set_index("marker")["reason"]
    assert {"m0", "m7"} <= set(markers.index)
    assert "m6" in markers["m7"]
    filters = table(panel, "crop/extract/filters.tsv")
    assert filters["markers"].sum() == len(markers)
    assert filters["filter"].tolist() == [
        "marker_call_rate",
        "minor_allele_frequency",
        "duplicate_markers",
        "ld",
    ]


def test_groups_of_the_phenotype_table_stay_together(panel):
    split = table(panel, "crop/splits/fold1.tsv")
    assert split.groupby("group")["part"].nunique().max() == 1
    assert split["group"].nunique() == 12


def test_covariates_and_missing_traits_reach_every_model(panel):
    """Place adds 50 to height: whoever ignores it is far off."""
    examples = pd.read_parquet(panel.folder / "results/crop/examples/examples.parquet")
    north = examples.set_index("id")["covariate.place"] == "north"
    for model in ("dnn", "gblup", "mean"):
        path = f"results/crop/models/{model}/fold0/seed1/scores.parquet"
        scores = pd.read_parquet(panel.folder / path).set_index("id")
        gap = scores["score.height"].groupby(north).mean().diff().iloc[-1]
        assert 30 < gap < 70, model
        assert scores["target.yield"].isna().any()
        assert scores["score.yield"].notna().all()
    metrics = table(panel, "crop/evaluation/metrics.tsv")
    assert set(metrics["output"]) == {"height", "yield", "macro"}
    assert np.isfinite(metrics["value"]).all()


def test_paired_tests_and_marker_effects_are_in_the_report(panel):
    paired = table(panel, "crop/evaluation/paired.tsv")
    assert set(paired.loc[paired["reference"] == "gblup", "model"]) == {"dnn", "mean"}
    assert (paired["folds"] == 3).all()
    effects = table(panel, "crop/evaluation/dnn/markers.tsv")
    left = MARKERS - len(table(panel, "crop/extract/dropped_markers.tsv"))
    assert effects.groupby("output").size().to_dict() == {"height": left, "yield": left}
    html = (panel.folder / "results/report.html").read_text()
    for text in ("individuals of", "Pearson r by trait", "minor allele"):
        assert text in html
    assert "sequences of" not in html


REPORTING = {
    *("compare_models", "compare_datasets", "draw_models", "draw_datasets"),
    *("record_run", "write_report"),
}


@pytest.mark.parametrize(
    ("keys", "value", "rules"),
    [
        (("filters", "marker_call_rate"), 0.4, {"extract_genotypes"}),
        (("covariates",), ["place", "yield"], None),
        (
            ("near",),
            {"share": 0.9},
            {"audit_leakage", "evaluate_regression", *REPORTING},
        ),
    ],
)
def test_an_edited_key_runs_the_rules_it_touches(panel, keys, value, rules):
    config = copy.deepcopy(CONFIG)
    place = config["datasets"]["crop"]
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = value
    if rules is None:
        place["traits"] = ["height"]
    configfile = panel.write_config(config, "edited.yaml")
    planned = set(panel.planned(configfile, "--", "results/report.html"))
    if keys == ("near",):
        assert planned == rules
    else:
        assert {"join_labels", "train_dnn_markers", "fit_baseline", "rank_markers"} <= planned
        assert ("extract_genotypes" in planned) == (rules is not None)


def test_mistakes_are_said_before_anything_runs(tmp_path):
    made = Workflow.copied_to(tmp_path)
    write_panel(made.folder / "input")
    source = {**FORMATS["rows"], **HEIGHT}
    datasets = {
        "no_traits": {key: source[key] for key in ("genotypes", "phenotypes", "task")},
        "letters": {**source, "alphabet": "dna"},
        "words": {**source, "near": {"k": 8}},
        "twice": {**source, "covariates": ["height"]},
        "places": {**source, "split": {"method": "chromosome", "folds": 3}},
        "dna_model": {**source, "models": ["kmers"]},
        "label": {**source, "columns": {"label": "height"}},
        "gone": {**source, "genotypes": "input/gone.bed"},
    }
    config = copy.deepcopy({**CONFIG, "datasets": datasets})
    config["models"]["kmers"] = {"baseline": "kmer_ridge"}
    lines = "\n".join(refused(made, config, "-n"))
    for message in (
        "datasets.no_traits: `genotypes` needs `traits`",
        "datasets.letters.alphabet: `alphabet` does not go with `genotypes`",
        "datasets.words.near.k: genotypes are compared marker by marker; take `k` out",
        "datasets.twice.covariates: 'height' cannot be both a trait and a covariate",
        "datasets.places.split: `method: chromosome` needs a genome",
        "datasets.dna_model.models: 'kmers' does not fit; it takes tasks regression",
        "datasets.label.columns.label: `label` has no effect here; take it out",
        "datasets.gone.genotypes: no such file: input/gone.bed",
        "datasets.gone.genotypes: no such file: input/gone.fam",
    ):
        assert message in lines


def test_a_wrong_genotype_is_named_with_its_place(tmp_path):
    made = Workflow.copied_to(tmp_path)
    write_panel(made.folder / "input")
    path = made.folder / "input/rows.csv"
    rows = path.read_text().splitlines()
    rows[4] = rows[4].rsplit(",", 1)[0] + ",4"
    path.write_text("\n".join(rows))
    datasets = {"rows": {**FORMATS["rows"], **HEIGHT}}
    done = made.snakemake("--configfile", made.write_config({**CONFIG, "datasets": datasets}))
    assert done.returncode != 0
    message = next(
        line for line in (done.stdout + done.stderr).splitlines() if "rows.csv:5" in line
    )
    assert "003" in message and "m39" in message and "4" in message
    assert not (made.folder / "results/rows/extract/genotypes.npy").exists()


def test_steps_read_what_they_declare(panel):
    assert len(check_reads(panel.folder)) > 15


def test_the_front_door_reads_the_same(panel, monkeypatch):
    monkeypatch.chdir(panel.folder)
    check_by_door(panel.folder / "results", CONFIG["datasets"])
