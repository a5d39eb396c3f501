"""Additively coded genotypes: a frozen stage in front of a network, from training individuals."""

from collections.abc import Callable

import keras
from keras import layers, ops

from basewise.architectures.ends import Ends
from basewise.architectures.features import Features
from basewise.sequences.alphabet import copies


def behind_markers(
    network: Callable[[int], keras.Model],
    ends: Ends,
    features: Features | None,
    components: int = 0,
    limit: float = 0.0,
) -> keras.Model:
    """Put a network behind the stage that makes numbers of genotypes, under the name ``network``.

    Each marker becomes its copies of allele a (0, 1 or 2) less their mean among training
    individuals, 0 where the genotype is missing, all divided by one number that makes their mean
    variance 1, or each by its own standard deviation; with `components` these are projected on
    principal components, which are scaled together as well.

    Parameters
    ----------
    network
        From a number of columns to a model on a tensor (batch, columns, 1).
    ends
        With 4 channels for one-hot genotypes, uint8; with 1 the network takes the numbers as they
        are, alone.
    features
        From `marker_features.fit_features`; without, the stage knows nothing yet, and `components`
        says how many it will have (0 for none).
    limit
        Values beyond this, of either sign, count as it; 0 for none. Rare genotypes lie far out
        where each marker has its own scale.
    """
    if ends.channels == 1:
        return network(ends.length)

    known = {} if features is None else features
    onehot = keras.Input((ends.length, ends.channels), dtype="uint8", name="onehot")
    missing = ops.cast(onehot[..., 3], "float32")
    center = layers.BatchNormalization(
        center=False, scale=False, epsilon=1e-12, trainable=False, dtype="float32", name="centre"
    )
    values = center(ops.cast(copies(onehot), "float32")) * (1.0 - missing)
    if known:
        center.set_weights([known["mean"], known["variance"]])
    if limit:
        values = ops.clip(values, -limit, limit)
    if components:
        columns = known["components"].shape[1] if known else min(components, ends.length)
        project = layers.Dense(
            columns, use_bias=False, trainable=False, dtype="float32", name="components"
        )
        values = project(values)
        if known:
            project.set_weights([known["components"]])

    inner = network(values.shape[1])
    inner.name = "network"
    return keras.Model(onehot, inner(ops.expand_dims(values, -1)))
