"""One network on one fold: from its initial weights to trained ones, and to scores."""

import time
from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.architectures import adapt_settings, build, entry_of, full_settings, look_up
from basewise.architectures.features import fit_features, split_stage
from basewise.config.own_code import RULE, is_own
from basewise.core.arrays import Integers
from basewise.core.errors import InputError
from basewise.examples.scales import Transform, fit_transform, learn_targets
from basewise.sequences.motifs import read_motifs
from basewise.store.memory import forecast, too_much
from basewise.store.parts import scored_rows
from basewise.store.shards import Tensors
from basewise.training.advice import advise, class_counts
from basewise.training.batches import Batches, Feed, StagedBatches
from basewise.training.diagnosis import warnings_of
from basewise.training.epochs import NO_TRACES, Fitted, Traces, fit_epochs, fit_model
from basewise.training.feeding import predict
from basewise.training.imbalance import class_weights
from basewise.training.settings import Training

FEATURE_ROWS = 20_000
"""Training examples, evenly spaced, that a feature stage is fitted on at most."""

STAGED_BYTES = 1_000_000_000
"""What a frozen stage makes of the examples is kept up to this size, else made in each epoch."""


class Recipe(NamedTuple):
    """What to train, on what and how; see `network.fit_network`."""

    tensors: Tensors
    part: NDArray[np.str_]
    architecture: str
    settings: Mapping[str, Any]
    training: Training
    seed: int

    def rows(self, *parts: str) -> Integers:
        """Rows of some parts, in the order of the dataset."""
        return np.flatnonzero(np.isin(self.part, parts))


class Learned(NamedTuple):
    """How `learn` went; `errors` are those of an autoencoder, see `autoencoder`."""

    fitted: Fitted
    errors: dict[str, dict[str, float]] | None


def build_network(recipe: Recipe, *parts: str) -> keras.Model:
    """A network with initial weights that derive from the seed, its feature stage fitted on parts.

    Raises
    ------
    InputError
        When the architecture cannot take the examples.
    """
    tensors, entry = recipe.tensors, entry_of(recipe.architecture)
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
    features = fit_features(
        model, lambda stage: predict(stage, tensors, some, recipe.training.batch_size)
    )
    return model if features is None else network(features=features)


def learn(recipe: Recipe, model: keras.Model, traces: Traces = NO_TRACES) -> Learned:
    """Train on the train part and keep the weights of the best epoch on the validation part."""
    shown = _shown(recipe, "train")
    held_out = Batches(recipe.tensors, recipe.rows("validation"), recipe.training.batch_size)
    errors = None
    entry = entry_of(recipe.architecture)
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


def _trainable(model: keras.Model, *batches: Batches) -> tuple[keras.Model, tuple[Feed, ...]]:
    """What to compile and fit of a model, so that it stays uncompiled itself; and on what.

    Behind a frozen stage this is the network alone, on what the stage makes of each example.
    """
    staged = None if any(batch.changes_examples for batch in batches) else split_stage(model)
    if staged is None or _staged_bytes(staged[0], batches) > STAGED_BYTES:
        return keras.Model(model.input, model.output), batches
    stage, network = staged
    fed = [
        StagedBatches(batch, predict(stage, batch.tensors, batch.rows, batch.batch_size))
        for batch in batches
    ]
    return network, tuple(fed)


def _staged_bytes(stage: keras.Model, batches: tuple[Batches, ...]) -> int:
    numbers = int(np.prod(stage.output_shape[1:]))
    return 4 * numbers * sum(len(batch.rows) for batch in batches)


class Fit(NamedTuple):
    """A trained network.

    Attributes
    ----------
    model
        The network with the weights of its best epoch, not compiled; after a refit the second one.
    score
        Of the validation and test rows in the order of the dataset, shape (rows, outputs), per
        position (rows, length, classes), a
        regression's in the target's own unit. After a refit validation is scored by the first
        network and test by the second.
    history, best_epoch, examples_per_second
        See `epochs.Fitted`; of the first network, a regression's on the scale of `transform`.
    changes
        Settings that were adapted to the length of the sequences, one line each.
    advice, warnings
        What spoke against the training before it began; what is wrong with the trained network.
    reconstruction
        Of an autoencoder, see `autoencoder.reconstruction_errors`.
    seconds
        Wall time of the training; of a resumed one, since it went on.
    """

    model: keras.Model
    score: NDArray[np.float32]
    history: pd.DataFrame
    best_epoch: int
    transform: Transform
    changes: list[str]
    advice: list[str]
    warnings: list[str]
    reconstruction: dict[str, dict[str, float]] | None
    seconds: float
    examples_per_second: float | None


