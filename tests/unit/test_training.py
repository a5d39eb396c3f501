import numpy as np
import pandas as pd
import pytest

from basewise.alphabet import letters_of
from basewise.batches import Batches
from basewise.shards import open_tensors, write_tensors
from basewise.simulate import simulate_promoters
from basewise.training import Training, fit_network


@pytest.fixture(scope="module")
def tensors(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data") / "tensors"
    sequences, labels = simulate_promoters(300, 40)
    ids = [f"e{row}" for row in range(300)]
    write_tensors(folder, letters_of(sequences), labels[:, None].astype(np.int8), ids, ["label"])
    return open_tensors(folder)


PART = np.resize(["train", "train", "validation", "test"], 300)


def fit(tensors, seed):
    return fit_network(
        tensors,
        PART,
        architecture="multiscale_attention",
        settings={"filters": 8},
        training=Training(epochs=2, batch_size=32, patience=5, learning_rate=0.001),
        task="binary",
        seed=seed,
    )


def test_same_seed_same_bytes(tensors):
    first, second, other = fit(tensors, 1), fit(tensors, 1), fit(tensors, 2)
    for one, two in zip(first.model.get_weights(), second.model.get_weights(), strict=True):
        assert one.tobytes() == two.tobytes()
    pd.testing.assert_frame_equal(first.history, second.history)
    assert first.history["loss"].tolist() != other.history["loss"].tolist()


def test_history_names_the_epochs(tensors):
    history = fit(tensors, 3).history
    assert history["epoch"].tolist() == [1, 2]
    assert set(history) == {
        *("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate")
    }


def test_every_epoch_serves_every_row_once_in_a_new_order(tensors):
    rows = np.arange(0, 300, 3)
    batches = Batches(tensors, rows, 32, np.random.default_rng(1))
    assert len(batches) == 4
    orders = []
    for _ in range(2):
        orders.append(batches.order.tolist())
        onehot = np.concatenate([batches[index][0] for index in range(len(batches))])
        np.testing.assert_array_equal(onehot, tensors.onehot(batches.order))
        batches.on_epoch_end()
    assert sorted(orders[0]) == sorted(orders[1]) == rows.tolist()
    assert orders[0] != orders[1]
