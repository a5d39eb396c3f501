"""A training that is killed goes on where it was, and ends with the bytes of one that was not."""

import os
import subprocess
import sys

import numpy as np
import pytest
from made_networks import TRAINING, parts, tensors_of

from basewise.core.errors import InputError
from basewise.examples.simulation import simulate_promoters
from basewise.sequences.alphabet import letters_of
from basewise.training.checkpoints import Checkpoint, clear_states, digest_of, state_folder
from basewise.training.claims import CLAIM, take_claim
from basewise.training.epochs import Traces
from basewise.training.network import fit_network

CASES = {
    "plateau": {
        "architecture": "conv1d",
        "settings": {"filters": 4, "dropout": 0.3, "reverse_complement": "augment"},
        "training": {"epochs": 7, "shift": 2, "patience": 3, "learning_rate": 0.005},
    },
    "two learning phases": {
        "architecture": "autoencoder",
        "settings": {"latent_units": 4},
        "training": {"epochs": 3, "optimizer": "rmsprop", "clip_norm": 1.0},
    },
    "refit": {
        "architecture": "dnn_kmer",
        "settings": {"largest_k": 2},
        "training": {"epochs": 3, "refit": True, "optimizer": "adamw"},
    },
    "one cycle": {
        "architecture": "conv1d",
        "settings": {"filters": 4, "dropout": 0.3},
        "training": {
            "schedule": "one_cycle",
            "optimizer": "sgd",
            "momentum": 0.9,
            "average_decay": 0.5,
            "sampling": "balanced",
            "label_smoothing": 0.1,
        },
    },
    "recurrent": {
        "architecture": "danq",
        "settings": {"filters": 4, "rnn_units": 3, "dense_units": 4, "pool_size": 1},
        "training": {"epochs": 3, "average_decay": 0.5},
    },
    "cosine": {
        "architecture": "conv1d",
        "settings": {"filters": 4, "dropout": 0.5},
        "training": {
            "schedule": "cosine",
            "warmup_epochs": 2,
            "loss": "focal",
            "class_weights": "balanced",
        },
    },
}


SLOW = ("two learning phases", "refit", "one cycle", "recurrent", "cosine")


class KilledError(Exception):
    """Stands for a process that is gone."""


@pytest.fixture(scope="module")
def tensors(tmp_path_factory):
    sequences, labels = simulate_promoters(160, 40)
    target = labels[:, None].astype(np.int8)
    folder = tmp_path_factory.mktemp("tensors")
    return tensors_of(folder, letters_of(sequences), target, task="binary", outputs=["label"])


def fit(tensors, states, architecture, settings, training, claim=None):
    return fit_network(
        tensors,
        parts(160),
        architecture=architecture,
        settings=settings,
        training=TRAINING._replace(**{"epochs": 5, **training}),
        seed=3,
        traces=Traces(states=states, claim=claim),
    )


def killed_again_and_again(monkeypatch, epochs_a_life, run):
    """What `run` gives when each of its lives ends in the epoch after so many saved ones."""
    save, saved, lives = Checkpoint.on_epoch_end, 0, 0

    def save_or_die(checkpoint, epoch, logs=None):
        nonlocal saved
        if saved == epochs_a_life:
            raise KilledError
        saved += 1
        save(checkpoint, epoch, logs)

    with monkeypatch.context() as patch:
        patch.setattr(Checkpoint, "on_epoch_end", save_or_die)
        while True:
            saved, lives = 0, lives + 1
            try:
                return run(), lives
            except KilledError:
                pass


def the_same(one, two):
    pairs = zip(one.model.get_weights(), two.model.get_weights(), strict=True)
    return (
        all(first.tobytes() == second.tobytes() for first, second in pairs)
        and one.score.tobytes() == two.score.tobytes()
        and one.history.to_csv() == two.history.to_csv()
        and one.best_epoch == two.best_epoch
        and one.reconstruction == two.reconstruction
    )


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, marks=pytest.mark.slow) if case in SLOW else case for case in CASES],
)
def test_a_killed_training_ends_with_the_same_bytes(tensors, tmp_path, monkeypatch, case):
    epochs_a_life = 2 if CASES[case]["training"].get("epochs") == 3 else 3
    whole = fit(tensors, None, **CASES[case])
    resumed, lives = killed_again_and_again(
        monkeypatch, epochs_a_life, lambda: fit(tensors, tmp_path, **CASES[case])
    )
    assert lives >= 2
    assert the_same(resumed, whole)


def test_a_stopped_training_is_not_taken_up_again(tensors, tmp_path, capsys):
    settings = {**CASES["plateau"], "training": {"patience": 1, "epochs": 9, "learning_rate": 0.1}}
    first = fit(tensors, tmp_path, **settings)
    assert len(first.history) < 9
    capsys.readouterr()
    again = fit(tensors, tmp_path, **settings)
    assert the_same(again, first)
    assert f"Going on after epoch {len(first.history)} of 9 (train)" in capsys.readouterr().out


@pytest.mark.usefixtures("op_by_op")
def test_a_damaged_state_is_no_state(tensors, tmp_path, capsys):
    """Whichever bit turns and wherever it ends, also where zip would still find some arrays."""
    fit(tensors, tmp_path, **CASES["cosine"])
    state = tmp_path / "train.npz"
    assert Checkpoint(state, [], None).epochs == 5
    whole, draws = state.read_bytes(), np.random.default_rng(1)
    places = [*draws.integers(len(whole), size=150), *range(len(whole) - 600, len(whole), 4)]
    capsys.readouterr()
    turned = [whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :] for at in places]
    for content in (b"", whole[:16], whole[:-100], whole + whole, *turned):
        state.write_bytes(content)
        assert Checkpoint(state, [], None).epochs == 0
        assert capsys.readouterr().out == (
            f"The state in {state} is damaged; the training starts from the beginning\n"
        )
    state.write_bytes(whole)
    assert Checkpoint(state, [], None).epochs == 5


def test_states_that_another_job_has_removed_are_no_mistake(tmp_path):
    clear_states(tmp_path / "gone")


def test_states_of_other_settings_are_removed(tmp_path):
    old = state_folder(tmp_path, digest_of(epochs=5))
    old.mkdir()
    (tmp_path / "scores.parquet").touch()
    (tmp_path / ".unfinished-model.keras").touch()
    assert state_folder(tmp_path, digest_of(epochs=5)) == old
    assert old.exists()
    new = state_folder(tmp_path, digest_of(epochs=6))
    assert new != old
    assert {path.name for path in tmp_path.iterdir()} == {
        "scores.parquet",
        ".unfinished-model.keras",
    }


@pytest.mark.usefixtures("op_by_op")
@pytest.mark.parametrize("case", ["cosine", "two learning phases"])
def test_a_training_that_another_job_took_over_saves_nothing(tensors, tmp_path, case):
    states = tmp_path / "states"
    claim = take_claim(tmp_path / CLAIM)
    take_claim(tmp_path / CLAIM)
    with pytest.raises(InputError, match="another job has taken over"):
        fit(tensors, states, **CASES[case], claim=claim)
    assert not states.exists()


@pytest.mark.slow
def test_it_is_the_same_under_jax():
    command = [sys.executable, "-m", "pytest", "-q", __file__, "-k", "plateau or refit"]
    jax = {**os.environ, "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
    done = subprocess.run(command, env=jax, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert "2 passed" in done.stdout
