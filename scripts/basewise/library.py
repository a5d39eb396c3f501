"""The front door: a whole analysis in memory, by the functions that the workflow's steps call.

A verb puts what it is given into a configuration and has it read as the workflow reads its own.
So keywords are the keys of config/README.md, with their checks and defaults; and the same seeds
make the same choices, for they derive from the same names.

What a step writes into its log goes to stderr.
"""

import json
import operator
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, redirect_stdout
from dataclasses import dataclass
from functools import cache, cached_property, wraps
from pathlib import Path
from typing import Any, NamedTuple, ParamSpec, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.config.catalog import Catalog, Entry, read_catalog
from basewise.config.mistakes import nearest
from basewise.config.reading import read_study
from basewise.config.scores import bundle_files
from basewise.config.study import Study, Surroundings
from basewise.core.errors import InputError
from basewise.core.remarks import tell
from basewise.core.seeds import derive_seed
from basewise.core.text import counted
from basewise.core.user_tables import read_user_table
from basewise.core.workbooks import of_sheet
from basewise.evaluation.evaluate import Evaluation
from basewise.evaluation.evaluate import evaluate as evaluate_runs
from basewise.examples.dataset import read_dataset
from basewise.examples.description import ALL, class_balance
from basewise.provenance.checkout import CHECKOUT
from basewise.sequences.genome import read_aliases
from basewise.splits import leakage
from basewise.splits.predefined import unused_rows
from basewise.splits.similarity import clusters
from basewise.splits.splitting import drawn_validation, split_examples
from basewise.store.memory import UNITS
from basewise.store.parts import PARTS, leaking_ids, scored_rows
from basewise.store.parts import Split as FoldSplit
from basewise.store.scores import Run, score_rows
from basewise.store.shards import Tensors
from basewise.store.tables import covariate_columns

Given = ParamSpec("Given")
Made = TypeVar("Made")
File = str | Path

NAME = "examples"
"""Name of a dataset that is given none."""

WORKFLOW_ONLY = ("bundles", "ceiling", "models", "tune", "tensorboard")
"""Keys of a configuration that a verb would have to ignore."""

HELD = ExitStack()
"""Cards that this Python has taken; TensorFlow keeps them until it ends."""


def _verb(function: Callable[Given, Made]) -> Callable[Given, Made]:
    """Let what a step would log go to stderr, so that stdout holds what the user prints."""

    @wraps(function)
    def call(*args: Given.args, **kwargs: Given.kwargs) -> Made:
        with redirect_stdout(sys.stderr):
            return function(*args, **kwargs)

    return call


@dataclass(frozen=True, eq=False, repr=False)
class Examples:
    """The examples of a dataset, in memory.

    `study` is the configuration that holds them as its one dataset; for the rest see
    `dataset.Dataset`, where `stored` is the table. `tensors` have `onehot()`, `target` and `ids`.
    """

    study: Study
    stored: pd.DataFrame
    letters: NDArray[np.uint8]
    tensors: Tensors
    dropped: pd.DataFrame

    @property
    def table(self) -> pd.DataFrame:
        """One row an example. What is changed in it, or sorted, is so in a copy of its own."""
        return self.stored.copy(deep=False)

    @property
    def name(self) -> str:
        """Name of the dataset; seeds derive from it."""
        return str(self.study.datasets.names[0])

    @property
    def task(self) -> str:
        """What is predicted."""
        return str(self.tensors.task)

    def __len__(self) -> int:
        """How many examples there are."""
        return len(self.stored)

    def __repr__(self) -> str:
        size = f"{self.tensors.length:,} {UNITS[self.tensors.alphabet]}"
        lines = [f"{self.name}: {counted(len(self), 'example')} of {size}, {self.task}"]
        for key, count in _balance(self, np.full(len(self), PARTS[0])).loc[PARTS[0]][1:].items():
            lines.append(f"{key}: {count:,} ({count / len(self):.1%})")
        if len(self.dropped):
            lines.append(f"dropped: {counted(len(self.dropped), 'row')}")
        return "\n".join(lines)


