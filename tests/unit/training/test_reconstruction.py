import keras
import numpy as np
import pytest
from sklearn.metrics import log_loss

from basewise.architectures import build
from basewise.architectures.autoencoder import decoder
from basewise.store.shards import open_tensors, write_tensors
from basewise.training.autoencoder import reconstruct, reconstruction_errors
from basewise.training.batches import Batches

LENGTH = 22
TEMPLATES = np.random.default_rng(5).choice(np.frombuffer(b"ACGT", dtype=np.uint8), (4, LENGTH))
PART = np.repeat(["train", "validation", "test"], [160, 40, 40])


def tensors_of(folder, letters):
    ids = [f"e{row}" for row in range(len(letters))]
    target = np.zeros((len(ids), 1))
    write_tensors(folder / "tensors", [(letters, target, ids)], task="binary", outputs=["label"])
    return open_tensors(folder / "tensors")


@pytest.fixture(scope="module")
def tensors(tmp_path_factory):
    """Four sequences over and over, the last two letters padding, one letter ambiguous."""
    letters = TEMPLATES[np.arange(len(PART)) % 4].copy()
    letters[:, -2:] = ord("-")
    letters[::3, 0] = ord("R")
    return tensors_of(tmp_path_factory.mktemp("templates"), letters)


def taught(model, tensors, epochs, patience=5, learning_rate=0.003):
    rows = [np.flatnonzero(part == PART) for part in ("train", "validation")]
    shown = Batches(tensors, rows[0], 16, np.random.default_rng(1))
    held_out = Batches(tensors, rows[1], 16)
    return reconstruct(
        model, shown, held_out, epochs=epochs, patience=patience, learning_rate=learning_rate
    )


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(1)
    return build("autoencoder", length=LENGTH, latent_units=4, reverse_complement="average")


@pytest.fixture(scope="module")
def reconstruction(model, tensors):
    return taught(model, tensors, epochs=20)


@pytest.mark.usefixtures("op_by_op")
@pytest.mark.parametrize(("length", "channels"), [(1, 4), (22, 4), (24, 20)])
@pytest.mark.parametrize("pool_sizes", [(2, 2), (3, 1)])
def test_a_decoder_gives_each_position_probabilities(length, channels, pool_sizes):
    model = build("autoencoder", length=length, channels=channels, pool_sizes=pool_sizes)
    back = decoder(model)
    onehot = np.eye(channels, dtype=np.uint8)[np.arange(2 * length).reshape(2, length) % channels]
    values = back.predict(onehot, verbose=0)
    assert values.shape == (2, length, channels)
    np.testing.assert_allclose(values.sum(axis=2), 1, atol=1e-5)
    shared = {id(weight) for weight in model.weights} & {id(weight) for weight in back.weights}
    assert len(shared) == 6


@pytest.mark.slow
def test_sequences_are_given_back(reconstruction, model, tensors):
    learned = reconstruction.model.get_layer("latent")
    assert learned is model.get_layer("network").get_layer("latent")
    errors = reconstruction_errors(reconstruction.model, tensors, PART)
    assert list(errors) == ["validation", "test"]
    for values in errors.values():
        assert values["letters_right"] == 1
        assert values["cross_entropy"] < 0.05


@pytest.mark.slow
def test_training_stops_and_keeps_the_best_epoch(tmp_path):
    letters = np.random.default_rng(6).choice(np.frombuffer(b"ACGTN-", dtype=np.uint8), (240, 22))
    tensors = tensors_of(tmp_path, letters)
    keras.utils.set_random_seed(1)
    model = build("autoencoder", length=LENGTH)
    found = taught(model, tensors, epochs=40, patience=2, learning_rate=0.01)
    assert found.history["epoch"].tolist() == list(range(1, len(found.history) + 1))
    best = found.history["val_loss"].idxmin()
    assert best == len(found.history) - 3 < 35
    held_out = tensors.onehot(np.flatnonzero(PART == "validation"))
    known = held_out * (held_out.sum(axis=2, keepdims=True) == 1)
    loss = found.model.evaluate(held_out, known, 16, sample_weight=known.sum(axis=2), verbose=0)
    assert loss == pytest.approx(found.history["val_loss"][best], rel=1e-4)


@pytest.mark.usefixtures("op_by_op")
def test_errors_are_those_of_scikit_learn(model, tensors):
    untaught = decoder(model)
    rows = np.flatnonzero(PART == "test")
    onehot = tensors.onehot(rows)
    known = onehot.sum(axis=2) == 1
    truth, probability = onehot[known].argmax(axis=1), untaught.predict(onehot, verbose=0)[known]
    errors = reconstruction_errors(untaught, tensors, PART)["test"]
    assert errors["letters_right"] == pytest.approx((probability.argmax(axis=1) == truth).mean())
    expected = log_loss(truth, probability, labels=range(4))
    assert errors["cross_entropy"] == pytest.approx(expected, rel=1e-4)


@pytest.mark.usefixtures("op_by_op")
def test_pca_of_as_many_components(tmp_path):
    """Four sequences span three dimensions around their mean: two components lose letters."""
    letters = TEMPLATES[np.arange(len(PART)) % 4]
    tensors = tensors_of(tmp_path, letters)
    right = {}
    for units in (1, 3, 100):
        back = decoder(build("autoencoder", length=LENGTH, latent_units=units))
        right[units] = reconstruction_errors(back, tensors, PART)["test"]["pca_letters_right"]
    assert right[1] < 0.9
    assert right[3] == right[100] == 1


@pytest.mark.usefixtures("op_by_op")
def test_what_is_not_known_teaches_nothing(tmp_path):
    letters = np.full((len(PART), LENGTH), ord("N"), dtype=np.uint8)
    letters[:, ::2] = ord("-")
    model = build("autoencoder", length=LENGTH, latent_units=4)
    before = model.get_weights()
    found = taught(model, tensors_of(tmp_path, letters), epochs=1)
    assert found.history["loss"].tolist() == [0]
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
