"""Epochs of a network over its batches, and its scores: many batches in one call."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from basewise.core.arrays import Integers
from basewise.store.memory import numbers_of
from basewise.store.shards import Tensors
from basewise.training.batches import AT_ONCE, Batches, Chunk, Feed

SHORT = 0.5
"""Seconds below which the next call takes twice as many batches."""

SCORED, NUMBERS = 128, 16_777_216
"""Examples that are scored at once, fewer where the layers would put out more numbers for them."""


def fit(
    model: keras.Model,
    shown: Feed,
    held_out: Feed | None,
    epochs: range,
    callbacks: list[keras.callbacks.Callback],
) -> None:
    """Train a compiled model, whose optimizer is built, as `keras.Model.fit` does.

    Under TensorFlow the steps of many batches are one call of a graph that cuts, unpacks and shifts
    them, so that a step costs no Python. The weights have the bytes of Keras's own loop, which
    serves JAX, whose compiled steps are called one by one in any case, and several GPUs.
    """
    if not _in_graph(model):
        # Many steps at once fail on several devices.
        model.steps_per_execution = 1 if _on_several(model) else AT_ONCE
        model.fit(
            shown,
            epochs=epochs.stop,
            initial_epoch=epochs.start,
            shuffle=False,
            verbose=0,
            callbacks=callbacks,
            validation_data=held_out,
        )
        return

    from basewise.training import graph

    calls = keras.callbacks.CallbackList(
        callbacks, model=model, epochs=epochs.stop, steps=len(shown)
    )
    train, training = graph.looped(model, shown, model.train_step, to_the_end=False), _Chunks(shown)
    if held_out is not None:
        test, testing = graph.looped(model, held_out, model.test_step, True), _Chunks(held_out)
    model.stop_training = False
    # Keras draws once more before the first epoch.
    shown.on_epoch_end()
    calls.on_train_begin()
    for epoch in epochs:
        model.reset_metrics()
        calls.on_epoch_begin(epoch)
        for first, last, chunk in training:
            calls.on_train_batch_begin(first)
            metrics = train(chunk)
            calls.on_train_batch_end(last, metrics)
            if model.stop_training:
                break

        logs = _numbers(metrics)
        shown.on_epoch_end()
        if held_out is not None:
            calls.on_test_begin()
            model.reset_metrics()
            for first, last, chunk in testing:
                calls.on_test_batch_begin(first)
                metrics = test(chunk)
                calls.on_test_batch_end(last, metrics)

            tested = _numbers(metrics)
            calls.on_test_end(tested)
            logs |= {f"val_{name}": value for name, value in tested.items()}

        calls.on_epoch_end(epoch, logs)
        if model.stop_training:
            break

    calls.on_train_end()


def predict(
    model: keras.Model, tensors: Tensors, rows: Integers, batch_size: int
) -> NDArray[np.float32]:
    """Output of a model for some rows of the tensors, in their order.

    `batch_size` is what the training takes; on one device, small networks score more at once.
    """
    return predictor(model, tensors, batch_size)(tensors, rows)


def predictor(
    model: keras.Model, tensors: Tensors, batch_size: int
) -> Callable[[Tensors, Integers], NDArray[np.float32]]:
    """`predict` for any tensors that are like these, with one graph for all of them."""
    if not _on_several(model):
        batch_size = max(batch_size, min(SCORED, NUMBERS // numbers_of(model)))
    if not _in_graph(model):
        return lambda some, rows: model.predict(Batches(some, rows, batch_size), verbose=0)
    from basewise.training import graph

    score = graph.scored(model, Batches(tensors, np.arange(0), batch_size))

    def scores(some: Tensors, rows: Integers) -> NDArray[np.float32]:
        chunks = _Chunks(Batches(some, rows, batch_size))
        return np.concatenate([score(chunk).numpy() for _, _, chunk in chunks])

    return scores


def _in_graph(model: keras.Model) -> bool:
    """Whether the steps of a model can be one graph."""
    return keras.backend.backend() == "tensorflow" and not _on_several(model)


def _on_several(model: keras.Model) -> bool:
    """Whether several devices share each batch, which they do under TensorFlow alone."""
    if keras.backend.backend() != "tensorflow":
        return False
    devices: int = model.distribute_strategy.num_replicas_in_sync
    return devices > 1


class _Chunks:
    """All batches of a feed, as many at a time as take a moment; with the first and last number."""

    def __init__(self, feed: Feed) -> None:
        self.feed = feed
        self.at_once = 1

    def __iter__(self) -> Iterator[tuple[int, int, Chunk]]:
        start, count = 0, len(self.feed)
        while start < count:
            stop = min(start + self.at_once, count)
            began = time.monotonic()
            yield start, stop - 1, self.feed.chunk(start, stop)
            if time.monotonic() - began < SHORT:
                self.at_once = min(2 * self.at_once, AT_ONCE)
            start = stop


def _numbers(metrics: Mapping[str, Any]) -> dict[str, float]:
    return {name: float(value) for name, value in metrics.items()}
