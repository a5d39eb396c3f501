import shutil
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from made_networks import TRAINING, parts, random_letters, tensors_of, trained
from sklearn.metrics import log_loss, roc_auc_score

from basewise.core.errors import InputError
from basewise.examples.simulation import simulate_promoters
from basewise.sequences.alphabet import letters_of, reverse_complement
from basewise.store.shards import open_tensors
from basewise.training.network import fit_network, predict


class Run(NamedTuple):
    """What a training gave and printed, and where its files lie."""

    scores: pd.DataFrame
    record: dict
    output: str
    folder: Path


@pytest.fixture(scope="module")
def plain(promoters, tmp_path_factory):
    """A training with no option, on tensors in memory."""
    folder = tmp_path_factory.mktemp("plain") / "run"
    shutil.copytree(promoters, folder)
    with redirect_stdout(StringIO()) as output:
        scores, record = trained(folder, memory_mb=3000)
    return Run(scores, record, output.getvalue(), folder)


@pytest.fixture(scope="module")
def promoters(tmp_path_factory):
    """A folder with tensors and a split of a binary dataset."""
    folder = tmp_path_factory.mktemp("promoters")
    sequences, labels = simulate_promoters(300, 40)
    target = labels[:, None].astype(np.int8)
    tensors_of(folder, letters_of(sequences), target, task="binary", outputs=["label"])
    return folder


@pytest.mark.slow
def test_same_seed_same_bytes(promoters):
    tensors = open_tensors(promoters / "tensors")

    def fit(seed):
        return fit_network(
            tensors,
            parts(300),
            architecture="multiscale_attention",
            settings={"filters": 8, "kernel_sizes": [3], "reverse_complement": "augment"},
            training=TRAINING._replace(shift=2),
            seed=seed,
        )

    first, second, other = fit(1), fit(1), fit(2)
    for one, two in zip(first.model.get_weights(), second.model.get_weights(), strict=True):
        assert one.tobytes() == two.tobytes()
    pd.testing.assert_frame_equal(first.history, second.history)
    assert first.history["loss"].tolist() != other.history["loss"].tolist()


def test_streamed_tensors_train_the_same_bytes(plain, promoters, capsys):
    assert "limit 2.0 GB: in memory" in plain.output
    trained(promoters, memory_mb=0)
    assert "limit 0.0 MB: streaming" in capsys.readouterr().out
    for file in ("s.parquet", "h.tsv"):
        assert (promoters / file).read_bytes() == (plain.folder / file).read_bytes()


