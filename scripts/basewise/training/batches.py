"""Feeding a network from the packed tensors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from basewise.core.arrays import Integers
from basewise.core.errors import InputError
from basewise.sequences.alphabet import reverse_complement as complemented
from basewise.sequences.alphabet import unpack
from basewise.store.shards import INDEX_TASKS, POOL, Tensors
from basewise.training.imbalance import draw_balanced, rows_of_classes

BLOCK_ROWS = 8_192
"""Examples that are gathered at once, to be cut into batches."""


class Batches(keras.utils.PyDataset):  # type: ignore[misc]
    """Batches of one-hot bits and targets, unpacked only when they are asked for.

    A shuffled epoch takes the shards in random order, `shards.POOL` at a time, and the rows of such
    a pool in random order; up to `POOL` shards are shuffled completely. All that is random in an
    epoch is drawn before it begins, so that a batch depends neither on the number of workers nor on
    whether the tensors are in memory.

    A batch is (one-hot bits, targets); targets that belong to positions turn with the strand and
    come with a weight for each position, 0 where there is padding.

    Parameters
    ----------
    generator
        Draws for each epoch a new order and the changes below; None keeps the order of `rows`.
    reverse_complement
        Show each example on a random strand.
    shift
        Move each example by a random number of positions, at most this many to either side; what
        leaves it is lost, what is vacated is padding.
    sampling
        ``natural`` shows each row once an epoch; ``balanced`` draws as many rows anew for each
        epoch, with replacement, every class as often as any other.

    Raises
    ------
    InputError
        When examples are to be shifted and their targets belong to positions, or the reverse
        complement is asked for and they are not DNA, or they have no classes to balance.
    """

    def __init__(
        self,
        tensors: Tensors,
        rows: Integers,
        batch_size: int,
        generator: np.random.Generator | None = None,
        *,
        reverse_complement: bool = False,
        shift: int = 0,
        sampling: str = "natural",
    ) -> None:
        super().__init__()
        if tensors.task == "per_position" and shift:
            raise InputError(
                "per-position targets do not follow a shifted sequence; set `training: shift` to 0"
            )
        if tensors.alphabet != "dna" and reverse_complement:
            raise InputError(
                f"`reverse_complement: augment` needs DNA, this dataset is {tensors.alphabet}; "
                "set it to none"
            )

        self.tensors = tensors
        self.rows = rows
        self.batch_size = batch_size
        self.generator = generator
        self.reverse_complement = reverse_complement
        self.shift = shift
        self._classes = rows_of_classes(tensors, rows) if sampling == "balanced" else None
        self._target_type = np.int32 if tensors.task in INDEX_TASKS else np.float32
        self._block_rows = batch_size * -(-BLOCK_ROWS // batch_size)
        self.on_epoch_end()

    def __len__(self) -> int:
        return -(-len(self.rows) // self.batch_size)

    def __getitem__(self, index: int) -> tuple[NDArray[Any], ...]:
        start = index * self.batch_size
        number, place = divmod(start, self._block_rows)
        packed, target = self._block(number)
        part = slice(place, place + self.batch_size)
        onehot = unpack(packed[part], self.tensors.length, self.tensors.channels)
        wanted: NDArray[Any] = target[part].astype(self._target_type)
        drawn = slice(start, start + len(onehot))
        per_position = self.tensors.task == "per_position"
        if self.reverse_complement:
            turned = self._turned[drawn]
            onehot[turned] = complemented(onehot[turned])
            if per_position:
                wanted[turned] = wanted[turned, ::-1]
        if self.shift:
            onehot = _shifted(onehot, self._shifts[drawn], self.shift)
        if per_position:
            return onehot, wanted, np.any(onehot, axis=2).astype(np.float32)

        return onehot, wanted

    @property
    def source(self) -> Batches:
        """The batches that draw the order of examples: these."""
        return self

    @property
    def changes_examples(self) -> bool:
        """Whether an example looks different from epoch to epoch."""
        return self.reverse_complement or self.shift > 0

    def targets_of(self, rows: Integers) -> NDArray[Any]:
        """Targets of some rows of the tensors, as a batch holds them."""
        targets: NDArray[Any] = self.tensors.target[rows].astype(self._target_type)
        return targets

    def on_epoch_end(self) -> None:
        """Draw the order of the next epoch, and how its examples are changed."""
        generator = self.generator
        self.drawn_from = None if generator is None else generator.bit_generator.state
        self.order = self.rows if generator is None else self._shuffled(generator)
        if generator is not None and self.reverse_complement:
            self._turned = generator.integers(2, size=len(self.rows), dtype=np.bool_)
        if generator is not None and self.shift:
            self._shifts = generator.integers(
                -self.shift, self.shift, size=len(self.rows), dtype=np.int32, endpoint=True
            )

        self._latest: tuple[int, Any] = (-1, None)

    def resume(self, drawn_from: Mapping[str, Any] | None) -> None:
        """Draw again what an epoch drew, from its attribute of that name."""
        if self.generator is not None and drawn_from is not None:
            self.generator.bit_generator.state = drawn_from
        self.on_epoch_end()

    def _shuffled(self, generator: np.random.Generator) -> Integers:
        rows = self.rows
        if self._classes is not None:
            rows = draw_balanced(self._classes, len(rows), generator)
        rows = np.sort(rows)
        shards = np.split(rows, np.searchsorted(rows, self.tensors.starts[1:-1]))
        shards = [shard for shard in shards if len(shard)]
        shards = [shards[number] for number in generator.permutation(len(shards))]
        pools = [shards[first : first + POOL] for first in range(0, len(shards), POOL)]
        return np.concatenate([generator.permutation(np.concatenate(pool)) for pool in pools])

    def _block(self, number: int) -> tuple[NDArray[np.uint8], NDArray[Any]]:
        latest, block = self._latest
        if latest != number:
            start = number * self._block_rows
            block = self.tensors.take(self.order[start : start + self._block_rows])
            self._latest = (number, block)
        return block  # type: ignore[no-any-return]


class StagedBatches(keras.utils.PyDataset):  # type: ignore[misc]
    """What a frozen stage makes of the examples of other batches, computed once.

    So these must not change from epoch to epoch; their order may.
    """

    def __init__(self, batches: Batches, stage: keras.Model) -> None:
        super().__init__()
        self.batches = batches
        in_order = Batches(batches.tensors, batches.rows, batches.batch_size)
        self.values = stage.predict(in_order, verbose=0)
        self.place = np.empty(len(batches.tensors), dtype=np.int64)
        self.place[batches.rows] = np.arange(len(batches.rows))

    def __len__(self) -> int:
        return len(self.batches)

    def __getitem__(self, index: int) -> tuple[NDArray[Any], NDArray[Any]]:
        start = index * self.batches.batch_size
        rows = self.batches.order[start : start + self.batches.batch_size]
        return self.values[self.place[rows]], self.batches.targets_of(rows)

    @property
    def source(self) -> Batches:
        """The batches that draw the order of examples."""
        return self.batches

    def on_epoch_end(self) -> None:
        """Draw the order of the next epoch."""
        self.batches.on_epoch_end()


def _shifted(
    onehot: NDArray[np.uint8], shifts: NDArray[np.int32], largest: int
) -> NDArray[np.uint8]:
    """Move each example to the right by its shift, within zeros."""
    count, length, channels = onehot.shape
    padded = np.pad(onehot, ((0, 0), (largest, largest), (0, 0))).reshape(count, -1)
    windows = sliding_window_view(padded, length * channels, axis=1)
    moved: NDArray[np.uint8] = windows[np.arange(count), (largest - shifts) * channels]
    return moved.reshape(onehot.shape)
