import numpy as np
import pandas as pd
import pytest

from basewise.training.diagnosis import chance_accuracy, warnings_of

TRAIN, VALIDATION = np.arange(80), np.arange(80, 100)
BINARY = np.resize([0, 0, 0, 1], 100)[:, None]
GOOD = {"loss": 0.3, "accuracy": 0.95, "val_loss": 0.4, "val_accuracy": 0.9}


def epochs(*rows):
    return pd.DataFrame([{"epoch": n, **GOOD, **row} for n, row in enumerate(rows, 1)])


def warned(history, best=1, target=BINARY, score=None, task="binary", most=10):
    if score is None:
        score = np.linspace(0, 1, 20, dtype=np.float32)[:, None]
    return warnings_of(history, most, best, target, TRAIN, VALIDATION, score, task)


def test_a_good_training_is_not_warned_about():
    assert warned(epochs({}, {})) == []


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"val_accuracy": 0.74}, "worse than the majority class: accuracy 0.740 on validation"),
        ({"accuracy": 0.75}, "has not learnt its own training examples: accuracy 0.750"),
    ],
)
def test_chance_is_that_of_the_most_frequent_class(row, message):
    (line,) = warned(epochs(row))
    assert message in line
    assert "0.750" in line


def test_a_loss_that_is_no_number_is_named_with_its_epoch():
    (line,) = warned(epochs({}, {"loss": np.nan, "val_loss": np.nan}))
    assert "no longer a number in epoch 2; the weights are those of epoch 1" in line


def test_one_score_for_all_is_named():
    (line,) = warned(epochs({}), score=np.full((20, 1), 0.4, dtype=np.float32))
    assert "gives every example the same score" in line


def test_a_training_that_was_cut_short_is_named():
    (line,) = warned(epochs({}, {}), best=2, most=2)
    assert line == "it was still improving in the last epoch, 2; raise `epochs`"


def test_a_regression_is_held_against_the_mean_of_train():
    target = np.random.default_rng(1).normal(5, 2, (100, 1))
    history = epochs({}).drop(columns=["accuracy", "val_accuracy"])
    truth = target[VALIDATION].astype(np.float32)
    assert warned(history, target=target, score=truth, task="regression") == []
    (line,) = warned(history, target=target, score=truth + 4, task="regression")
    assert "worse than the mean of train: squared error 16 on validation" in line


def test_a_target_that_is_not_known_is_no_error():
    """Known are 80 zeros of train and 4 twos of validation, of the first output."""
    target = np.full((100, 2), np.nan)
    target[:80] = 0, 1
    target[80:, 1] = 1
    target[80:84, 0] = 2
    history = epochs({}).drop(columns=["accuracy", "val_accuracy"])
    score = np.tile(np.array([0, 1], dtype=np.float32), (20, 1))
    score[0, 0] = 0.1
    assert warned(history, target=target, score=score, task="regression") == []
    score[0, 0] = -2
    (line,) = warned(history, target=target, score=score, task="regression")
    # (16 + 4 + 4 + 4) / 24 known values against 4 * 4 / 24
    assert "squared error 1.167 on validation, the mean gives 0.6667" in line


@pytest.mark.parametrize(
    ("task", "target", "expected"),
    [
        ("binary", [[0], [0], [1], [0], [1], [1]], 1 / 3),
        ("multiclass", [[2], [2], [1], [2], [0], [2]], 2 / 3),
        ("multilabel", [[0, 1], [0, 1], [1, 1], [0, 1], [1, 0], [1, 0]], 2 / 6),
        ("per_position", [[1, 1], [1, 0], [1, 0], [1, 1], [0, 1], [0, 0]], 3 / 6),
    ],
)
def test_chance_accuracy_by_hand(task, target, expected):
    rows = np.arange(6)
    assert chance_accuracy(np.array(target), rows[:3], rows[3:], task) == pytest.approx(expected)


def test_what_counts_is_the_epoch_that_is_kept():
    history = epochs({"accuracy": 0.76}, {"accuracy": 0.99, "val_loss": 0.9})
    (line,) = warned(history, best=1)
    assert "accuracy 0.760 in the epoch kept" in line
