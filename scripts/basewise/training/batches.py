"""What a network is shown: packed rows in the order of an epoch, unpacked batch by batch."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from basewise.core.arrays import Integers
from basewise.core.errors import InputError
from basewise.sequences.alphabet import reverse_complement_packed as complemented
from basewise.store.shards import INDEX_TASKS, POOL, Tensors
from basewise.training.imbalance import draw_balanced, rows_of_classes

AT_ONCE = 64
"""Batches in a chunk at most."""

BITS = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1)
"""The bits of each byte."""

ONE, ZERO = np.float32(1), np.float32(0)

Chunk = dict[str, NDArray[Any]]
"""Arrays by name; a row of each belongs to an example."""


class Feed(keras.utils.PyDataset):  # type: ignore[misc]
    """Batches that are cut from chunks of many, so that a graph can cut them itself.

    Attributes
    ----------
    source
        The `Batches` that draw the order of examples.
    batch_size
        Examples in a batch; the last one of an epoch may have fewer.
    """

    source: Batches
    batch_size: int
    _latest: tuple[int, Chunk] = (-1, {})

    @abstractmethod
    def chunk(self, start: int, stop: int) -> Chunk:
        """What the batches from `start` up to `stop` are made of."""

    @abstractmethod
    def examples(self, part: Chunk, ops: Any) -> tuple[Any, ...]:
        """What a model is given for some rows of a chunk, as `keras.Model.fit` takes it.

        `ops` computes it: `numpy`, or `keras.ops` within a graph.
        """

    def __len__(self) -> int:
        return -(-len(self.source.rows) // self.batch_size)

    def __getitem__(self, index: int) -> tuple[NDArray[Any], ...]:
        number, place = divmod(index, AT_ONCE)
        latest, chunk = self._latest
        if latest != number:
            start = number * AT_ONCE
            chunk = self.chunk(start, min(start + AT_ONCE, len(self)))
            self._latest = number, chunk

        rows = slice(place * self.batch_size, (place + 1) * self.batch_size)
        return self.examples({name: values[rows] for name, values in chunk.items()}, np)

    def on_epoch_end(self) -> None:
        """Draw the order of the next epoch."""
        self.source.on_epoch_end()
        self._latest = (-1, {})


class Batches(Feed):
    """Batches of one-hot bits and targets.

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
        self.on_epoch_end()

    @property
    def source(self) -> Batches:  # type: ignore[override]
        """These."""
        return self

    def chunk(self, start: int, stop: int) -> Chunk:
        """Packed rows on their strands, targets and shifts, in the order of the epoch."""
        place = slice(start * self.batch_size, stop * self.batch_size)
        packed, target = self.tensors.take(self.order[place])
        target = target.astype(self._target_type)
        if self.reverse_complement:
            turned = self._turned[place]
            packed[turned] = complemented(packed[turned], self.tensors.length)
            if self.tensors.task == "per_position":
                target[turned] = target[turned, ::-1]

        shifts = {"shift": self._shifts[place]} if self.shift else {}
        return {"packed": packed, "target": target, **shifts}

    def examples(self, part: Chunk, ops: Any) -> tuple[Any, ...]:
        """One-hot bits and targets, per position weights besides."""
        length, channels = self.tensors.length, self.tensors.channels
        packed, target = part["packed"], part["target"]
        # TensorFlow looks up by integers of 32 bits alone.
        bits = ops.take(BITS, ops.add(packed, np.int32(0)), axis=0)
        bits = ops.reshape(bits, (-1, 8 * packed.shape[1]))[:, : length * channels]
        onehot = ops.reshape(bits, (-1, length, channels))
        if "shift" in part:
            onehot = self._shifted(onehot, part["shift"], ops)
        if self.tensors.task == "per_position":
            return onehot, target, ops.where(ops.any(onehot, axis=2), ONE, ZERO)

        return onehot, target

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

        self._latest = (-1, {})

    def resume(self, drawn_from: Mapping[str, Any] | None) -> None:
        """Draw again what an epoch drew, from its attribute of that name."""
        if self.generator is not None and drawn_from is not None:
            self.generator.bit_generator.state = drawn_from
        self.on_epoch_end()

    def _shifted(self, onehot: Any, shifts: Any, ops: Any) -> Any:
        """Move each example to the right by its shift, within zeros."""
        _, length, channels = onehot.shape
        padded = ops.pad(onehot, ((0, 0), (self.shift, self.shift), (0, 0)))
        first = (length + 2 * self.shift) * ops.arange(ops.shape(onehot)[0])
        places = (first + self.shift - shifts)[:, None] + ops.arange(length)
        return ops.take(ops.reshape(padded, (-1, channels)), places, axis=0)

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


class StagedBatches(Feed):
    """What a frozen stage has made of the examples of other batches, in their order.

    So these must not change from epoch to epoch; their order may. `values` has a row for each of
    `batches.rows`.
    """

    def __init__(self, batches: Batches, values: NDArray[Any]) -> None:
        super().__init__()
        self.source, self.batch_size, self.values = batches, batches.batch_size, values
        self.place = np.empty(len(batches.tensors), dtype=np.int64)
        self.place[batches.rows] = np.arange(len(batches.rows))

    def chunk(self, start: int, stop: int) -> Chunk:
        """Values of the stage and targets, in the order of the epoch."""
        rows = self.source.order[start * self.batch_size : stop * self.batch_size]
        return {"value": self.values[self.place[rows]], "target": self.source.targets_of(rows)}

    def examples(self, part: Chunk, ops: Any) -> tuple[Any, ...]:
        """Values and targets as they are."""
        return part["value"], part["target"]