class Audit(NamedTuple):
    """What stands in two parts of a split.

    `leaks` has one row for an example, kind and other part, see `leakage.audit`; `summary` their
    counts, see `leakage.summarize`.
    """

    leaks: pd.DataFrame
    summary: pd.DataFrame

    def __repr__(self) -> str:
        between = self.summary[self.summary["part"] != self.summary["other_part"]]
        pair = between["part"] + " in " + between["other_part"]
        return str(_crossed(between.assign(pair=pair), "kind", "pair", "rows"))


@dataclass(frozen=True, eq=False, repr=False)
class Split:
    """Examples divided into train, validation and test.

    `part` is that of each example, shape (n,), in the fold counted from 0; `study` their
    configuration, with the settings of the split.
    """

    examples: Examples
    study: Study
    fold: int
    part: NDArray[np.str_]

    @cached_property
    def audit(self) -> Audit:
        """What stands in two parts; looked for once."""
        datasets, name = self.study.datasets, self.examples.name
        alphabet, grouped = self.examples.tensors.alphabet, datasets.has_groups(name)
        near = datasets.setting("near", dataset=name)
        table, letters = self.examples.table, self.examples.letters
        looked_for = {"alphabet": alphabet, "grouped": grouped, **near}
        leaks = leakage.audit(letters, table, self.part, **looked_for)
        groups = table["group"] if grouped else None
        summary = leakage.summarize(leaks, self.part, alphabet=alphabet, groups=groups)

        return Audit(leaks, summary)

    def __repr__(self) -> str:
        return str(_balance(self.examples, self.part))


@dataclass(frozen=True, eq=False, repr=False)
class Trained:
    """A trained network, or a fitted baseline.

    `fit` is `training.network.Fit` or `baselines.Fit`; both have `model`, in Keras or scikit-learn.
    `scores` are those of validation and test, see `scores.score_table`; `study` is the
    configuration, with the model, and `seed` that of the replicate.
    """

    split: Split
    study: Study
    seed: int
    fit: Any
    scores: pd.DataFrame

    @property
    def name(self) -> str:
        """Name of the model; seeds derive from it."""
        return str(next(iter(self.study.models.entries)))

    @property
    def model(self) -> Any:
        """The `keras.Model`, or the estimator of scikit-learn."""
        return self.fit.model

    def __repr__(self) -> str:
        title = self.study.models.titles()[self.name]["title"]
        where = f"{self.split.examples.name}, fold {self.split.fold}, seed {self.seed}"
        warnings = [f"Warning: {line}" for line in getattr(self.fit, "warnings", [])]
        return "\n".join([f"{self.name}: {title} on {where}", *warnings])


class Measures(Evaluation):
    """What `evaluate` finds; shown are the measures that compare models."""

    __slots__ = ()

    def __repr__(self) -> str:
        keys = ["output", "metric"]
        shown = self.summary.merge(self.replicates[keys].drop_duplicates(), on=keys)
        table = shown[["model", "part", "metric", "value", "low", "high"]]
        return str(table.to_string(index=False, float_format="{:.3f}".format))


@_verb
def read_regions(
    genome: File, regions: File | Mapping[str, File], *, task: str, window: int, **keys: Any
) -> Examples:
    """Cut windows around regions of a genome.

    Parameters
    ----------
    genome
        FASTA, plain, gzip or bgzip.
    regions
        BED, narrowPeak, broadPeak, GFF or GTF, with the coordinates of their formats; or class to
        file; the first class is 1 of a binary task where the other's name says no, else
        ``positive`` names it.
    task
        ``binary``, ``multiclass``, ``multilabel``, ``regression`` or ``per_position``. It is never
        guessed: 0 and 1 may be classes or numbers.
    window
        Bases of a window.
    **keys
        Other keys of a dataset as config/README.md explains them, such as ``labels``, ``negatives``
        and ``overlap``, and those of its ``columns``, such as ``label`` and ``group``. ``name``
        and ``root_seed`` are what every random choice derives from: those of a configuration give
        the examples of the workflow.

    Raises
    ------
    InputError
        For whatever is wrong with a file or a key, in one line.

    Examples
    --------
    >>> bw.read_regions("genome.fa", "peaks.bed", task="binary", window=60, label=5)
    examples: 235 examples of 60 bp, binary
    0: 123 (52.3%)
    1: 112 (47.7%)
    dropped: 2 rows
    """
    return _read(task=task, genome=genome, regions=regions, window=window, **keys)


