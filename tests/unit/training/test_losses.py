import keras
import numpy as np
import pytest
from keras import ops

from basewise.core.errors import InputError
from basewise.training.losses import loss_of, metric_of
from basewise.training.settings import Training

TRAINING = Training(epochs=2, batch_size=2, patience=5, learning_rate=1)
BITS = np.array([[0, 1], [1, 1], [0, 0]], dtype=np.float32)
CHANCES = np.array([[0.2, 0.9], [0.6, 0.3], [0.5, 0.1]], dtype=np.float32)
INDEX = np.array([[2], [0]], dtype=np.int32)
SHARES = np.array([[0.2, 0.3, 0.5], [0.7, 0.2, 0.1]], dtype=np.float32)


def values(task, truth, score, weights=None, **training):
    loss = loss_of(task, TRAINING._replace(**training), weights)
    return ops.convert_to_numpy(loss(ops.convert_to_tensor(truth), ops.convert_to_tensor(score)))


@pytest.mark.parametrize(
    ("task", "loss"),
    [
        ("binary", "binary_crossentropy"),
        ("multilabel", "binary_crossentropy"),
        ("multiclass", "sparse_categorical_crossentropy"),
        ("per_position", "sparse_categorical_crossentropy"),
    ],
)
def test_with_no_option_the_loss_is_that_of_keras(task, loss):
    assert loss_of(task, TRAINING) == loss
    assert loss_of(task, TRAINING._replace(loss="focal", focal_gamma=0)) == loss


@pytest.mark.parametrize("gamma", [0.5, 2.0])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_the_focal_loss_of_bits_is_that_of_keras(gamma, smoothing):
    expected = keras.losses.binary_focal_crossentropy(
        BITS, CHANCES, gamma=gamma, label_smoothing=smoothing
    )
    found = values(
        "multilabel", BITS, CHANCES, loss="focal", focal_gamma=gamma, label_smoothing=smoothing
    )
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_the_losses_of_classes_are_those_of_keras():
    onehot = np.eye(3)[INDEX[:, 0]]
    smooth = keras.losses.categorical_crossentropy(onehot, SHARES, label_smoothing=0.3)
    found = values("multiclass", INDEX, SHARES, label_smoothing=0.3)
    np.testing.assert_allclose(found, smooth, rtol=1e-5)
    focal = keras.losses.categorical_focal_crossentropy(onehot, SHARES, alpha=1.0, gamma=3)
    found = values("multiclass", INDEX, SHARES, loss="focal", focal_gamma=3)
    np.testing.assert_allclose(found, focal, rtol=1e-5)


def test_weights_multiply_the_loss_of_the_true_class():
    weights = np.array([[1, 10], [100, 1000]], dtype=np.float32)
    logs = -np.log([[0.8, 0.9], [0.6, 0.3], [0.5, 0.9]])
    expected = (logs * [[1, 1000], [10, 1000], [1, 100]]).mean(axis=1)
    np.testing.assert_allclose(values("multilabel", BITS, CHANCES, weights), expected, rtol=1e-5)
    weights = np.array([1, 10, 100], dtype=np.float32)
    expected = -np.log([0.5, 0.7]) * [100, 1]
    np.testing.assert_allclose(values("multiclass", INDEX, SHARES, weights), expected, rtol=1e-5)


def test_positions_are_compiled_with_all_options_and_padding_left_out():
    """(0.7 + 0.1 / 3, ...) are the smoothed labels, the last position is padding."""
    truth = np.array([[2, 0, 1]], dtype=np.int32)
    score = np.concatenate([SHARES, [[0.1, 0.1, 0.8]]], dtype=np.float32)[None]
    weights = np.array([1, 10, 100], dtype=np.float32)
    recipe = TRAINING._replace(loss="focal", focal_gamma=2.0, label_smoothing=0.3)
    model = keras.Sequential([keras.Input((3, 3)), keras.layers.Identity()])
    model.compile(
        loss=loss_of("per_position", recipe, weights), weighted_metrics=[metric_of("per_position")]
    )
    padding = np.array([[1, 1, 0]], dtype=np.float32)
    loss, accuracy = model.evaluate(score, truth, sample_weight=padding, verbose=0)
    wanted = 0.7 * np.eye(3)[[2, 0]] + 0.1
    entropy = -(wanted * np.log(SHARES)).sum(axis=1)
    focus = (1 - (wanted * SHARES).sum(axis=1)) ** 2
    assert loss == pytest.approx((entropy * focus * [100, 1]).sum() / 3, rel=1e-5)
    assert accuracy == 1


def test_a_missing_truth_of_a_regression_does_not_count():
    truth = np.array([[1, np.nan], [np.nan, np.nan], [2, 4]], dtype=np.float32)
    score = np.array([[3, 9], [1, 1], [2, 1]], dtype=np.float32)
    np.testing.assert_allclose(values("regression", truth, score), [2, 0, 4.5])
    mae = metric_of("regression")
    mae.update_state(truth, score)
    assert float(ops.convert_to_numpy(mae.result())) == pytest.approx((1 + 0 + 1.5) / 3)


@pytest.mark.parametrize("gamma", [0.5, 2.0])
def test_a_saturated_score_keeps_the_weights_finite(gamma):
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, activation="sigmoid")])
    model.set_weights([np.full((1, 1), 100.0), np.zeros(1)])
    loss = loss_of("binary", TRAINING._replace(loss="focal", focal_gamma=gamma))
    model.compile("sgd", loss)
    model.fit(np.array([[1.0], [-1.0], [1.0]]), np.array([[1.0], [0.0], [0.0]]), verbose=0)
    assert all(np.isfinite(weights).all() for weights in model.get_weights())


@pytest.mark.parametrize(
    ("training", "message"),
    [
        ({"loss": "focal"}, "`loss: focal` needs classes, this dataset is a regression"),
        ({"label_smoothing": 0.1}, "`label_smoothing: 0.1` needs classes, this dataset is a"),
    ],
)
def test_a_regression_has_no_classes(training, message):
    with pytest.raises(InputError, match=message):
        loss_of("regression", TRAINING._replace(**training))
