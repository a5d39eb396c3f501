"""The check of a bundle: everything that can be wrong with it, before anything in it is loaded."""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from basewise.baselines import registry as baselines
from basewise.config.own_code import is_own
from basewise.core.errors import InputError
from basewise.core.files import sha256_of
from basewise.sequences.alphabet import CHANNELS, bits_of_letters
from basewise.store.bundles import AGAIN, CHECKSUMS, Bundle, read_bundle
from basewise.store.contracts import Contract, from_json
from basewise.store.shards import TARGET_DTYPES

CONTRACT, CARD, HELD_OUT = "contract.json", "README.md", "held_out.parquet"

CODE = "code/"
"""Folder of the Python file that a model of one's own is made from."""

MEMBERS = "members"
"""Folder of the models that an ensemble averages."""

SHARED = ("task", "outputs", "alphabet", "length")
"""What an ensemble has in common with each of them."""

PARTS = ("config.json", "metadata.json", "model.weights.h5")
"""What a `.keras` file of a network without assets is made of."""

MOST_CONFIG = 50_000_000
"""Bytes of the configuration of a network; those of the largest are some 100,000."""

LAYERS = (
    "Activation Add Average BatchNormalization Bidirectional Concatenate Conv1D Cropping1D Dense "
    "DepthwiseConv1D Dropout EinsumDense Embedding Flatten GRU GlobalAveragePooling1D "
    "GlobalMaxPooling1D InputLayer LSTM MaxPooling1D Multiply Reshape SimpleRNN Softmax "
    "UpSampling1D ZeroPadding1D"
)
INITIALIZERS = (
    "Constant GlorotUniform HeNormal HeUniform Ones Orthogonal RandomUniform TruncatedNormal Zeros"
)
OPERATIONS = (
    "Absolute Add Clip Concatenate Cos Cumsum Einsum Equal Exp ExpandDims Flip GetItem Log Log1p "
    "Matmul Max Maximum Mean Minimum Multiply Negative OnesLike Pad Power Reshape Sqrt Square "
    "Squeeze Stack Subtract Sum Transpose TrueDivide"
)
MORE_LAYERS = (
    "Attention AdditiveAttention AlphaDropout AveragePooling1D AveragePooling2D Conv1DTranspose "
    "Conv2D Dot ELU GaussianDropout GaussianNoise GlobalAveragePooling2D GlobalMaxPooling2D "
    "GroupNormalization GroupQueryAttention LayerNormalization LeakyReLU MaxPooling2D Maximum "
    "Minimum MultiHeadAttention PReLU Permute RMSNormalization ReLU RepeatVector SeparableConv1D "
    "SpatialDropout1D Subtract TimeDistributed UnitNormalization"
)
"""Stock layers that no architecture has, for networks of one's own."""

MODULES = {
    "keras": {"DTypePolicy", "Sequential"},
    "keras.layers": {*LAYERS.split(), *MORE_LAYERS.split()},
    "keras.initializers": set(INITIALIZERS.split()),
    "keras.regularizers": {"L1L2", "L2"},
    "keras.constraints": {"MaxNorm"},
    "keras.src.models.functional": {"Functional"},
    "keras.src.ops.core": {"Cast"},
    "keras.src.ops.math": {"Logsumexp", "Rsqrt"},
    "keras.src.ops.numpy": set(OPERATIONS.split()),
    None: {"__ellipsis__", "__keras_tensor__", "__slice__", "__tensor__"},
}
CLASSES = {f"{module}.{name}" for module, names in MODULES.items() for name in names}
"""What networks are made of; none of it holds code, or names a file."""


class Checked(NamedTuple):
    """A bundle that may be loaded, and its contract."""

    contract: Contract
    bundle: Bundle


