"""Feeding a network from the packed tensors."""

from __future__ import annotations

import keras
import numpy as np
from numpy.typing import NDArray

from basewise.shards import Tensors

__all__ = ["Batches"]


class Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """Batches of one-hot bits and targets, unpacked only when they are asked for.

    Parameters
    ----------
    tensors
        The dataset.
    rows
        Rows to serve.
    batch_size
        Examples in a batch; the last one holds what is left.
    generator
        Draws a new order for each epoch; None keeps the order of `rows`.
    """

    def __init__(
        self,
        tensors: Tensors,
        rows: NDArray[np.int64],
        batch_size: int,
        generator: np.random.Generator | None = None,
    ) -> None:
        super().__init__()
        self.tensors = tensors
        self.rows = rows
        self.batch_size = batch_size
        self.generator = generator
        self.on_epoch_end()

    def __len__(self) -> int:
        return -(-len(self.rows) // self.batch_size)

    def __getitem__(self, index: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        rows = self.order[index * self.batch_size : (index + 1) * self.batch_size]
        return self.tensors.onehot(rows), self.tensors.target[rows].astype(np.float32)

    def on_epoch_end(self) -> None:
        """Draw the order of the next epoch."""
        generator = self.generator
        self.order = self.rows if generator is None else generator.permutation(self.rows)
