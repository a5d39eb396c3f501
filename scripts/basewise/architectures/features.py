"""Feature stages in front of a network, fitted on training examples only."""

from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

Features = Mapping[str, NDArray[Any]]
"""What a feature stage has learned, see `fit_features` here and in `marker_features`."""

LAYER = "standardise"


def standardized(values: Any, features: Features | None) -> Any:
    """Subtract each column's mean and divide by its standard deviation, in a frozen layer.

    ``mean`` and ``variance`` of `fit_features` have the shape (columns,); without them the values
    stay nearly as they are (mean 0, variance 1).
    """
    layer = layers.BatchNormalization(
        center=False, scale=False, epsilon=1e-12, trainable=False, dtype="float32", name=LAYER
    )
    scaled = layer(values)
    if features is not None:
        layer.set_weights([features["mean"], features["variance"]])
    return scaled


def fit_features(
    model: keras.Model, predict: Callable[[keras.Model], NDArray[np.float32]]
) -> dict[str, NDArray[np.float32]] | None:
    """What the unfitted feature stage of a model learns from training examples.

    `predict` gives the output of a model for them.

    ``mean`` and ``variance`` of each column, the argument `features` of `architectures.build`; a
    column that never varies has variance 1. None for a model without a feature stage.
    """
    staged = _with_stage(model)
    if staged is None:
        return None
    values = predict(keras.Model(staged.input, staged.get_layer(LAYER).input))
    variance = values.var(axis=0)
    # the variance of equal values is 0 but for rounding, and dividing by its root would blow it up
    varied = (np.ptp(values, axis=0) > 0) & (variance > 0)
    return {"mean": values.mean(axis=0), "variance": np.where(varied, variance, 1.0)}


def split_stage(model: keras.Model) -> tuple[keras.Model, keras.Model] | None:
    """The frozen stage of a model and the network behind it; None for one without, or two strands.

    Both share their weights with the model; the network is a model of its own, so that compiling it
    leaves the given one uncompiled.
    """
    *_, values, network = model.operations
    if network.name != "network":
        return None
    return keras.Model(model.input, values.output), keras.Model(network.input, network.output)


def _with_stage(model: keras.Model) -> keras.Model | None:
    """The model itself, or the one inside it, that has a feature stage."""
    inner = {layer.name: layer for layer in model.layers}
    if LAYER in inner:
        return model
    return _with_stage(inner["network"]) if isinstance(inner.get("network"), keras.Model) else None
