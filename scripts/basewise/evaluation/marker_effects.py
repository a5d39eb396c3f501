"""How much a network's score changes when one marker is changed: its effect by substitution."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.core.arrays import Floats, Integers
from basewise.core.user_code import load_code
from basewise.examples.scales import Transform
from basewise.sequences.alphabet import copies
from basewise.store.parts import read_split
from basewise.store.receipts import checked
from basewise.store.run_records import read_run
from basewise.store.shards import Tensors, open_tensors
from basewise.store.tables import MARKER_TABLE_COLUMNS, read_table, write_table

BACKGROUND = 8
"""Individuals of the test part, evenly spaced, in whose genotypes markers are substituted."""

BUDGET = 2_000_000_000
"""Genotypes that a network reads at most for the effects of all markers in one run."""

GENOTYPES_AT_ONCE = 4_000_000

AA, _, TWICE, MISSING = range(4)


def marker_effects(model: keras.Model, onehot: NDArray[np.uint8], markers: Integers) -> Floats:
    """Score with genotype AA less score with aa, at one marker at a time, mean over individuals.

    Unlike a gradient this never mixes in genotypes that an individual cannot have. `markers` are
    the columns to substitute, shape (m,); the effects have the shape (m, outputs).
    """
    effects = [
        np.mean([_differences(model, individual, block) for individual in onehot], axis=0)
        for block in _blocks(markers, onehot.shape[1])
    ]
    return np.concatenate(effects)


def single_marker_correlations(tensors: Tensors, rows: Integers) -> Floats:
    """Correlation of each marker's dosage with each output, shape (markers, outputs).

    Known genotypes and targets of `rows` only count; 0 where marker or target does not vary.
    """
    target = tensors.target[rows].astype(np.float64)
    if tensors.task == "multiclass":
        target = (target == np.arange(len(tensors.outputs))).astype(np.float64)
    known = np.isfinite(target).astype(np.float64)
    centered = np.nan_to_num(target - np.nanmean(target, axis=0))
    width = max(1, GENOTYPES_AT_ONCE // len(rows))
    onehot = tensors.onehot(rows)
    blocks = [
        _correlations(onehot[:, start : start + width], centered, known)
        for start in range(0, tensors.length, width)
    ]

    return np.concatenate(blocks)


def effects_and_save(
    tensors_folder: str | Path,
    markers_path: str | Path,
    runs: Sequence[tuple[str, str, str]],
    path: str | Path,
    own_code: Sequence[str] = (),
) -> None:
    """Write the effects of all markers, means over the runs (split, model and record) of a network.

    The table has the columns of `markers_path`, output, effect (mean over the runs of
    `marker_effects`, in the trait's own unit), correlation (mean over the runs of
    `single_marker_correlations` of training individuals). Where there are more markers than the
    network can be asked about in reasonable time, only those that correlate most with an output
    have an effect. `own_code` is the Python file of a network of one's own.
    """
    for file in own_code:
        load_code(Path(file).read_bytes(), file)
    tensors = open_tensors(tensors_folder)
    markers = read_table(markers_path, MARKER_TABLE_COLUMNS)
    pairs = [_of_run(tensors, *run) for run in runs]
    effects = np.nanmean([effect for effect, _ in pairs], axis=0)
    correlations = np.mean([correlation for _, correlation in pairs], axis=0)
    tables = [
        markers.assign(output=output, effect=effects[:, n], correlation=correlations[:, n])
        for n, output in enumerate(tensors.outputs[: effects.shape[1]])
    ]
    write_table(pd.concat(tables, ignore_index=True), path)


def _of_run(
    tensors: Tensors, split_path: str, model_path: str, record_path: str
) -> tuple[Floats, Floats]:
    """Effects and correlations of all markers in one run, (markers, outputs); NaN: not asked."""
    part = read_split(split_path, tensors.ids).part
    correlations = single_marker_correlations(tensors, np.flatnonzero(part == "train"))
    test = np.flatnonzero(part == "test")
    onehot = tensors.onehot(test[:: -(-len(test) // BACKGROUND)])
    most = max(1, BUDGET // (2 * onehot.shape[0] * tensors.length))
    asked = np.sort(np.argsort(-np.abs(correlations).max(axis=1), kind="stable")[:most])
    model = keras.saving.load_model(checked(model_path), safe_mode=True)
    of_asked = marker_effects(_in_own_unit(model, record_path), onehot, asked)
    effects = np.full((tensors.length, of_asked.shape[1]), np.nan)
    effects[asked] = of_asked

    return effects, correlations


def _in_own_unit(model: keras.Model, record_path: str) -> Any:
    """What predicts in the unit of the trait, with the scale that the run has recorded."""
    transform = Transform.from_json(read_run(record_path).transform or {})
    return lambda onehot: transform.inverse(model.predict_on_batch(onehot))


def _blocks(markers: Integers, length: int) -> list[Integers]:
    step = max(1, GENOTYPES_AT_ONCE // (2 * length))
    return [markers[start : start + step] for start in range(0, len(markers), step)]


def _differences(model: Any, individual: NDArray[np.uint8], block: Integers) -> Floats:
    changed = np.repeat(individual[None], 2 * len(block), axis=0)
    rows = np.arange(len(block))
    changed[np.arange(2 * len(block)), np.tile(block, 2)] = 0
    changed[rows, block, AA] = 1
    changed[rows + len(block), block, TWICE] = 1
    first, second = np.split(np.asarray(model(changed), dtype=np.float64), 2)
    return first - second


def _correlations(onehot: NDArray[np.uint8], target: Floats, known: Floats) -> Floats:
    called = 1.0 - onehot[..., MISSING]
    dosage = copies(onehot) * called
    count = called.T @ known
    x, xx = dosage.T @ known, (dosage**2).T @ known
    y, yy, xy = called.T @ target, called.T @ target**2, dosage.T @ target
    with np.errstate(invalid="ignore", divide="ignore"):
        common = xy - x * y / count
        spread = (xx - x**2 / count) * (yy - y**2 / count)
        correlations = common / np.sqrt(spread)

    return np.where(spread > 1e-12 * np.maximum(xx * yy, 1e-300), correlations, 0.0)
