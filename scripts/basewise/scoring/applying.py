"""Scores of new examples by all runs of a trained model, and what validation says of them."""

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.core.arrays import Floats
from basewise.core.errors import InputError
from basewise.evaluation.validation import apply_temperature
from basewise.examples.scales import Transform
from basewise.scoring.checking import Checked
from basewise.scoring.familiar import Familiar, from_members, known_again
from basewise.scoring.new_sequences import Block, Record, fit_records
from basewise.sequences.composition import describe
from basewise.store.contracts import BundledRun, Contract
from basewise.store.shards import cut_pieces, pack_tensors
from basewise.store.tables import OUTPUT, score_column

RULE = "max_f1"
"""The threshold, of those that validation has chosen, that decides."""

AT_ONCE = 128
"""Examples in a batch."""

SEEN, UNLIKE, AMBIGUOUS = "seen in training", "unlike training", "ambiguous"
NOT_LOOKED_FOR = "near copies not looked for"

Predictor = Callable[[NDArray[np.uint8]], Floats]
"""From character codes, shape (n, length), to scores in the target's unit, (n, outputs)."""


class Model(NamedTuple):
    """A trained model that is loaded.

    Attributes
    ----------
    predictors
        One a run.
    held_out
        Output to the ascending scores of held-out negatives, one array a run.
    """

    contract: Contract
    predictors: Sequence[Predictor]
    held_out: Mapping[str, Sequence[NDArray[np.float32]]]
    familiar: Familiar


def load_model(checked: Checked) -> Model:
    """Load all runs of a bundle that was checked.

    Raises
    ------
    InputError
        For a model that cannot be applied yet: a baseline, a class for each base, genotypes.
    """
    contract, bundle = checked
    check_applicable(contract, bundle.path)
    table = pd.read_parquet(io.BytesIO(bundle.read("held_out.parquet")))
    groups = {
        key: np.sort(rows["score"]) for key, rows in table.groupby(["output", "fold", "seed"])
    }
    none = np.empty(0, np.float32)
    held_out = {
        output: [groups.get((output, run.fold, run.seed), none) for run in contract.runs]
        for output in contract.outputs
    }
    predictors = [_network(checked, run) for run in contract.runs]
    familiar = from_members(bundle, contract.near["limit"])

    return Model(contract, predictors, held_out, familiar)


def check_applicable(contract: Contract, path: Path) -> None:
    """Raise InputError for a model that cannot be applied to sequences yet."""
    fault = None
    if contract.kind != "network":
        fault = f"a baseline ({contract.name}); name a network"
    elif contract.task == "per_position":
        fault = "a model that scores each base"
    elif contract.alphabet == "genotype":
        fault = "a model of genotypes"
    if fault:
        raise InputError(f"basewise cannot score with {fault} yet", path)


def _network(checked: Checked, run: BundledRun) -> Predictor:
    # not at the top: this is where TensorFlow is imported
    import keras

    from basewise.training.feeding import predict

    contract = checked.contract
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        checked.bundle.copy(run.file, path)
        network = keras.saving.load_model(path, compile=False, safe_mode=True)
    scale = Transform.from_json(run.transform) if run.transform else None
    width = 1 if contract.task == "multiclass" else len(contract.outputs)
    what: dict[str, Any] = {"task": contract.task, "outputs": contract.outputs}

    def scores(letters: NDArray[np.uint8]) -> Floats:
        ids = list(map(str, range(len(letters))))
        pieces = cut_pieces(letters, np.zeros((len(letters), width)), ids)
        tensors = pack_tensors(pieces, alphabet=contract.alphabet, **what)
        score = predict(network, tensors, np.arange(len(letters)), AT_ONCE)
        in_unit = score if scale is None else scale.inverse(score)
        return in_unit.astype(np.float64)

    return scores


def score_records(
    model: Model, records: Iterator[Record], path: str | Path
) -> Iterator[pd.DataFrame]:
    """Score records, some at a time; every record has a row, in the order of the file.

    Columns: row (from 1), id; of each output score (mean over runs), spread (their standard
    deviation, where there are several), and, of classes, probability (calibrated), decision and
    percentile (among held-out examples that are not of the class), of numbers low and high; then
    flags, separated by ``; ``, seen_as and partner (how a training example is known again, and
    which), and reason: why there is no score.
    """
    first = 1
    for block in fit_records(records, path, model.contract):
        scored = np.flatnonzero(block.has_letters)
        table = pd.DataFrame({"row": np.arange(first, first + len(block.table))})
        table["id"] = block.table["id"].astype("str")
        for name, values in _columns(model, block).items():
            kind = "str" if values.dtype == object else values.dtype
            table[name] = pd.Series(values, index=scored, dtype=kind).reindex(table.index)
        yield table.assign(reason=block.table["reason"].astype("str"))
        first += len(table)


