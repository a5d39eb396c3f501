import json

import numpy as np
import pandas as pd
import pytest

from basewise.core.errors import InputError
from basewise.store.run_records import RunRecord, write_run
from basewise.store.scores import score_table, write_scores
from basewise.training.ensembles import average_runs, mean_scores

IDS = np.array(["a", "b", "c"])
PARTS = np.array(["validation", "test", "test"])


def written(folder, *scores, target, outputs, task="binary", **how):
    """One score file for each array of scores."""
    paths = [folder / f"{number}.parquet" for number in range(len(scores))]
    for path, score in zip(paths, scores, strict=True):
        table = score_table(IDS, PARTS, np.array(target), np.array(score), outputs, task, **how)
        write_scores(table, path)
    return paths


def test_the_mean_of_probabilities_by_hand(tmp_path):
    scores = [[[0.5], [0.0], [1.0]], [[0.25], [0.0], [0.5]], [[0.75], [0.75], [0.75]]]
    paths = written(tmp_path, *scores, target=[[0], [1], [1]], outputs=["label"])
    found = mean_scores(paths)
    expected = pd.read_parquet(paths[0]).assign(**{"score.label": np.float32([0.5, 0.25, 0.75])})
    pd.testing.assert_frame_equal(found, expected)


def test_values_keep_their_unit_and_their_missing_targets(tmp_path):
    target = [[1.0, np.nan], [2.0, 5.0], [np.nan, 6.0]]
    scores = [[[100, -1], [200, 1], [300, 3]], [[300, 0], [200, 0], [100, 0]]]
    outputs = ["yield", "height"]
    found = mean_scores(written(tmp_path, *scores, target=target, outputs=outputs, task="other"))
    assert found["score.yield"].tolist() == [200, 200, 200]
    assert found["score.height"].tolist() == [-0.5, 0.5, 1.5]
    np.testing.assert_array_equal(found["target.height"], [np.nan, 5, 6])


def test_positions_are_averaged_one_by_one(tmp_path):
    target, known = [[0, 1], [1, 1], [0, 0]], np.array([[1, 1], [1, 0], [0, 1]], dtype=bool)
    scores = np.random.default_rng(1).dirichlet([1, 1], (4, 3, 2))
    how = {"outputs": ["exon", "none"], "task": "per_position", "known": known}
    found = mean_scores(written(tmp_path, *scores, target=target, **how))
    assert found["position"].tolist() == [0, 1, 0, 1]
    mean = scores.astype(np.float32).mean(axis=0)[known]
    np.testing.assert_allclose(found[["score.exon", "score.none"]], mean, rtol=1e-6)
    np.testing.assert_allclose(found[["score.exon", "score.none"]].sum(axis=1), 1, rtol=1e-6)


@pytest.mark.parametrize(
    "other",
    [
        {"target": [[0], [0], [1]], "outputs": ["label"]},
        {"target": [[0], [1], [1]], "outputs": ["other"]},
    ],
)
def test_runs_on_other_examples_are_refused(tmp_path, other):
    scores = [[0.5], [0.0], [1.0]]
    first = written(tmp_path, scores, target=[[0], [1], [1]], outputs=["label"])
    (tmp_path / "other").mkdir()
    second = written(tmp_path / "other", scores, **other)
    with pytest.raises(InputError, match=r"other/0\.parquet: holds other examples"):
        mean_scores([*first, *second])


def test_the_record_says_what_was_averaged(tmp_path):
    scores = written(tmp_path, *[[[0.5]] * 3] * 2, target=[[0], [1], [1]], outputs=["label"])
    records = [tmp_path / "danq.json", tmp_path / "kmers.json"]
    danq = RunRecord("d", "danq", 1, 3, architecture="danq", parameters=5)
    write_run(records[0], danq, [])
    write_run(records[1], RunRecord("d", "kmers", 1, 3, baseline="kmers", parameters=2), [])
    for networks in (False, True):
        paths = {"scores": tmp_path / "mean.parquet", "run": tmp_path / "run.json"}
        run = RunRecord("d", "both", 1, 3)
        average_runs(scores, records[:1] * 2 if networks else records, paths, run)
        found = json.loads(paths["run"].read_text())
        assert found["averages"] == (["network"] if networks else ["baseline", "network"])
    assert (found["model"], found["fold"], found["parameters"]) == ("both", 1, 10)
    assert found["members"] == [{"model": "danq", "seed": 3}] * 2
