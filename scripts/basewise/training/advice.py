"""What is known to go wrong, said before a training: one line each, with the remedy."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from basewise.architectures.adaptation import blocks_of
from basewise.core.arrays import Integers
from basewise.core.text import listed

WIDEST_MOTIF = 20
"""98.7 % of the motifs of JASPAR 2016 are shorter."""

FEW_EXAMPLES = 1_000

UNEVEN = 0.4
"""Of an even share; of two classes the smaller has 20 %."""

PARAMETERS_PER_EXAMPLE = 10

WEIGHT_LAYERS = 5

LARGEST_FLATTEN = 20_000

REMEDIES = ("batch_norm", "residual")
"""Settings that help gradients through many layers."""

WEIGHTED = (layers.Conv1D, layers.Dense, layers.SimpleRNN, layers.GRU, layers.LSTM)


ADVICE = {
    "few": "only {fewest:,} training examples: networks want thousands; look at the baselines "
    "first, and use `split: {{folds: 10}}` rather than one test part",
    "few_of_class": "only {fewest:,} training examples of {name}: networks want thousands; look "
    "at the baselines first, and use `split: {{folds: 10}}` rather than one test part",
    "uneven": "{name} is in {share:.1%} of the training examples: accuracy misleads, look at "
    "recall, AUPRC and MCC; get more of it, or less of the rest",
    "large": "{parameters:,} parameters for {examples:,} training examples: it can learn them "
    "by heart; take fewer filters and units, or `adapt: auto`, and more dropout",
    "wide": "the first convolution is {first} wide, nearly all motifs are shorter than "
    "{widest}: a narrower one needs fewer examples (`kernel_size`)",
    "narrow": "the first convolution is {first} wide, the shortest of your motifs {shortest}: "
    "it sees none whole; raise `kernel_size`",
    "short_sighted": "a position sees {field} letters, the longest of your motifs has "
    "{longest}; raise `kernel_size` or add a block",
    "far_sighted": "a position behind the convolutions sees {field} letters, the sequences have "
    "{length}; lower `kernel_size` or the pools, or use longer sequences",
    "deep": "{number} layers with weights, five are usually enough and gradients fade on the "
    "way: compare with a shallower network",
    "deep_with_remedy": "{number} layers with weights, five are usually enough and gradients "
    "fade on the way: switch on {remedies}, or compare with a shallower network",
    "large_flatten": "{values:,} values enter the first dense layer: pool more (`pool_size`), "
    "or take a network with a maximum over positions",
    "forgetful": "a simple recurrent layer forgets within tens of steps: take `cell: gru` or "
    "`lstm`",
}


def advise(
    model: keras.Model,
    settings: Mapping[str, Any],
    length: int,
    examples: int,
    counts: Mapping[str, int],
    task: str,
    motif_widths: Sequence[int] = (),
) -> list[str]:
    """Say what speaks against training this network on these examples.

    `settings` have all defaults, `length` counts the letters of a sequence, `examples` those of
    train and `counts` those of each class (`class_counts`).
    """
    return [
        *_on_examples(model, examples, counts, task),
        *_on_convolutions(model, settings, length, motif_widths),
        *_on_depth(model, settings),
    ]


def class_counts(
    target: NDArray[np.generic], rows: Integers, outputs: Sequence[str], task: str
) -> dict[str, int]:
    """Examples of each class; of a regression all of `rows`, of multilabel the 1 of each output."""
    values = target[rows]
    if task == "regression":
        return {"all": len(rows)}
    if task == "multilabel":
        return dict(zip(outputs, (values == 1).sum(axis=0).tolist(), strict=True))
    if task == "binary":
        return {name: int((values == number).sum()) for number, name in enumerate(("0", "1"))}
    if task == "per_position":
        return {name: int((values == n).any(axis=1).sum()) for n, name in enumerate(outputs)}
    return {name: int((values == number).sum()) for number, name in enumerate(outputs)}


def receptive_field(kernels: list[int], pools: list[int]) -> int:
    """Letters that one position behind the convolutions and pools sees."""
    field, stride = 1, 1
    for kernel, pool in zip(kernels, pools, strict=True):
        field += (kernel - 1) * stride + (pool - 1) * stride
        stride *= pool
    return field


def _on_examples(
    model: keras.Model, examples: int, counts: Mapping[str, int], task: str
) -> Iterator[str]:
    name, fewest = min(counts.items(), key=lambda item: item[1])
    if fewest < FEW_EXAMPLES:
        kind = "few" if task == "regression" else "few_of_class"
        yield ADVICE[kind].format(fewest=fewest, name=name)

    even = examples / (2 if task == "multilabel" else len(counts))
    if fewest < UNEVEN * even:
        yield ADVICE["uneven"].format(name=name, share=fewest / examples)
    parameters = sum(math.prod(weight.shape) for weight in model.trainable_variables)
    if parameters > PARAMETERS_PER_EXAMPLE * examples:
        yield ADVICE["large"].format(parameters=parameters, examples=examples)


def _on_convolutions(
    model: keras.Model, settings: Mapping[str, Any], length: int, motif_widths: Sequence[int]
) -> Iterator[str]:
    if "kernel_size" not in settings and "kernel_sizes" not in settings:
        return

    kernels, pools = blocks_of(settings)
    parallel = "kernel_sizes" in settings and "pool_sizes" not in settings
    first = max(kernels) if parallel else kernels[0]
    field = first if parallel else receptive_field(kernels, pools)

    if first > WIDEST_MOTIF:
        yield ADVICE["wide"].format(first=first, widest=WIDEST_MOTIF)
    if motif_widths and first < min(motif_widths):
        yield ADVICE["narrow"].format(first=first, shortest=min(motif_widths))
    if motif_widths and field < max(motif_widths):
        yield ADVICE["short_sighted"].format(field=field, longest=max(motif_widths))
    if field > length:
        yield ADVICE["far_sighted"].format(field=field, length=length)


def _on_depth(model: keras.Model, settings: Mapping[str, Any]) -> Iterator[str]:
    every = list(_layers(model))
    weighted = [layer for layer in every if isinstance(layer, WEIGHTED) and layer.trainable]
    if len(weighted) > WEIGHT_LAYERS:
        remedies = listed((f"`{name}`" for name in REMEDIES if name in settings), "or")
        kind = "deep_with_remedy" if remedies else "deep"
        yield ADVICE[kind].format(number=len(weighted), remedies=remedies)

    for layer in every:
        if isinstance(layer, layers.Flatten) and layer.output.shape[-1] > LARGEST_FLATTEN:
            yield ADVICE["large_flatten"].format(values=layer.output.shape[-1])

    if any(isinstance(layer, layers.SimpleRNN) for layer in every):
        yield ADVICE["forgetful"]


def _layers(model: keras.Model) -> Iterator[keras.Layer]:
    """Every layer, those of models and of bidirectional layers inside included."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _layers(layer)
        elif isinstance(layer, layers.Bidirectional):
            yield layer.forward_layer
        else:
            yield layer
