"""The numbers of every task, beside those that are written down in tests/golden.

After a change that is meant to move them, `python tests/unit/evaluation/test_golden.py` writes them
anew; the
difference belongs in the change log.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from basewise.evaluation.evaluate import evaluate
from basewise.store.scores import Run, score_table
from basewise.store.tables import SUMMARY_COLUMNS, read_table, write_table

GOLDEN = Path(__file__).parents[2] / "golden"
OUTPUTS = {
    "binary": ["label"],
    "multilabel": ["day", "night"],
    "multiclass": ["a", "b", "c"],
    "regression": ["height", "yield"],
    "per_position": ["none", "gene"],
}
EXAMPLES, LENGTH = 80, 5


def made_run(task, fold, seed):
    """Scores that know something of the targets, without any random number.

    Multiples of the golden ratio stand in for noise, so that no library's generator matters.
    """
    names = [f"s{row}" for row in range(EXAMPLES)]
    part = np.where(np.arange(EXAMPLES) % 2, "test", "validation")
    width = len(OUTPUTS[task])
    rows = np.arange(EXAMPLES * LENGTH * width).reshape(EXAMPLES, LENGTH, width)
    noise = (rows * 0.6180339887 + 0.37 * seed + 0.11 * fold) % 1
    if task == "regression":
        target = np.sin(rows[:, 0] + fold)
        score = target + noise[:, 0]
    elif task in ("binary", "multilabel"):
        target = (rows[:, 0] // width + np.arange(width)) % 3 // 2
        score = 0.4 * target + 0.6 * noise[:, 0]
    else:
        target = (np.arange(EXAMPLES * LENGTH).reshape(EXAMPLES, LENGTH) + fold) % 7 % width
        score = noise + 0.5 * (target[..., None] == np.arange(width))
        score /= score.sum(axis=2, keepdims=True)
        if task == "multiclass":
            target, score = target[:, :1], score[:, 0]
    return Run(fold, seed, score_table(names, part, target, score, OUTPUTS[task], task))


def summary(task):
    runs = [made_run(task, fold, seed) for fold in (0, 1) for seed in (1, 2)]
    leaking = {0: {"s1", "s3"}, 1: {"s5"}}
    groups = dict.fromkeys(leaking)
    names = dict(dataset="golden", model="m", task=task, root_seed=1)
    return evaluate(runs, **names, groups=groups, leaking=leaking).summary


@pytest.mark.parametrize("task", OUTPUTS)
def test_numbers_are_those_written_down(task):
    """Values to the sixth digit; bounds to the second, since draws may change with NumPy."""
    found, expected = summary(task), read_table(GOLDEN / f"{task}.tsv", SUMMARY_COLUMNS)
    facts = ["model", "part", "output", "metric", "runs", "unit"]
    pd.testing.assert_frame_equal(found[facts], expected[facts], check_dtype=False)
    for column, tolerance in (("value", 1e-6), ("spread", 1e-6), ("low", 1e-2), ("high", 1e-2)):
        np.testing.assert_allclose(
            found[column], expected[column], rtol=tolerance, atol=tolerance, err_msg=column
        )


if __name__ == "__main__":
    for task in OUTPUTS:
        write_table(summary(task), GOLDEN / f"{task}.tsv")
