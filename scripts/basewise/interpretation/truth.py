"""How well attributions find places that are known, such as motifs that were planted."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from basewise.core.arrays import Mask


def planted_places(planted: pd.DataFrame, ids: pd.Index, length: int) -> Mask:
    """Places that a table of them covers, shape (len(ids), length).

    `planted` has id, start and end, 0-based and half open; what overlaps counts once.
    """
    rows = {name: row for row, name in enumerate(ids)}
    covered = np.zeros((len(ids), length), dtype=bool)
    for site in planted[planted["id"].isin(ids)].itertuples():
        covered[rows[site.id], max(site.start, 0) : site.end] = True
    return covered


def truth_scores(said: NDArray[np.floating], planted: Mask, present: Mask) -> pd.DataFrame:
    """How well what is said of each place tells planted ones from others, a row a sequence.

    Parameters
    ----------
    said
        Of the letters that are there, see `mutagenesis.observed`, shape (n, length).
    planted, present
        Which places are planted, and which hold a letter, shape (n, length).

    Returns
    -------
    DataFrame
        auroc and auprc (average precision) of the absolute value, signed_auroc and signed_auprc of
        the value as it is; nan where nothing or everything is planted.
    """
    names = ["auroc", "auprc", "signed_auroc", "signed_auprc"]
    rows = []
    for values, truth, here in zip(said, planted, present, strict=True):
        known, sites = values[here], truth[here]
        if sites.all() or not sites.any():
            rows.append([np.nan] * 4)
            continue
        both = (np.abs(known), known)
        measures = (roc_auc_score, average_precision_score)
        rows.append([float(measure(sites, one)) for one in both for measure in measures])
    return pd.DataFrame(rows, columns=names)
