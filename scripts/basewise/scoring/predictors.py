"""The runs of a trained model, loaded: from letters to scores in the unit of the target."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from basewise.core.arrays import Floats
from basewise.core.errors import InputError
from basewise.core.user_code import load_code
from basewise.examples.scales import Transform
from basewise.scoring.checking import (
    Checked,
    code_of,
    fault_of_baseline,
    fault_of_network,
    members_of,
)
from basewise.sequences.alphabet import letters_of, pack_letters, unpack
from basewise.store.contracts import BundledRun, Contract
from basewise.store.shards import Tensors, cut_pieces, pack_tensors

AT_ONCE = 128
"""Examples in a batch."""

Scores = NDArray[np.float32]
"""Those of a model itself, on the scale of its training."""

Predictor = Callable[[NDArray[np.uint8]], Floats]
"""From character codes, shape (n, length), to scores in the target's unit, (n, outputs)."""


def check_applicable(contract: Contract, path: Path) -> None:
    """Raise InputError for a model that cannot be applied yet."""
    if contract.task == "per_position":
        raise InputError("basewise cannot score with a model that scores each base yet", path)


def load_predictor(checked: Checked, run: BundledRun) -> Predictor:
    """Load a run of a bundle that was checked and that `check_applicable` has let pass."""
    contract = checked.contract
    if contract.kind == "ensemble":
        return _mean(checked, run.fold)

    predict = {"network": _network, "baseline": _baseline}[contract.kind](checked, run)
    scale = Transform.from_json(run.transform) if run.transform else None

    def in_unit(letters: NDArray[np.uint8]) -> Floats:
        score = predict(letters)
        return (score if scale is None else scale.inverse(score)).astype(np.float64)

    return in_unit


def _mean(checked: Checked, fold: int) -> Predictor:
    """The mean over the runs of all members of an ensemble in a fold."""
    predictors = [
        load_predictor(member, run)
        for member in members_of(checked)
        for run in member.contract.runs
        if run.fold == fold
    ]

    def mean(letters: NDArray[np.uint8]) -> Floats:
        scores: Floats = np.mean([predictor(letters) for predictor in predictors], axis=0)
        return scores

    return mean


def _unknown(contract: Contract) -> NDArray[np.uint8]:
    """One example of which nothing is known."""
    letter = "." if contract.alphabet == "genotype" else "N"
    return letters_of([letter * contract.length])


def _network(checked: Checked, run: BundledRun) -> Callable[[NDArray[np.uint8]], Scores]:
    # not at the top: this is where TensorFlow is imported
    import keras

    from basewise.training.feeding import predictor

    contract, bundle = checked
    code = code_of(bundle)
    # `check_bundle` lets classes of its own pass only where the user trusts the code
    if code and fault_of_network(bundle.read(run.file)):
        load_code(bundle.read(code), bundle.path / code)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        bundle.copy(run.file, path)
        network = keras.saving.load_model(path, compile=False, safe_mode=True)
    width = 1 if contract.task == "multiclass" else len(contract.outputs)
    what: dict[str, Any] = {"task": contract.task, "outputs": contract.outputs}

    def tensors_of(letters: NDArray[np.uint8]) -> Tensors:
        ids = list(map(str, range(len(letters))))
        pieces = cut_pieces(letters, np.zeros((len(letters), width)), ids)
        return pack_tensors(pieces, alphabet=contract.alphabet, **what)

    predict = predictor(network, tensors_of(_unknown(contract)), AT_ONCE)

    def scores(letters: NDArray[np.uint8]) -> Scores:
        return predict(tensors_of(letters), np.arange(len(letters)))

    return scores


def _baseline(checked: Checked, run: BundledRun) -> Callable[[NDArray[np.uint8]], Scores]:
    # not at the top: scikit-learn, which networks do not need
    import skops.io

    from basewise.baselines.applying import TRUSTED, apply

    contract, bundle = checked
    content, trusted = bundle.read(run.file), TRUSTED
    code = code_of(bundle)
    # `check_bundle` lets types of its own pass only where the user trusts the code
    if code and fault_of_baseline(content):
        load_code(bundle.read(code), bundle.path / code)
        trusted = skops.io.get_untrusted_types(data=content)
    estimator = skops.io.loads(content, trusted=trusted)
    channels = len(contract.channels)

    def scores(letters: NDArray[np.uint8]) -> Scores:
        packed = pack_letters(letters, contract.alphabet)
        return apply(
            contract.name,
            estimator,
            unpack(packed, contract.length, channels),
            task=contract.task,
            outputs=len(contract.outputs),
            alphabet=contract.alphabet,
            settings=contract.settings,
        )

    try:
        scores(_unknown(contract))
    except Exception as error:  # types are checked, what a stranger made of them is not
        raise checked.bundle.fault(run.file, f"is no fitted {contract.name}") from error
    return scores
