import numpy as np
import pytest

from basewise.architectures import build, full_settings
from basewise.training.advice import advise, class_counts, receptive_field

ENOUGH = {"0": 5_000, "1": 5_000}


def advised(name="conv1d_wide", length=200, counts=ENOUGH, task="binary", motifs=(), **settings):
    model = build(name, length=length, outputs=1, task="binary", **settings)
    full = full_settings(name, settings)
    return advise(model, full, length, sum(counts.values()), counts, task, motifs)


def test_nothing_speaks_against_a_plain_network_with_enough_examples():
    assert advised(filters=64) == []


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ({"counts": {"0": 5_000, "1": 999}}, "only 999 training examples of 1"),
        ({"counts": {"0": 9_000, "1": 1_500}}, "1 is in 14.3% of the training examples"),
        ({"name": "conv1d", "filters": 512}, "parameters for 10,000 training examples"),
        ({"kernel_size": 26}, "the first convolution is 26 wide"),
        ({"kernel_size": 6, "motifs": (8, 9)}, "the shortest of your motifs 8: it sees none whole"),
        ({"motifs": (8, 14)}, "sees 10 letters, the longest of your motifs has 14"),
        ({"name": "multiscale_attention", "length": 20}, "sees 25 letters, the sequences have 20"),
        ({"name": "basset", "length": 600}, "6 layers with weights, five are usually enough"),
        ({"name": "danq", "length": 1000}, "48,000 values enter the first dense layer"),
        ({"name": "conv_birnn", "length": 40}, "a simple recurrent layer forgets"),
    ],
)
def test_each_rule_speaks_in_one_line(case, message):
    found = advised(**{"filters": 64, **case} if "name" not in case else case)
    assert [line for line in found if message in line], found
    assert not any("\n" in line for line in found)


def test_receptive_field_by_hand():
    assert receptive_field([10], [1]) == 10
    assert receptive_field([10], [5]) == 14
    assert receptive_field([3, 3], [2, 1]) == 3 + 1 + 2 * 2


def test_classes_are_counted_among_the_training_rows():
    rows = np.arange(4)
    binary = np.array([[0], [1], [1], [1], [0]])
    assert class_counts(binary, rows, ["label"], "binary") == {"0": 1, "1": 3}
    several = np.array([[0, 1], [1, 1], [1, 1], [0, 0], [1, 1]])
    assert class_counts(several, rows, ["a", "b"], "multilabel") == {"a": 2, "b": 3}
    assert class_counts(binary, rows, ["x", "y"], "multiclass") == {"x": 1, "y": 3}
    assert class_counts(several, rows, ["x", "y"], "per_position") == {"x": 2, "y": 3}
    assert class_counts(several * 0.5, rows, ["a", "b"], "regression") == {"all": 4}
