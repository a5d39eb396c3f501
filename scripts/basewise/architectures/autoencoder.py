"""A convolutional autoencoder of one-hot sequences, with a classifier on its latent space."""

import math
from collections.abc import Sequence

import keras
from keras import layers

from basewise.architectures.ends import Ends, head, onehot_input


def autoencoder(
    ends: Ends,
    *,
    filters: Sequence[int],
    kernel_sizes: Sequence[int],
    pool_sizes: Sequence[int],
    latent_units: int,
    dense_units: int,
) -> keras.Model:
    """Convolutions and pools down to the layer `latent`, then a classifier.

    `decoder` makes the model that learns to give the sequence back, in training that comes before
    the classifier's. A length that the pools do not divide is padded inside.
    """
    onehot, signal = onehot_input(ends)
    hidden = layers.ZeroPadding1D((0, -ends.length % math.prod(pool_sizes)))(signal)
    for units, width, pool in zip(filters, kernel_sizes, pool_sizes, strict=True):
        hidden = layers.Conv1D(units, width, padding="same", activation="relu")(hidden)
        hidden = layers.MaxPooling1D(pool)(hidden)
    latent = layers.Dense(latent_units, dtype="float32", name="latent")(layers.Flatten()(hidden))
    hidden = layers.Dense(dense_units, activation="relu")(latent)
    return keras.Model(onehot, head(hidden, ends), name="autoencoder")


def encoder(model: keras.Model) -> keras.Model:
    """The part of an autoencoder that ends in `latent`, (batch, latent units), weights shared.

    Of one that averages both strands it is the network inside, which reads the strand as given.
    """
    network = _one_strand(model)
    return keras.Model(network.input, network.get_layer("latent").output, name="encoder")


def decoder(model: keras.Model) -> keras.Model:
    """Complete the `encoder` of an autoencoder with new layers that undo it, its weights shared.

    The model gives the probability of each letter, in the shape of its input.
    """
    down = encoder(model)
    convolutions = [layer for layer in down.layers if isinstance(layer, layers.Conv1D)]
    pools = [layer for layer in down.layers if isinstance(layer, layers.MaxPooling1D)]
    length, channels = down.input_shape[1:]
    smallest = pools[-1].output.shape[1:]
    hidden = layers.Dense(math.prod(smallest), activation="relu")(down.output)
    hidden = layers.Reshape(smallest)(hidden)
    for convolution, pool in zip(reversed(convolutions), reversed(pools), strict=True):
        hidden = layers.UpSampling1D(pool.pool_size[0])(hidden)
        hidden = layers.Conv1D(
            convolution.filters, convolution.kernel_size, padding="same", activation="relu"
        )(hidden)

    hidden = layers.Cropping1D((0, hidden.shape[1] - length))(hidden)
    letters = layers.Conv1D(
        channels,
        convolutions[0].kernel_size,
        padding="same",
        activation="softmax",
        dtype="float32",
    )(hidden)
    return keras.Model(down.input, letters, name="decoder")


def _one_strand(model: keras.Model) -> keras.Model:
    inner = [layer for layer in model.layers if isinstance(layer, keras.Model)]
    return inner[0] if inner else model
