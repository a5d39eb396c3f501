import numpy as np
import pytest
from scipy.stats import binom
from sklearn.utils.class_weight import compute_class_weight

from basewise.core.errors import InputError
from basewise.sequences.alphabet import letters_of
from basewise.store.shards import cut_pieces, open_tensors, write_tensors
from basewise.training.batches import Batches
from basewise.training.imbalance import class_weights

EXAMPLES = 200
ALL = np.arange(EXAMPLES)


def tensors_of(folder, task, outputs, target, letters=None):
    if letters is None:
        letters = letters_of(["ACGT"] * len(target))
    pieces = cut_pieces(letters, target, [f"e{row}" for row in range(len(target))], 30)
    write_tensors(folder / "tensors", pieces, task=task, outputs=outputs)
    return open_tensors(folder / "tensors")


@pytest.fixture(scope="module")
def uneven(tmp_path_factory):
    """Two classes, 1 : 9."""
    target = (ALL % 10 == 0).astype(int)[:, None]
    return tensors_of(tmp_path_factory.mktemp("uneven"), "binary", ["label"], target)


def test_classes_weigh_as_in_scikit_learn(tmp_path, uneven):
    rows = ALL[:75]
    target = uneven.target[rows, 0]
    expected = compute_class_weight("balanced", classes=np.array([0, 1]), y=target)
    np.testing.assert_allclose(class_weights(uneven, rows), [expected], rtol=1e-6)
    target = np.repeat([0, 1, 2], [20, 150, 30])
    tensors = tensors_of(tmp_path, "multiclass", ["x", "y", "z"], target[:, None])
    expected = compute_class_weight("balanced", classes=np.arange(3), y=target[5:])
    np.testing.assert_allclose(class_weights(tensors, ALL[5:]), expected, rtol=1e-6)


def test_each_label_weighs_by_itself(tmp_path):
    target = np.array([[0, 1], [0, 1], [0, 1], [1, 0]])
    tensors = tensors_of(tmp_path, "multilabel", ["x", "y"], target)
    np.testing.assert_allclose(class_weights(tensors, ALL[:4]), [[4 / 6, 2], [2, 4 / 6]], rtol=1e-6)


def test_padding_is_no_position(tmp_path, monkeypatch):
    monkeypatch.setattr("basewise.training.imbalance.COUNTED_ROWS", 1)
    letters = letters_of(["ACG-", "A---", "ACGT"])
    target = np.array([[1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0]])
    tensors = tensors_of(tmp_path, "per_position", ["other", "gene"], target, letters)
    # two of eight letters are of the gene
    np.testing.assert_allclose(class_weights(tensors, ALL[:3]), [8 / 12, 8 / 4], rtol=1e-6)


@pytest.mark.parametrize(
    ("task", "outputs", "target", "what"),
    [
        ("multiclass", ["x", "y", "z"], [[0], [2]], "class y"),
        ("multilabel", ["x", "y"], [[0, 1], [1, 1]], "y = 0"),
    ],
)
def test_a_class_without_examples_has_no_weight(tmp_path, task, outputs, target, what):
    tensors = tensors_of(tmp_path, task, outputs, np.array(target))
    with pytest.raises(InputError, match=f"cannot weigh {what}, no training example has it"):
        class_weights(tensors, ALL[:2])


def test_a_regression_has_no_classes(tmp_path):
    tensors = tensors_of(tmp_path, "regression", ["x"], np.ones((4, 1)))
    with pytest.raises(InputError, match="`class_weights: balanced` needs classes, this dataset"):
        class_weights(tensors, ALL[:4])


def test_balanced_epochs_draw_the_classes_equally_often(uneven):
    batches = Batches(uneven, ALL, 32, np.random.default_rng(1), sampling="balanced")
    epochs = 50
    shown = np.zeros(EXAMPLES, dtype=int)
    for _ in range(epochs):
        assert sum(len(target) for _, target in batches) == EXAMPLES
        ones = sum(target.sum() for _, target in batches)
        assert ones == uneven.target[batches.order].sum()
        shown += np.bincount(batches.order, minlength=EXAMPLES)
        batches.on_epoch_end()
    # a row of the small class is one of 20, one of the large class one of 180
    for rows, share in ((ALL % 10 == 0, 1 / 40), (ALL % 10 > 0, 1 / 360)):
        counts, draws = shown[rows], epochs * EXAMPLES
        assert binom.cdf(counts.sum(), draws, 0.5) == pytest.approx(0.5, abs=0.499)
        assert (counts >= binom.ppf(1e-6, draws, share)).all()
        assert (counts <= binom.ppf(1 - 1e-6, draws, share)).all()


def test_a_balanced_epoch_has_its_rows_pool_by_pool_and_from_its_generator(uneven):
    first, same, other = (
        Batches(uneven, ALL, 32, np.random.default_rng(seed), sampling="balanced").order
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, same)
    assert first.tolist() != other.tolist()
    shards = first // 30  # seven of them, four in the first pool
    change = [set(shards[:place]).isdisjoint(shards[place:]) for place in range(1, EXAMPLES)]
    assert sum(change) == 1


@pytest.mark.parametrize("task", ["multilabel", "regression"])
def test_only_one_class_an_example_can_be_balanced(tmp_path, task):
    tensors = tensors_of(tmp_path, task, ["x", "y"], np.eye(4, 2))
    with pytest.raises(InputError, match=f"needs one class an example, this dataset is {task}"):
        Batches(tensors, ALL[:4], 2, np.random.default_rng(1), sampling="balanced")
