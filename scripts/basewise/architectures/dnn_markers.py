"""Dense layers on additively coded markers, or on their principal components."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import keras
from keras import layers
from numpy.typing import NDArray

from basewise.architectures.ends import head
from basewise.architectures.markers import behind_markers

__all__ = ["dnn_markers"]


def dnn_markers(
    *,
    length: int,
    channels: int,
    outputs: int,
    task: str,
    input: str = "markers",
    variance: float = 0.95,
    components: int = 500,
    dense_units: Sequence[int] = (512,),
    activation: str = "relu",
    input_dropout: float = 0.7,
    dropout: float = 0.5,
    features: Mapping[str, NDArray[Any]] | None = None,
    unknown: str = "uniform",
) -> keras.Model:
    """Hidden layers of `dense_units` each, with dropout in front of them and behind each.

    Wide enough, such a network is close to a kernel machine with an arc-cosine kernel (Cho & Saul
    2009), as the reproducing kernels of genomic prediction are. The output layer starts at zero:
    the random function that it would start as is noise that few individuals cannot take away. A
    missing genotype is the mean, whatever `unknown` says.
    """
    network = partial(
        _network,
        outputs=outputs,
        task=task,
        dense_units=dense_units,
        activation=activation,
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
    input_dropout: float,
    dropout: float,
) -> keras.Model:
    values = keras.Input((columns, 1))
    hidden = layers.Dropout(input_dropout)(layers.Flatten()(values))
    for units in dense_units:
        hidden = layers.Dense(units, activation=activation, kernel_initializer="he_normal")(hidden)
        hidden = layers.Dropout(dropout)(hidden)
    score = head(hidden, outputs, task, initializer="zeros")
    return keras.Model(values, score, name="dnn_markers")
