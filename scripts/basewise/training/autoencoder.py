"""Autoencoders: teaching one to give sequences back, and where examples lie in its latent space."""

from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from basewise.architectures.autoencoder import decoder, encoder
from basewise.core.arrays import Integers
from basewise.store.parts import PARTS, read_split
from basewise.store.receipts import checked
from basewise.store.shards import Tensors, open_tensors
from basewise.store.tables import OUTPUT, target_column, write_table
from basewise.training.batches import ONE, ZERO, Batches, Chunk, Feed
from basewise.training.epochs import NO_TRACES, Traces, run_epochs
from basewise.training.feeding import predict

PCA_ROWS = 10_000
"""Training examples, evenly spaced, that the PCA is fitted on at most."""

ROWS_AT_ONCE = 256

SMALLEST = 1e-7
"""Probability below which none counts, as in Keras."""


class Reconstruction(NamedTuple):
    """An autoencoder that was taught to give sequences back.

    `model` goes from one-hot bits to the probability of each letter at each position, with the
    weights of the best epoch; its encoder is the classifier's own and changes when that is trained.
    `history` has one row an epoch: epoch (from 1), loss, val_loss.
    """

    model: keras.Model
    history: pd.DataFrame


def pretrain(
    model: keras.Model,
    train_batches: Batches,
    validation_batches: Batches,
    tensors: Tensors,
    part: NDArray[np.str_],
    **training: Any,
) -> dict[str, dict[str, float]]:
    """Pre-train an autoencoder and give its `reconstruction_errors`, see `reconstruct`."""
    restored = reconstruct(model, train_batches, validation_batches, **training)
    return reconstruction_errors(restored.model, tensors, part)


def reconstruct(
    model: keras.Model,
    train_batches: Batches,
    validation_batches: Batches,
    *,
    epochs: int,
    patience: int,
    learning_rate: float,
    traces: Traces = NO_TRACES,
) -> Reconstruction:
    """Train the encoder of an `autoencoder`, in place, together with a decoder of its own.

    The loss is the mean cross-entropy of letters; padding and ambiguous letters do not count. Adam;
    training stops when the validation loss has not fallen for `patience` epochs. The targets of the
    batches are not used.
    """
    restored = decoder(model)
    loss = keras.losses.CategoricalCrossentropy(reduction="mean_with_sample_weight")
    restored.compile(keras.optimizers.Adam(learning_rate), loss)
    stopping = keras.callbacks.EarlyStopping(
        monitor="val_loss", patience=patience, restore_best_weights=True
    )
    run = run_epochs(
        restored,
        _ToThemselves(train_batches),
        epochs,
        [stopping],
        "reconstruct",
        traces,
        _ToThemselves(validation_batches),
    )

    return Reconstruction(restored, pd.DataFrame(run.rows))


