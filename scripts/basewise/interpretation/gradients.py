"""Gradients of what is explained: as a quick look, and integrated from references.

What a network does with shares that are no letter (three quarters of an A) is never trained, and
may be anything. So a gradient counts less its mean over the letters of a place: A. Majdandzic, C.
Rajesh, P. K. Koo, Genome Biol 24:109, 2023.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
from numpy.typing import NDArray

from basewise.interpretation.mutagenesis import centered

Gradient = Callable[[NDArray[np.float32], NDArray[np.float32], int], NDArray[np.float32]]
"""From ``signal`` and ``present`` of `entry.Entry` and an output to its slopes, as ``signal``."""

FEWEST, MOST = 16, 1024
"""Steps on the way from a reference, doubled until the gap is small or these are done."""

TOLERATED = 0.01
"""Gap, as a share of the difference of scores, that is small."""

AT_ONCE = 256
"""Points at which a gradient is taken in one call."""


class Integrated(NamedTuple):
    """Integrated gradients of some sequences.

    Attributes
    ----------
    table
        Mean slope of each letter on the way, less the mean over the letters of a place, float32,
        shape (n, length, channels).
    places
        What each place contributes: their sum is the difference to the references, (n, length).
    gap
        By which it misses that difference, as a share of it, or of 1 % of the range of the scores
        where that is larger, (n,).
    steps
        How many were taken on each way, (n,).
    """

    table: NDArray[np.float32]
    places: NDArray[np.float32]
    gap: NDArray[np.float64]
    steps: NDArray[np.int64]


def gradient_of(model: keras.Model) -> Gradient:
    """What takes the gradient of a model of `scales.explained`, under TensorFlow or JAX."""
    if keras.backend.backend() == "jax":
        return _under_jax(model)
    from basewise.training.graph import slopes

    return slopes(model)


def _under_jax(model: keras.Model) -> Gradient:
    import jax

    trained = [weight.value for weight in model.trainable_variables]
    others = [weight.value for weight in model.non_trainable_variables]

    def total(signal: Any, present: Any, output: Any) -> Any:
        scores, _ = model.stateless_call(trained, others, [signal, present])
        return scores[:, output].sum()

    slope = jax.jit(jax.grad(total))
    return lambda signal, present, output: np.asarray(slope(signal, present, output))


def quick_look(
    gradient: Gradient, signal: NDArray[np.float32], present: NDArray[np.float32], output: int
) -> NDArray[np.float32]:
    """Slope of each letter less the mean over the letters of its place; 0 at padding.

    At the letters that are there it is gradient times input.
    """
    parts = [
        gradient(signal[start : start + AT_ONCE], present[start : start + AT_ONCE], output)
        for start in range(0, len(signal), AT_ONCE)
    ]
    table: NDArray[np.float32] = centered(np.concatenate(parts)) * present
    return table


def integrated(
    model: keras.Model,
    gradient: Gradient,
    signal: NDArray[np.float32],
    present: NDArray[np.float32],
    references: NDArray[np.float32],
    output: int,
) -> Integrated:
    """Integrate gradients from references to sequences (Sundararajan, Taly, Yan, ICML 2017).

    Parameters
    ----------
    model, gradient
        From `scales.explained` and `gradient_of`.
    signal, present
        Sequences, shapes (n, length, channels) and (n, length, 1); the latter holds all the way.
    references
        Of each sequence, as ``signal``, shape (n, references, length, channels).
    output
        Number of the output that is explained.
    """
    scores = _scores(model, signal, present, output)
    of_references = np.stack(
        [_scores(model, way, present, output) for way in np.moveaxis(references, 1, 0)], axis=1
    )
    smallest = TOLERATED * (np.ptp(np.concatenate([scores, of_references.ravel()])) or 1.0)
    found = [
        _on_the_way(gradient, ways, output, float(score - before.mean()), smallest)
        for *ways, score, before in zip(
            signal, present, references, scores, of_references, strict=True
        )
    ]
    return Integrated(*map(np.stack, zip(*found, strict=True)))


def _on_the_way(
    gradient: Gradient,
    ways: Sequence[NDArray[np.float32]],
    output: int,
    difference: float,
    smallest: float,
) -> tuple[NDArray[np.float32], NDArray[np.float32], float, int]:
    """Table, places, gap and steps of one sequence; `ways` are its signal, mask and references."""
    signal, present, references = ways
    whole = max(abs(difference), smallest)
    steps = FEWEST
    while True:
        means = [_mean_slope(gradient, signal, present, one, output, steps) for one in references]
        changes = [signal - one for one in references]
        parts = [(change * mean).sum(axis=-1) for change, mean in zip(changes, means, strict=True)]
        places = np.mean(parts, axis=0)
        gap = abs(float(places.sum()) - difference) / whole
        if gap <= TOLERATED or steps >= MOST:
            break
        steps *= 2

    mean = np.mean(means, axis=0)
    table = (mean - mean.mean(axis=-1, keepdims=True)) * present
    return table.astype(np.float32), places.astype(np.float32), gap, steps


def _mean_slope(
    gradient: Gradient,
    signal: NDArray[np.float32],
    present: NDArray[np.float32],
    reference: NDArray[np.float32],
    output: int,
    steps: int,
) -> NDArray[np.float64]:
    """Mean of the gradient at the middles of so many steps from a reference to a sequence."""
    share = ((np.arange(steps) + 0.5) / steps)[:, None, None]
    total = np.zeros(signal.shape)
    for start in range(0, steps, AT_ONCE):
        points = reference + share[start : start + AT_ONCE] * (signal - reference)
        here = np.broadcast_to(present, (len(points), *present.shape))
        slopes = gradient(points.astype(np.float32), here, output)
        total += slopes.sum(axis=0, dtype=np.float64)
    return total / steps


def _scores(
    model: keras.Model, signal: NDArray[np.float32], present: NDArray[np.float32], output: int
) -> NDArray[np.float64]:
    scores = model.predict([signal, present], batch_size=AT_ONCE, verbose=0)
    of_output: NDArray[np.float64] = scores[:, output].astype(np.float64)
    return of_output
