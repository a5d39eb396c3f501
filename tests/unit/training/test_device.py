"""What a job computes on. GPUs are simulated as in test_lease; no backend sees those."""

import os
import shutil
import subprocess
import sys
from textwrap import dedent, indent

import keras
import numpy as np
import pytest
from forked_python import STEPS
from made_networks import small

from basewise import architectures
from basewise.core.errors import InputError
from basewise.sequences.alphabet import encode
from basewise.training import device

NVIDIA_SMI = """#!/bin/sh
echo "0, GPU-aaaa, NVIDIA H200, 143771"
echo "1, GPU-bbbb, NVIDIA H200, 143771"
"""
JOB = {"memory_mb": 2000, "threads": 3}
SEQUENCES = np.random.default_rng(4).choice(np.frombuffer(b"ACGTN", dtype=np.uint8), (6, 60))

POOLS = {
    "tensorflow": """
        import tensorflow as tf
        print(tf.config.threading.get_intra_op_parallelism_threads())
    """,
    "jax": """
        from pathlib import Path
        tasks = [file.read_text() for file in Path("/proc/self/task").glob("*/comm")]
        print(sum("XLAEigen" in task for task in tasks))
    """,
}
"""Code that prints how many threads a backend has."""

GRANTS = [
    ({}, 0),
    ({"gpu": 0}, 0),
    ({"gpu": 2}, 2),
    ({"gpu": 0, "gres": "gpu:2"}, 2),
    ({"gpu": 0, "gres": "gpu:a100:2"}, 2),
    ({"gpu": 0, "gres": "gpu:nvidia_a100_1g.5gb:1"}, 1),
    ({"gpu": 0, "gres": "lscratch:200"}, 0),
]

TWO_DEVICES = """
    import contextlib, tensorflow as tf
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    import keras, numpy as np
    from basewise.architectures import build
    from basewise.store.shards import Piece, pack_tensors
    from basewise.training.batches import Batches
    from basewise.training.feeding import fit, predict

    letters = np.random.default_rng(1).choice(np.frombuffer(b"ACGT", dtype=np.uint8), (71, 20))
    piece = Piece(letters, letters[:, :1] % 2, [f"e{row}" for row in range(71)])
    tensors, rows = pack_tensors([piece], task="binary", outputs=["label"]), np.arange(71)

    def weights(scope):
        with scope:
            keras.utils.set_random_seed(1)
            model = build("conv1d", length=20, filters=4)
            model.compile("adam", "binary_crossentropy")
            model.optimizer.build(model.trainable_variables)
            fit(model, Batches(tensors, rows, 32), None, range(3), [])
            scores = predict(model, tensors, rows, 32)
            return np.concatenate([part.ravel() for part in (*model.get_weights(), scores)])

    one, two = weights(contextlib.nullcontext()), weights(device.over_devices(["CPU:0", "CPU:1"]))
    print(np.abs(one).max(), np.abs(one - two).max())
"""


@pytest.fixture
def two_cards(tmp_path, monkeypatch):
    (tmp_path / "nvidia-smi").write_text(NVIDIA_SMI)
    (tmp_path / "nvidia-smi").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "GPU-aaaa,GPU-bbbb")


@pytest.fixture
def backends(monkeypatch):
    """The environment and the backends stay as they are; both see no GPU."""
    monkeypatch.setattr(os, "environ", dict(os.environ))
    monkeypatch.setattr(device, "_start_tensorflow", lambda threads, deterministic: 0)
    monkeypatch.setattr(device, "_start_jax", lambda: 0)
    monkeypatch.setattr(device, "_set_keras", lambda backend, precision: None)


def prepared(code, **asked):
    """Lines that a process prints which prepares and then runs some code."""
    head = f"from basewise.training import device\nwith device.prepare(**{JOB | asked}) as used:\n"
    program = head + "    print(used)\n" + indent(dedent(code), "    ")
    if asked.get("backend") == "jax":
        command = [sys.executable, "-c", program]
        done = subprocess.run(command, capture_output=True, text=True)
    else:
        done = STEPS.run(["-c", program])
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("backend", ["tensorflow", pytest.param("jax", marks=pytest.mark.slow)])
def test_a_card_that_the_backend_does_not_see_is_no_card(two_cards, backend):
    lines = prepared(POOLS[backend], gpu=1, backend=backend, precision="mixed_bfloat16")
    title = {"tensorflow": "TensorFlow", "jax": "JAX"}[backend]
    rest = f"3 threads, mixed_bfloat16, {title} "
    assert lines[0].startswith(f"Device: NVIDIA H200 (150.8 GB), {rest}")
    assert lines[0].endswith("; 2,000 MB of memory")
    assert lines[1] == f"Device: CPU, {title} sees 0 of 1 GPU"
    assert lines[2].startswith(f"CPU ({title} sees 0 of 1 GPU), {rest}")
    assert lines[3] == "3"


@pytest.mark.slow
def test_two_devices_learn_what_one_does():
    largest, difference = map(float, prepared(TWO_DEVICES, gpu=0)[-1].split())
    assert 0 < difference < 0.01 * largest


