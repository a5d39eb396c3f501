import keras
import numpy as np
import pytest

from basewise.architectures.blocks import bidirectional, convolution_block

SIGNAL = np.random.default_rng(1).normal(size=(2, 12, 3)).astype(np.float32)


def block(*arguments, **settings):
    signal = keras.Input(SIGNAL.shape[1:])
    return keras.Model(signal, convolution_block(signal, *arguments, **settings))


def scores(model):
    return np.asarray(model(SIGNAL, training=False))


def test_a_block_convolves_activates_and_pools():
    model = block(5, 4, 2, activation="tanh")
    kernel, bias = model.get_weights()
    windows = np.lib.stride_tricks.sliding_window_view(SIGNAL, 4, axis=1)
    expected = np.tanh(np.einsum("npck,kcf->npf", windows, kernel) + bias)
    expected = expected[:, :8].reshape(2, 4, 2, 5).max(axis=2)
    np.testing.assert_allclose(scores(model), expected, atol=1e-6)


@pytest.mark.parametrize(("kernel_size", "left", "right"), [(3, 1, 1), (4, 1, 2), (1, 0, 0)])
def test_a_shortcut_adds_the_centre_of_each_window(kernel_size, left, right):
    model = block(3, kernel_size, activation="relu", residual=True)
    model.set_weights([np.zeros_like(weights) for weights in model.get_weights()])
    expected = np.maximum(SIGNAL[:, left : 12 - right], 0)
    np.testing.assert_array_equal(scores(model), expected)


def test_a_shortcut_is_brought_to_the_same_channels():
    model = block(5, 3, activation="linear", residual=True)
    assert model.count_params() == (3 * 3 * 5 + 5) + (3 * 5 + 5)
    projection, straight = np.ones((1, 3, 5)), np.zeros((3, 3, 5))
    model.set_weights([straight, np.zeros(5), projection, np.zeros(5)])
    expected = np.repeat(SIGNAL[:, 1:-1].sum(axis=-1, keepdims=True), 5, axis=-1)
    np.testing.assert_allclose(scores(model), expected, atol=1e-6)


def test_normalization_comes_before_the_shortcut_and_the_activation():
    model = block(3, 3, residual=True, batch_norm=True)
    model.set_weights([np.zeros_like(weights) for weights in model.get_weights()])
    model.layers[2].set_weights([np.ones(3), np.full(3, -0.5), np.zeros(3), np.ones(3)])
    expected = np.maximum(SIGNAL[:, 1:-1] - 0.5, 0)
    np.testing.assert_allclose(scores(model), expected, atol=1e-6)


def test_reading_both_ways():
    signal = keras.Input(SIGNAL.shape[1:])
    model = keras.Model(signal, bidirectional(signal, "gru", 4, sequences=True))
    last = keras.Model(signal, bidirectional(signal, "gru", 4, sequences=False))
    last.set_weights(model.get_weights())
    steps = scores(model)
    assert steps.shape == (2, 12, 8)
    np.testing.assert_allclose(
        scores(last), np.concatenate([steps[:, -1, :4], steps[:, 0, 4:]], axis=-1), atol=1e-6
    )
    other = SIGNAL.copy()
    other[:, 0] += 1
    moved = np.abs(np.asarray(model(other, training=False)) - steps).max(axis=0)
    assert (moved[:, :4].max(axis=-1) > 0).all()
    assert (moved[0, 4:] > 0).all()
    assert (moved[1:, 4:] == 0).all()
