"""In-silico mutagenesis that computes anew only what an edit changes.

Of a network that is a convolution, a pool over all positions and a head, a letter changes as many
positions of the convolution as the filter is wide, and these by a difference of two weights. What
lies before and behind them is pooled once a sequence. Networks of this form are DeepBind, wide
Conv1D and the two multi-scale attention networks. Results differ from the naive ones by rounding.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
from keras import layers
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from basewise.architectures.entry import open_entry, strand_inside
from basewise.architectures.multiscale_attention_v2 import FAR_BELOW
from basewise.core.arrays import Mask
from basewise.interpretation.scales import mean_of_strands, on_scale, runner, without_activation
from basewise.sequences.alphabet import pack_letters, unpack

Numbers = NDArray[np.float32]

MOST_NUMBERS = 2**22
"""Values of a convolution that are computed anew at a time."""

JOINS: dict[str, tuple[np.ufunc, float]] = {
    "maximum": (np.maximum, -np.inf),
    "add": (np.add, 0.0),
}
"""How values are joined over positions, and what changes nothing."""

ACTIVATIONS: dict[str, Callable[[Numbers], Numbers]] = {
    "relu": lambda values: np.maximum(values, 0),
    "linear": lambda values: values,
}
"""Activations that grow with what they are given: the maximum is that of the best match."""


class Branch(NamedTuple):
    """A convolution and its pool over all positions.

    Attributes
    ----------
    kernel, bias
        Of the convolution: (width, channels, filters) and (filters,).
    before, behind, filler
        Columns at either end of the signal, and what they hold.
    pool
        Positions below one maximum in front of the pool over all; 1 for none.
    joins
        Rules of `JOINS`.
    measure
        From the maxima, shape (..., filters), and whether there are letters, (..., 1), to one array
        for each rule.
    finish
        From what was joined to features.
    """

    kernel: Numbers
    bias: Numbers
    before: int
    behind: int
    filler: float
    pool: int
    joins: Sequence[str]
    measure: Callable[[Numbers, Numbers], Sequence[Numbers]]
    finish: Callable[..., Numbers]


Edited = Callable[[NDArray[np.uint8]], NDArray[np.floating]]
"""From character codes, (n, length), to what `mutagenesis.edited_scores` gives for them."""


def edited_scores_of(network: keras.Model, task: str, alphabet: str) -> Edited | None:
    """What scores each letter at each place for a network; None for one of another form.

    On the scale of `scales.explained`, on which a network that averages both strands is explained
    by its mean.
    """
    inner = strand_inside(network)
    form = form_of(without_activation(inner or network))
    if form is None:
        return None
    numbers = open_entry(network).numbers
    head = runner(keras.Model(form.head.input, on_scale(form.head.outputs[0], task)))

    def of_one(signal: Numbers, present: Numbers) -> Numbers:
        features = form.edited(signal, present)
        return np.asarray(head(features.reshape(-1, features.shape[-1]))).reshape(
            *features.shape[:2], -1
        )

    def of_all(letters: NDArray[np.uint8]) -> NDArray[np.floating]:
        length, channels = numbers.inputs[0].shape[1:]
        bits = unpack(pack_letters(letters, alphabet), length, channels)
        signal, present = (np.asarray(tensor) for tensor in numbers(bits))
        tables = []
        for here, mask in zip(signal, present, strict=True):
            table = of_one(here, mask)
            if inner is not None:
                other = of_one(here[::-1, ::-1], mask[::-1])[::-1, ::-1]
                table = np.asarray(mean_of_strands(table, other, task))
            tables.append(table * mask[..., None])
        return np.stack(tables)

    return of_all


class Form(NamedTuple):
    """A network as its branches, and its head, from their features side by side to its output."""

    branches: Sequence[Branch]
    head: keras.Model

    def edited(self, signal: Numbers, present: Numbers) -> Numbers:
        """Features of one sequence with each letter at each place, (length, channels, features).

        `signal` and `present` have the shapes (length, channels) and (length, 1), see
        `entry.Entry`.
        """
        scans = [_Scan(branch, signal, present) for branch in self.branches]
        return np.concatenate([scan.with_each_letter() for scan in scans], axis=-1)


def form_of(network: keras.Model) -> Form | None:
    """The form of a network that reads one strand; None for one of another form."""
    graph = _Graph(network)
    ends = [operation for operation in network.operations if _kind(operation) in ENDS]
    together = [one for one in network.operations if isinstance(one, layers.Concatenate)]
    if not ends or len(together) != (len(ends) > 1):
        return None

    last = together[0] if together else ends[0]
    makers = map(graph.maker, keras.tree.flatten(last.input)) if together else ends
    branches = [ENDS[_kind(end)](graph, end) if end in ends else None for end in makers]
    known = [branch for branch in branches if branch is not None]
    if len(known) < len(branches):
        return None
    return Form(known, keras.Model(last.output, network.outputs[0]))


class _Scan:
    """A sequence as a branch sees it, and what an edit changes in it."""

    def __init__(self, branch: Branch, signal: Numbers, present: Numbers) -> None:
        width, channels, filters = branch.kernel.shape
        ends = ((branch.before, branch.behind), (0, 0))
        padded = np.pad(signal, ends, constant_values=branch.filler)
        windows = sliding_window_view(padded, width, axis=0).reshape(-1, channels * width)
        kernel = branch.kernel.transpose(1, 0, 2).reshape(-1, filters)
        matches = windows @ kernel + branch.bias

        pool = branch.pool
        self.branch, self.length = branch, len(signal)
        # as many pools as one edit can reach
        self.pools, self.span = -(-len(matches) // pool), (width + 2 * pool - 2) // pool
        # pools as Keras lays them: those that stand over an end lack something
        self.lead = (self.pools * pool - len(matches)) // 2
        # an edit at either end reaches positions that are not there
        self.margin = -(-width // pool) * pool
        self.matches = self._laid(matches, -np.inf)
        # only networks whose convolution keeps the length ask where there are letters
        is_kept = len(present) == len(matches)
        there = present if is_kept else np.ones((len(matches), 1), np.float32)
        self.there = self._pooled(self._laid(there, 0.0))
        is_now = np.einsum("lc,ocf->lof", signal, branch.kernel)
        self.others = -is_now[:, ::-1]

        self.is_pool: Mask = np.isfinite(self._pooled(self.matches[:, :1]))
        measured = self._measured(self._pooled(self.matches), self.there, self.is_pool)
        self.outside = [
            _outside(rule, values) for rule, values in zip(branch.joins, measured, strict=True)
        ]

    def with_each_letter(self) -> Numbers:
        """Features with each letter at each place, shape (length, channels, features)."""
        _, channels, filters = self.branch.kernel.shape
        at_once = max(1, MOST_NUMBERS // (self.span * self.branch.pool * channels * filters))
        blocks = [
            np.arange(start, min(start + at_once, self.length))
            for start in range(0, self.length, at_once)
        ]
        return np.concatenate([self._edited(places) for places in blocks])

    def _edited(self, places: NDArray[np.int64]) -> Numbers:
        """Places whose first match that changes has the same place in its pool go together."""
        pool = self.branch.pool
        first = places + self.branch.before - len(self.branch.kernel) + 1 + self.lead + self.margin
        features = [
            (chosen, self._of_phase(places[chosen], first[chosen]))
            for chosen in (np.flatnonzero(first % pool == phase) for phase in range(pool))
            if len(chosen)
        ]
        joined = np.empty((len(places), *features[0][1].shape[1:]), np.float32)
        for chosen, of_chosen in features:
            joined[chosen] = of_chosen
        return joined

    def _of_phase(self, places: NDArray[np.int64], first: NDArray[np.int64]) -> Numbers:
        branch, pool = self.branch, self.branch.pool
        width, channels, filters = branch.kernel.shape
        phase, size = int(first[0]) % pool, self.span * pool
        start = first // pool
        before = sliding_window_view(self.matches, size, axis=0)[start * pool].swapaxes(1, 2)

        # a match changes by the difference of two weights
        values = np.empty((len(places), size, channels, filters), np.float32)
        values[:, :phase] = before[:, :phase, None]
        values[:, phase + width :] = before[:, phase + width :, None]
        less = before[:, phase : phase + width] + self.others[places]
        np.add(less[:, :, None], branch.kernel[::-1], out=values[:, phase : phase + width])

        maxima = values.reshape(len(places), self.span, pool, channels, filters).max(axis=2)
        reached = start[:, None] + np.arange(self.span)
        there, is_pool = self.there[reached][:, :, None], self.is_pool[reached][:, :, None]
        measured = self._measured(maxima, there, is_pool)
        joined = []
        for rule, inside, (left, right) in zip(branch.joins, measured, self.outside, strict=True):
            join, _ = JOINS[rule]
            outside = join(left[start], right[start + self.span])
            joined.append(join(join.reduce(inside, axis=1), outside[:, None]))
        return branch.finish(*joined)

    def _measured(self, maxima: Numbers, there: Numbers, is_pool: Mask) -> list[Numbers]:
        """What a branch measures; what changes nothing where there is no pool."""
        with np.errstate(invalid="ignore"):
            measured = self.branch.measure(maxima, there)
        pairs = zip(self.branch.joins, measured, strict=True)
        if is_pool.all():
            return [values for _, values in pairs]
        return [np.where(is_pool, values, JOINS[rule][1]) for rule, values in pairs]

    def _laid(self, values: Numbers, nothing: float) -> Numbers:
        """Values of positions below whole pools, between margins."""
        pool = self.branch.pool
        size = self.pools * pool + 2 * self.margin + pool
        laid = np.full((size, values.shape[1]), nothing, np.float32)
        start = self.margin + self.lead
        laid[start : start + len(values)] = values
        return laid

    def _pooled(self, laid: Numbers) -> Numbers:
        maxima: Numbers = laid.reshape(-1, self.branch.pool, laid.shape[1]).max(axis=1)
        return maxima


def _outside(rule: str, values: Numbers) -> tuple[Numbers, Numbers]:
    """What lies before each pool and what from each pool on, joined; and before and behind all."""
    join, nothing = JOINS[rule]
    none = np.full((1, *values.shape[1:]), nothing, np.float32)
    before = np.concatenate([none, join.accumulate(values)])
    behind = np.concatenate([join.accumulate(values[::-1])[::-1], none])
    return before, behind


class _Graph:
    """The operations of a network, by what they make."""

    def __init__(self, network: keras.Model) -> None:
        self.signal = open_entry(network).numbers.outputs[0]
        self.makers = {
            id(tensor): operation
            for operation in network.operations
            for tensor in keras.tree.flatten(operation.output)
        }

    def maker(self, tensor: Any) -> Any:
        return self.makers[id(tensor)]

    def chain(self, end: Any, *kinds: str) -> list[Any] | None:
        """The operations that lead to one, the nearest first; None where they are not of a kind."""
        chain = []
        for kind in kinds:
            end = self.maker(keras.tree.flatten(end.input)[0])
            if _kind(end) != kind:
                return None
            chain.append(end)
        return chain

    def scan(self, convolution: layers.Conv1D) -> Branch | None:
        """A convolution of the signal, or of the signal between columns that hold one number."""
        if convolution.strides != (1,) or convolution.dilation_rate != (1,):
            return None
        sight = self._sight(convolution.input)
        if sight is None:
            return None

        kernel, *biases = convolution.get_weights()
        width = len(kernel) - 1 if convolution.padding == "same" else 0
        before, behind, filler = sight
        if width and filler:
            return None
        return Branch(
            kernel,
            biases[0] if biases else np.zeros(kernel.shape[2], np.float32),
            before=before + width // 2,
            behind=behind + width - width // 2,
            filler=filler,
            pool=1,
            joins=["maximum"],
            measure=lambda matches, _: [matches],
            finish=lambda best: best,
        )

    def _sight(self, tensor: Any) -> tuple[int, int, float] | None:
        """Columns before and behind the signal in a tensor, and what they hold, by trying it."""
        if tensor is self.signal:
            return 0, 0, 0.0
        length, channels = self.signal.shape[1:]
        probe = np.zeros((2, length, channels), np.float32)
        probe[1, 0, 0] = 1
        empty, marked = np.asarray(keras.Model(self.signal, tensor)(probe))
        (place, channel), *others = np.argwhere(marked != empty).tolist()
        ends = np.concatenate([empty[:place], empty[place + length :]])
        if others or channel or marked[place, 0] != 1 or len(np.unique(ends)) > 1:
            return None
        return place, len(empty) - length - place, float(ends.flat[0]) if len(ends) else 0.0


def _kind(operation: Any) -> str:
    return type(operation).__name__


def _best_match(graph: _Graph, end: Any) -> Branch | None:
    """The maximum over all positions of a convolution, or of one with attention."""
    attended = _with_attention(graph, end)
    if attended is not None:
        return attended
    scan, activate = _activated(graph, end)
    return scan and scan._replace(finish=activate)


def _mean_match(graph: _Graph, end: Any) -> Branch | None:
    """The mean over all positions of a convolution."""
    scan, activate = _activated(graph, end)
    positions = end.input.shape[1]
    return scan and scan._replace(
        joins=["add"],
        measure=lambda matches, _: [activate(matches)],
        finish=lambda total: total / positions,
    )


def _activated(graph: _Graph, end: Any) -> tuple[Branch | None, Callable[[Numbers], Numbers]]:
    """The convolution in front of an operation, and its activation."""
    chain = graph.chain(end, "Conv1D") or []
    names = [convolution.activation.__name__ for convolution in chain]
    if not chain or names[0] not in ACTIVATIONS:
        return None, ACTIVATIONS["linear"]
    return graph.scan(chain[0]), ACTIVATIONS[names[0]]


def _with_attention(graph: _Graph, end: Any) -> Branch | None:
    """The attention of `multiscale_attention`: a maximum of what a softmax weights."""
    chain = graph.chain(end, "Multiply", "Dropout", "BatchNormalization", "Conv1D")
    if chain is None:
        return None
    product, hidden, normalization, convolution = chain
    weights = graph.maker(keras.tree.flatten(product.input)[1])
    score = graph.chain(weights, "Dense") if _kind(weights) == "Softmax" else None
    if score is None or score[0].input is not hidden.output:
        return None

    scan, (weight, shift) = graph.scan(convolution), score[0].get_weights()
    gamma, beta, mean, variance = normalization.get_weights()
    slope = gamma / np.sqrt(variance + normalization.epsilon)

    def measure(matches: Numbers, _: Numbers) -> list[Numbers]:
        found = (np.maximum(matches, 0) - mean) * slope + beta
        share = np.exp(np.tanh(found @ weight + shift))
        return [found * share, share]

    return scan and scan._replace(
        joins=["maximum", "add"], measure=measure, finish=lambda best, total: best / total
    )


def _soft_count(graph: _Graph, end: Any) -> Branch | None:
    """The soft count of `multiscale_attention_v2` over the whole sequence."""
    chain = graph.chain(end, "Pad", "Subtract", "DepthwiseConv1D", "MaxPooling1D", "Conv1D")
    if chain is None:
        return None
    *_, depthwise, maximum, convolution = chain
    scale, shift = depthwise.get_weights()
    slope = scale[0, :, 0]
    scan = graph.scan(convolution)

    if scan is None:
        return None
    # no score is higher, so that their powers are small numbers, which are added
    best, worst = (end(scan.kernel, axis=1).sum(axis=0) + scan.bias for end in (np.max, np.min))
    top = np.maximum(best * slope, worst * slope) + shift

    def measure(matches: Numbers, there: Numbers) -> list[Numbers]:
        score = matches * slope + shift - FAR_BELOW * (1 - there)
        return [np.exp(score - top, dtype=np.float64)]

    def finish(total: Numbers) -> Numbers:
        with np.errstate(divide="ignore"):
            counts: Numbers = np.logaddexp(np.log(total) + top, 0)
        return counts

    return scan._replace(pool=maximum.pool_size[0], joins=["add"], measure=measure, finish=finish)


ENDS = {
    "GlobalMaxPooling1D": _best_match,
    "GlobalAveragePooling1D": _mean_match,
    "Logsumexp": _soft_count,
}
"""Pools over all positions, and what reads the branches that end in them."""
