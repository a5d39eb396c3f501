"""Networks as ONNX: graphs that onnxruntime computes, without Keras, TensorFlow or basewise."""

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnx
from numpy.typing import NDArray

from basewise.core.arrays import Floats

Graph = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""From bits, shape (n, length, channels), to what the network puts out; n may be 0."""

OPSET = 18
"""Of ONNX, which onnxruntime knows from version 1.14 (2023) on."""

TAKES, GIVES = "onehot", "score"
"""Names of the input and of the output of every graph."""

AT_ONCE = 128
"""Examples in a batch."""


class Exported(NamedTuple):
    """A network as ONNX, or why there is none."""

    content: bytes | None
    problem: str = ""


def export(
    path: Path,
    bits: NDArray[np.uint8],
    in_unit: Callable[[NDArray[np.float32]], Floats],
    tolerance: Floats,
) -> Exported:
    """Convert the network in a file, and hold what onnxruntime computes with it against Keras.

    `in_unit` makes scores of what a network puts out. They may differ by `tolerance`, shape
    (outputs,), for `bits`, shape (n, length, channels), and for the same without their last
    quarter.
    """
    import keras

    network = keras.saving.load_model(path, compile=False, safe_mode=True)
    try:
        content = to_onnx(network)
        graph = open_graph(content)
    except Exception as error:  # a network that the converter does not know, whatever it says
        return Exported(None, f"it cannot be converted ({type(error).__name__})")

    short = bits.copy()
    short[:, -(bits.shape[1] // 4) :] = 0
    tried = np.concatenate([bits, short])
    both = in_unit(np.asarray(network(tried, training=False))), in_unit(graph(tried))
    apart = np.abs(both[0] - both[1]).reshape(-1, len(tolerance)).max(axis=0)
    if not (apart <= tolerance).all():
        return Exported(None, f"its scores are up to {apart.max():.2g} from those of Keras")
    return Exported(content)


def to_onnx(network: Any) -> bytes:
    """Convert a network under TensorFlow.

    The same weights give the same bytes, which tf2onnx alone does not promise: its names and its
    order of nodes change from process to process.
    """
    import tensorflow as tf
    import tf2onnx

    bits = tf.TensorSpec((None, *network.input_shape[1:]), network.inputs[0].dtype, name=TAKES)
    function = tf.function(
        lambda onehot: network(onehot, training=False), input_signature=[bits], autograph=False
    )
    converted, _ = tf2onnx.convert.from_function(function, [bits], opset=OPSET)

    for value, place in function.get_concrete_function().graph.captures:
        if value.dtype != tf.resource:  # a constant, which tf2onnx takes for an input
            weight = onnx.numpy_helper.from_array(value.numpy(), place.name)
            converted.graph.initializer.append(weight)

    graph = _Ordered(converted.graph).graph()
    sides = ((graph.input, TAKES, network.inputs[0]), (graph.output, GIVES, network.outputs[0]))
    for declared, name, tensor in sides:
        kind = onnx.helper.np_dtype_to_tensor_dtype(np.dtype(tensor.dtype))
        shape = ["examples", *tensor.shape[1:]]
        declared[0].CopyFrom(onnx.helper.make_tensor_value_info(name, kind, shape))
    model = onnx.helper.make_model(
        graph,
        opset_imports=[onnx.helper.make_opsetid("", OPSET)],
        ir_version=converted.ir_version,
        producer_name="basewise",
    )
    content: bytes = model.SerializeToString(deterministic=True)
    return content


def open_graph(content: bytes, threads: int = 1) -> Graph:
    """Load a graph that `to_onnx` has made, to compute on the CPU."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    width = session.get_outputs()[0].shape[1:]

    def scores(bits: NDArray[np.uint8]) -> NDArray[np.float32]:
        # some layers of onnxruntime end the process when there is no example
        batches = [
            session.run([GIVES], {TAKES: bits[start : start + AT_ONCE]})[0]
            for start in range(0, len(bits), AT_ONCE)
        ]
        return np.concatenate([np.empty((0, *width), np.float32), *batches])

    return scores


class _Ordered:
    """A graph in one order, from its output backwards, with names by that order.

    The bodies of loops are graphs that may use values of the graph around them.
    """

    def __init__(self, source: Any, around: "_Ordered | None" = None) -> None:
        self.source, self.around = source, around
        self.numbers: count[int] = around.numbers if around else count()
        self.weights = {weight.name: weight for weight in source.initializer}
        self.makers = {name: node for node in source.node for name in node.output if name}
        self.names: dict[str, str] = {}
        self.ordered = onnx.GraphProto(name="network")

    def graph(self) -> Any:
        """The graph."""
        for given in self.source.input:
            if given.name in self.weights:
                continue
            self.names[given.name] = self._new() if self.around else TAKES
            self._declare(self.ordered.input, given, self.names[given.name])
        for output in self.source.output:
            name = self._new() if self.around else GIVES
            ending = onnx.helper.make_node("Identity", [self.name_of(output.name)], [name])
            self.ordered.node.append(ending)
            self._declare(self.ordered.output, output, name)
        return self.ordered

    def name_of(self, value: str) -> str:
        """The new name of a value, behind all that it is computed from."""
        if value in self.names or not value:
            return self.names.get(value, "")
        if value in self.weights:
            self.names[value] = self._new()
            self.ordered.initializer.add().CopyFrom(self.weights[value])
            self.ordered.initializer[-1].name = self.names[value]
        elif value in self.makers:
            self._add(self.makers[value])
        elif self.around:
            return self.around.name_of(value)
        return self.names[value]

    def _add(self, source: Any) -> None:
        if source.op_type == "Identity":  # which of two equal values is the copy is left to chance
            self.names[source.output[0]] = self.name_of(source.input[0])
            return
        node = onnx.NodeProto(op_type=source.op_type, domain=source.domain)
        node.input.extend([self.name_of(value) for value in source.input])
        for attribute in sorted(source.attribute, key=lambda one: str(one.name)):
            node.attribute.add().CopyFrom(attribute)
            if attribute.type == onnx.AttributeProto.GRAPH:
                node.attribute[-1].g.CopyFrom(_Ordered(attribute.g, self).graph())
        for value in source.output:
            self.names[value] = self._new() if value else ""
            node.output.append(self.names[value])
        self.ordered.node.append(node)

    def _new(self) -> str:
        return f"v{next(self.numbers)}"

    def _declare(self, declared: Any, value: Any, name: str) -> None:
        declared.add().CopyFrom(value)
        declared[-1].name = name
        for size in declared[-1].type.tensor_type.shape.dim:
            size.ClearField("dim_param")
