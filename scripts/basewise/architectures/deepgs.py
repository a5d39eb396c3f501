"""DeepGS: one convolution on raw markers, 8-32-1 (Ma et al. 2018)."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import keras
from keras import initializers, layers
from numpy.typing import NDArray

from basewise.architectures.blocks import convolution_block
from basewise.architectures.ends import head
from basewise.architectures.markers import behind_markers


def deepgs(
    *,
    length: int,
    channels: int,
    outputs: int,
    task: str,
    filters: int = 8,
    kernel_size: int = 18,
    pool_size: int = 4,
    dense_units: int = 32,
    activation: str = "sigmoid",
    features: Mapping[str, NDArray[Any]] | None = None,
    unknown: str = "uniform",
) -> keras.Model:
    """Convolution, maximum, a dense layer; the dropout that the paper has behind the output is not.

    A missing genotype is the mean, whatever `unknown` says.
    """
    network = partial(
        _network,
        outputs=outputs,
        task=task,
        filters=filters,
        kernel_size=kernel_size,
        pool_size=pool_size,
        dense_units=dense_units,
        activation=activation,
    )
    return behind_markers(network, length, channels, features)


def _network(
    columns: int,
    *,
    outputs: int,
    task: str,
    filters: int,
    kernel_size: int,
    pool_size: int,
    dense_units: int,
    activation: str,
) -> keras.Model:
    values = keras.Input((columns, 1))
    hidden = convolution_block(values, filters, kernel_size, pool_size, initializer=_small())
    hidden = layers.Flatten()(layers.Dropout(0.2)(hidden))
    hidden = layers.Dense(dense_units, activation=activation, kernel_initializer=_small())(hidden)
    hidden = layers.Dropout(0.1)(hidden)
    return keras.Model(values, head(hidden, outputs, task, _small()), name="deepgs")


def _small() -> initializers.Initializer:
    return initializers.RandomUniform(-0.01, 0.01)
