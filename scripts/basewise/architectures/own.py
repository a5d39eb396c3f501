"""Networks of one's own: what a function of the user's makes, between the ends that all have."""

import random
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from basewise.architectures.ends import Ends, onehot_input
from basewise.config.own_code import GIVEN, divided
from basewise.core.errors import InputError
from basewise.core.user_code import call_own, with_lines

ACTIVATIONS = {
    **dict.fromkeys(("binary", "multilabel"), "sigmoid"),
    **dict.fromkeys(("multiclass", "per_position"), "softmax"),
    "regression": "linear",
}
"""What makes scores of the numbers that a network answers with."""

REGISTERED = (
    "write `@keras.saving.register_keras_serializable()` above it, and give it `get_config`"
)


def own_network(place: str, ends: Ends, **settings: Any) -> keras.Model:
    """A network whose inner part a function of the user's has made, see docs/own_networks.md.

    The function gives a `keras.Model` from the letters as numbers, float32, shape (length,
    channels), to one number for each output, without an activation; per position to (length,
    outputs). Bits are cast before it, see `ends.onehot_input`, and a sigmoid or a softmax follows.

    Raises
    ------
    InputError
        For whatever ends the function, with its line; for a model of other shapes, with an
        activation at its end, or with answers that are not finite; and for one that another Python
        could not load.
    """
    path, function = divided(place)
    inner = call_own(
        path, function, {name: getattr(ends, name) for name in GIVEN["architecture"]}, **settings
    )
    _check_model(inner, ends, path, function)
    inner.name = "own_network"

    onehot, signal = onehot_input(ends)
    answer = with_lines(path, lambda: inner(signal))
    _check_answer(answer, ends, path, function)
    name = "value" if ends.task == "regression" else "probability"
    close = layers.Activation(ACTIVATIONS[ends.task], dtype="float32", name=name)
    network = keras.Model(onehot, close(answer), name="own")

    # what is loaded draws seeds, of which the training would know
    state = random.getstate()
    _check_numbers(network, ends, path, function)
    random.setstate(state)
    return network


def _check_model(inner: Any, ends: Ends, path: str, function: str) -> None:
    """Raise InputError for what is no model, reads something else, or cannot be saved."""
    if not isinstance(inner, keras.Model):
        given = type(inner).__name__
        raise InputError(f"{function} gives a {given}, it has to give a keras.Model", path)

    wanted = (ends.length, ends.channels)
    inputs = list(getattr(inner, "inputs", None) or [])
    reads = [tuple(tensor.shape[1:]) for tensor in inputs]
    # a length of None takes any
    if inputs and [tuple(map(_or, shape, wanted)) for shape in reads] != [wanted]:
        shapes = ", ".join(map(str, reads))
        raise InputError(f"{function} gives a model that reads {shapes}, not {wanted}", path)
    if inputs and not str(inputs[0].dtype).startswith(("float", "bfloat")):
        raise InputError(
            f"{function} gives a model that reads {inputs[0].dtype}, letters come as float32", path
        )

    for layer in inner._flatten_layers(include_self=False):
        kind = type(layer)
        if isinstance(layer, layers.Lambda):
            raise InputError(
                f"{function} has the Lambda layer {layer.name!r}, which nobody else could load; "
                "write it with keras.ops, or as a layer of its own",
                path,
            )
        is_registered = keras.saving.get_registered_name(kind) != kind.__name__
        if not (is_registered or kind.__module__.startswith("keras.")):
            raise InputError(f"the layer {kind.__name__} is not registered; {REGISTERED}", path)

    last = (getattr(inner, "operations", None) or inner.layers)[-1]
    activation = getattr(getattr(last, "activation", None), "__name__", type(last).__name__).lower()
    if ends.task != "regression" and activation in ("sigmoid", "softmax", "log_softmax"):
        raise InputError(
            f"{function} ends in a {activation}, which basewise adds itself; take it out", path
        )


def _or(size: int | None, wanted: int) -> int:
    return wanted if size is None else size


def _check_answer(answer: Any, ends: Ends, path: str, function: str) -> None:
    """Raise InputError for numbers of another shape than the targets have."""
    positions = (ends.length,) if ends.task == "per_position" else ()
    wanted = (*positions, ends.outputs)
    shape = tuple(answer.shape[1:]) if hasattr(answer, "shape") else type(answer).__name__
    if shape != wanted:
        remedy = "let it end in `layers.Dense(outputs)`"
        if positions:
            remedy = "a convolution with `padding='same'` keeps the length"
        raise InputError(
            f"{function} answers with {shape} for an example, it has to with {wanted}; {remedy}",
            path,
        )


def _check_numbers(network: keras.Model, ends: Ends, path: str, function: str) -> None:
    """Raise InputError for answers that are not finite, or others once it was saved and loaded."""
    letters = np.eye(ends.channels, dtype=np.uint8)[np.arange(ends.length) % ends.channels]
    padded = np.where(np.arange(ends.length)[:, None] < (ends.length + 1) // 2, letters, 0)
    shown = np.stack([letters, padded, np.maximum(letters, letters[:1])]).astype(np.uint8)

    answers = with_lines(path, lambda: ops.convert_to_numpy(network(shown, training=False)))
    if not np.isfinite(answers).all():
        raise InputError(
            f"{function} answers with what is no finite number; its input holds 0 and 1, and "
            "nothing but 0 where a sequence is padded",
            path,
        )

    with TemporaryDirectory() as folder:
        file = Path(folder) / "model.keras"
        try:
            network.save(file)
            loaded = keras.saving.load_model(file, compile=False, safe_mode=True)
        except Exception as error:  # Keras says it in many ways
            first = str(error).strip().partition("\n")[0]
            raise InputError(
                f"{function} gives a model that cannot be saved and loaded again ({first}); if it "
                f"has a function or class of your own: {REGISTERED}",
                path,
            ) from error
    again = ops.convert_to_numpy(loaded(shown, training=False))
    if not np.allclose(answers, again, rtol=1e-4, atol=1e-6):
        raise InputError(
            f"{function} gives a model that answers otherwise once it was saved and loaded; let "
            "`get_config` of its layers give every argument of `__init__`",
            path,
        )
