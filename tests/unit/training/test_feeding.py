"""Our loop over epochs is Keras's own, with other words: the same bytes and the same callbacks."""

import keras
import numpy as np
import pytest
from made_networks import random_letters, tensors_of

from basewise.architectures import build
from basewise.store.memory import numbers_of
from basewise.store.shards import cut_pieces, open_tensors, write_tensors
from basewise.training import feeding
from basewise.training.batches import AT_ONCE, Batches, StagedBatches
from basewise.training.feeding import SCORED, fit, predict

LENGTH, TRAIN, HELD_OUT = 13, np.arange(0, 50), np.arange(50, 77)
CALLS = ("train_begin", "train_end", "epoch_begin", "epoch_end", "test_begin", "test_end")


@pytest.fixture(scope="module")
def tensors(tmp_path_factory):
    letters = random_letters(77, LENGTH)
    target = (letters[:, 3:4] == ord("A")).astype(int)
    folder = tmp_path_factory.mktemp("feeding")
    return tensors_of(folder, letters, target, task="binary", outputs=["A at 3"])


class Calls(keras.callbacks.Callback):
    """What a callback is told of epochs, in order."""

    def __init__(self):
        super().__init__()
        self.told = []
        for name in CALLS:
            setattr(self, f"on_{name}", lambda *given, name=name: self.tell(name, *given))

    def tell(self, name, *given):
        logs = {key: float(value) for key, value in sorted((given[-1] or {}).items())}
        self.told.append((name, *given[:-1], {} if name == "train_end" else logs))


def network(rate=0.01, loss="binary_crossentropy"):
    keras.utils.set_random_seed(2)
    model = build("conv1d", length=LENGTH, filters=4, dropout=0.3)
    optimizer = keras.optimizers.SGD(rate)
    model.compile(optimizer, loss, weighted_metrics=["accuracy"])
    model.optimizer.build(model.trainable_variables)
    return model


def feeds(tensors):
    generator = np.random.default_rng(3)
    shown = Batches(tensors, TRAIN, 7, generator, reverse_complement=True, shift=2)
    return shown, Batches(tensors, HELD_OUT, 7)


def trained(tensors, ours, **options):
    """Weights, and what callbacks were told, after two epochs of our loop or of Keras's."""
    model, calls = network(**options), Calls()
    shown, held_out = feeds(tensors)
    callbacks = [keras.callbacks.TerminateOnNaN(), calls]
    if ours:
        fit(model, shown, held_out, range(2), callbacks)
    else:
        model.fit(
            shown, epochs=2, shuffle=False, verbose=0, callbacks=callbacks, validation_data=held_out
        )
    return np.concatenate([weights.ravel() for weights in model.get_weights()]), calls.told


def test_the_loop_leaves_the_bytes_of_keras_and_calls_back_as_keras_does(tensors):
    weights, told = trained(tensors, ours=True)
    same_weights, same_told = trained(tensors, ours=False)
    assert weights.tobytes() == same_weights.tobytes()
    assert told == same_told
    assert [name for name, *_ in told].count("epoch_end") == 2


def test_a_training_ends_with_the_batch_that_left_the_loss_no_number(tensors):
    """Its weights are those of that batch, and so is the accuracy of its last epoch."""
    diverging = {"rate": 1e30, "loss": "mse"}
    weights, told = trained(tensors, ours=True, **diverging)
    same_weights, same_told = trained(tensors, ours=False, **diverging)
    np.testing.assert_array_equal(weights, same_weights)
    assert repr(told) == repr(same_told)
    (*_, logs), _ = told[-2:]
    assert not np.isfinite(logs["loss"]) and told[-2][:2] == ("epoch_end", 0)


def test_scores_are_those_of_keras_in_batches_as_large(tensors):
    model = network()
    rows = np.resize(np.arange(77), 3 * SCORED + 5)[::-1]
    same = model.predict(tensors.onehot(rows), batch_size=SCORED, verbose=0)
    np.testing.assert_array_equal(predict(model, tensors, rows, 7), same)


def test_large_networks_score_in_the_batches_of_the_training(tensors, monkeypatch):
    sizes, model = [], network()
    monkeypatch.setattr(feeding, "NUMBERS", 10 * numbers_of(model))
    monkeypatch.setattr(
        feeding, "Batches", lambda *given: sizes.append(given[2]) or Batches(*given)
    )
    for batch_size in (7, 16):
        predict(model, tensors, HELD_OUT, batch_size)
    assert list(dict.fromkeys(sizes)) == [10, 16]


def test_chunks_hold_all_batches_and_grow_while_they_take_a_moment(tensors, monkeypatch):
    feed = Batches(tensors, np.resize(TRAIN, 7 * 300 - 3), 7)
    chunks = feeding._Chunks(feed)
    for _ in range(2):
        places = [(first, last, len(chunk["packed"])) for first, last, chunk in chunks]
        firsts, lasts, rows = zip(*places, strict=True)
        assert firsts == (0, *(last + 1 for last in lasts[:-1])) and lasts[-1] == 299
        assert sum(rows) == len(feed.source.rows)
    assert rows[0] == 7 * AT_ONCE
    monkeypatch.setattr(feeding, "SHORT", 0.0)
    assert [last for _, last, _ in feeding._Chunks(feed)] == list(range(300))


def test_staged_batches_follow_the_order_of_the_epoch(tensors):
    shown = Batches(tensors, TRAIN, 7, np.random.default_rng(3))
    staged = StagedBatches(shown, 10.0 * TRAIN[:, None])
    for _ in range(2):
        values, targets = (np.concatenate(arrays) for arrays in zip(*staged, strict=True))
        np.testing.assert_array_equal(values[:, 0], 10 * shown.order)
        np.testing.assert_array_equal(targets, tensors.target[shown.order])
        staged.on_epoch_end()


@pytest.mark.parametrize(
    ("task", "outputs", "options"),
    [
        ("binary", ["x"], {"reverse_complement": True, "shift": 3}),
        ("per_position", ["x", "y"], {"reverse_complement": True}),
    ],
)
def test_a_graph_and_numpy_unpack_the_same(tmp_path, task, outputs, options):
    letters = random_letters(20, LENGTH, b"ACGTN-")
    target = letters % 2 if task == "per_position" else letters[:, :1] % 2
    pieces = cut_pieces(letters, target, [f"e{row}" for row in range(20)])
    write_tensors(tmp_path / "tensors", pieces, task=task, outputs=outputs)
    tensors = open_tensors(tmp_path / "tensors")
    feed = Batches(tensors, np.arange(20), 8, np.random.default_rng(1), **options)
    part = feed.chunk(0, 3)
    for one, other in zip(feed.examples(part, keras.ops), feed.examples(part, np), strict=True):
        assert keras.backend.standardize_dtype(one.dtype) == str(other.dtype)
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(one), other)