@pytest.mark.parametrize(
    ("visible", "asked", "used"),
    [
        ("0", {"gpu": 0}, "CPU, 3 threads, float32, JAX"),
        ("0", {"gpu": 1, "cards": 0}, "CPU, 3 threads, float32, JAX"),
        (
            "-1",
            {"gpu": 1},
            "CPU (the rule asks for a GPU and none is there), 3 threads, float32, JAX",
        ),
    ],
)
def test_the_cpu_is_named_with_the_reason(
    two_cards, backends, monkeypatch, visible, asked, used, capsys
):
    os.environ["CUDA_VISIBLE_DEVICES"] = visible
    with device.prepare(**asked, backend="jax", **JOB) as said:
        assert said.startswith(used)
        assert os.environ["CUDA_VISIBLE_DEVICES"] == ""
    assert capsys.readouterr().out == f"Device: {said}; 2,000 MB of memory\n"


@pytest.mark.parametrize(
    ("visible", "asked", "message"),
    [
        ("", {"gpu": 1, "require_gpu": True}, "the rule asks for a GPU and none is there"),
        ("0", {"gpu": 0, "require_gpu": True}, "give the job one"),
        ("0,1", {"gpu": 1, "cards": 2}, "`cards: 2`, and the job was given 1 GPU; raise"),
        ("0,1", {"gpu": 3, "cards": 3}, "3 GPUs are asked for, there are 2"),
        ("0,1", {"gpu": 2, "cards": 2, "backend": "jax"}, "needs `backend: tensorflow`"),
        ("0,1", {"gpu": 1, "require_gpu": True}, "TensorFlow sees 0 of 1 GPU; `make gpu` installs"),
    ],
)
def test_what_cannot_be_had_is_refused(two_cards, backends, visible, asked, message):
    os.environ["CUDA_VISIBLE_DEVICES"] = visible
    with pytest.raises(InputError, match=message), device.prepare(**JOB, **asked):
        pass


def test_a_backend_that_keras_does_not_compute_with_is_a_bug(monkeypatch):
    monkeypatch.setattr(os, "environ", dict(os.environ))
    monkeypatch.setattr(device, "_start_jax", lambda: 0)
    message = "Keras computes with tensorflow, not jax; it was imported too soon"
    with pytest.raises(RuntimeError, match=message), device.prepare(backend="jax", gpu=0, **JOB):
        pass


@pytest.fixture
def mixed():
    keras.config.set_dtype_policy("mixed_bfloat16")
    yield
    keras.config.set_dtype_policy("float32")


@pytest.mark.slow
def test_mixed_precision_keeps_weights_and_scores_in_32_bits(mixed, tmp_path):
    onehot = encode(SEQUENCES)
    models = {name: small(name) for name in architectures.names()}
    models["both strands"] = small("conv1d", reverse_complement="average")
    for name, model in models.items():
        assert "bfloat16" in {layer.compute_dtype for layer in model._flatten_layers()}, name
        assert {weight.dtype for weight in model.weights} == {"float32"}, name
        scores = model.predict(onehot, verbose=0)
        assert scores.dtype == np.float32, name
        assert np.isfinite(scores).all(), name
        model.save(tmp_path / "model.keras")
        loaded = keras.saving.load_model(tmp_path / "model.keras", safe_mode=True)
        np.testing.assert_array_equal(loaded.predict(onehot, verbose=0), scores, err_msg=name)


@pytest.mark.parametrize(("resources", "cards"), GRANTS)
def test_cards_are_asked_for_by_number_or_as_slurm_writes_them(resources, cards):
    assert device.granted(resources) == cards


@pytest.mark.parametrize("gres", ["gpu", "gpu:a100"])
def test_cards_without_a_number_are_refused(gres):
    with pytest.raises(InputError, match=f"`gres: {gres}` .* write {gres}:1"):
        device.granted({"gpu": 0, "gres": gres})


PROGRAM = """
import hashlib, numpy
from basewise.training.device import prepare
with prepare(gpu=0, memory_mb=1000, threads=1):
    import keras
    keras.utils.set_random_seed(1)
    layers = [keras.layers.Conv1D(4, 3), keras.layers.BatchNormalization()]
    model = keras.Sequential([keras.Input((20, 4)), *layers, keras.layers.GlobalMaxPool1D()])
    model.compile("adam", "mse")
    x = numpy.eye(4)[numpy.arange(40).reshape(2, 20) % 4]
    model.fit(x, numpy.ones((2, 4)), verbose=0)
    print(hashlib.sha256(model.predict(x, verbose=0).tobytes()).hexdigest(), model.dtype)
"""


@pytest.mark.slow
def test_what_the_user_keeps_for_other_programs_changes_no_score(tmp_path, data):
    home = tmp_path / "home"
    (home / ".keras").mkdir(parents=True)
    shutil.copy(data.parent / "cases/f08-hidden-user-state/keras.json", home / ".keras")
    hidden = {
        **{"HOME": str(home), "XDG_CONFIG_HOME": str(home), "XDG_CACHE_HOME": str(home)},
        **{"KERAS_HOME": str(home / ".keras"), "KERAS_BACKEND": "torch"},
        **{"TF_ENABLE_ONEDNN_OPTS": "0", "TF_USE_LEGACY_KERAS": "1"},
    }
    plain = {name: value for name, value in os.environ.items() if name not in hidden}
    said = [
        subprocess.run(
            [sys.executable, "-c", PROGRAM], capture_output=True, text=True, env=env, check=True
        ).stdout.splitlines()[-1]
        for env in (plain, {**plain, **hidden})
    ]
    assert said[0] == said[1] and said[0].endswith("float32")
    assert [path.name for path in home.rglob("*")] == [".keras", "keras.json"]