def test_history_names_the_epochs(plain):
    scores, run = plain.scores, plain.record
    history = pd.read_csv(plain.folder / "h.tsv", sep="\t")
    assert history["epoch"].tolist() == [1, 2]
    assert set(history) == {
        *("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "learning_rate")
    }
    assert list(scores) == ["id", "part", "target.label", "score.label"]
    assert scores["part"].tolist() == ["validation", "test"] * 75
    assert run["training"]["shift"] == 0


@pytest.mark.parametrize("transform", [pytest.param("zscore", marks=pytest.mark.slow), "log10"])
def test_a_regression_scores_in_the_targets_own_unit(tmp_path, transform):
    letters = random_letters(1200, 12)
    share = (letters == ord("G")).mean(axis=1) + 2 * (letters == ord("T")).mean(axis=1)
    target = np.stack([5000 + 1000 * share, 10 ** (3 * share)], axis=1).astype(np.float32)
    tensors_of(tmp_path, letters, target, task="regression", outputs=["yield", "count"])
    scores, run = trained(tmp_path, transform=transform, epochs=8, learning_rate=0.03)
    rows = np.flatnonzero(parts(1200) != "train")
    for number, output in enumerate(["yield", "count"]):
        np.testing.assert_array_equal(scores[f"target.{output}"], target[rows, number])
    learned = {"zscore": "yield", "log10": "count"}[transform]
    truth, score = scores[f"target.{learned}"], scores[f"score.{learned}"]
    if transform == "log10":
        truth, score = np.log10(truth), np.log10(score)
    assert ((score - truth) ** 2).mean() < 0.05 * truth.var()

    train = target[parts(1200) == "train"].astype(float)
    mean = train.mean(axis=0) if transform == "zscore" else [0, 0]
    assert run["transform"]["name"] == transform
    assert run["transform"]["mean"] == pytest.approx(list(mean))
    history = pd.read_csv(tmp_path / "h.tsv", sep="\t")
    assert set(history) == {*("epoch", "loss", "mae", "val_loss", "val_mae", "learning_rate")}


def test_a_multilabel_network_scores_each_label(tmp_path):
    letters = random_letters(400, 12)
    target = np.stack([letters[:, 5] == ord("A"), letters[:, 6] == ord("C")], 1).astype(np.int8)
    tensors_of(tmp_path, letters, target, task="multilabel", outputs=["abf1", "reb1"])
    scores, _ = trained(tmp_path, epochs=10, learning_rate=0.01, batch_size=16)
    assert list(scores)[2:] == ["target.abf1", "score.abf1", "target.reb1", "score.reb1"]
    for output in ("abf1", "reb1"):
        assert roc_auc_score(scores[f"target.{output}"], scores[f"score.{output}"]) > 0.95
    validation = scores[scores["part"] == "validation"]
    predicted = validation.filter(like="score.").to_numpy() > 0.5
    accuracy = (predicted == validation.filter(like="target.").to_numpy()).mean()
    history = pd.read_csv(tmp_path / "h.tsv", sep="\t")
    assert history.loc[history["val_loss"].idxmin(), "val_accuracy"] == pytest.approx(accuracy)


def test_a_multiclass_network_scores_each_class(tmp_path):
    letters = random_letters(400, 12, b"ACGU")
    classes = ["ei", "ie", "n"]
    target = np.searchsorted(np.array(list(b"AC")), letters[:, 5]).astype(np.int16)[:, None]
    tensors_of(tmp_path, letters, target, task="multiclass", outputs=classes, alphabet="rna")
    scores, _ = trained(tmp_path, epochs=10, learning_rate=0.01, batch_size=16)
    indicator = scores[[f"target.{name}" for name in classes]].to_numpy()
    score = scores[[f"score.{name}" for name in classes]].to_numpy()
    np.testing.assert_allclose(score.sum(axis=1), 1, rtol=1e-6)
    rows = np.flatnonzero(parts(400) != "train")
    np.testing.assert_array_equal(indicator, np.eye(3)[target[rows, 0]])
    assert (score.argmax(axis=1) == indicator.argmax(axis=1)).mean() > 0.95


@pytest.mark.parametrize(("strands", "learned"), [("augment", True), ("none", False)])
def test_augmented_training_sees_both_strands(tmp_path, strands, learned):
    letters = random_letters(800, 16)
    target = np.random.default_rng(2).integers(0, 2, (800, 1), dtype=np.int8)
    letters[target[:, 0] == 1, 4:10] = np.frombuffer(b"AAGGAG", dtype=np.uint8)
    part = parts(800)
    tensors = tensors_of(tmp_path, letters, target, task="binary", outputs=["label"])
    fit = fit_network(
        tensors,
        part,
        architecture="conv1d_wide",
        settings={"filters": 32, "kernel_size": 6, "reverse_complement": strands},
        training=TRAINING._replace(epochs=6, learning_rate=0.02),
        seed=1,
    )
    other_strand = fit.model.predict(reverse_complement(tensors.onehot()), verbose=0)[:, 0]
    assert (roc_auc_score(target[:, 0], other_strand) > 0.9) == learned
    rows = np.flatnonzero(part == "validation")
    as_it_is = log_loss(target[rows, 0], predict(fit.model, tensors, rows, 32)[:, 0])
    assert fit.history["val_loss"].min() == pytest.approx(as_it_is, rel=1e-4)


@pytest.mark.parametrize("strands", ["average", "augment"])
def test_only_dna_has_a_reverse_complement(tmp_path, strands):
    target = np.resize([0, 1], 40).astype(np.int8)[:, None]
    letters = random_letters(40, 9, b"ACGU")
    tensors_of(tmp_path, letters, target, task="binary", outputs=["label"], alphabet="rna")
    with pytest.raises(InputError, match=f"`reverse_complement: {strands}` needs DNA, this"):
        trained(tmp_path, settings={"reverse_complement": strands})


def test_only_a_regression_has_a_transform(promoters):
    with pytest.raises(InputError, match="`transform: zscore` needs a regression, this dataset is"):
        trained(promoters, transform="zscore")


def test_every_position_gets_a_class(tmp_path):
    letters = random_letters(300, 24)
    letters[:, -2:] = ord("-")
    target = (letters == ord("G")).astype(np.uint8)
    tensors_of(tmp_path, letters, target, task="per_position", outputs=["other", "g"])
    settings = {"filters": 8, "kernel_size": 3, "rnn_units": 8}
    scores, _ = trained(
        tmp_path, architecture="conv_birnn", settings=settings, epochs=6, learning_rate=0.05
    )
    assert list(scores)[:3] == ["id", "part", "position"]
    assert scores["position"].tolist() == [*range(22)] * 150
    assert scores["id"].nunique() == 150
    np.testing.assert_array_equal(
        scores["target.g"], (letters[parts(300) != "train", :22] == ord("G")).ravel()
    )
    assert roc_auc_score(scores["target.g"], scores["score.g"]) > 0.99
    np.testing.assert_allclose(scores["score.g"] + scores["score.other"], 1, atol=1e-6)


@pytest.mark.usefixtures("op_by_op")
def test_too_little_memory_is_told_on_the_cpu_only(promoters):
    for device, told in (("CPU, 1 thread", True), ("NVIDIA H200 (150.8 GB), 1 thread", False)):
        _, run = trained(promoters, memory_mb=500, device=device, epochs=1)
        assert any("`set-resources: train_conv1d:" in line for line in run["advice"]) == told


def test_a_last_batch_that_leaves_a_card_empty_is_refused(promoters):
    with pytest.raises(InputError, match="last batch of train has 1 examples for 2 GPUs; take"):
        trained(promoters, batch_size=149, cards=2)


@pytest.mark.usefixtures("op_by_op")
def test_a_network_that_cannot_learn_is_warned_about(promoters, capsys):
    _, run = trained(promoters, learning_rate=1e-9, epochs=1)
    text = capsys.readouterr().out
    assert any("raise `epochs`" in line for line in run["warnings"])
    for title, lines in (("Warning", run["warnings"]), ("Advice", run["advice"])):
        assert lines
        assert all(f"{title}: {line}\n" in text for line in lines)


@pytest.mark.usefixtures("op_by_op")
def test_adapted_settings_are_written_down(promoters, capsys):
    settings = {"filters": 8, "rnn_units": 4, "adapt": "auto"}
    _, run = trained(promoters, architecture="danq", settings=settings, epochs=1)
    assert run["changes"] == ["pool_size 13 -> 1", "dense_units 925 -> 32"]
    assert "Adapted: pool_size 13 -> 1\n" in capsys.readouterr().out


@pytest.mark.usefixtures("op_by_op")
def test_a_feature_stage_sees_training_examples_only(promoters):
    tensors = open_tensors(promoters / "tensors")
    part = parts(300)

    def fit(part):
        fitted = fit_network(
            tensors,
            part,
            architecture="dnn_kmer",
            settings={"largest_k": 2},
            training=TRAINING._replace(epochs=1),
            seed=1,
        )
        return fitted.model.get_layer("standardise").get_weights()

    mean, variance = fit(part)
    frequencies = tensors.onehot()[part == "train"].mean(axis=1)
    np.testing.assert_allclose(mean[:4], frequencies.mean(axis=0), rtol=1e-4)
    np.testing.assert_allclose(variance[:4], frequencies.var(axis=0), rtol=1e-3)


@pytest.mark.slow
@pytest.mark.usefixtures("op_by_op")
def test_an_autoencoder_reconstructs_first(promoters):
    _, run = trained(promoters, architecture="autoencoder", settings={"latent_units": 8})
    assert set(run["reconstruction"]) == {"validation", "test"}