def fit_network(
    tensors: Tensors,
    part: NDArray[np.str_],
    *,
    architecture: str,
    settings: Mapping[str, Any],
    training: Training,
    seed: int,
    transform: str = "none",
    covariates: pd.DataFrame | None = None,
    memory: int | None = None,
    traces: Traces = NO_TRACES,
) -> Fit:
    """Train an architecture on the train part, choosing the epoch on the validation part.

    `training` names optimizer, schedule and loss; training stops when the validation loss has not
    fallen for as many epochs as its patience. With `reverse_complement: augment` and `shift`, each
    training example is shown on a random strand and shifted at random, anew in each epoch;
    validation is never augmented. A feature stage is fitted on the train part first, and an
    autoencoder first learns to reconstruct it. With `refit` a second network is then trained on
    train and validation together, for as many epochs as the first one's best and with its learning
    rates.

    Parameters
    ----------
    part
        Part of each example, shape (n,).
    architecture, settings
        What to build, see `architectures.build`.
    seed
        Seed of the initial weights, of dropout and of the order of examples.
    transform
        Scale on which the targets of a regression are learned, see `scales.fit_transform`.
    covariates
        Of each example, see `scales.fixed_effects`; their effect is not learned.
    memory
        Bytes that the training may take on the CPU, to be warned before it begins.
    traces
        What to leave as the training goes on; with states, a killed training goes on from there.

    Raises
    ------
    InputError
        When the architecture, its settings or the transform do not fit the dataset.
    """
    _check_fit(tensors, architecture, settings, training, transform)
    train, validation = np.flatnonzero(part == "train"), np.flatnonzero(part == "validation")
    learned, shown = None, tensors
    if tensors.task == "regression":
        learned = learn_targets(tensors.target, train, transform, covariates)
        shown, scale = tensors.with_target(learned.target), learned.scale
    else:
        scale = fit_transform("none", tensors.target[train])

    changed = _adapted(tensors, architecture, settings)
    recipe = Recipe(shown, part, architecture, settings, training, seed)
    model = build_network(recipe, "train")
    # what settings of one's own mean is not known
    known = {} if is_own(architecture) else full_settings(architecture, settings)
    advice = _advice(model, tensors, train, {**known, **changed})
    needed = forecast(model, training.batch_size, tensors.memory)
    print(needed.line(memory), flush=True)
    if memory is not None:
        advice += too_much(needed, memory, _rule(architecture))
    _say("Adapted", changes := _lines(architecture, settings, changed))
    _say("Advice", advice)
    started = time.monotonic()
    (history, best_epoch, speed), errors = learn(recipe, model, traces)
    rows = scored_rows(part)
    score, held_out = predict(model, shown, rows, training.batch_size), part[rows] == "validation"
    epochs, target = training.epochs, shown.target
    warnings = warnings_of(
        history, epochs, best_epoch, target, train, validation, score[held_out], tensors.task
    )
    _say("Warning", warnings)
    if training.refit:
        rates = history["learning_rate"].tolist()[:best_epoch]
        model = learn_again(recipe, rates, traces)
        tested = predict(model, shown, rows, training.batch_size)[~held_out]
        score[~held_out] = tested

    seconds = time.monotonic() - started
    if learned is not None:
        score = learned.in_unit(score, rows)

    return Fit(
        model,
        score,
        history,
        best_epoch,
        scale,
        changes,
        advice,
        warnings,
        reconstruction=errors,
        seconds=seconds,
        examples_per_second=speed,
    )


def _rule(architecture: str) -> str:
    return f"train_{RULE if is_own(architecture) else architecture}"


def _adapted(tensors: Tensors, architecture: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    chosen = {key: settings[key] for key in settings if key in entry_of(architecture)["settings"]}
    adapt = settings.get("adapt", "error")
    return adapt_settings(
        architecture, tensors.length, len(tensors.outputs), tensors.task, adapt, chosen
    )


def _lines(architecture: str, settings: Mapping[str, Any], changed: Mapping[str, Any]) -> list[str]:
    full = full_settings(architecture, settings)
    return [f"{name} {full[name]} -> {value}" for name, value in changed.items()]


def _advice(
    model: keras.Model, tensors: Tensors, train: Integers, settings: Mapping[str, Any]
) -> list[str]:
    counts = class_counts(tensors.target, train, tensors.outputs, tensors.task)
    motifs = read_motifs(settings["motifs"]) if settings.get("motifs") else []
    widths = [len(motif.probabilities) for motif in motifs]
    return advise(model, settings, tensors.length, len(train), counts, tensors.task, widths)


def _say(title: str, lines: list[str]) -> None:
    for line in lines:
        print(f"{title}: {line}", flush=True)


def _check_fit(
    tensors: Tensors,
    architecture: str,
    settings: Mapping[str, Any],
    training: Training,
    transform: str,
) -> None:
    strands = settings.get("reverse_complement", "none")
    if strands != "none" and tensors.alphabet != "dna":
        raise InputError(
            f"`reverse_complement: {strands}` needs DNA, this dataset is {tensors.alphabet}; "
            "set it to none"
        )
    if transform != "none" and tensors.task != "regression":
        raise InputError(
            f"`transform: {transform}` needs a regression, this dataset is {tensors.task}; "
            "set it to none"
        )
    if training.refit and "pretraining" in entry_of(architecture):
        raise InputError(f"{architecture} is pre-trained, it has no `refit`; leave that out")
