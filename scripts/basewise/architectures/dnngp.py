"""DNNGP: three convolutions on principal components of markers (Wang et al. 2023)."""

import keras
from keras import initializers, layers, regularizers

from basewise.architectures.ends import Ends, head
from basewise.architectures.features import Features
from basewise.architectures.markers import behind_markers

PENALTIES = ((0.01, 0.1), (0.001, 1e-5), (0.001, 1e-4))
"""L2 penalty of the kernel and of the bias of each convolution."""


def dnngp(
    ends: Ends,
    *,
    input: str,
    variance: float,
    components: int,
    filters: int,
    kernel_size: int,
    dropout: float,
    features: Features | None = None,
) -> keras.Model:
    """Released network: convolutions with dropout and normalization, a bottleneck of 3 units.

    Neighbors of a convolution are components of similar variance, or with ``input: markers``
    neighbors on the genome. `variance` and `components` say how many components there are, see
    `marker_features.fit_features`. A missing genotype is the mean, whatever `unknown` says.
    """

    def network(columns: int) -> keras.Model:
        hidden = values = keras.Input((columns, 1))
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
        return keras.Model(values, head(hidden, ends), name="dnngp")

    return behind_markers(network, ends, features, components if input == "components" else 0)
