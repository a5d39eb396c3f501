"""How often the 95 % intervals hold the truth, on simulated data sets of which it is known.

Usage: python benchmarks/coverage.py [DATA_SETS]
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from basewise.evaluation.binary import areas, weighted_binary_metrics
from basewise.evaluation.bootstrap import draw_weights, interval_over_runs, replicate
from basewise.evaluation.bounds import degrees_of_freedom, measure_bounds
from basewise.evaluation.significance import bootstrap_test
from basewise.evaluation.values import weighted_value_metrics

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Values = Mapping[str, float]
Bounds = Mapping[str, tuple[float, float]]
Random = np.random.Generator

DATA_SETS = 1000
RESAMPLES = 400
POPULATION = 400_000

BINARY = ("accuracy", "precision", "recall", "f1", "mcc", "auroc", "auprc", "brier", "ece")
OVER_RUNS = ("accuracy", "auroc")


class Sample(NamedTuple):
    """Test examples: positives, negatives, groups, and how far these differ in difficulty."""

    positives: int
    negatives: int
    groups: int = 0
    between: float = 0.0
    distance: float = 1.5


class Training(NamedTuple):
    """Folds, seeds, and how far the distance of the classes varies over both."""

    folds: int
    seeds: int
    of_folds: float = 0.0
    of_seeds: float = 0.0


SAMPLES = [
    Sample(50, 50),
    Sample(250, 250),
    Sample(20, 180),
    Sample(50, 450, distance=2.0),
    Sample(20, 80, distance=2.5),
    *(Sample(20 * groups // 4, 20 * groups // 4, groups, 0.7) for groups in (10, 15, 20, 40)),
]
TRAININGS = [
    Training(1, 1),
    *(Training(1, 3, 0.0, noise) for noise in (0.0, 0.15, 0.5)),
    *(Training(5, 1, noise) for noise in (0.0, 0.15, 0.5)),
    *(Training(5, 3, noise, noise) for noise in (0.0, 0.15, 0.5)),
]


def coverage(
    draw: Callable[[Random], Bounds], truth: Values, data_sets: int = DATA_SETS
) -> dict[str, float]:
    """Share of data sets whose interval holds the truth, by measure."""
    held = dict.fromkeys(truth, 0)
    for number in range(data_sets):
        found = draw(np.random.default_rng(number))
        for name, value in truth.items():
            held[name] += found[name][0] <= value <= found[name][1]
    return {name: count / data_sets for name, count in held.items()}


def of_classifier(sample: Sample, data_sets: int = DATA_SETS) -> dict[str, float]:
    """Coverage of the measures of one run of a binary classifier, too sure of itself."""
    many = sample._replace(
        positives=POPULATION * sample.positives // (sample.positives + sample.negatives),
        negatives=POPULATION * sample.negatives // (sample.positives + sample.negatives),
        groups=POPULATION if sample.groups else 0,
    )
    target, score, _ = _classified(many, np.random.default_rng(0))
    population = weighted_binary_metrics(target, score, np.ones((1, len(target))))
    truth = {name: float(population[name][0]) for name in BINARY}

    def draw(generator: Random) -> Bounds:
        target, score, group = _classified(sample, generator)
        units = sample.groups or min(sample.positives, sample.negatives)
        weights = draw_weights(target, generator, groups=group, resamples=RESAMPLES)
        return _bounds(
            lambda w: weighted_binary_metrics(target, score, w), weights, len(target), truth, units
        )

    return coverage(draw, truth, data_sets)


def of_numbers(rows: int, correlation: float, data_sets: int = DATA_SETS) -> dict[str, float]:
    """Coverage of the measures of one run of a regression, of normal variables."""
    noise = np.sqrt(1 - correlation**2)
    angle = 6 / np.pi * np.arcsin(correlation / 2)
    error = np.sqrt((1 - correlation) * 2)
    truth = {"pearson": correlation, "spearman": float(angle), "r2": 1 - error**2}
    truth |= {"rmse": error, "mae": error * np.sqrt(2 / np.pi)}

    def draw(generator: Random) -> Bounds:
        target = generator.normal(size=rows)
        score = correlation * target + noise * generator.normal(size=rows)
        weights = draw_weights(np.zeros(rows), generator, resamples=RESAMPLES)
        return _bounds(
            lambda w: weighted_value_metrics(target, score, w), weights, rows, truth, rows
        )

    return coverage(draw, truth, data_sets)


def of_mean(sample: Sample, training: Training, data_sets: int = DATA_SETS) -> dict[str, float]:
    """Coverage of means over folds and seeds."""
    truth = _expected(sample, training)
    units = training.folds * min(sample.positives, sample.negatives)

    def draw(generator: Random) -> Bounds:
        values, replicates = _resampled_runs([sample.distance], sample, training, generator)
        found = {}
        for name, value, of_name in zip(OVER_RUNS, values[0], replicates[0], strict=True):
            run = interval_over_runs(value, of_name, degrees_of_freedom(units))
            mean, of_mean = float(value.mean()), of_name.mean(axis=(0, 1))
            found[name] = measure_bounds(name, mean, of_mean, run.se, run.df, units)
        return found

    return coverage(draw, truth, data_sets)


def of_difference(
    sample: Sample, training: Training, better: float, data_sets: int = DATA_SETS
) -> dict[str, float]:
    """Coverage of the difference between two models on the same examples, one of them better."""
    further = sample._replace(distance=sample.distance + better)
    first, second = _expected(further, training), _expected(sample, training)
    truth = {name: first[name] - second[name] for name in OVER_RUNS}
    units = training.folds * min(sample.positives, sample.negatives)

    def draw(generator: Random) -> Bounds:
        distances = [further.distance, sample.distance]
        values, replicates = _resampled_runs(distances, sample, training, generator)
        return {
            name: bootstrap_test(value, of_name, units)[1:3]
            for name, value, of_name in zip(
                OVER_RUNS, values[0] - values[1], replicates[0] - replicates[1], strict=True
            )
        }

    return coverage(draw, truth, data_sets)


def _classified(sample: Sample, generator: Random) -> tuple[Integers, Floats, Integers | None]:
    """Classes, probabilities that are too far from the middle, and groups, if there are any."""
    target = np.repeat([1, 0], [sample.positives, sample.negatives])
    place = generator.normal(size=len(target)) + sample.distance * (target - 0.5)
    group = None
    if sample.groups:
        group = np.concatenate(
            [np.arange(sample.groups), generator.integers(sample.groups, size=len(target))]
        )[: len(target)]
        group = generator.permutation(group)
        place += sample.between * generator.normal(size=sample.groups)[group]
    odds = np.log(sample.positives / sample.negatives)
    return target, special.expit(1.5 * sample.distance * place + odds), group


def _bounds(
    measure: Callable[[Floats], Mapping[str, Floats]],
    weights: Iterator[Floats],
    rows: int,
    names: Values,
    units: int,
) -> Bounds:
    once, replicates = measure(np.ones((1, rows))), replicate(measure, weights)
    df = degrees_of_freedom(units)
    return {
        name: measure_bounds(
            name,
            float(once[name][0]),
            replicates[name],
            float(np.nanstd(replicates[name])),
            df,
            units,
        )
        for name in names
    }


def _expected(sample: Sample, training: Training) -> dict[str, float]:
    """Means of accuracy and AUROC over normal distances of two normal classes."""
    variance = training.of_folds**2 + training.of_seeds**2
    return {
        "accuracy": float(special.ndtr(sample.distance / np.sqrt(4 + variance))),
        "auroc": float(special.ndtr(sample.distance / np.sqrt(2 + variance))),
    }


def _resampled_runs(
    distances: list[float], sample: Sample, training: Training, generator: Random
) -> tuple[Floats, Floats]:
    """Values (models, measures, folds, seeds) of OVER_RUNS, and those of resamples.

    All runs of a fold see the same examples, and most of what makes an example hard is the same for
    every model.
    """
    shape = (len(distances), len(OVER_RUNS), training.folds, training.seeds)
    values, replicates = np.empty(shape), np.empty((*shape, RESAMPLES))
    target = np.repeat([1, 0], [sample.positives, sample.negatives])
    for fold in range(training.folds):
        hardness = np.sqrt(0.7) * generator.normal(size=len(target))
        draws = list(draw_weights(target, generator, resamples=RESAMPLES))
        weight = np.concatenate([np.ones((1, len(target))), *draws])
        for model, distance in enumerate(distances):
            of_fold = distance + training.of_folds * generator.normal()
            for seed in range(training.seeds):
                own = of_fold + training.of_seeds * generator.normal()
                noise = np.sqrt(0.3) * generator.normal(size=len(target))
                place = own * (target - 0.5) + hardness + noise
                right = (place > 0) == (target == 1)
                accuracy, auroc = weight @ right / len(target), areas(place, target == 1, weight)[0]
                for number, found in enumerate((accuracy, auroc)):
                    values[model, number, fold, seed] = found[0]
                    replicates[model, number, fold, seed] = found[1:]
    return values, replicates


def main() -> None:
    """Print one line a design."""
    data_sets = int(sys.argv[1]) if len(sys.argv) > 1 else DATA_SETS
    for sample in SAMPLES:
        _show(sample, of_classifier(sample, data_sets))
    for rows, correlation in ((100, 0.3), (100, 0.8), (500, 0.5)):
        _show((rows, correlation), of_numbers(rows, correlation, data_sets))
    for training in TRAININGS:
        _show(("mean", training), of_mean(Sample(50, 50), training, data_sets))
        _show(("difference", training), of_difference(Sample(50, 50), training, 0.3, data_sets))


def _show(design: object, found: Values) -> None:
    print(design, {name: round(share, 3) for name, share in found.items()}, flush=True)


if __name__ == "__main__":
    main()
