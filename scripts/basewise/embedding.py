"""Where examples lie in the latent space of an autoencoder, and in a plane for a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from basewise.architectures.autoencoder import encoder
from basewise.batches import Batches
from basewise.parts import PARTS, read_split
from basewise.shards import Tensors, open_tensors
from basewise.tables import OUTPUT, target_column, write_table

__all__ = ["embed", "embed_and_save", "embedding_table"]

PICTURED = 2_000


def embed(
    model: keras.Model, tensors: Tensors, rows: NDArray[np.int64], batch_size: int
) -> NDArray[np.float32]:
    """Latent values of some rows, float32, shape (rows, latent units).

    Parameters
    ----------
    model
        An `autoencoder` from `architectures.build`; one that averages both strands reads the strand
        as given.
    """
    latent: NDArray[np.float32] = encoder(model).predict(
        Batches(tensors, rows, batch_size), verbose=0
    )
    return latent


def embedding_table(
    latent: NDArray[np.float32], tensors: Tensors, rows: NDArray[np.int64], part: NDArray[np.str_]
) -> pd.DataFrame:
    """Project latent values on their first two principal components.

    Parameters
    ----------
    latent
        From `embed` for the same rows, some of them training examples: the components are theirs.
    rows
        Rows of the dataset, shape (m,).
    part
        Part of each example of the dataset, shape (n,).

    Returns
    -------
    DataFrame
        id, part, x, y, then the targets as in examples.parquet: target.<output>, for multiclass
        target.label with the name of the class.
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
    """Write the picture of a trained autoencoder's latent space.

    Parameters
    ----------
    tensors_folder, split_path, model_path
        Output of `shards.write_tensors`, `splits.write_split` and `networks.train_and_save`.
    path
        Where `embedding_table` goes; at most `PICTURED` examples of each part, evenly spaced.
    """
    tensors = open_tensors(tensors_folder)
    part = read_split(split_path, tensors.ids)
    rows = np.concatenate([_some(np.flatnonzero(part == name)) for name in PARTS])
    model = keras.saving.load_model(model_path, safe_mode=True)
    latent = embed(model, tensors, rows, batch_size=256)
    write_table(embedding_table(latent, tensors, rows, part), path)


def _some(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    return rows[:: -(-len(rows) // PICTURED) or 1]
