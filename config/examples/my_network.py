"""A network of one's own for own_network.yaml; docs/own_networks.md explains it."""

import keras
from keras import layers


def build(length, channels, outputs, *, filters=32, kernel_size=7, blocks=3, dropout=0.2):
    """Dilated convolutions, each added to what it reads, and the maximum over positions."""
    letters = keras.Input((length, channels))
    hidden = layers.Conv1D(filters, kernel_size, padding="same", activation="relu")(letters)

    for block in range(blocks):
        wider = layers.Conv1D(
            filters, 3, dilation_rate=2**block, padding="same", activation="relu"
        )(hidden)
        hidden = layers.Add()([hidden, wider])

    pooled = layers.GlobalMaxPooling1D()(hidden)
    pooled = layers.Dropout(dropout)(pooled)
    return keras.Model(letters, layers.Dense(outputs)(pooled))
