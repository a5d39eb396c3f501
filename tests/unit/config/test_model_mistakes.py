"""Mistakes in `models`, in searches and in how networks are trained."""

import pytest
from configs import changed, check_told, ids, read
from support import small_config


@pytest.mark.parametrize(
    ("keys", "value", "line"),
    [
        (
            ("models", "conv1d", "architecture"),
            "conv1",
            "models.conv1d.architecture: unknown architecture 'conv1'; did you mean 'conv1d'?",
        ),
        (
            ("models", "kmers", "baseline"),
            "kmer",
            "models.kmers.baseline: unknown baseline 'kmer'; did you mean 'kmer_ridge'?",
        ),
        (
            ("models", "attention"),
            {"architecture": "dnn_pwm", "motifs": ["input/motifs.meme"]},
            "models.attention.motifs: no such file: input/motifs.meme; "
            "correct the path, or put the file there",
        ),
        (
            ("models", "conv1d"),
            {"architecture": "basset"},
            "datasets.peaks.models: 'conv1d' does not fit; it takes tasks binary, multiclass, "
            "multilabel, regression and alphabets dna, rna, protein, "
            "genotype, from 168 letters "
            "(`adapt: auto` takes fewer)",
        ),
        (
            ("datasets", "peaks", "models"),
            ["conv2d"],
            "datasets.peaks.models: unknown model 'conv2d'; did you mean 'conv1d'?",
        ),
        (
            ("models", "shuffled", "control"),
            "kmer",
            "models.shuffled.control: unknown model 'kmer'; did you mean 'kmers'?",
        ),
        (
            ("models", "shuffled"),
            {"control": "kmers", "largest_k": 3},
            "models.shuffled.largest_k: a control has the settings of its model; take `largest_k` "
            "out",
        ),
    ],
    ids=ids,
)
def test_a_wrong_model_is_told_by_key_and_line(keys, value, line):
    check_told(keys, value, line)


@pytest.mark.parametrize(
    ("models", "text"),
    [
        (
            {"both": {"ensemble": ["conv1d", "kmers"]}, "x": {"control": "both"}},
            "an ensemble; name",
        ),
        ({"y": {"control": "kmers"}, "x": {"control": "y"}}, "a control itself; name the model"),
        (
            {"y": {"control": "kmers"}, "x": {"ensemble": ["y", "kmers"]}},
            "a negative control; take",
        ),
    ],
)
def test_a_control_is_of_one_model_and_counts_for_no_other(models, text):
    config = small_config()
    config["models"] |= models
    (line,) = read(config).mistakes
    assert f"is {text}" in line


@pytest.mark.parametrize(
    ("ensemble", "seeds", "text"),
    [
        ({"ensemble": ["kmers", "no"]}, [1], "ensemble: unknown model 'no'; there are "),
        (
            {"ensemble": ["kmers", "x"]},
            [1],
            "ensemble: 'x' is an ensemble itself; name its members",
        ),
        (
            {"ensemble": ["kmers"], "filters": 3},
            [1, 2],
            "x.filters: `filters` has no effect on an ensemble",
        ),
        (
            {"ensemble": ["kmers"]},
            [1],
            "ensemble: one model with one seed has one run; name a second",
        ),
        (
            {"ensemble": ["kmers"]},
            None,
            "ensemble: one model with one seed has one run; name a second",
        ),
    ],
)
def test_an_ensemble_averages_several_runs_of_models(ensemble, seeds, text):
    config = changed("models", "x", value=ensemble)
    config["seeds"] = seeds
    if seeds is None:
        del config["seeds"]
    (line,) = read(config).mistakes
    assert text in line


def test_a_model_that_does_not_fit_is_refused_where_it_is_named():
    config = changed("datasets", "lines", "models", value=["kmers"])
    config["datasets"]["lines"]["alphabet"] = "protein"
    (line,) = read(config).mistakes
    assert line.endswith(
        "'kmers' does not fit; it takes tasks binary, multiclass, multilabel and alphabets dna, rna"
    )


def test_a_model_for_both_strands_is_told_that_there_is_one():
    config = changed("models", "conv1d", "reverse_complement", value="average")
    config["datasets"]["peaks"]["alphabet"] = "rna"
    config["datasets"]["peaks"]["models"] = ["conv1d"]
    (line,) = read(config).mistakes
    assert line.endswith(
        "'conv1d' does not fit; it reads both strands, where only one has a meaning; "
        "take `reverse_complement` out"
    )


def test_a_member_that_does_not_fit_is_named():
    config = changed("models", "both", value={"ensemble": ["conv1d", "kmers"]})
    config["datasets"]["lines"] |= {"models": ["both"], "alphabet": "protein"}
    (line,) = read(config).mistakes
    assert "lines.models: 'both' does not fit; its member 'kmers' takes tasks binary" in line