def check_bundle(
    path: str | Path, sha256: str | None = None, *, trust_code: bool = False
) -> Checked:
    """Check a bundle, packed or unpacked, as a whole; nothing in it is loaded or written.

    Checksums show damage, not forgery: who changes a member can change the list. `sha256` is that
    of the whole zip, from whoever made it. With `trust_code` a model may have layers or types
    of its own, and loading it runs the Python file that the bundle holds.

    Raises
    ------
    InputError
        In one line, for what is damaged, missing, not listed or of another version, for a network
        with code or with classes that are not Keras' own, and for an estimator with types that no
        baseline has.
    """
    if sha256 is not None and (Path(path).is_dir() or sha256_of(path) != sha256):
        raise InputError(f"is not the bundle whose sha256 is {sha256}; {AGAIN}", path)

    bundle = read_bundle(path)
    bundle.check()
    checked = _opened(bundle)
    contract = checked.contract
    _check_contract(contract, path)
    if contract.kind != "ensemble":
        _check_runs(checked, trust_code)
        return checked

    for member in members_of(checked):
        _check_contract(member.contract, path)
        folds = {run.fold for run in member.contract.runs}
        is_alike = all(getattr(member.contract, key) == getattr(contract, key) for key in SHARED)
        if not is_alike or folds != {run.fold for run in contract.runs} or member.contract.members:
            raise bundle.fault(member.contract.model, "is no model that this ensemble averages")
        _check_runs(member, trust_code)
    return checked


def members_of(checked: Checked) -> list[Checked]:
    """The models that an ensemble averages, each with its own folder of the bundle."""
    folders = [f"{MEMBERS}/{model}" for model in checked.contract.members]
    return [_opened(checked.bundle.below(folder)) for folder in folders]


def contract_of(path: str | Path) -> Contract:
    """The contract of a bundle, or of its list of members; nothing else is checked yet."""
    place = Path(path).parent if Path(path).name == CHECKSUMS else Path(path)
    return _opened(read_bundle(place)).contract


def _opened(bundle: Bundle) -> Checked:
    return Checked(from_json(bundle.read(CONTRACT), bundle.path), bundle)


def _check_runs(checked: Checked, trust_code: bool) -> None:
    """Raise InputError for a network or an estimator that must not be loaded."""
    contract, bundle = checked
    for run in contract.runs:
        content = bundle.read(run.file)
        problem = _fault_beside_code(content, checked, trust_code)
        if problem:
            raise bundle.fault(run.file, problem)
        if run.onnx and (problem := fault_of_graph(bundle.read(run.onnx))):
            raise bundle.fault(run.onnx, problem)


def code_of(bundle: Bundle) -> str | None:
    """Name of the Python file that a model is made from; none of one of basewise's."""
    return next((name for name in bundle.sums if name.startswith(CODE)), None)


def _fault_beside_code(content: bytes, checked: Checked, trust_code: bool) -> str | None:
    """What speaks against loading a model, whose classes may be those of code in the bundle."""
    contract, bundle = checked
    fault = fault_of_network if contract.kind == "network" else fault_of_baseline
    problem, code = fault(content), code_of(bundle)
    if problem is None or code is None or fault(content, has_classes=True):
        return problem
    if trust_code:
        return None
    raise InputError(
        f"its {contract.kind} needs Python code to be loaded, {code!r} in it; read that, and if it "
        "may run here, set `trust_code: true`",
        bundle.path,
    )


def _check_contract(contract: Contract, path: str | Path) -> None:
    """Raise InputError for values that the code of this version would not know what to do with."""
    suffix = {"network": ".keras", "baseline": ".skops", "ensemble": ""}.get(contract.kind, " ")
    known = (
        contract.task in TARGET_DTYPES
        and contract.alphabet in CHANNELS
        and list(contract.channels) == list(CHANNELS[contract.alphabet])
        and contract.letters == letters_read(contract.alphabet)
        and contract.length > 0
        and all(isinstance(output, str) for output in contract.outputs)
        and len(contract.outputs) > 0
        and contract.lengths.get("policy") in ("exact", "crop", "pad")
        and contract.lengths.get("side") in ("left", "center", "right")
        and isinstance(contract.near.get("limit"), int)
        and _is_range(contract.training.get("gc"))
        and len(contract.runs) > 0
        and all(run.file.endswith(suffix) for run in contract.runs)
        and (contract.kind != "baseline" or is_own(contract.name) or contract.name in baselines())
        and (contract.kind == "ensemble") == bool(contract.members)
        and all(isinstance(model, str) for model in contract.members)
    )
    if not known:
        raise InputError(f"its contract asks for what this basewise does not know; {AGAIN}", path)