@_verb
def read_fasta(fasta: File | Mapping[str, Any], *, task: str, **keys: Any) -> Examples:
    """Read FASTA with a table of `labels`, or one file a class.

    Parameters
    ----------
    fasta
        FASTA, plain or gzip; or class to file, as for `read_regions`; or either for each part of a
        published split, train, validation (or dev) and test.
    task, **keys
        As for `read_regions`, and ``alphabet`` and ``length``. Errors are the same.

    Examples
    --------
    >>> bw.read_fasta("bound.fa", task="binary", negatives={"method": "shuffle"})
    examples: 240 examples of 60 bp, binary
    0: 120 (50.0%)
    1: 120 (50.0%)
    """
    return _read(task=task, fasta=fasta, **keys)


@_verb
def read_table(table: File | Mapping[str, File], *, task: str, **keys: Any) -> Examples:
    """Read sequences and their labels from a table.

    Parameters
    ----------
    table
        With the columns sequence and label, or what ``sequence`` and ``label`` name, separated by
        tabs, commas or semicolons; or one table for each part of a published split.
    task, **keys
        As for `read_regions`, and ``alphabet`` and ``length``. Errors are the same.

    Examples
    --------
    >>> promoters = bw.read_table("promoters.csv", task="binary")
    >>> promoters
    examples: 240 examples of 60 bp, binary
    0: 120 (50.0%)
    1: 120 (50.0%)
    >>> promoters.tensors.onehot().shape
    (240, 60, 4)
    """
    return _read(task=task, table=table, **keys)


@_verb
def read_genotypes(
    genotypes: File, phenotypes: File, traits: Sequence[str | int], *, task: str, **keys: Any
) -> Examples:
    """Read genotypes at markers, and phenotypes; an example is an individual.

    Parameters
    ----------
    genotypes
        VCF or BCF, PLINK (the .bed file), HapMap, or a table of 0, 1 and 2.
    phenotypes, traits
        Table with a row an individual, and its columns to predict.
    task, **keys
        As for `read_regions`, and ``covariates``, ``filters``, ``map``. Errors are the same.

    Examples
    --------
    >>> bw.read_genotypes("lines.csv", "yields.csv", ["yield"], task="regression")
    examples: 60 examples of 30 markers, regression
    """
    return _read(task=task, genotypes=genotypes, phenotypes=phenotypes, traits=traits, **keys)


@_verb
def split(examples: Examples, *, fold: int = 0, **keys: Any) -> Split:
    """Divide examples into train, validation and test.

    Parameters
    ----------
    examples
        What one of the readers gives.
    fold
        Which fold, where `folds` makes several.
    **keys
        Keys of ``split``: method, validation, test, folds, seed, table; without any, what was
        given to the reader, else at random with 15 % each in validation and test.

    Raises
    ------
    InputError
        When the split cannot be made, or a part would lack a class.

    Examples
    --------
    >>> bw.split(bw.read_table("promoters.csv", task="binary"), validation=0.1, test=0.2)
                examples   0   1
    train            168  84  84
    validation        24  12  12
    test              48  24  24
    """
    name, entry = examples.name, examples.study.asked["datasets"][examples.name]
    study = _study(name, examples.study.root_seed, {**entry, "split": keys} if keys else entry)
    if fold not in study.datasets.folds(name):
        raise InputError(f"split: there is no fold {fold}; `folds` makes several")

    method = study.datasets.setting("split", dataset=name)
    settings = {"seed": derive_seed(study.root_seed, name, "split"), "fold": fold, **method}
    if "table" in method:
        file = study.datasets.files("split", "table", dataset=name)[0]
        path = of_sheet(file, *study.datasets.sheet("split", dataset=name))
        settings["table"] = read_user_table(path, study.catalog.tables["split"])
        tell(unused_rows(examples.table["id"], settings["table"], path))
    for path in study.datasets.split_aliases(name):
        settings["aliases"] = read_aliases(path)

    near = study.datasets.near(name)
    if near is not None:
        settings["clusters"] = clusters(examples.letters, examples.tensors.alphabet, **near)
    part = split_examples(examples.table, task=examples.task, **settings)
    tell(drawn_validation(examples.table, part, **settings))
    part.setflags(write=False)
    return Split(examples, study, int(fold), part)