@pytest.mark.parametrize(
    ("search", "line"),
    [
        (
            {"epochs": [1, 2]},
            "epochs: `epochs` cannot be searched; the trials' epochs are `tune: epochs`",
        ),
        ({"cards": [1, 2]}, "cards: `cards` cannot be searched; set it in `training`"),
        ({"filter": [1, 2]}, "filter: unknown key 'filter'; did you mean 'filters'?"),
        ({"dropout": [0.1, 0.2]}, "dropout: the model sets `dropout` too; take one of them out"),
        ({"shift": [1, 2]}, "shift: the model sets `shift` too; take one of them out"),
        ({"filters": [1, 0]}, "filters.1: 0 is less than the minimum of 1"),
        (
            {"schedule": {"low": 1, "high": 2}},
            "schedule: a range is for numbers; give a list of choices",
        ),
        ({"filters": {"low": 2, "high": 2}}, "filters.low: 2 is not below `high`, 2"),
        ({"filters": {"low": 0, "high": 2}}, "filters.low: 0 is less than the minimum of 1"),
        (
            {"average_decay": {"low": 0, "high": 0.5, "log": True}},
            "average_decay.log: a range by magnitudes starts above 0, not at 0",
        ),
        (
            {"learning_rate": {"low": 0.1, "high": 0.5, "log": True, "step": 0.1}},
            "learning_rate.step: `step` does not go with `log`; take one out",
        ),
        (
            {"filters": {"low": 2, "high": 4, "step": 0.5}},
            "filters.step: 0.5 must be a whole number",
        ),
        ({"filters": [1]}, "filters: must be a list of two or more choices, or a range such as"),
        ({}, "search: must hold settings with choices or a range each"),
    ],
)
def test_a_search_is_among_what_a_network_can_take(search, line):
    model = {"architecture": "conv1d", "dropout": 0.1, "training": {"shift": 2}}
    config = changed("models", "conv1d", value=model | {"tune": {"search": search}})
    (told,) = read(config).mistakes
    assert line in told
    assert told.startswith("test.yaml:")


@pytest.mark.parametrize("given", [{}, {"motifs": None}])
def test_a_scan_needs_motifs(given):
    (line,) = read(changed("models", "x", value={"baseline": "motif_scan", **given})).mistakes
    assert "models.x" in line and "motifs" in line and line.startswith("test.yaml:")


def test_motifs_that_the_workflow_makes_need_not_be_there():
    model = {"baseline": "motif_scan", "motifs": ["results/demo/peaks/motifs.jaspar"]}
    assert read(changed("models", "x", value=model)).mistakes == []


def test_a_missing_file_of_motifs_is_told_once():
    """Not again for the scan that stands beside the network."""
    model = {"architecture": "dnn_pwm", "motifs": "input/none.meme"}
    assert len(read(changed("models", "x", value=model)).mistakes) == 1


def test_a_baseline_has_no_search():
    config = changed("models", "kmers", "tune", value={"search": {"largest_k": [2, 3]}})
    (line,) = read(config).mistakes
    assert line.endswith("kmers.tune: baselines choose their own settings; take `tune` out")


def conv1d(**training) -> dict:
    return changed("models", "conv1d", "training", value=training)


@pytest.mark.parametrize(
    ("config", "line"),
    [
        (
            conv1d(cards=2, backend="jax"),
            "models.conv1d.training.cards: 2 cards need `backend: tensorflow`, 'conv1d' has jax",
        ),
        (
            conv1d(cards=0, require_gpu=True),
            "models.conv1d.training.cards: 0 cards, and 'conv1d' has `require_gpu: true`; "
            "take one of them out",
        ),
        (
            changed("training", "warmup_epochs", value=1),
            "training.warmup_epochs: goes with `schedule: cosine` or `constant`, not plateau",
        ),
        (
            conv1d(warmup_epochs=2, schedule="cosine"),
            "models.conv1d.training.warmup_epochs: 2 epochs of warm-up leave none of the 2 epochs",
        ),
    ],
)
def test_settings_of_training_go_together(config, line):
    (told,) = read(config).mistakes
    assert told.partition(": ")[2] == line
    assert told.startswith("test.yaml:")


@pytest.mark.parametrize(
    ("task", "key", "value", "remedy"),
    [
        (
            "regression",
            "class_weights",
            "balanced",
            "needs classes, 'peaks' is a regression; write none",
        ),
        (
            "regression",
            "loss",
            "focal",
            "needs classes, 'peaks' is a regression; write cross_entropy",
        ),
        ("regression", "label_smoothing", 0.1, "needs classes, 'peaks' is a regression; write 0"),
        (
            "regression",
            "sampling",
            "balanced",
            "needs one class an example, 'peaks' is regression; write natural",
        ),
        (
            "multilabel",
            "sampling",
            "balanced",
            "needs one class an example, 'peaks' is multilabel; write natural",
        ),
    ],
)
def test_settings_of_training_suit_the_task(task, key, value, remedy):
    config = changed("training", key, value=value)
    config["datasets"]["peaks"] |= {"task": task, "labels": {"file": "input/traits.tsv"}}
    config["datasets"]["peaks"]["models"] = ["conv1d"]
    del config["datasets"]["peaks"]["negatives"]
    (told,) = read(config).mistakes
    assert told.partition(": ")[2] == f"training.{key}: {value} {remedy}"
