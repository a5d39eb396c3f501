"""The fully connected network, on the frequencies of k-mers and on the scores of motifs."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from basewise.architectures.ends import Ends, head, onehot_input
from basewise.architectures.features import Features, standardized
from basewise.architectures.kmer_counts import kmer_frequencies
from basewise.core.arrays import Floats
from basewise.sequences.alphabet import encode
from basewise.sequences.motifs import log_odds, read_motifs

PROMOTER_ELEMENTS = {
    "TATA box": "TATAWAAR",
    "BREu": "SSRCGCC",
    "BREd": "RTDKKKK",
    "initiator": "YYANWYY",
    "MTE": "CSARCSSAACGS",
    "DPE": "RGWYVT",
    "CCAAT box": "CCAAT",
    "GC box": "GGGCGG",
    "-35 element": "TTGACA",
    "-10 element": "TATAAT",
}
"""Consensus, in IUPAC codes, of the elements of core promoters and of their neighborhood.

TATA box to DPE: Juven-Gershon and Kadonaga, Dev. Biol. 339:225 (2010), doi
10.1016/j.ydbio.2009.08.009; CCAAT and GC box: Bucher, J. Mol. Biol. 212:563 (1990), doi
10.1016/0022-2836(90)90223-9; the bacterial -35 and -10 elements: Harley and Reynolds, Nucleic Acids
Res. 15:2343 (1987), doi 10.1093/nar/15.5.2343.
"""


def dnn_kmer(
    ends: Ends,
    *,
    largest_k: int,
    dense_units: int,
    dropout: float,
    features: Features | None = None,
) -> keras.Model:
    """Frequencies of all k-mers up to `largest_k`, dense: 366,977 parameters in its `network`.

    k-mers are those of the strand as given. One that holds an ambiguous letter does not count;
    with `unknown: uniform` it is shared among the k-mers it may be.
    """
    onehot, signal = onehot_input(ends)
    frequencies = kmer_frequencies(signal, range(1, largest_k + 1))
    network = _dense_network(frequencies.shape[1], ends, dense_units, dropout)
    return keras.Model(onehot, network(standardized(frequencies, features)), name="dnn_kmer")


def dnn_pwm(
    ends: Ends,
    *,
    motifs: str | Sequence[str] | None,
    central: int,
    largest_k: int,
    input_dropout: float,
    dense_units: int,
    dropout: float,
    features: Features | None = None,
) -> keras.Model:
    """Best score of each motif on either strand, dense.

    `motifs` names files for `motifs.read_motifs`; without it they are `PROMOTER_ELEMENTS`. The
    score is the sum of log2 odds against a uniform background, see `log_odds`. What a motif has
    beyond either end of the sequence scores 0, as does padding. With `central` each motif is also
    scored in the middle so many letters, with `largest_k` the frequencies of k-mers on both strands
    stand beside the scores.
    """
    matrices = (
        [motif.probabilities for motif in read_motifs(motifs)] if motifs else promoter_elements()
    )
    onehot, signal = onehot_input(ends)
    columns = _best_scores(signal, [log_odds(matrix) for matrix in matrices], central)
    if largest_k:
        strands = (signal, ops.flip(signal, axis=(1, 2)))
        average = layers.Average(dtype="float32")
        columns += [average([kmer_frequencies(s, range(1, largest_k + 1)) for s in strands])]

    values = layers.Concatenate(dtype="float32")(columns) if len(columns) > 1 else columns[0]
    network = _dense_network(values.shape[1], ends, dense_units, dropout, input_dropout)
    return keras.Model(onehot, network(standardized(values, features)), name="dnn_pwm")


def promoter_elements() -> list[Floats]:
    """Probabilities of `PROMOTER_ELEMENTS`, each of shape (width, 4), order A, C, G, T."""
    bits = [encode([consensus])[0] for consensus in PROMOTER_ELEMENTS.values()]
    return [possible / possible.sum(axis=1, keepdims=True) for possible in bits]


def _best_scores(signal: Any, motifs: Sequence[Floats], central: int) -> list[Any]:
    """Highest score of each motif on either strand; with `central` those of the middle too."""
    width = max(len(scores) for scores in motifs)
    forward = [np.pad(scores, ((0, width - len(scores)), (0, 0))) for scores in motifs]
    kernel = np.stack([*forward, *(scores[::-1, ::-1] for scores in forward)], axis=-1)
    scan = layers.Conv1D(
        kernel.shape[-1], width, use_bias=False, trainable=False, dtype="float32", name="motifs"
    )
    scores = scan(layers.ZeroPadding1D(width - 1, dtype="float32")(signal))
    scan.set_weights([kernel])
    regions = [scores]
    if central:
        left = max(0, (scores.shape[1] - central) // 2)
        regions.append(layers.Cropping1D((left, left), dtype="float32")(scores))

    best = [layers.GlobalMaxPooling1D(dtype="float32")(region) for region in regions]
    return [ops.max(ops.reshape(values, (-1, 2, len(motifs))), axis=1) for values in best]


def _dense_network(
    columns: int, ends: Ends, dense_units: int, dropout: float, input_dropout: float = 0.0
) -> keras.Model:
    """Two hidden layers with He-uniform weights and an L2 penalty, a model named `network`."""
    values = keras.Input((columns,))
    hidden = layers.Dropout(input_dropout)(values) if input_dropout else values
    hidden = _dense(hidden, dense_units)
    hidden = layers.BatchNormalization()(hidden)
    hidden = layers.Dropout(dropout)(hidden)
    hidden = _dense(hidden, 64)
    hidden = layers.Dropout(0.3)(hidden)
    return keras.Model(values, head(hidden, ends), name="network")


def _dense(values: Any, units: int) -> Any:
    return layers.Dense(
        units,
        activation="relu",
        kernel_initializer="he_uniform",
        kernel_regularizer=keras.regularizers.L2(1e-4),
    )(values)
