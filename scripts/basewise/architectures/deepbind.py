"""DeepBind: a few motif detectors and the best match of each."""

import keras
from keras import layers

from basewise.architectures.ends import Ends, head, onehot_input


def deepbind(
    ends: Ends, *, filters: int, kernel_size: int, pooling: str, dropout: float, dense_units: int
) -> keras.Model:
    """DeepBind (Alipanahi et al. 2015): 2,129 parameters on DNA of any length with one output.

    A motif may overhang either end: the sequence is padded with `kernel_size` - 1 unknown bases
    (0.25 each, or what `unknown` shows of an N). The whole sequence is scanned at once, where the
    original splits it into windows of 1.5 times the detector.

    Parameters
    ----------
    pooling
        ``max`` takes the best match of each detector, ``max_average`` its mean too, which the
        authors chose for RNA.
    dense_units
        Units of the hidden layer; 0 for none (1,569 parameters).
    """
    onehot, signal = onehot_input(ends)
    share = 1 / ends.channels if ends.unknown == "uniform" else 0.0
    signal = layers.ZeroPadding1D(kernel_size - 1)(signal - share) + share
    detected = layers.Conv1D(filters, kernel_size, activation="relu")(signal)
    hidden = layers.GlobalMaxPooling1D()(detected)
    if pooling == "max_average":
        hidden = layers.Concatenate()([hidden, layers.GlobalAveragePooling1D()(detected)])
    hidden = layers.Dropout(dropout)(hidden)
    if dense_units:
        hidden = layers.Dense(dense_units, activation="relu")(hidden)
    return keras.Model(onehot, head(hidden, ends), name="deepbind")
