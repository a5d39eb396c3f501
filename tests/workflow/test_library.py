"""The front door makes what the workflow makes, to the last bit."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support import small_config

DOOR = """
import json, sys
from pathlib import Path
import basewise as bw

config, out = json.loads(sys.argv[1]), Path(sys.argv[2])
entry = config["datasets"]["peaks"]
del entry["models"]
peaks = bw.read_regions(**entry, name="peaks")
split = bw.split(peaks)
settings = {"filters": 4, **config["training"]}
network = bw.train(split, "conv1d", name="conv1d", seed=2, **settings)
kmers = [bw.train(split, "kmer_logistic", name="kmers", seed=s, largest_k=3) for s in (1, 2)]
measures = bw.evaluate(*kmers)

try:
    bw.train(split, "conv1d", threads=2, **settings)
except bw.library.InputError as error:
    (out / "refused.txt").write_text(str(error))

peaks.table.to_parquet(out / "examples.parquet")
peaks.dropped.to_csv(out / "dropped.tsv", sep="\\t", index=False)
(out / "part.txt").write_text("\\n".join(split.part))
bw.audit(split).summary.to_csv(out / "leakage.tsv", sep="\\t", index=False)
network.model.save(out / "model.keras")
network.scores.to_parquet(out / "network.parquet", index=False)
kmers[0].scores.to_parquet(out / "kmers.parquet", index=False)
measures.metrics.to_csv(out / "metrics.tsv", sep="\\t", index=False)
measures.summary.to_csv(out / "summary.tsv", sep="\\t", index=False)
"""


@pytest.fixture(scope="module")
def by_door(finished, tmp_path_factory) -> Path:
    """What the verbs make of a dataset of the finished workflow, in a Python of their own."""
    folder = tmp_path_factory.mktemp("door")
    command = [sys.executable, "-c", DOOR, json.dumps(small_config()), str(folder)]
    done = subprocess.run(command, cwd=finished.folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    return folder


def test_examples_and_split(by_door, finished):
    results = finished.folder / "results/peaks"
    made = pd.read_parquet(by_door / "examples.parquet")
    stored = pd.read_parquet(results / "examples/examples.parquet")
    pd.testing.assert_frame_equal(made, stored, check_dtype=False)
    dropped = [
        pd.read_csv(results / f"{stage}/dropped.tsv", sep="\t") for stage in ("extract", "examples")
    ]
    assert len(pd.read_csv(by_door / "dropped.tsv", sep="\t")) == sum(map(len, dropped))
    split = pd.read_csv(results / "splits/fold0.tsv", sep="\t")
    assert (by_door / "part.txt").read_text().split() == split["part"].tolist()
    leakage = (results / "leakage/fold0.summary.tsv").read_text()
    assert (by_door / "leakage.tsv").read_text() == leakage


def test_scores_and_weights(by_door, finished):
    import keras

    models = finished.folder / "results/peaks/models"
    for made, run in (("network", "conv1d/fold0/seed2"), ("kmers", "kmers/fold0/seed1")):
        stored = models / run / "scores.parquet"
        assert (by_door / f"{made}.parquet").read_bytes() == stored.read_bytes()
    network = keras.saving.load_model(by_door / "model.keras").get_weights()
    stored = keras.saving.load_model(models / "conv1d/fold0/seed2/model.keras").get_weights()
    for one, two in zip(network, stored, strict=True):
        assert np.array_equal(one, two)


def test_other_threads_need_another_python(by_door):
    refused = (by_door / "refused.txt").read_text()
    assert refused == "Keras runs in this Python with other settings; start a new one for these"


def test_measures(by_door, finished):
    evaluation = finished.folder / "results/peaks/evaluation/kmers"
    for file in ("metrics.tsv", "summary.tsv"):
        assert (by_door / file).read_text() == (evaluation / file).read_text()
