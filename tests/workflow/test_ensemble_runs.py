"""Ensembles beside the models that they average."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest
from support import Workflow, refused, small_config

MODELS = {
    "mixed": {"ensemble": ["conv1d", "kmers"]},
    "seeds": {"ensemble": ["conv1d"]},
}


def with_models(**models):
    config = small_config()
    config["models"] |= models
    return config


@pytest.fixture(scope="module")
def averaged(finished, tmp_path_factory):
    """The finished copy, with ensembles run on top."""
    folder = tmp_path_factory.mktemp("averaged") / "copy"
    shutil.copytree(finished.folder, folder)
    workflow = Workflow(folder)
    configfile = workflow.write_config(with_models(**MODELS))
    planned = workflow.planned(configfile)
    rules = ("average_scores", "evaluate_classifier", "draw_models")
    assert [planned.pop(rule) for rule in rules] == [2, 1, 1]
    compared = {"compare_models", "compare_datasets", "draw_datasets", "write_report"}
    assert set(planned) == compared | {"record_run", "write_crate"}
    done = workflow.run("--configfile", configfile)
    assert done.returncode == 0, done.stdout + done.stderr
    assert workflow.planned(configfile) == {}
    return folder / "results"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "members"), [(name, MODELS[name]["ensemble"]) for name in MODELS]
)
def test_an_ensemble_scores_the_mean_of_its_members(averaged, model, members):
    models = averaged / "lines/models"
    runs = [
        pd.read_parquet(models / member / f"fold0/seed{seed}/scores.parquet")["score.label"]
        for member in members
        for seed in (1, 2)
    ]
    found = pd.read_parquet(models / model / "fold0/seed1/scores.parquet")
    mean = np.mean(runs, axis=0, dtype=np.float64).astype(np.float32)
    np.testing.assert_array_equal(found["score.label"], mean)
    assert [path.name for path in (models / model / "fold0").iterdir()] == ["seed1"]
    record = json.loads((models / model / "fold0/seed1/run.json").read_text())
    assert len(record["members"]) == 2 * len(members)


@pytest.mark.slow
def test_an_ensemble_is_compared_with_one_run_a_fold(averaged):
    comparison = pd.read_csv(averaged / "lines/evaluation/comparison.tsv", sep="\t")
    kept = (comparison["metric"] == "auroc") & (comparison["part"] == "test")
    runs = comparison[kept].set_index("model")["runs"]
    assert runs.to_dict() == {"conv1d": 2, "attention": 2, "kmers": 2, "mixed": 1, "seeds": 1}
    page = (averaged / "report.html").read_text()
    assert "Mean of conv1d, kmers, 2 seeds each" in page
    assert "deep ensembles" in page
    assert "the best baseline, kmers (" in page  # not the one of both kinds


@pytest.mark.parametrize(
    ("models", "seeds", "text"),
    [
        ({"both": {"ensemble": ["conv1", "kmers"]}}, [1], "unknown model 'conv1'; did you mean"),
        ({"both": {"ensemble": ["kmers"]}}, [1], "one model with one seed has one run; name a"),
        (MODELS | {"all": {"ensemble": ["mixed"]}}, [1, 2], "'mixed' is an ensemble itself; name"),
    ],
)
def test_an_ensemble_of_the_wrong_models_is_refused(workflow, models, seeds, text):
    lines = refused(workflow, with_models(**models) | {"seeds": seeds}, "-n")
    assert len(lines) == 1
    name = list(models)[-1]
    assert f"models.{name}.ensemble: {text}" in lines[0]


def test_a_member_that_does_not_fit_is_named(workflow):
    config = with_models(both={"ensemble": ["kmers", "large"]}, large={"architecture": "basset"})
    config["datasets"]["peaks"]["models"] = ["both"]
    (line,) = refused(workflow, config, "-n")
    assert "datasets.peaks.models: 'both' does not fit; its member 'large' takes tasks" in line


def test_members_run_though_the_dataset_names_the_ensemble_alone(workflow):
    config = with_models(**MODELS)
    config["datasets"] = {"peaks": config["datasets"]["peaks"] | {"models": ["mixed"]}}
    planned = workflow.planned(workflow.write_config(config))
    runs = {rule: planned[rule] for rule in ("train_conv1d", "fit_baseline", "average_scores")}
    assert runs == {"train_conv1d": 2, "fit_baseline": 2, "average_scores": 1}
