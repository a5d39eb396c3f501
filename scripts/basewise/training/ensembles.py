"""Ensembles: the mean of the scores of several trained runs."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from basewise.core.errors import InputError
from basewise.store.memory import peak_memory_mb
from basewise.store.run_records import RunRecord, read_run, write_run
from basewise.store.scores import outputs_of, read_scores, write_scores
from basewise.store.tables import score_column


def average_runs(
    scores: Sequence[str | Path],
    records: Sequence[str | Path],
    paths: Mapping[str, str],
    run: RunRecord,
) -> None:
    """Average the scores of runs of one fold (`mean_scores`) and write them as a run of their own.

    `records` belong to `scores`, in the same order; `paths` say where to write ``scores`` and
    ``run``.
    """
    started = time.monotonic()
    averaged = [read_run(path) for path in records]
    print(f"Averaging {len(scores)} runs")
    write_scores(mean_scores(scores), paths["scores"])
    done = run._replace(
        members=[{"model": member.model, "seed": member.seed} for member in averaged],
        averages=sorted({kind for member in averaged for kind in member.averages or [member.kind]}),
        parameters=sum(member.parameters for member in averaged),
        device="CPU",
        peak_memory_mb=peak_memory_mb(),
        seconds=time.monotonic() - started,
    )
    write_run(paths["run"], done, ("numpy", "pandas"))


def mean_scores(paths: Sequence[str | Path]) -> pd.DataFrame:
    """The score table of an ensemble (see `scores.score_table`): means of probabilities or values.

    B. Lakshminarayanan, A. Pritzel, C. Blundell, "Simple and scalable predictive uncertainty
    estimation using deep ensembles", NeurIPS 30, 2017, section 2.4. Means of probabilities of
    classes again add up to 1. The sum is taken in float64 and in the order of the paths.

    Raises
    ------
    InputError
        When a file speaks of other examples, targets or outputs than the first, or in another
        order.
    """
    first = read_scores(paths[0])
    columns = [score_column(output) for output in outputs_of(first)]
    facts = first.drop(columns=columns)
    total = np.zeros((len(first), len(columns)))
    for path in paths:
        table = read_scores(path)
        if list(table.columns) != list(first.columns) or not table[facts.columns].equals(facts):
            raise InputError(
                f"holds other examples, targets or outputs than {paths[0]}, so that they cannot be "
                "averaged; remove both and run again",
                path,
            )
        total += table[columns].to_numpy(dtype=np.float64)

    return first.assign(
        **dict(zip(columns, (total / len(paths)).astype(np.float32).T, strict=True))
    )
