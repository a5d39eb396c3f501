"""DNNGP: three convolutions on principal components of markers (Wang et al. 2023)."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import keras
from keras import initializers, layers, regularizers
from numpy.typing import NDArray

from basewise.architectures.ends import head
from basewise.architectures.markers import behind_markers

PENALTIES = ((0.01, 0.1), (0.001, 1e-5), (0.001, 1e-4))
"""L2 penalty of the kernel and of the bias of each convolution."""


def dnngp(
    *,
    length: int,
    channels: int,
    outputs: int,
    task: str,
    input: str = "components",
    variance: float = 0.95,
    components: int = 500,
    filters: int = 64,
    kernel_size: int = 4,
    dropout: float = 0.3,
    features: Mapping[str, NDArray[Any]] | None = None,
    unknown: str = "uniform",
) -> keras.Model:
    """Released network: convolutions with dropout and normalization, a bottleneck of 3 units.

    Neighbors of a convolution are components of similar variance, or with ``input: markers``
    neighbors on the genome. `variance` and `components` say how many components there are, see
    `marker_features.fit_features`. A missing genotype is the mean, whatever `unknown` says.
    """
    network = partial(
        _network,
        outputs=outputs,
        task=task,
        filters=filters,
        kernel_size=kernel_size,
        dropout=dropout,
    )
    projected = components if input == "components" else 0
    return behind_markers(network, length, channels, features, projected)


def _network(
    columns: int, *, outputs: int, task: str, filters: int, kernel_size: int, dropout: float
) -> keras.Model:
    values = keras.Input((columns, 1))
    hidden = values
    for number, (of_kernel, of_bias) in enumerate(PENALTIES):
        hidden = layers.Conv1D(
            filters,
            kernel_size,
            padding="same",
            activation="relu",
            kernel_initializer=initializers.TruncatedNormal(stddev=0.05),
            kernel_regularizer=regularizers.L2(of_kernel),
            bias_regularizer=regularizers.L2(of_bias),
        )(hidden)
        if number < len(PENALTIES) - 1:
            hidden = layers.Dropout(dropout)(hidden)
        hidden = layers.BatchNormalization()(hidden)
    hidden = layers.Dense(3)(layers.Flatten()(hidden))
    hidden = layers.Dropout(dropout)(hidden)
    return keras.Model(values, head(hidden, outputs, task), name="dnngp")