@_verb
def audit(split: Split) -> Audit:
    """Look for examples of validation and test that training, or the choice of models, has seen.

    Parameters
    ----------
    split
        What `split` gives.

    Returns
    -------
    Audit
        Copies, reverse complements, overlaps, near-identical sequences and shared groups, see
        `leakage.audit`. Printed: how many examples of one part have a partner in another.

    Examples
    --------
    >>> promoters = bw.read_table("promoters.csv", task="binary")
    >>> print(bw.audit(bw.split(promoters)))
                        validation in train  test in train  test in validation
    exact                                 0              0                   0
    reverse_complement                    0              0                   0
    overlap                               0              0                   0
    near                                  0              0                   0
    any                                   0              0                   0
    """
    return split.audit


@_verb
def train(
    split: Split, model: str, *, name: str | None = None, seed: int | None = None, **keys: Any
) -> Trained:
    """Train a network, or fit a baseline, and score validation and test.

    The first network sets Keras up for as long as this Python runs, on as many threads as the
    workflow takes: weights and scores have the same bytes then.

    Parameters
    ----------
    split
        What `split` gives.
    model
        An architecture or a baseline, see `basewise.architectures.names()` and
        `basewise.baselines.names()`.
    name
        What to call it; by default as `model`. With `seed`, all that is random derives from it.
    seed
        Seed of the replicate.
    **keys
        Settings of the model; of a network also keys of ``training``, such as ``epochs``.

    Raises
    ------
    InputError
        When the model does not fit the examples, a setting is wrong, the training diverges, or
        Keras runs in this Python already and otherwise; for a split that leaks, where the reader
        was given ``fail_on_leakage``.

    Examples
    --------
    >>> promoters = bw.split(bw.read_table("promoters.csv", task="binary"))
    >>> kmers = bw.train(promoters, "kmer_logistic", largest_k=3)
    >>> kmers
    kmer_logistic: k-mer logistic regression on examples, fold 0, seed 1
    >>> kmers.scores.columns.tolist()
    ['id', 'part', 'target.label', 'score.label']
    """
    examples, name = split.examples, name or model
    study = _with_model(split, model, name, keys)
    if study.datasets.setting("fail_on_leakage", dataset=examples.name):
        leakage.check_leakage(split.audit.summary)

    seed = study.seeds[0] if seed is None else operator.index(seed)
    known = covariate_columns(examples.table)
    motifs = study.models.motifs(name)
    given: Any = {
        "settings": study.models.settings(name) | ({"motifs": motifs} if motifs else {}),
        "transform": study.datasets.setting("transform", dataset=examples.name),
        "covariates": examples.table[known] if known else None,
        "seed": derive_seed(study.root_seed, examples.name, name, str(split.fold), str(seed)),
    }
    if name in study.models.networks:
        fit = _fit_network(split, study, name, given)
    else:
        from basewise.baselines import fit_tensors  # takes a second, which reading saves

        fit = fit_tensors(examples.tensors, split.part, baseline=model, **given)

    if not np.isfinite(fit.score).all():
        raise InputError(f"the training of {name} diverged; lower `learning_rate`")

    rows = scored_rows(split.part)
    scores = score_rows(examples.tensors, rows, split.part, fit.score)
    return Trained(split, study, seed, fit, scores)


