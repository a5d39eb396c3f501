"""Networks and baselines of one's own, as a user would write them."""

CONV1D = '''
import keras
from keras import layers


def build(length, channels, outputs, *, filters=32, kernel_size=3, dense_units=32, dropout=0.0):
    """One convolution and a dense layer."""
    letters = keras.Input((length, channels))
    hidden = layers.Conv1D(filters, kernel_size, activation="relu")(letters)
    hidden = layers.Flatten()(hidden)
    hidden = layers.Dense(dense_units, activation="relu")(hidden)
    hidden = layers.Dropout(dropout)(hidden)
    return keras.Model(letters, layers.Dense(outputs)(hidden))


def positions(length, channels, outputs, width: int = 5):
    return keras.Sequential(
        [
            layers.Conv1D(8, width, padding="same", activation="relu"),
            layers.Conv1D(outputs, 1),
        ]
    )
'''
"""`build` is the registry's conv1d."""

SCALED = '''
import keras
from keras import layers, ops


@keras.saving.register_keras_serializable(package="mine")
class Scaled(layers.Layer):
    """Multiplies by a number."""

    def __init__(self, factor, **options):
        super().__init__(**options)
        self.factor = factor

    def call(self, signal):
        return ops.multiply(signal, self.factor)

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}


def build(length, channels, outputs, factor: float = 2.0):
    """A number times what it reads."""
    letters = keras.Input((length, channels))
    hidden = Scaled(factor)(letters)
    hidden = layers.GlobalMaxPooling1D()(layers.Conv1D(4, 3)(hidden))
    return keras.Model(letters, layers.Dense(outputs)(hidden))
'''
"""Has a layer of its own."""


def written(folder, code=CONV1D, name="my_network.py", function="build"):
    """Write code to a file; the place of a function in it."""
    (folder / name).write_text(code)
    return f"{folder / name}:{function}"
