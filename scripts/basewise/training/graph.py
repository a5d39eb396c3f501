"""Steps of a network over all batches of a chunk, in one graph: the module of TensorFlow alone."""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf
from keras import ops

from basewise.training.batches import Chunk, Feed

Step = Callable[[Any], Any]
"""Of Keras's trainer: `train_step`, `test_step` or `predict_step` of a model."""


def looped(model: keras.Model, feed: Feed, step: Step, to_the_end: bool) -> Callable[[Chunk], Any]:
    """What takes a step on each batch of a chunk and gives the metrics so far.

    It stops, unless it goes `to_the_end`, behind a batch that leaves the loss no number.
    """
    take = _compiled(model, step)

    def run(chunk: Chunk) -> Any:
        def again(start: Any, sound: Any) -> Any:
            return (start < count) & sound

        def batch(start: Any, sound: Any) -> Any:
            take(feed.examples(_cut(chunk, start, feed.batch_size), ops))
            if not to_the_end:
                sound = tf.math.is_finite(model.get_metrics_result()["loss"])
            return start + feed.batch_size, sound

        count = _rows(chunk)
        tf.while_loop(again, batch, (0, True))
        return model.get_metrics_result()

    return _traced(model, run, feed.chunk(0, 0))


def scored(model: keras.Model, feed: Feed) -> Callable[[Chunk], Any]:
    """What gives the output of a model for the rows of a chunk."""
    take, (output,) = _compiled(model, model.predict_step), model.outputs

    def run(chunk: Chunk) -> Any:
        def again(number: Any, scores: Any) -> Any:
            return number < batches

        def batch(number: Any, scores: Any) -> Any:
            part = _cut(chunk, number * feed.batch_size, feed.batch_size)
            return number + 1, scores.write(number, take(feed.examples(part, ops)))

        batches = -(-_rows(chunk) // feed.batch_size)
        shape = (None, *output.shape[1:])
        scores = tf.TensorArray(output.dtype, batches, infer_shape=False, element_shape=shape)
        return tf.while_loop(again, batch, (0, scores))[1].concat()

    return _traced(model, run, feed.chunk(0, 0))


def outputs(model: keras.Model) -> Callable[[Any], Any]:
    """What gives the output of a model of one input for an array, of any number of rows."""

    def run(rows: Any) -> Any:
        return model(rows, training=False)

    kinds = [tf.TensorSpec(given.shape, given.dtype) for given in model.inputs]
    traced = tf.function(run, input_signature=kinds, autograph=False)
    return lambda rows: traced(rows).numpy()


def slopes(model: keras.Model) -> Callable[[Any, Any, int], Any]:
    """What gives the gradient of an output of a model of two inputs by the first of them."""
    first, second = (tf.TensorSpec(given.shape, given.dtype) for given in model.inputs)

    def of_output(signal: Any, present: Any, output: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(signal)
            score = tf.gather(model([signal, present], training=False), output, axis=1)
        return tape.gradient(score, signal)

    kinds = [first, second, tf.TensorSpec((), tf.int32)]
    traced = tf.function(of_output, input_signature=kinds, autograph=False)
    return lambda signal, present, output: traced(signal, present, output).numpy()


def _traced(
    model: keras.Model, run: Callable[[Chunk], Any], example: Chunk
) -> Callable[[Chunk], Any]:
    """The graph of a function of chunks like the example, of any number of rows."""
    if model.run_eagerly:
        return run
    kinds = {
        name: tf.TensorSpec((None, *rows.shape[1:]), rows.dtype) for name, rows in example.items()
    }
    # A batch of unknown size: with a known one, kernels and thus bytes differ from Keras's.
    traced = tf.function(run, input_signature=[kinds], autograph=False)
    graph: Callable[[Chunk], Any] = traced.get_concrete_function()
    return graph


def _compiled(model: keras.Model, step: Step) -> Step:
    """A step as XLA compiles it, where Keras would have it so."""
    return tf.function(step, jit_compile=True, reduce_retracing=True) if model.jit_compile else step


def _cut(chunk: Chunk, start: Any, size: int) -> Chunk:
    return {name: rows[start : start + size] for name, rows in chunk.items()}


def _rows(chunk: Chunk) -> Any:
    return tf.shape(next(iter(chunk.values())))[0]
