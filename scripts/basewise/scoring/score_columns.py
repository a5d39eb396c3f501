"""What validation says of scores: columns of calibrated probabilities, decisions, intervals."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.core.arrays import Floats
from basewise.evaluation.validation import apply_temperature
from basewise.scoring.checking import Checked
from basewise.store.contracts import Contract
from basewise.store.tables import OUTPUT, score_column

RULE = "max_f1"
"""The threshold, of those that validation has chosen, that decides."""

HeldOut = Mapping[str, Sequence[NDArray[np.float32]]]
"""Output to the ascending scores of held-out negatives, one array a run."""


def read_held_out(checked: Checked) -> HeldOut:
    """The scores of held-out negatives that a bundle has kept."""
    contract, bundle = checked
    table = pd.read_parquet(io.BytesIO(bundle.read("held_out.parquet")))
    groups = {
        key: np.sort(rows["score"]) for key, rows in table.groupby(["output", "fold", "seed"])
    }
    none = np.empty(0, np.float32)
    return {
        output: [groups.get((output, run.fold, run.seed), none) for run in contract.runs]
        for output in contract.outputs
    }


def columns_of_scores(contract: Contract, held_out: HeldOut, scores: Floats) -> dict[str, Any]:
    """Columns from the scores of all runs, shape (runs, n, outputs); their names to their values.

    Of each output score (mean over runs), spread (their standard deviation, where there are
    several), and, of classes, probability (calibrated), decision and percentile (among held-out
    examples that are not of the class), of numbers low and high.
    """
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
            held_out[output], scores[..., place], len(mean)
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