@_verb
def evaluate(*trained: Trained) -> Measures:
    """Measure a model on test and validation, with 95 % intervals.

    Parameters
    ----------
    *trained
        Every fold and seed of one model, each once. Intervals then cover folds and seeds.

    Returns
    -------
    Measures
        See `evaluate.Evaluation`; rows that leak are left out of the part ``test_clean``.

    Raises
    ------
    InputError
        For runs of several models, examples or splits, and for a run that is there twice.

    Examples
    --------
    >>> promoters = bw.split(bw.read_table("promoters.csv", task="binary"))
    >>> print(bw.evaluate(bw.train(promoters, "majority")))
       model part            metric  value   low  high
    majority test          accuracy  0.500 0.500 0.500
    majority test balanced_accuracy  0.500 0.500 0.500
    majority test                f1  0.000 0.000 0.185
    majority test               mcc  0.000 0.000 0.000
    majority test             auroc  0.500 0.500 0.500
    majority test             auprc  0.500 0.500 0.500
    majority test             brier  0.250 0.250 0.250
    """
    if not trained:
        raise InputError("evaluate: give it what `train` gives")

    first = trained[0]
    examples, study = first.split.examples, first.study
    for other in trained:
        if other.split.examples is not examples or other.study.asked != study.asked:
            raise InputError(
                f"evaluate: {first.name} and {other.name} differ in examples, split, model or "
                "settings; evaluate them one by one"
            )

    runs = [Run(one.split.fold, one.seed, one.scores) for one in trained]
    if len({(run.fold, run.seed) for run in runs}) < len(runs):
        raise InputError("evaluate: the same fold and seed is there twice; leave one out")

    groups, leaking = {}, {}
    for one in trained:
        table = examples.table
        divided = FoldSplit(table["id"], one.split.part, table["group"])
        groups[one.split.fold] = divided.scored_groups
        leaking[one.split.fold] = leaking_ids(one.split.audit.leaks)

    evaluation = evaluate_runs(
        runs,
        dataset=examples.name,
        model=first.name,
        task=examples.task,
        root_seed=study.root_seed,
        groups=groups,
        leaking=leaking,
        transform=study.datasets.setting("transform", dataset=examples.name),
        **study.config["evaluation"],
    )
    return Measures(*evaluation)


@_verb
def score(
    models: File,
    examples: File,
    *,
    model: str | None = None,
    trust_code: bool = False,
    **reading: Any,
) -> pd.DataFrame:
    """Score new sequences, regions or individuals with a trained model, as `snakemake score` does.

    Parameters
    ----------
    models
        A bundle, packed or unpacked, or the results of a dataset (``results/peaks``) beside which
        ``results/bundles`` has its bundles.
    examples
        FASTA, or a table; with `genome` a file of regions; for a model of genotypes theirs, in any
        format.
    model
        Which model of these results.
    trust_code
        Whether Python code may run that a bundle holds, for layers that Keras has not.
    **reading
        ``genome``, ``aliases``, ``circular``, ``feature`` and ``regions_format`` of regions, as the
        configuration has them; ``map``, ``individuals``, ``missing`` and ``absent`` of genotypes.
        Else titles of a table's columns ``id`` and ``sequence``.

    Returns
    -------
    DataFrame
        One row an example, see `applying.score_blocks`.

    Raises
    ------
    InputError
        For whatever is wrong with the bundle or the file, in one line.

    Examples
    --------
    >>> bw.score("d.m.zip", "bound.fa").columns.tolist()[:4]
    ['row', 'id', 'score.label', 'probability.label']
    """
    from basewise.scoring.checking import contract_of
    from basewise.scoring.new_sequences import form_of
    from basewise.scoring.scored_files import NewExamples

    bundles = bundle_files(os.fspath(models), model)
    if len(bundles) != 1:
        names = ", ".join(bundles) or "none"
        raise InputError(f"score: {models} is not one bundle ({names}); name one, or the `model`")
    if contract_of(bundles[0]).alphabet == "genotype":
        given: Any = {"form": "genotypes", **reading}
    elif "genome" in reading:
        given = {"form": "regions", **reading}
    else:
        given = {"form": form_of(examples), "columns": reading}
    new = NewExamples(bundles[0], examples, trust_code=trust_code, **given)
    # what runs already computes the same scores, but for the last digits
    if "keras" not in sys.modules:
        _set_up(gpu=0, threads=1, backend=os.environ.get("KERAS_BACKEND", "tensorflow"))
    return new.table()


def _balance(examples: Examples, part: NDArray[np.str_]) -> pd.DataFrame:
    """How many examples each part has, and of each class."""
    balance = class_balance(examples.table, [part], examples.task)
    return _crossed(balance.replace({"class": {ALL: "examples"}}), "part", "class", "count")


