import json

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from basewise import baselines
from basewise.examples.control import fitted_parts, shuffle_labels
from basewise.sequences.alphabet import letters_of
from basewise.store.parts import write_split
from basewise.store.run_records import RunRecord
from basewise.store.shards import open_tensors, write_tensors
from basewise.training.run import train_and_save

RUN = RunRecord("d", "m", 0, 1, device="CPU")
FILES = ("model", "history", "scores", "run")


def saved(folder, letters, target, part, **what):
    ids = [f"e{row}" for row in range(len(letters))]
    write_tensors(folder / "tensors", [(letters, target, ids)], **what)
    write_split(pd.DataFrame({"id": ids, "group": None}), part, folder / "split.tsv")
    return open_tensors(folder / "tensors")


@pytest.mark.parametrize("task", ["multilabel", "per_position"])
@pytest.mark.parametrize("again", [False, True])
def test_whole_rows_change_places_within_the_fitted_parts(tmp_path, task, again):
    draws = np.random.default_rng(1)
    width = {"multilabel": 3, "per_position": 20}[task]
    target, letters = draws.integers(0, 2, (90, width)), letters_of(["ACGTT" * 4] * 90)
    target[:, 0] = target[:, 1]
    part = np.repeat(["train", "validation", "test"], 30)
    tensors = saved(tmp_path, letters, target, part, task=task, outputs=["x", "y", "z"])
    parts = fitted_parts(again)
    found = shuffle_labels(tensors, part, parts, 1, RUN).target
    for name in ("train", "validation", "test"):
        before, after = target[part == name], found[part == name]
        assert (before != after).any() == (name in parts)
        np.testing.assert_array_equal(*(np.sort(_words(rows)) for rows in (before, after)))
    np.testing.assert_array_equal(found, shuffle_labels(tensors, part, parts, 1, RUN).target)
    other = shuffle_labels(tensors, part, parts, 1, RUN._replace(seed=2)).target
    assert (found != other).any()
    np.testing.assert_array_equal(tensors.target, target)


def _words(rows):
    """The rows as texts, so that those that stay whole can be sorted."""
    return np.array(["".join(map(str, row)) for row in rows])


@pytest.fixture(scope="module")
def peaks(tmp_path_factory):
    """Sequences of which half have a motif: an easy problem."""
    folder = tmp_path_factory.mktemp("peaks")
    draws, label = np.random.default_rng(1), np.resize([0, 1], 600)
    letters = draws.choice(np.frombuffer(b"ACGT", dtype=np.uint8), (600, 40))
    letters[label == 1, 10:18] = letters_of(["TGACTCAG"])
    part = draws.choice(["train", "validation", "test"], 600, p=[0.5, 0.25, 0.25])
    saved(folder, letters, label[:, None], part, task="binary", outputs=["label"])
    return folder


def auroc(folder, train, facts, seed=1, **how):
    """AUROC on test of a run, and its record; `facts` may say whose control it is."""
    paths = {name: str(folder / name) for name in FILES} | {"model": str(folder / "m.keras")}
    run = RUN._replace(seed=seed, **facts)
    train(
        folder / "tensors", folder / "split.tsv", paths, run, transform="none", root_seed=1, **how
    )
    scores = pd.read_parquet(folder / "scores")
    test = scores[scores["part"] == "test"]
    record = json.loads((folder / "run").read_text())
    return roc_auc_score(test["target.label"], test["score.label"]), record


def test_a_baseline_learns_and_its_control_does_not(peaks):
    facts = {"baseline": "kmer_logistic", "settings": {"largest_k": 4}}
    found, record = auroc(peaks, baselines.fit_and_save, facts)
    assert found > 0.95
    assert record["control"] is None
    assert record["examples_per_second"] > 0
    truth = pd.read_parquet(peaks / "scores")["target.label"]
    seeds = range(1, 21)
    control = facts | {"control": "kmers"}
    controls = [auroc(peaks, baselines.fit_and_save, control, seed) for seed in seeds]
    # one alone scatters more than its test examples let it, as its weights may point anywhere
    assert np.mean([score for score, _ in controls]) == pytest.approx(0.5, abs=0.1)
    assert controls[0][1]["control"] == "kmers"
    pd.testing.assert_series_equal(pd.read_parquet(peaks / "scores")["target.label"], truth)


def test_a_network_learns_shuffled_labels_without_touching_those_it_is_scored_by(peaks):
    training = {"epochs": 2, "batch_size": 32, "patience": 5, "learning_rate": 0.01}
    facts = {"architecture": "conv1d", "settings": {"filters": 4}, "training": training}
    how = {"device_settings": {}, "memory_mb": 2000, "code": ""}
    found, record = auroc(peaks, train_and_save, facts, **how)
    truth = pd.read_parquet(peaks / "scores")["target.label"]
    control, shuffled = auroc(peaks, train_and_save, facts | {"control": "net"}, **how)
    assert found > 0.9 > control
    assert (record["control"], shuffled["control"]) == (None, "net")
    assert record["weights_sha256"] != shuffled["weights_sha256"]
    assert record["examples_per_second"] > 10
    pd.testing.assert_series_equal(pd.read_parquet(peaks / "scores")["target.label"], truth)