def letters_read(alphabet: str) -> dict[str, str]:
    """Letters that a model is given, with their rows; one of DNA reads the U of RNA as T."""
    return bits_of_letters("rna" if alphabet == "dna" else alphabet)


def _is_range(extremes: Any) -> bool:
    """Whether these are two numbers, or nothing."""
    is_pair = isinstance(extremes, list) and len(extremes) == 2
    return extremes is None or (is_pair and all(isinstance(end, float) for end in extremes))


def fault_of_network(content: bytes, *, has_classes: bool = False) -> str | None:
    """What speaks against loading a network, which may have classes of its own or not."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sorted(archive.namelist()) != sorted(PARTS):
                return "holds other files than a network of Keras"
            if archive.getinfo("config.json").file_size > MOST_CONFIG:
                return f"has a configuration of more than {MOST_CONFIG:,} bytes"
            config = json.loads(archive.read("config.json"))
    except (zipfile.BadZipFile, ValueError, RecursionError, RuntimeError):
        return "is no network of Keras"
    for name in _classes(config):
        if name not in CLASSES and not has_classes:
            return f"holds the class {name}, which no architecture of basewise has"
    return None


def _classes(config: Any) -> Iterator[str]:
    """Every class that a configuration of Keras names, behind its module."""
    inner: Any = ()
    if isinstance(config, dict):
        if "class_name" in config:
            yield f"{config.get('module')}.{config['class_name']}"
        inner = config.values()
    elif isinstance(config, list):
        inner = config
    for value in inner:
        yield from _classes(value)


def fault_of_graph(content: bytes) -> str | None:
    """What speaks against loading a network as ONNX.

    Operations of the standard compute and do nothing else; weights may lie in any file.
    """
    import onnx  # which baselines do not need

    try:
        model = onnx.load_model_from_string(content)
    except Exception as error:  # a stranger's file; the error is a class of protobuf's
        return f"is no network in ONNX ({type(error).__name__})"
    if [one.domain for one in model.opset_import] != [""] or model.functions:
        return "holds operations that are not ONNX's own"
    for graph in _graphs(model.graph):
        if any(node.domain for node in graph.node):
            return "holds operations that are not ONNX's own"
        given = [attribute for node in graph.node for attribute in node.attribute]
        tensors = [*graph.initializer, *(attribute.t for attribute in given)]
        tensors += [tensor for attribute in given for tensor in attribute.tensors]
        if any(tensor.data_location or tensor.external_data for tensor in tensors):
            return "keeps weights in another file"
        if graph.sparse_initializer or any(
            one.HasField("sparse_tensor") or one.sparse_tensors for one in given
        ):
            return "holds weights as no architecture of basewise does"
    return None


def _graphs(graph: Any) -> Iterator[Any]:
    """A graph of ONNX and those inside it."""
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            for inner in ([attribute.g] if attribute.HasField("g") else []) + list(
                attribute.graphs
            ):
                yield from _graphs(inner)


def fault_of_baseline(content: bytes, *, has_classes: bool = False) -> str | None:
    """What speaks against loading an estimator, which may have types of its own or not."""
    # scikit-learn, which networks do not need
    from skops.io import get_untrusted_types

    from basewise.baselines.applying import TRUSTED

    try:
        types = set(get_untrusted_types(data=content))
    except Exception as error:  # skops reads a file of a stranger: whatever it ends in, it is none
        return f"is no file of skops ({type(error).__name__})"
    types -= set(TRUSTED)
    if types and not has_classes:
        return f"holds {sorted(types)[0]}, which no baseline does"
    return None