def reconstruction_errors(
    model: keras.Model, tensors: Tensors, part: NDArray[np.str_]
) -> dict[str, dict[str, float]]:
    """How well held-out sequences are given back, beside PCA with as many components.

    `model` is that of `Reconstruction` before its encoder is trained any further.

    Returns
    -------
    dict
        For validation and test, where they have examples: ``cross_entropy``, the mean over letters
        in nats; ``letters_right``, the share of letters that have the highest probability; and
        ``pca_letters_right``, the same of the projection on the principal components of the
        training sequences. Padding and ambiguous letters do not count.
    """
    train = np.flatnonzero(part == "train")
    some = train[:: -(-len(train) // PCA_ROWS)]
    values = _flat(tensors.onehot(some))
    components = min(model.get_layer("latent").units, *values.shape)
    pca = PCA(components, random_state=0).fit(values)
    rows = {name: np.flatnonzero(part == name) for name in ("validation", "test")}
    return {
        name: _errors(model, pca, tensors, rows_of_part)
        for name, rows_of_part in rows.items()
        if len(rows_of_part)
    }


def _known_letters(onehot: Any, ops: Any = np) -> Any:
    """One-hot bits with zeros where a letter is ambiguous, float32."""
    known = ops.sum(onehot, axis=-1, keepdims=True) == 1
    return ops.where(ops.logical_and(known, onehot), ONE, ZERO)


class _ToThemselves(Feed):
    """Batches whose targets are the sequences themselves, with weight 1 for each known letter."""

    def __init__(self, batches: Batches) -> None:
        super().__init__()
        self.source, self.batch_size = batches, batches.batch_size

    def chunk(self, start: int, stop: int) -> Chunk:
        return self.source.chunk(start, stop)

    def examples(self, part: Chunk, ops: Any) -> tuple[Any, ...]:
        onehot = self.source.examples(part, ops)[0]
        target = _known_letters(onehot, ops)
        return onehot, target, ops.sum(target, axis=-1)


def _errors(model: keras.Model, pca: PCA, tensors: Tensors, rows: Integers) -> dict[str, float]:
    """Errors of some rows, see `reconstruction_errors`."""
    batches = Batches(tensors, rows, ROWS_AT_ONCE)
    sums: Any = 0
    for number in range(len(batches)):
        onehot = batches[number][0]
        truth: NDArray[np.float32] = _known_letters(onehot)
        probability = model.predict_on_batch(onehot)
        projected = pca.inverse_transform(pca.transform(_flat(onehot))).reshape(truth.shape)
        entropy = -(truth * np.log(np.maximum(probability, SMALLEST))).sum()
        sums = sums + np.array(
            [entropy, _right(truth, probability), _right(truth, projected), truth.sum()]
        )

    *values, letters = sums
    names = ("cross_entropy", "letters_right", "pca_letters_right")
    return {name: float(value / letters) for name, value in zip(names, values, strict=True)}


def _flat(onehot: NDArray[np.uint8]) -> NDArray[np.float32]:
    known: NDArray[np.float32] = _known_letters(onehot)
    return known.reshape(len(onehot), -1)


def _right(truth: NDArray[np.float32], values: NDArray[np.float32]) -> float:
    """Number of known letters that have the highest value."""
    guess = values.argmax(axis=-1)
    return float(np.take_along_axis(truth, guess[..., None], axis=-1).sum())


PICTURED = 2_000


def embed(
    model: keras.Model, tensors: Tensors, rows: Integers, batch_size: int
) -> NDArray[np.float32]:
    """Latent values of some rows, strand as given, shape (rows, latent units)."""
    return predict(encoder(model), tensors, rows, batch_size)


def embedding_table(
    latent: NDArray[np.float32], tensors: Tensors, rows: Integers, part: NDArray[np.str_]
) -> pd.DataFrame:
    """Project the latent values of `rows` on the first two principal components of those in train.

    Columns: id, part, x, y, then the targets as in examples.parquet: target.<output>, for
    multiclass target.label with the name of the class.
    """
    parts = part[rows]
    plane = PCA(2, svd_solver="full").fit(latent[parts == "train"]).transform(latent)
    columns: dict[str, Any] = {
        "id": pd.Series(tensors.ids[rows], dtype="str"),
        "part": parts,
        "x": plane[:, 0],
        "y": plane[:, 1],
    }
    target = tensors.target[rows]
    if tensors.task == "multiclass":
        columns[target_column(OUTPUT)] = np.array(tensors.outputs)[target[:, 0]]
    else:
        for number, output in enumerate(tensors.outputs):
            columns[target_column(output)] = target[:, number]

    return pd.DataFrame(columns)


def embed_and_save(
    tensors_folder: str | Path, split_path: str | Path, model_path: str | Path, path: str | Path
) -> None:
    """Write the `embedding_table` of a trained autoencoder.

    Of at most `PICTURED` examples of each part, evenly spaced.
    """
    tensors = open_tensors(tensors_folder)
    part = read_split(split_path, tensors.ids).part
    rows = np.concatenate([_some(np.flatnonzero(part == name)) for name in PARTS])
    model = keras.saving.load_model(checked(model_path), safe_mode=True)
    latent = embed(model, tensors, rows, batch_size=256)
    write_table(embedding_table(latent, tensors, rows, part), path)


def _some(rows: Integers) -> Integers:
    return rows[:: -(-len(rows) // PICTURED) or 1]
