"""Wide dense layers on additively coded markers, or on their principal components."""

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import initializers, layers, ops

from basewise.architectures.ends import Ends, head
from basewise.architectures.features import Features
from basewise.architectures.markers import behind_markers


def dnn_markers(
    ends: Ends,
    *,
    input: str,
    variance: float,
    components: int,
    dense_units: Sequence[int],
    activation: str,
    gain: float,
    phase: str,
    input_dropout: float,
    dropout: float,
    features: Features | None = None,
) -> keras.Model:
    """Hidden layers of `dense_units` each, with dropout behind each, and a linear path around them.

    With `activation: cosine` a layer starts as orthogonal random Fourier features (Rahimi & Recht
    2007; Yu et al. 2016), close to a Gaussian kernel whose width is 1 / `gain`; with `phase: zero`
    and no linear path it sees nothing but how markers act together. The output layer starts at
    zero, since the random function that it would start as is noise that few individuals cannot take
    away. A missing genotype is the mean, whatever `unknown` says.
    """

    def network(columns: int) -> keras.Model:
        values = keras.Input((columns, 1))
        around = layers.Flatten()(values)
        hidden = layers.Dropout(input_dropout)(around)
        for units in dense_units:
            hidden = _layer(hidden, units, activation, gain, phase)
            hidden = layers.Dropout(dropout)(hidden)
        if phase == "random":
            hidden = layers.Concatenate()([hidden, around])
        return keras.Model(values, head(hidden, ends, initializer="zeros"), name="dnn_markers")

    return behind_markers(network, ends, features, components if input == "components" else 0)


def _layer(values: Any, units: int, activation: str, gain: float, phase: str) -> Any:
    if activation != "cosine":
        return layers.Dense(units, activation=activation, kernel_initializer="he_normal")(values)
    turns = initializers.RandomUniform(0, 2 * math.pi) if phase == "random" else "zeros"
    return ops.cos(
        layers.Dense(
            units, kernel_initializer=initializers.Orthogonal(gain), bias_initializer=turns
        )(values)
    )
