import numpy as np
import pytest

from basewise.architectures import build
from basewise.store.shards import open_tensors, write_tensors
from basewise.training.autoencoder import embed, embedding_table

LETTERS = np.random.default_rng(4).choice(np.frombuffer(b"ACGT", dtype=np.uint8), (30, 18))
IDS = [f"e{row}" for row in range(30)]
PART = np.resize(["train", "train", "validation", "test"], 30)


def tensors_of(folder, target, **what):
    write_tensors(folder / "tensors", [(LETTERS, target, IDS)], **what)
    return open_tensors(folder / "tensors")


def binary(folder):
    return tensors_of(folder, np.arange(30)[:, None] % 2, task="binary", outputs=["label"])


@pytest.mark.usefixtures("op_by_op")
@pytest.mark.parametrize("strands", ["none", "average"])
def test_latent_values_are_what_the_classifier_reads(tmp_path, strands):
    tensors = binary(tmp_path)
    model = build("autoencoder", length=18, latent_units=5, reverse_complement=strands)
    network = model if strands == "none" else model.get_layer("network")
    rows = np.array([7, 2, 29, 11])
    hidden = embed(model, tensors, rows, batch_size=3)
    for layer in network.layers[network.layers.index(network.get_layer("latent")) + 1 :]:
        hidden = layer(hidden)
    assert hidden.shape == (4, 1)
    np.testing.assert_allclose(hidden, network.predict(tensors.onehot(rows), verbose=0), atol=1e-6)


def test_the_plane_is_that_of_the_training_examples(tmp_path):
    tensors = binary(tmp_path)
    rows = np.arange(29, -1, -1)
    train = PART[rows] == "train"
    latent = np.zeros((30, 4))
    latent[train] = np.resize([[0, 3, 0, 0], [0, -3, 0, 0], [1, 0, 0, 0], [-1, 0, 0, 0]], (16, 4))
    latent[~train] = [0.5, -2, 9, 9]
    table = embedding_table(latent + np.array([4, 0, 5, 0]), tensors, rows, PART)
    assert list(table) == ["id", "part", "x", "y", "target.label"]
    assert table["id"].tolist() == IDS[::-1]
    assert table["part"].tolist() == PART[rows].tolist()
    assert table["target.label"].tolist() == (rows % 2).tolist()
    np.testing.assert_allclose(table["x"].abs(), np.abs(latent[:, 1]), atol=1e-6)
    np.testing.assert_allclose(table["y"].abs(), np.abs(latent[:, 0]), atol=1e-6)


@pytest.mark.parametrize(
    ("what", "target", "columns"),
    [
        (
            {"task": "multiclass", "outputs": ["donor", "none"]},
            np.arange(30)[:, None] % 2,
            {"target.label": ["donor", "none"] * 15},
        ),
        (
            {"task": "regression", "outputs": ["day1", "day2"]},
            np.column_stack([np.arange(30), -np.arange(30)]),
            {"target.day1": list(range(30)), "target.day2": [-row for row in range(30)]},
        ),
    ],
)
def test_targets_stand_beside_the_points(tmp_path, what, target, columns):
    tensors = tensors_of(tmp_path, target, **what)
    latent = np.random.default_rng(1).normal(size=(30, 3))
    table = embedding_table(latent, tensors, np.arange(30), PART)
    assert {name: table[name].tolist() for name in table.columns[4:]} == columns
