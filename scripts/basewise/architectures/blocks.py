"""What several networks are built of: convolution blocks, and recurrent layers both ways."""

from typing import Any

from keras import constraints, layers

CELLS = {"simple": layers.SimpleRNN, "gru": layers.GRU, "lstm": layers.LSTM}


def convolution_block(
    signal: Any,
    filters: int,
    kernel_size: int,
    pool_size: int = 1,
    *,
    activation: str = "relu",
    batch_norm: bool = False,
    residual: bool = False,
    initializer: Any = "glorot_uniform",
    max_norm: float = 0.0,
) -> Any:
    """Valid convolution, activation, maximum.

    Parameters
    ----------
    signal
        Tensor, shape (batch, steps, channels).
    pool_size
        Width of the maximum; 1 does not pool.
    batch_norm
        Normalize what the convolution gives before the activation.
    residual
        Add the input before the activation (He et al. 2016), each position to the window around
        it; a convolution of width 1 brings it to the same number of channels where they differ.
    max_norm
        Largest norm of a filter's weights; 0 for any.

    Returns
    -------
    Tensor, shape (batch, (steps - kernel_size + 1) // pool_size, filters)
    """
    hidden = layers.Conv1D(
        filters,
        kernel_size,
        kernel_initializer=initializer,
        kernel_constraint=constraints.MaxNorm(max_norm, axis=[0, 1]) if max_norm else None,
    )(signal)
    if batch_norm:
        hidden = layers.BatchNormalization()(hidden)
    if residual:
        hidden = layers.Add()([hidden, _shortcut(signal, filters, kernel_size)])
    hidden = layers.Activation(activation)(hidden)
    return layers.MaxPooling1D(pool_size)(hidden) if pool_size > 1 else hidden


def bidirectional(signal: Any, cell: str, units: int, *, sequences: bool) -> Any:
    """Read a tensor (batch, steps, channels) in both directions and join what the two have found.

    `cell` is ``simple``, ``gru`` or ``lstm``. Gives the last state of each direction, shape
    (batch, 2 * units), or with `sequences` that at each step, shape (batch, steps, 2 * units).
    """
    return layers.Bidirectional(CELLS[cell](units, return_sequences=sequences))(signal)


def _shortcut(signal: Any, filters: int, kernel_size: int) -> Any:
    left = (kernel_size - 1) // 2
    centers = layers.Cropping1D((left, kernel_size - 1 - left))(signal)
    return centers if centers.shape[-1] == filters else layers.Conv1D(filters, 1)(centers)