def _columns(model: Model, block: Block) -> dict[str, Any]:
    """Columns of the records of a block that have letters."""
    contract, letters = model.contract, block.letters
    shape = (0, len(letters), len(contract.outputs))
    runs = [predictor(letters) for predictor in model.predictors] if len(letters) else []
    scores = np.stack(runs) if runs else np.zeros(shape)
    return {**_of_scores(model, scores), **_of_letters(model, block)}


def _of_scores(model: Model, scores: Floats) -> dict[str, Any]:
    """Columns from the scores of all runs, shape (runs, n, outputs)."""
    contract = model.contract
    columns: dict[str, Any] = {}
    calibrated = _calibrated(contract, scores)
    mean = scores.mean(axis=0) if len(scores) else np.zeros(scores.shape[1:])
    for place, output in enumerate(contract.outputs):
        columns[score_column(output)] = mean[:, place]
        if len(contract.runs) > 1:
            columns[f"spread.{output}"] = (
                scores[..., place].std(axis=0, ddof=1) if len(scores) else mean[:, place]
            )
        if contract.task == "regression":
            half = _mean([run.validated[output]["half_width"] for run in contract.runs])
            columns[f"low.{output}"] = mean[:, place] - half
            columns[f"high.{output}"] = mean[:, place] + half
            continue
        columns[f"probability.{output}"] = calibrated[:, place]
        if contract.task != "multiclass":
            columns[f"decision.{output}"] = _decided(contract, output, mean[:, place])
        columns[f"percentile.{output}"] = _percentile(
            model.held_out[output], scores[..., place], len(mean)
        )
    if contract.task == "multiclass":
        columns["decision"] = np.array(contract.outputs, dtype=object)[mean.argmax(axis=1)]
    return columns


def _calibrated(contract: Contract, scores: Floats) -> Floats:
    """Mean over runs of the probabilities at each run's temperature; nan where it has none."""
    cooled = np.full_like(scores, np.nan)
    for number, run in enumerate(contract.runs[: len(scores)]):
        if contract.task == "multiclass" and OUTPUT in run.validated:
            temperature = run.validated[OUTPUT]["temperature"]
            cooled[number] = apply_temperature(scores[number], temperature)
        for place, output in enumerate(contract.outputs):
            if contract.task in ("binary", "multilabel") and output in run.validated:
                temperature = run.validated[output]["temperature"]
                cooled[number, :, place] = apply_temperature(scores[number, :, place], temperature)
    return cooled.mean(axis=0) if len(cooled) else np.zeros(scores.shape[1:])


def _decided(contract: Contract, output: str, mean: Floats) -> NDArray[Any]:
    """Which side of the threshold a mean score lies on, by the names of the classes if any."""
    names = contract.classes or {"0": "0", "1": "1"}
    thresholds = [
        run.validated.get(output, {}).get("thresholds", {}).get(RULE) for run in contract.runs
    ]
    above = mean > _mean(thresholds)
    decided: NDArray[Any] = np.where(above, names["1"], names["0"]).astype(object)
    if None in thresholds:
        decided[:] = None
    return decided


def _mean(values: Sequence[float | None]) -> float:
    """The mean over runs; nan where a run has no value."""
    return float(np.mean([np.nan if value is None else value for value in values]))


def _percentile(held_out: Sequence[NDArray[np.float32]], scores: Floats, rows: int) -> Floats:
    """Mean over runs of the share of held-out negatives with a score as high, in percent."""
    shares = [
        np.searchsorted(known, of_run.astype(np.float32), side="right") / len(known)
        for known, of_run in zip(held_out, scores, strict=False)
        if len(known)
    ]
    return 100 * np.mean(shares, axis=0) if shares else np.full(rows, np.nan)


def _of_letters(model: Model, block: Block) -> dict[str, Any]:
    """Flags, and which training example is known again."""
    contract, letters = model.contract, block.letters
    gc, unknown = describe(letters, contract.alphabet)
    known = known_again(model.familiar, letters, contract)
    flags = {
        SEEN: known.kind != "",
        UNLIKE: np.zeros(len(letters), dtype=bool),
        AMBIGUOUS: unknown > 0,
        "padded": block.changed == "padded",
        "cropped": block.changed == "cropped",
        NOT_LOOKED_FOR: np.full(len(letters), contract.near["limit"] == 0),
    }
    if contract.training["gc"] is not None:
        low, high = contract.training["gc"]
        flags[UNLIKE] = (gc < low) | (gc > high)
    joined = [
        "; ".join(name for name, rows in flags.items() if rows[row]) for row in range(len(letters))
    ]
    return {
        "flags": np.array(joined, dtype=object),
        "seen_as": known.kind,
        "partner": known.partner,
    }