def _crossed(table: pd.DataFrame, rows: str, columns: str, values: str) -> pd.DataFrame:
    """Rows against columns, both in the order in which they first come."""
    crossed = table.pivot(index=rows, columns=columns, values=values)
    crossed = crossed.reindex(index=table[rows].unique(), columns=table[columns].unique())
    return crossed.rename_axis(index=None, columns=None)


@cache
def _catalog() -> Catalog:
    return read_catalog(CHECKOUT)


def _study(
    name: str, root_seed: int | None, entry: Entry, models: Mapping[str, Entry] | None = None
) -> Study:
    """A configuration with one dataset, and one model or any, read as the workflow reads it."""
    asked = {"datasets": {name: entry}, "models": models or {"any": {"baseline": "majority"}}}
    seeds = {} if root_seed is None else {"root_seed": root_seed}
    plain = json.loads(json.dumps({**asked, **seeds}, default=_plain))
    surroundings = Surroundings(os.environ.get("KERAS_BACKEND"))
    study, mistakes = read_study(plain, _catalog(), surroundings=surroundings)
    if mistakes:
        raise InputError("; ".join(line.removeprefix(f"datasets.{name}.") for line in mistakes))
    return study


def _refuse_ignored(keys: Entry) -> None:
    for key in WORKFLOW_ONLY:
        if key in keys:
            raise InputError(f"`{key}` has no effect without the workflow; take it out")


def _plain(value: Any) -> Any:
    """A path as text, numbers and lists of NumPy as Python has them."""
    return value.tolist() if hasattr(value, "tolist") else os.fspath(value)


def _read(*, name: str = NAME, root_seed: int | None = None, **entry: Any) -> Examples:
    """Read a dataset whose keys, and those of its columns, are given as one."""
    _refuse_ignored(entry)
    datasets = _catalog().schema["properties"]["datasets"]["additionalProperties"]["properties"]
    titles = {key: entry.pop(key) for key in datasets["columns"]["properties"] if key in entry}
    if titles:
        entry["columns"] = {**entry.get("columns", {}), **titles}
    study = _study(name, root_seed, entry)

    return Examples(study, *read_dataset(study, name))


def _with_model(split: Split, model: str, name: str, keys: Entry) -> Study:
    """The configuration of a split with one model; its training is told from its settings."""
    catalog, examples = _catalog(), split.examples
    known = {**catalog.architectures, **catalog.baselines}
    if model not in known:
        raise InputError(f"unknown model {model!r}; {nearest(model, known)}")

    _refuse_ignored(keys)
    if model in catalog.baselines:
        entry = {"baseline": model, **keys}
    else:
        training = {key: keys[key] for key in keys if key in catalog.training["properties"]}
        settings = {key: keys[key] for key in keys if key not in training}
        training = {**settings.pop("training", {}), **training}
        entry = {"architecture": model, **settings, "training": training}

    dataset = {**split.study.asked["datasets"][examples.name], "models": [name]}
    return _study(examples.name, split.study.root_seed, dataset, {name: entry})


def _fit_network(split: Split, study: Study, name: str, given: Entry) -> Any:
    """Train a network on what the workflow would take for it."""
    if study.training.cards(name) > 1:
        raise InputError("a training on several GPUs needs the workflow; leave `cards` out")

    _set_up(gpu=study.training.cards(name), **study.training.device(name))
    # not at the top: this is where TensorFlow is imported
    from basewise.training.network import fit_network
    from basewise.training.settings import Training

    return fit_network(
        split.examples.tensors,
        split.part,
        architecture=study.models.entries[name]["architecture"],
        training=Training(**study.training.settings(name)),
        **given,
    )


@cache
def _set_up(**wanted: Any) -> str:
    """Set Keras up once; neither TensorFlow nor its threads can be changed when they run."""
    from basewise.training import device

    if _set_up.cache_info().currsize:
        raise InputError("Keras runs in this Python with other settings; start a new one for these")
    memory_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1_000_000
    try:
        return HELD.enter_context(device.prepare(**wanted, memory_mb=memory_mb))
    except RuntimeError as error:
        raise InputError(
            f"Keras runs in this Python already ({error}); start a new one, and train there first"
        ) from error
