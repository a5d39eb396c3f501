import keras
import numpy as np
import pytest
from keras import layers, ops

from basewise.training.optimizers import WeightAverage

ONE = np.ones((1, 1))


def line():
    """A model of one weight, 0, that a step lowers by 1; the weight is its score and its loss."""
    model = keras.Sequential([keras.Input((1,)), layers.Dense(1, use_bias=False)])
    model.set_weights([np.zeros((1, 1))])
    model.compile(keras.optimizers.SGD(1.0), lambda truth, score: ops.mean(score, axis=-1))
    return model


def weight(model):
    return float(model.get_weights()[0][0, 0])


def test_three_epochs_are_validated_with_their_average():
    model, average = line(), WeightAverage(0.5)
    history = model.fit(
        ONE, ONE, validation_data=(ONE, ONE), epochs=3, verbose=0, callbacks=[average]
    ).history
    # the weights are -1, -2, -3
    assert history["loss"] == [0, -1, -2]
    assert history["val_loss"] == [-1, -1.5, -2.25]
    assert weight(model) == average.average[0][0, 0] == -2.25
    assert average.raw[0][0, 0] == -3


def test_early_stopping_keeps_the_average_of_its_best_epoch():
    model = line()
    best = keras.callbacks.EarlyStopping("val_loss", mode="max", restore_best_weights=True)
    model.fit(
        *(ONE, ONE),
        validation_data=(ONE, ONE),
        epochs=3,
        verbose=0,
        callbacks=[WeightAverage(0.5), best],
    )
    assert (best.best_epoch, weight(model)) == (0, -1)


@pytest.fixture(scope="module")
def examples():
    generator = np.random.default_rng(1)
    return generator.normal(size=(64, 8)), generator.integers(2, size=(64, 1))


def fitted(examples, callbacks, validated):
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [
            keras.Input((8,)),
            layers.Dense(4),
            layers.BatchNormalization(),
            layers.Dropout(0.5),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("adam", "binary_crossentropy")
    held_out = examples if validated else None
    model.fit(
        *examples, epochs=3, shuffle=False, verbose=0, callbacks=callbacks, validation_data=held_out
    )
    return model.get_weights()


@pytest.mark.slow
def test_training_goes_on_as_if_nothing_were_averaged(examples):
    seen = []
    watch = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.append(watch.model.get_weights())
    )
    plain = fitted(examples, [watch], True)
    averages = []
    for validated in (True, False):
        average = WeightAverage(0.9)
        averages.append(fitted(examples, [average], validated))
        for one, other in zip(average.raw, plain, strict=True):
            assert one.tobytes() == other.tobytes()
    expected = [0.81 * a + 0.09 * b + 0.1 * c for a, b, c in zip(*seen, strict=True)]
    for found in averages:
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-7)
