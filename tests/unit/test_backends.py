"""The same weights give the same scores whatever Keras computes with."""

import os
import subprocess
import sys
from textwrap import dedent

import numpy as np
import pytest
from test_architectures import small, with_task

from basewise import architectures
from basewise.alphabet import encode

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
