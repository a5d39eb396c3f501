"""The scale on which a model is explained: log-odds of a class, or the value as it is learned.

They are read in front of the last activation: a probability near 0 or 1 has lost, by rounding, what
made it so.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np
from keras import layers, ops
from numpy.typing import NDArray

from basewise.architectures.entry import open_entry, strand_inside
from basewise.core.errors import InputError
from basewise.interpretation.mutagenesis import Score
from basewise.sequences.alphabet import pack_letters, unpack

BOUNDED = ("sigmoid", "softmax")
"""Activations that make probabilities."""

APART = np.float32(-1e30)
"""Added to a class's own logit, to leave it out of the others."""


BATCH = 128
"""Sequences that are scored at once."""


def explained(network: keras.Model, task: str) -> keras.Model:
    """A network as what is explained of it.

    Parameters
    ----------
    network
        From `architectures.build`, trained, or one that takes shares of letters.
    task
        ``binary`` and ``multilabel``: log-odds of each output. ``multiclass``: log-odds of each
        class against all others. ``regression``: the value on the scale on which it is learned.

    Returns
    -------
    keras.Model
        From ``signal`` and ``present`` of `entry.Entry` to float32, shape (batch, outputs). Of a
        network that averages both strands, the log-odds of its mean probability.

    Raises
    ------
    InputError
        For ``per_position``, which is not explained.
    """
    if task == "per_position":
        raise InputError("a model that scores each base is not explained yet")

    inner = strand_inside(network)
    if inner is None:
        model = open_entry(without_activation(network)).model
        return keras.Model(model.inputs, on_scale(model.outputs[0], task))

    one = explained(inner, task)
    signal, present = (keras.Input(given.shape[1:], dtype=given.dtype) for given in one.inputs)
    other = one([ops.flip(signal, axis=(1, 2)), ops.flip(present, axis=1)])
    mean = mean_of_strands(one([signal, present]), other, task)
    return keras.Model([signal, present], mean)


def score_of(network: keras.Model, task: str, alphabet: str) -> Score:
    """The same as a function of letters, for `mutagenesis.mutagenesis`."""
    numbers = open_entry(network).numbers
    model = keras.Model(numbers.inputs, explained(network, task)(numbers.outputs))
    length, channels = network.inputs[0].shape[1:]
    run = runner(model)

    def score(letters: NDArray[np.uint8]) -> NDArray[np.float32]:
        bits = unpack(pack_letters(letters, alphabet), length, channels)
        return np.concatenate([run(bits[at : at + BATCH]) for at in range(0, len(bits), BATCH)])

    return score


def runner(model: keras.Model) -> Callable[[Any], Any]:
    """What gives the output of a model of one input for an array."""
    if keras.backend.backend() != "tensorflow":
        return partial(model.predict, verbose=0)
    from basewise.training.graph import outputs

    return outputs(model)


def without_activation(model: keras.Model) -> keras.Model:
    """A model without the sigmoid or softmax that it ends in, if it does."""
    last = model.operations[-1]
    if isinstance(last, keras.Model):
        values = model.operations[-2].output
        return keras.Model(model.input, without_activation(last)(values))
    activation = getattr(getattr(last, "activation", None), "__name__", "")
    if activation not in BOUNDED and not isinstance(last, layers.Softmax):
        return model
    if not isinstance(last, layers.Dense):
        return keras.Model(model.input, last.input)

    settings = {**last.get_config(), "activation": "linear", "name": "basewise_logits"}
    dense = layers.Dense.from_config(settings)
    logits = dense(last.input)
    dense.set_weights(last.get_weights())
    return keras.Model(model.input, logits)


def on_scale(logits: Any, task: str) -> Any:
    """What is in front of the last activation, shape (batch, outputs), on the scale of a task.

    Of several classes, each against all others: what moves all logits alike is evidence for none.
    """
    if task != "multiclass":
        return logits
    # a model of its own: a loaded network may have operations by the names that new ones get
    each = keras.Input(logits.shape[1:])
    return keras.Model(each, _against_others(each))(logits)


def _against_others(logits: Any) -> Any:
    own = APART * np.eye(logits.shape[-1], dtype=np.float32)
    others = ops.logsumexp(ops.expand_dims(logits, 1) + own, axis=-1)
    return logits - others


def mean_of_strands(one: Any, other: Any, task: str) -> Any:
    """What the mean of two strands is on the scale: of probabilities its log-odds."""
    if task == "regression":
        return (one + other) / 2.0
    for_it = [-ops.softplus(-log_odds) for log_odds in (one, other)]
    against = [-ops.softplus(log_odds) for log_odds in (one, other)]
    return ops.logaddexp(*for_it) - ops.logaddexp(*against)
