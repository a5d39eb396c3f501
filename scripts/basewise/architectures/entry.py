"""The entry behind the cast: a network as a function of numbers, which has a gradient.

A saved network takes bits, and no gradient goes through the cast from these. Its entry shares its
layers and starts where letters have become numbers, so that it can be differentiated, and asked
about what no sequence has. Networks of older files have one too.
"""

from typing import Any, NamedTuple

import keras
from keras import ops

CAST, SHARE, MASK = ("Cast",), ("TrueDivide", "Multiply"), ("Max",)
"""Operations that make numbers of the bits, then what a network sees of each letter, and where
there are any; see `ends.onehot_input`."""


class Entry(NamedTuple):
    """A network behind the cast.

    Attributes
    ----------
    model
        From ``signal``, float32, shape (batch, length, channels), and ``present``, float32, shape
        (batch, length, 1), to the output of the network.
    numbers
        From the bits that the network takes to these two. ``signal`` has the share of each letter:
        N is a quarter of each base, or nothing with `unknown` ``zeros``. ``present`` is 1 where
        there is a letter and 0 at padding; it says where a sequence ends, and is no part of what
        can be explained: keep it while ``signal`` changes.
    """

    model: keras.Model
    numbers: keras.Model


def open_entry(network: keras.Model) -> Entry:
    """The entry of a network that `architectures.build` has made, trained or not, or loaded.

    Both share their layers. A network that takes shares of letters as numbers is its own.
    """
    if network.inputs[0].dtype != "uint8":
        return _of_numbers(network)

    inner = strand_inside(network)
    if inner is not None:
        return _of_both_strands(network, inner)

    casts = [op.output for op in network.operations if _takes(op, CAST, network.inputs)]
    shares = [op.output for op in network.operations if _takes(op, SHARE, casts)]
    if not casts:
        return _of_markers(network)

    masks = [op.output for op in network.operations if _takes(op, MASK, casts)]
    present = masks[0] if masks else ops.max(casts[0], axis=-1, keepdims=True)
    # Most networks have no use for where a sequence ends; their entry takes it all the same.
    mask = present if masks else _inputs(network)[1]
    return Entry(
        keras.Model([shares[0], mask], network.outputs[0]),
        keras.Model(network.inputs[0], [shares[0], present]),
    )


def strand_inside(network: keras.Model) -> keras.Model | None:
    """The network that `ends.both_strands` lets read both strands; None for one that reads one."""
    inner = {layer.name: layer for layer in network.layers}.get("network")
    reads_bits = inner is not None and inner.inputs[0].dtype == "uint8"
    return inner if reads_bits else None


def _takes(operation: Any, kinds: tuple[str, ...], tensors: list[Any]) -> bool:
    """Whether an operation is of one of some kinds, and takes one of some tensors."""
    if type(operation).__name__ not in kinds:
        return False
    return any(
        given is tensor for given in keras.tree.flatten(operation.input) for tensor in tensors
    )


def _of_numbers(network: keras.Model) -> Entry:
    bits = keras.Input(network.input_shape[1:], dtype="uint8", name="onehot")
    letters = ops.cast(bits, "float32")
    shares = letters / ops.maximum(ops.sum(letters, axis=-1, keepdims=True), 1.0)
    present = ops.max(letters, axis=-1, keepdims=True)
    mask = _inputs(network)[1]
    return Entry(
        keras.Model([network.inputs[0], mask], network.outputs[0]),
        keras.Model(bits, [shares, present]),
    )


def _of_both_strands(network: keras.Model, inner: keras.Model) -> Entry:
    """As `ends.both_strands` reads and averages them."""
    one = open_entry(inner)
    signal, present = _inputs(network)
    reverse = one.model([ops.flip(signal, axis=(1, 2)), ops.flip(present, axis=1)])
    if len(network.output_shape) == 3:
        reverse = ops.flip(reverse, axis=1)
    average = network.operations[-1]
    model = keras.Model([signal, present], average([one.model([signal, present]), reverse]))
    return Entry(model, one.numbers)


def _of_markers(network: keras.Model) -> Entry:
    """The bits of a genotype as numbers, in front of the stage that counts copies."""
    signal, present = _inputs(network)
    counted = keras.models.clone_model(
        network, input_tensors=signal, clone_function=lambda layer: layer
    )
    numbers = ops.cast(network.inputs[0], "float32")
    known = ops.max(numbers, axis=-1, keepdims=True)
    return Entry(
        keras.Model([signal, present], counted.outputs[0]),
        keras.Model(network.inputs[0], [numbers, known]),
    )


def _inputs(network: keras.Model) -> tuple[Any, Any]:
    """Places for ``signal`` and ``present``."""
    length, channels = network.input_shape[1:]
    return (
        keras.Input((length, channels), dtype="float32", name="signal"),
        keras.Input((length, 1), dtype="float32", name="present"),
    )
