"""Scores of new examples by all runs of a trained model, and what validation says of them."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from basewise.scoring import relatives
from basewise.scoring.checking import Checked
from basewise.scoring.familiar import Recognizer, from_members
from basewise.scoring.flags import columns_of_letters
from basewise.scoring.new_sequences import Block
from basewise.scoring.predictors import Predictor, check_applicable, load_predictor
from basewise.scoring.score_columns import HeldOut, columns_of_scores, read_held_out
from basewise.store.contracts import Contract


class Model(NamedTuple):
    """A trained model that is loaded, with one predictor a run."""

    contract: Contract
    predictors: Sequence[Predictor]
    held_out: HeldOut
    memory: Recognizer
    related: relatives.Relatives | None


def load_model(checked: Checked) -> Model:
    """Load all runs of a bundle that was checked.

    Raises
    ------
    InputError
        As `check_applicable`.
    """
    contract, bundle = checked
    check_applicable(contract, bundle.path)
    predictors = [load_predictor(checked, run) for run in contract.runs]
    memory = Recognizer(from_members(bundle, contract.near["limit"]), contract)
    related = None
    if contract.alphabet == "genotype":
        related = relatives.from_members(bundle, contract.length, len(contract.outputs))
    return Model(contract, predictors, read_held_out(checked), memory, related)


PLACE = ["chrom", "start", "end", "strand"]

FILLED = "filled"
"""Share of the model's markers of which an individual has no genotype."""


def score_blocks(model: Model, blocks: Iterator[Block]) -> Iterator[pd.DataFrame]:
    """Score new examples, some at a time; every one has a row, in the order of the file.

    Columns: row (from 1), id; of windows chrom, start, end and strand; those of
    `columns_of_scores`; of individuals reliability of each output, see `relatives`, and `FILLED`;
    those of `columns_of_letters`; and reason: why there is no score.
    """
    first = 1
    for block in blocks:
        scored = np.flatnonzero(block.has_letters)
        table = pd.DataFrame({"row": np.arange(first, first + len(block.table))})
        table["id"] = block.table["id"].astype("str")
        for name in block.table.columns.intersection(PLACE):
            table[name] = block.table[name]
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
    of_relatives: dict[str, Any] = {}
    if model.related is not None:
        reliability = relatives.reliabilities(model.related, letters)
        of_relatives = {
            f"reliability.{output}": values
            for output, values in zip(contract.outputs, reliability.T, strict=True)
        }
        of_relatives[FILLED] = block.table[FILLED].to_numpy()
    return {
        **columns_of_scores(contract, model.held_out, scores),
        **of_relatives,
        **columns_of_letters(contract, model.memory, block),
    }
