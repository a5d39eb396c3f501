"""Wide dense layers on additively coded markers, or on their principal components."""

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import keras
from keras import initializers, layers, ops
from numpy.typing import NDArray

from basewise.architectures.ends import head
from basewise.architectures.markers import behind_markers


def dnn_markers(
    *,
    length: int,
    channels: int,
    outputs: int,
    task: str,
    input: str = "markers",
    variance: float = 0.95,
    components: int = 500,
    dense_units: Sequence[int] = (1024,),
    activation: str = "cosine",
    gain: float = 1.0,
    phase: str = "random",
    input_dropout: float = 0.0,
    dropout: float = 0.5,
    features: Mapping[str, NDArray[Any]] | None = None,
    unknown: str = "uniform",
) -> keras.Model:
    """Hidden layers of `dense_units` each, with dropout behind each, and a linear path around them.

    With `activation: cosine` a layer starts as orthogonal random Fourier features (Rahimi & Recht
    2007; Yu et al. 2016), close to a Gaussian kernel whose width is 1 / `gain`; with `phase: zero`
    and no linear path it sees nothing but how markers act together. The output layer starts at
    zero, since the random function that it would start as is noise that few individuals cannot take
    away. A missing genotype is the mean, whatever `unknown` says.
    """
    network = partial(
        _network,
        outputs=outputs,
        task=task,
        dense_units=dense_units,
        activation=activation,
        gain=gain,
        phase=phase,
        input_dropout=input_dropout,
        dropout=dropout,
    )
    projected = components if input == "components" else 0
    return behind_markers(network, length, channels, features, projected)


def _network(
    columns: int,
    *,
    outputs: int,
    task: str,
    dense_units: Sequence[int],
    activation: str,
    gain: float,
    phase: str,
    input_dropout: float,
    dropout: float,
) -> keras.Model:
    values = keras.Input((columns, 1))
    around = layers.Flatten()(values)
    hidden = layers.Dropout(input_dropout)(around)
    for units in dense_units:
        hidden = _layer(hidden, units, activation, gain, phase)
        hidden = layers.Dropout(dropout)(hidden)
    if phase == "random":
        hidden = layers.Concatenate()([hidden, around])
    score = head(hidden, outputs, task, initializer="zeros")
    return keras.Model(values, score, name="dnn_markers")


def _layer(values: Any, units: int, activation: str, gain: float, phase: str) -> Any:
    if activation != "cosine":
        return layers.Dense(units, activation=activation, kernel_initializer="he_normal")(values)
    turns = initializers.RandomUniform(0, 2 * math.pi) if phase == "random" else "zeros"
    return ops.cos(
        layers.Dense(
            units, kernel_initializer=initializers.Orthogonal(gain), bias_initializer=turns
        )(values)
    )
