"""Which models share a job."""

import pytest
from configs import read
from support import small_config

from basewise.config import figures, teams


def study(models=(), **keys):
    config = small_config() | keys
    config["models"] |= {name: {"baseline": "kmer_logistic"} for name in models}
    done = read(config)
    assert done.mistakes == []
    return done.study


def shared(made):
    return {(team.rule, team.models): team.datasets for team in made}


def test_datasets_with_the_same_models_share_a_rule():
    plan = study()
    assert shared(teams.measuring(plan, "evaluate", plan.measured)) == {
        ("evaluate", ("conv1d", "attention", "kmers")): ["lines"],
        ("evaluate_2", ("conv1d", "kmers")): ["peaks"],
    }
    assert shared(teams.measuring(plan, "evaluate", ["peaks"])) == {
        ("evaluate", ("conv1d", "kmers")): ["peaks"]
    }
    assert shared(teams.learning(plan, "collect")) == {
        ("collect", ("conv1d", "attention")): ["lines"],
        ("collect_2", ("conv1d",)): ["peaks"],
    }


@pytest.mark.parametrize(
    ("seeds", "sizes"),
    [(1, [3]), (2, [3]), (4, [3]), (5, [2, 1]), (6, [2, 1]), (7, [1, 1, 1]), (99, [1, 1, 1])],
)
def test_a_job_measures_twelve_runs_or_one_model(seeds, sizes):
    plan = study(seeds=list(range(1, seeds + 1)))
    made = teams.measuring(plan, "evaluate", ["lines"])
    assert [len(team.models) for team in made] == sizes
    assert [model for team in made for model in team.models] == plan.models_of("lines")


def test_a_model_at_the_end_changes_the_last_job_alone():
    before, after = (
        [team.models for team in teams.measuring(study(names, seeds=[1, 2, 3]), "x", ["lines"])]
        for names in ("ab", "abc")
    )
    assert before == [("conv1d", "attention", "kmers", "a"), ("b",)]
    assert after == [("conv1d", "attention", "kmers", "a"), ("b", "c")]


def test_every_picture_is_drawn_by_one_job():
    plan = study()
    drawn = [path for drawing in figures.drawings(plan) for path in drawing.files]
    assert len(drawn) == len(set(drawn))
    folder = "results/lines/evaluation"
    assert {f"{folder}/{name}.svg" for name in ("split", "comparison", "kmers/roc")} < set(drawn)
    assert f"{folder}/conv1d/learning.svg" in drawn
    assert f"{folder}/kmers/learning.svg" not in drawn
    assert "results/peaks/evaluation/attention/roc.svg" not in drawn
