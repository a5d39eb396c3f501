"""One network from its initial weights to trained ones."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

import keras
import numpy as np
from numpy.typing import NDArray

from basewise.architectures import build, full_settings, look_up, registry
from basewise.batches import Batches, StagedBatches
from basewise.errors import InputError
from basewise.features import fit_features, split_stage
from basewise.fitting import NO_TRACES, Fitted, Traces, fit_epochs, fit_model
from basewise.imbalance import class_weights
from basewise.shards import Tensors
from basewise.training_settings import Training

__all__ = ["Learned", "Recipe", "build_network", "learn", "learn_again"]

FEATURE_ROWS = 20_000
"""Training examples, evenly spaced, that a feature stage is fitted on at most."""

STAGED_BYTES = 1_000_000_000
"""What a frozen stage makes of the examples is kept up to this size, else made in each epoch."""


class Recipe(NamedTuple):
    """What to train, on what and how; see `training.fit_network`."""

    tensors: Tensors
    part: NDArray[np.str_]
    architecture: str
    settings: Mapping[str, Any]
    training: Training
    seed: int

    def rows(self, *parts: str) -> NDArray[np.int64]:
        """Rows of some parts, in the order of the dataset."""
        return np.flatnonzero(np.isin(self.part, parts))


class Learned(NamedTuple):
    """How `learn` went; `errors` are those of an autoencoder, see `reconstruction`."""

    fitted: Fitted
    errors: dict[str, dict[str, float]] | None


def build_network(recipe: Recipe, *parts: str) -> keras.Model:
    """A network with initial weights that derive from the seed, its feature stage fitted on parts.

    Raises
    ------
    InputError
        When the architecture cannot take the examples.
    """
    tensors, entry = recipe.tensors, registry()[recipe.architecture]
    keras.utils.set_random_seed(recipe.seed)
    network = partial(
        build,
        recipe.architecture,
        length=tensors.length,
        channels=tensors.channels,
        outputs=len(tensors.outputs),
        task=tensors.task,
        **recipe.settings,
    )
    rows = recipe.rows(*parts)
    if "features" in entry:
        settings = full_settings(recipe.architecture, recipe.settings)
        return network(features=look_up(entry["features"])(tensors, rows, settings))
    model = network()
    if tensors.task == "per_position" and model.output_shape[1] != tensors.length:
        raise InputError(
            f"{recipe.architecture} answers {model.output_shape[1]} positions, the labels have "
            f"{tensors.length}; take an architecture that keeps the length"
        )
    some = rows[:: -(-len(rows) // FEATURE_ROWS)]
    features = fit_features(model, Batches(tensors, some, recipe.training.batch_size))
    return model if features is None else network(features=features)


def learn(recipe: Recipe, model: keras.Model, traces: Traces = NO_TRACES) -> Learned:
    """Train on the train part and keep the weights of the best epoch on the validation part."""
    shown = _shown(recipe, "train")
    held_out = Batches(recipe.tensors, recipe.rows("validation"), recipe.training.batch_size)
    errors = None
    entry = registry()[recipe.architecture]
    if "pretraining" in entry:
        errors = look_up(entry["pretraining"])(
            model,
            shown,
            held_out,
            recipe.tensors,
            recipe.part,
            epochs=recipe.training.epochs,
            patience=recipe.training.patience,
            learning_rate=recipe.training.learning_rate,
            traces=traces._replace(watch=None),
        )
    trainable, (first, second) = _trainable(model, shown, held_out)
    weights = _class_weights(recipe, "train")
    task, training = recipe.tensors.task, recipe.training
    return Learned(fit_model(trainable, first, second, training, task, weights, traces), errors)


def learn_again(recipe: Recipe, rates: list[float], traces: Traces = NO_TRACES) -> keras.Model:
    """A new network, trained on train and validation for one epoch a learning rate."""
    parts = ("train", "validation")
    model = build_network(recipe, *parts)
    trainable, (shown,) = _trainable(model, _shown(recipe, *parts))
    weights = _class_weights(recipe, *parts)
    fit_epochs(trainable, shown, recipe.training, recipe.tensors.task, rates, weights, traces)
    return model


def _shown(recipe: Recipe, *parts: str) -> Batches:
    """Batches of some parts to train on, in an order that derives from the seed."""
    return Batches(
        recipe.tensors,
        recipe.rows(*parts),
        recipe.training.batch_size,
        np.random.default_rng(recipe.seed),
        reverse_complement=recipe.settings.get("reverse_complement") == "augment",
        shift=recipe.training.shift,
        sampling=recipe.training.sampling,
    )


def _class_weights(recipe: Recipe, *parts: str) -> NDArray[np.float32] | None:
    if recipe.training.class_weights == "none":
        return None
    return class_weights(recipe.tensors, recipe.rows(*parts))


def _trainable(model: keras.Model, *batches: Batches) -> tuple[keras.Model, tuple[Any, ...]]:
    """What to compile and fit of a model, so that it stays uncompiled itself; and on what.

    Behind a frozen stage this is the network alone, on what the stage makes of each example.
    """
    staged = None if any(batch.changes_examples for batch in batches) else split_stage(model)
    if staged is None or _staged_bytes(staged[0], batches) > STAGED_BYTES:
        return keras.Model(model.input, model.output), batches
    stage, network = staged
    return network, tuple(StagedBatches(batch, stage) for batch in batches)


def _staged_bytes(stage: keras.Model, batches: tuple[Batches, ...]) -> int:
    numbers = int(np.prod(stage.output_shape[1:]))
    return 4 * numbers * sum(len(batch.rows) for batch in batches)
