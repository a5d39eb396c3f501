"""DeepGS: one convolution on raw markers, 8-32-1 (Ma et al. 2018)."""

import keras
from keras import initializers, layers

from basewise.architectures.blocks import convolution_block
from basewise.architectures.ends import Ends, head
from basewise.architectures.features import Features
from basewise.architectures.markers import behind_markers


def deepgs(
    ends: Ends,
    *,
    filters: int,
    kernel_size: int,
    pool_size: int,
    dense_units: int,
    activation: str,
    features: Features | None = None,
) -> keras.Model:
    """Convolution, maximum, a dense layer; the dropout that the paper has behind the output is not.

    A missing genotype is the mean, whatever `unknown` says.
    """

    def network(columns: int) -> keras.Model:
        values = keras.Input((columns, 1))
        hidden = convolution_block(values, filters, kernel_size, pool_size, initializer=_small())
        hidden = layers.Flatten()(layers.Dropout(0.2)(hidden))
        dense = layers.Dense(dense_units, activation=activation, kernel_initializer=_small())
        hidden = layers.Dropout(0.1)(dense(hidden))
        return keras.Model(values, head(hidden, ends, _small()), name="deepgs")

    return behind_markers(network, ends, features)


def _small() -> initializers.Initializer:
    return initializers.RandomUniform(-0.01, 0.01)
