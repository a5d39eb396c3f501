"""Networks learn and score whatever Keras computes with."""

import json
import os
import subprocess
import sys
from textwrap import dedent

import keras
import numpy as np
import pandas as pd
import pytest
from made_networks import parts, random_letters, small, tensors_of, with_task

from basewise import architectures
from basewise.sequences.alphabet import encode

SEQUENCES = np.random.default_rng(3).choice(np.frombuffer(b"ACGTN", dtype=np.uint8), (6, 60))

OTHER_BACKEND = """
    import pathlib, sys
    sys.modules["basewise"] = None  # an import of it raises
    import keras, numpy
    assert keras.backend.backend() == "jax"
    onehot = numpy.load("onehot.npy", allow_pickle=False)
    for path in sorted(pathlib.Path().glob("*.keras")):
        scores = keras.saving.load_model(path, safe_mode=True).predict(onehot, verbose=0)
        numpy.save(path.with_suffix(".npy"), scores)
"""

TRAIN = """
    import sys
    from basewise.store.run_records import RunRecord
    from basewise.training import device

    networks = {
        "conv1d": {"filters": 4, "dropout": 0.3},
        "rnn": {"filters": 4, "rnn_units": 3, "dropout": 0.3},
    }
    training = {"epochs": 2, "batch_size": 16, "patience": 5, "learning_rate": 0.01}
    files = {"model": "m.keras", "history": "h.tsv", "scores": "s.parquet", "run": "run.json"}
    with device.prepare(gpu=0, memory_mb=2000, threads=1, backend=sys.argv[1]) as used:
        from basewise.training.run import train_and_save

        for name, turn in [(name, turn) for name in networks for turn in (1, 2)]:
            train_and_save(
                "tensors",
                "split.tsv",
                {key: f"{sys.argv[1]}/{name}/{turn}/{file}" for key, file in files.items()},
                RunRecord(
                    *("d", name, 0, 1),
                    architecture=name,
                    settings=networks[name],
                    training=training,
                    device=used,
                ),
                transform="none",
                root_seed=1,
                device_settings={},
                memory_mb=2000,
                code="",
            )
"""


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    letters = random_letters(64, 20)
    target = (letters[:, 3:4] == ord("A")).astype(np.int8)
    folder = tmp_path_factory.mktemp("backends")
    return folder, tensors_of(folder, letters, target, outputs=["A at 3"], task="binary")


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_a_network_learns_the_same_bytes_twice_and_scores_the_same_here(examples, backend):
    folder, tensors = examples
    subprocess.run([sys.executable, "-c", dedent(TRAIN), backend], cwd=folder, check=True)
    test = np.flatnonzero(parts(64) == "test")
    for name in ("conv1d", "rnn"):
        first, second = folder / backend / name / "1", folder / backend / name / "2"
        assert (first / "s.parquet").read_bytes() == (second / "s.parquet").read_bytes()
        assert (first / "h.tsv").read_bytes() == (second / "h.tsv").read_bytes()
        runs = [json.loads((run / "run.json").read_text()) for run in (first, second)]
        assert runs[0]["weights_sha256"] == runs[1]["weights_sha256"]
        assert backend in runs[0]["device"].lower()
        scores = pd.read_parquet(first / "s.parquet").query("part == 'test'")
        model = keras.saving.load_model(first / "m.keras", safe_mode=True)
        here = model.predict(tensors.onehot(test), verbose=0)
        np.testing.assert_allclose(scores["score.A at 3"], here[:, 0], atol=1e-4)


@pytest.mark.slow
def test_tensorflow_and_jax_agree_on_every_architecture(tmp_path):
    models = {name: small(name) for name in architectures.names()}
    models |= {
        f"{name} of positions": small(name, task="per_position", outputs=2)
        for name in with_task("per_position")
    }
    onehot = encode(SEQUENCES)
    np.save(tmp_path / "onehot.npy", onehot)
    for name, model in models.items():
        model.save(tmp_path / f"{name}.keras")
    subprocess.run(
        [sys.executable, "-c", dedent(OTHER_BACKEND)],
        cwd=tmp_path,
        env={**os.environ, "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"},
        check=True,
    )
    for name, model in models.items():
        scores = model.predict(onehot, verbose=0)
        other = np.load(tmp_path / f"{name}.npy")
        np.testing.assert_allclose(other, scores, atol=1e-4, err_msg=name)
