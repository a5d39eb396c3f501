"""A graph convolution network on the k-mers of each sequence."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

from basewise.architectures.ends import Ends, head, onehot_input
from basewise.architectures.kmer_counts import kmer_onehot, padded_to

EMBEDDING = 16
"""Trainable features of each k-mer, beside its count."""


def kmer_gcn(
    ends: Ends, *, k: int, filters: Sequence[int], dropout: float, dense_units: int
) -> keras.Model:
    """Graph of a sequence's k-mers, linked where one follows the other: 7,873 parameters.

    A node is one of the k-mers, its features the logarithm of its count and an embedding of its
    own; `filters` has the units of each graph convolution (Kipf and Welling, ICLR 2017,
    arXiv:1609.02907). The mean and the maximum over nodes enter the dense layer.
    """
    onehot, signal = onehot_input(ends)
    words = kmer_onehot(padded_to(signal, k + 1), k)
    counts = ops.sum(words, axis=1)
    adjacency = normalized_adjacency(words)
    number = ops.cumsum(ops.ones_like(counts), axis=1) - 1.0
    learned = layers.Embedding(ends.channels**k, EMBEDDING)(ops.cast(number, "int32"))
    # not log1p, for which ONNX has no operation
    nodes = layers.Concatenate()([ops.expand_dims(ops.log(counts + 1.0), -1), learned])
    for block, units in enumerate(filters):
        if block:
            nodes = layers.Dropout(dropout)(nodes)
        nodes = layers.Dense(units, activation="relu")(ops.matmul(adjacency, nodes))

    pools = [layers.GlobalAveragePooling1D()(nodes), layers.GlobalMaxPooling1D()(nodes)]
    hidden = layers.Dense(dense_units, activation="relu")(layers.Concatenate()(pools))
    return keras.Model(onehot, head(hidden, ends), name="kmer_gcn")


def normalized_adjacency(words: Any) -> Any:
    """Steps from one k-mer to the next, in both directions and with loops, scaled by degree.

    D^-1/2 (T + T' + I) D^-1/2, shape (batch, nodes, nodes), T the counts of steps and D the row
    sums of what is in brackets. `words` come from `kmer_onehot`, shape (batch, positions, nodes).
    """
    steps = ops.einsum("npi,npj->nij", words[:, :-1], words[:, 1:])
    linked = steps + ops.transpose(steps, (0, 2, 1)) + ops.eye(words.shape[-1])
    scale = ops.rsqrt(ops.sum(linked, axis=-1))
    return linked * ops.expand_dims(scale, -1) * ops.expand_dims(scale, -2)
