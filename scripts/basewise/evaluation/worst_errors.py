"""The test examples that a model is most wrong about."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from basewise.core.arrays import Floats, Integers
from basewise.core.errors import InputError
from basewise.evaluation.probabilities import binary_losses, class_losses
from basewise.sequences.alphabet import PADDING, decode
from basewise.store.scores import THRESHOLD, Run, outputs_of
from basewise.store.shards import Tensors

WORST = 20

NONE = "none"
"""Stands for no label where labels have their names."""


def worst_errors(
    runs: Sequence[Run], task: str, examples: pd.DataFrame, tensors: Tensors
) -> pd.DataFrame:
    """The 20 test examples with the highest loss, mean over the runs of a model that test on them.

    The loss is the log loss: ``multilabel`` the mean over the outputs, ``per_position`` over the
    bases. For ``regression`` it is the absolute error; of several outputs the mean, each in units
    of the standard deviation of its truth. `examples` have id, record, chrom, start, end, strand,
    source, line; tensors are theirs, in their order.

    Returns
    -------
    DataFrame
        rank (from 1), id, place (chrom:start-end(strand), 0-based, half-open; without one
        source:line; empty for genotypes), true, predicted, score (mean over the runs; of the
        predicted class; empty for several outputs), loss, sequence (empty for genotypes; in a
        protein X for the letters U and O, which the tensors do not hold).
        ``per_position`` has no true and predicted.

    Raises
    ------
    InputError
        When the tensors hold more or fewer examples.
    """
    if len(tensors) != len(examples):
        raise InputError(
            f"the tensors hold {len(tensors):,} examples, the table of examples {len(examples):,}; "
            "delete the folder of the tensors, and run the workflow again"
        )

    scores = pd.concat([run.scores[run.scores["part"] == "test"] for run in runs])
    names = outputs_of(scores)
    losses = pd.Series(_losses(scores, task)).groupby(scores["id"].to_numpy()).mean().dropna()
    worst = losses.sort_values(ascending=False, kind="stable").head(WORST)
    chosen = scores[scores["id"].isin(worst.index)].drop(columns="part")
    means = chosen.groupby("id").mean().loc[worst.index]
    truth, score = _values(means, "target", names), _values(means, "score", names)
    rows = examples.assign(row=np.arange(len(examples))).set_index("id").loc[worst.index]
    are_genotypes = tensors.alphabet == "genotype"

    return pd.DataFrame(
        {
            "rank": np.arange(1, len(worst) + 1),
            "id": worst.index,
            "place": "" if are_genotypes else _places(rows),
            "true": _words(truth, task, names),
            "predicted": _words(score, task, names),
            "score": _decisive(score, task),
            "loss": worst.to_numpy(),
            "sequence": "" if are_genotypes else _sequences(tensors, rows["row"].to_numpy()),
        }
    )


def _losses(scores: pd.DataFrame, task: str) -> Floats:
    """Loss of each row, shape (n,); NaN where no truth is known."""
    names = outputs_of(scores)
    truth, score = _values(scores, "target", names), _values(scores, "score", names)
    if task in ("multiclass", "per_position"):
        return class_losses(truth.argmax(axis=1), score)
    if task == "regression":
        of_outputs = np.abs(score - truth) / (_units(truth) if len(names) > 1 else 1)
    else:
        of_outputs = binary_losses(truth.astype(np.int64), score)

    losses: Floats = pd.DataFrame(of_outputs).mean(axis=1).to_numpy()
    return losses


def _units(truth: Floats) -> Floats:
    """Standard deviation of each output; 1 where all values are equal.

    That of equal values is computed to be a little above 0, and would divide a plain error.
    """
    varied = np.nanmax(truth, axis=0) > np.nanmin(truth, axis=0)
    return np.where(varied, np.nanstd(truth, axis=0), 1.0)


def _words(values: Floats, task: str, names: Sequence[str]) -> list[str]:
    """What each row of truths, or of scores, says."""
    if task == "per_position":
        return [""] * len(values)
    if task == "multiclass":
        return [names[place] for place in values.argmax(axis=1)]
    if task == "regression":
        return [_numbers(row, names) for row in values]

    called = values > THRESHOLD
    if task == "binary":
        return [str(int(row[0])) for row in called]
    return [", ".join(np.array(names)[row]) or NONE for row in called]


def _numbers(row: Floats, names: Sequence[str]) -> str:
    """The known values of one row, with their names where there are several."""
    if len(names) == 1:
        return f"{row[0]:.6g}"
    known = [(name, value) for name, value in zip(names, row, strict=True) if not np.isnan(value)]
    return ", ".join(f"{name} {value:.4g}" for name, value in known)


def _decisive(score: Floats, task: str) -> Floats:
    """Of several classes the score of the one predicted; of several outputs none."""
    decisive = np.full(len(score), np.nan)
    if task == "multiclass":
        decisive = score.max(axis=1)
    elif task != "per_position" and score.shape[1] == 1:
        decisive = score[:, 0]
    return decisive


def _places(rows: pd.DataFrame) -> list[str]:
    return [
        f"{row.source}:{row.line}"
        if pd.isna(row.chrom)
        else f"{row.chrom}:{row.start}-{row.end}({row.strand})"
        for row in rows.itertuples()
    ]


def _sequences(tensors: Tensors, rows: Integers) -> list[str]:
    """Sequence of each of these rows without its padding."""
    texts = decode(tensors.onehot(rows), tensors.alphabet)
    return [text.strip(PADDING) for text in texts]


def _values(table: pd.DataFrame, kind: str, names: Sequence[str]) -> Floats:
    """Targets or scores of all outputs, shape (n, outputs)."""
    values: Floats = table[[f"{kind}.{name}" for name in names]].to_numpy(dtype=np.float64)
    return values
