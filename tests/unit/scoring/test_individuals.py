"""Scores of new individuals: every baseline on genotypes, from its bundle alone."""

import numpy as np
import pandas as pd
import pytest
from made_bundles import TARGETS, made_letters, make_bundle, make_results

from basewise import baselines
from basewise.scoring.checking import check_bundle
from basewise.scoring.predictors import load_predictor

OF_GENOTYPES = [
    (name, task)
    for name, entry in baselines.registry().items()
    if "genotype" in entry["alphabets"]
    for task in ("binary", "regression")
    if task in entry["tasks"]
]


@pytest.mark.parametrize(("name", "task"), OF_GENOTYPES)
def test_scores_of_the_test_part_are_those_of_the_training(name, task, tmp_path):
    letters = made_letters(length=40, letters=b"0012.")
    if name != "gradient_boosting":  # which cannot be fitted on a marker that nobody has
        letters[:, 3] = ord(".")
    settings = {"trees": 20} if name == "random_forest" else {}
    runs = [(0, 1), (1, 1)]
    sources = make_results(tmp_path, task, runs, "genotype", letters, model=name, **settings)
    make_bundle(tmp_path / "b.zip", sources)
    checked = check_bundle(tmp_path / "b.zip")
    (output,) = TARGETS[task][0]
    for run, file in zip(checked.contract.runs, sources.scores, strict=True):
        tested = pd.read_parquet(file).query("part == 'test'")
        rows = tested["id"].str[1:].astype(int)
        scores = load_predictor(checked, run)(letters[rows])
        tolerance = 1e-6 * (900 if task == "regression" else 1)
        np.testing.assert_allclose(scores[:, 0], tested[f"score.{output}"], atol=tolerance)
