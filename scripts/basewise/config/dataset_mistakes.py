"""Whether the keys of a dataset go together.

A table says which key goes with which source; as nested `oneOf` of a schema the messages would name
no key. Keys of a mistake count from the dataset.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from .catalog import Entry
from .inputs import input_files
from .mistakes import Keys, Mistake

SOURCES = ("genome", "sequences", "fasta", "table", "uci", "genotypes")
"""Keys that say where a dataset's examples come from; a dataset has one of them."""

KEYS_OF_SOURCE = {
    "genome": (
        "regions regions_format feature keep window center shift aliases circular exclude columns "
        "overlap features"
    ),
    "sequences": "length",
    "fasta": "length",
    "table": "columns keep length",
    "uci": "length",
    "genotypes": "individuals map filters phenotypes keep replicates traits covariates columns",
}
NOT_OF_GENOTYPES = ("labels", "negatives", "ceiling")
KEYS_OF_ANY = (
    "description task alphabet labels missing sheets min_class_size drop_classes negatives "
    "positive transform split near fail_on_leakage ceiling models bundles"
)
ANNOTATION = re.compile(r"\.(gff3?|gtf)(\.b?gz)?$", re.IGNORECASE)
"""Endings of the names of GFF and GTF files."""


NOES = (
    "no not non none null 0 false negative negatives neg absent "
    "other others rest control controls ctrl background bg decoy "
    "random shuffled unbound inactive healthy wt wildtype unmethylated"
)
"""Words that say that a class is that of what is not there."""

NOT = ("non", "neg")
"""Beginnings of such words."""

PART_NAMES = {
    "train": "train",
    **dict.fromkeys(["validation", "valid", "val", "dev"], "validation"),
    "test": "test",
}
"""What a part of a published split may be called, and what it is."""


class Dataset(NamedTuple):
    """One entry of `datasets`."""

    asked: Entry
    """As it is written: what a user is told about."""
    entry: Entry
    """With all defaults."""
    source: str
    """Which of SOURCES it names."""

    @property
    def task(self) -> str:
        """What is predicted."""
        task: str = self.entry["task"]
        return task

    @property
    def background(self) -> str:
        """How background is made; `none` where there is none."""
        method: str = self.entry.get("negatives", {}).get("method", "none")
        return method

    @property
    def columns(self) -> Entry:
        """Columns that it names."""
        columns: Entry = self.asked.get("columns", {})
        return columns

    @property
    def brings_parts(self) -> bool:
        """Whether the source says the part of each example."""
        return "part" in self.columns or bool(self.parts)

    @property
    def parts(self) -> Entry:
        """Parts of a published split with their files."""
        return part_files(self.asked)

    @property
    def draws_validation(self) -> bool:
        """Whether a published split has files for train and test alone."""
        return bool(self.parts) and "validation" not in map(PART_NAMES.get, self.parts)


def sources_of(entry: Entry) -> list[str]:
    """Which of SOURCES an entry of `datasets` names; a right one names one."""
    return [key for key in SOURCES if key in entry]


def part_files(entry: Entry) -> Entry:
    """Names of the parts that have files of their own: a table, a FASTA, or a FASTA a class.

    Names of FASTA files are classes, unless train and test are among them.
    """
    named = entry.get("table", entry.get("fasta"))
    if not isinstance(named, dict):
        return {}
    return named if "table" in entry or {"train", "test"} <= set(named) else {}


def class_files(entry: Entry) -> list[str]:
    """Names of the classes that have a file each, or one in each part."""
    parts = part_files(entry).values()
    named = [part for part in parts if isinstance(part, dict)]
    if not parts and isinstance(files := entry.get("fasta", entry.get("regions")), dict):
        named = [files]
    return list(dict.fromkeys(name for files in named for name in files))


def says_no(name: str) -> bool:
    """Whether the name of a class says that something is not there: negative, non_promoter."""
    words = re.split("[^a-z0-9]+", re.sub("(?<=[a-z])(?=[A-Z])", " ", name).lower())
    return not set(NOES.split()).isdisjoint(words) or words[0].startswith(NOT)


def dataset_mistakes(asked: Entry, entry: Entry) -> Iterator[Mistake]:
    """Mistakes in one entry of `datasets`, as it is written and with all defaults."""
    sources = sources_of(asked)
    if len(sources) != 1:
        named = f"names {' and '.join(sources)}" if sources else "names no source"
        yield Mistake((), f"{named}; a dataset needs one of {', '.join(SOURCES)}")
        return

    dataset = Dataset(asked, entry, sources[0])
    if dataset.source == "genotypes":
        yield from _genotype_mistakes(dataset)
    elif entry["alphabet"] == "genotype":
        yield Mistake(("alphabet",), "genotypes are given as `genotypes`")

    yield from _unfit_keys(dataset)
    if dataset.source == "genome":
        yield from _genome_mistakes(dataset)
    yield from _part_mistakes(dataset)

    yield from _label_mistakes(dataset)
    yield from _task_mistakes(dataset)
    yield from _split_mistakes(dataset)


def _unfit_keys(dataset: Dataset) -> Iterator[Mistake]:
    """Keys that do not go with the source."""
    known = {dataset.source, *KEYS_OF_ANY.split(), *KEYS_OF_SOURCE[dataset.source].split()}
    if dataset.source == "genotypes":
        known -= set(NOT_OF_GENOTYPES)

    for key in [key for key in dataset.asked if key not in known]:
        yield Mistake((key,), f"`{key}` does not go with `{dataset.source}`")

    # the library is told of a split later
    for key in dataset.asked.get("sheets", {}):
        if key not in dataset.asked and key != "split":
            yield Mistake(("sheets", key), f"the dataset names no file by `{key}`; take it out")


def _genome_mistakes(dataset: Dataset) -> Iterator[Mistake]:
    """Regions on a genome need a window; those of an annotation also a feature."""
    asked = dataset.asked
    for key in ("regions", "window"):
        if key not in asked:
            yield Mistake((), f"`genome` needs `{key}`")

    regions = [path for keys, path in input_files(asked) if keys[0] == "regions"]
    format = asked.get("regions_format")
    annotation = [format == "gff" if format else bool(ANNOTATION.search(path)) for path in regions]
    if any(annotation) and "feature" not in asked:
        text = "a GFF or GTF file needs `feature`, the type of line to take"
        yield Mistake(("regions",), text)
    if any(annotation) and "labels" in asked and "id" not in dataset.columns:
        yield Mistake(("labels",), "labels of GFF and GTF features join on `columns: {id: ...}`")
    if "feature" in asked and not all(annotation):
        text = "`feature` goes with GFF and GTF files only; `regions_format: gff` says of any file"
        yield Mistake(("feature",), f"{text} that it is one")

    if dataset.entry["alphabet"] == "protein":
        yield Mistake(("alphabet",), "a genome has no proteins; give the sequences as `fasta`")


def _part_mistakes(dataset: Dataset) -> Iterator[Mistake]:
    """Each part of a published split has one name, and files of the same classes as the others."""
    key, parts = dataset.source, dataset.parts
    named = dataset.asked[key]
    for name, files in named.items() if _is_mapping(named) and not parts else ():
        if _is_mapping(files):
            text = "must be a file; files for parts need both `train` and `test`"
            yield Mistake((key, name), text)

    for name in parts:
        twins = [other for other in parts if PART_NAMES.get(other) == PART_NAMES.get(name)]
        if name not in PART_NAMES:
            text = f"{name!r} is no part of a split; name them train, validation (or dev) and test"
            yield Mistake((key, name), text)
        elif name != twins[0]:
            yield Mistake((key, name), f"{name} and {twins[0]} are the same part; name one")

    classes = class_files(dataset.asked)
    for name, files in parts.items() if classes else ():
        lacking = [other for other in classes if other not in files]
        if not _is_mapping(files):
            yield Mistake((key, name), "must hold classes with a file each, as other parts do")
        elif lacking:
            text = f"has no file of class {lacking[0]}, as other parts do"
            yield Mistake((key, name), f"{text}; name the same classes in every part")


def _genotype_mistakes(dataset: Dataset) -> Iterator[Mistake]:
    """Genotypes have their labels, traits and covariates in a table of phenotypes."""
    asked, task = dataset.asked, dataset.task
    for key in ("phenotypes", "traits"):
        if key not in asked:
            yield Mistake((), f"`genotypes` needs `{key}`")

    if dataset.entry["alphabet"] != "genotype":
        yield Mistake(("alphabet",), "`alphabet` does not go with `genotypes`; take it out")
    if task in ("binary", "multiclass") and len(asked.get("traits", [])) > 1:
        yield Mistake(("traits",), f"`task: {task}` takes one trait")
    if "covariates" in asked and task != "regression":
        yield Mistake(("covariates",), "`covariates` go with `task: regression`")
    if "k" in asked.get("near", {}):
        yield Mistake(("near", "k"), "genotypes are compared marker by marker; take `k` out")

    for column in asked.get("covariates", []):
        if column in asked.get("traits", []):
            text = f"{column!r} cannot be both a trait and a covariate"
            yield Mistake(("covariates",), text)


def _label_mistakes(dataset: Dataset) -> Iterator[Mistake]:
    """Labels come from one place, which suits the task."""
    asked, task = dataset.asked, dataset.task
    origins = _origins_of_labels(dataset)
    if len(origins) > 1:
        yield Mistake((origins[0],), f"labels come from {' and from '.join(origins)}; name one")

    background_labels = dataset.background != "none" and task == "binary"
    if not origins and dataset.source != "genotypes" and not background_labels:
        text = "nothing brings labels; the manual lists what can (config/README.md)"
        yield Mistake((), text)
    if ("features" in asked) != (task == "per_position"):
        yield Mistake(("task",), "`features` and `task: per_position` go together")

    labels = asked["labels"] if _is_mapping(asked.get("labels")) else {}
    titles = [dataset.columns.get("label"), labels.get("label")]
    if task in ("binary", "multiclass") and any(isinstance(title, list) for title in titles):
        yield Mistake(("task",), f"`task: {task}` takes one label, not a list")
    if {"fasta", "regions"} & set(origins) and task not in ("binary", "multiclass"):
        text = "one file a class gives labels for binary and multiclass tasks"
        yield Mistake(("task",), text)

    if "overlap" in asked:
        yield from _overlap_mistakes(dataset)
    if "features" in asked:
        yield from _class_mistakes(dataset.entry["features"])


def _origins_of_labels(dataset: Dataset) -> list[str]:
    """Keys of a dataset that bring labels."""
    asked, source = dataset.asked, dataset.source
    brings = {
        **{key: key in asked for key in ("labels", "overlap", "features", "phenotypes")},
        "fasta": source == "fasta" and bool(class_files(asked)),
        "regions": _is_mapping(asked.get("regions")),
        "columns": "label" in dataset.columns or (source == "table" and "labels" not in asked),
        "uci": source == "uci",
    }
    return [key for key, is_origin in brings.items() if is_origin]


def _overlap_mistakes(dataset: Dataset) -> Iterator[Mistake]:
    """What must overlap is no more than what is there."""
    if dataset.task != "multilabel":
        yield Mistake(("task",), "`overlap` gives labels for `task: multilabel`")

    overlap, window = dataset.entry["overlap"], dataset.entry.get("window", 0)
    within = overlap.get("within", window)
    if within > window:
        yield Mistake(("overlap", "within"), f"{within} is more than the window of {window}")
    if overlap["bases"] > within:
        text = f"{overlap['bases']} is more than the {within} compared"
        yield Mistake(("overlap", "bases"), text)


def _class_mistakes(features: Entry) -> Iterator[Mistake]:
    """Each class of a base has one feature, and a name that no other has."""
    classes = features["classes"]
    if len(set(classes.values())) < len(classes) or features["none"] in classes:
        yield Mistake(("features",), "each class needs a feature, and a name, of its own")


def _task_mistakes(dataset: Dataset) -> Iterator[Mistake]:
    """Background, the positive class and the transform suit task, source and letters."""
    asked, task, method = dataset.asked, dataset.task, dataset.background
    if method == "genome" and dataset.source != "genome":
        text = "`method: genome` needs a genome; `shuffle` does not"
        yield Mistake(("negatives", "method"), text)
    if method != "none" and task in ("regression", "per_position"):
        yield Mistake(("negatives",), f"`task: {task}` has no negatives")
    if method == "shuffle" and dataset.entry["alphabet"] == "protein":
        text = "shuffling keeps dinucleotides; proteins have none"
        yield Mistake(("negatives", "method"), text)

    if task == "binary":
        yield from _positive_mistakes(dataset)
    if "positive" in asked and task != "binary":
        yield Mistake(("positive",), "`positive` goes with `task: binary`")
    if "transform" in asked and task != "regression":
        yield Mistake(("transform",), "`transform` goes with `task: regression`")
    for keys in (("replicates",), ("labels", "replicates")):
        place = asked if len(keys) == 1 else asked.get("labels")
        if task != "regression" and isinstance(place, dict) and "replicates" in place:
            yield Mistake(keys, "`replicates` goes with `task: regression`; classes have no mean")
    for key in ("min_class_size", "drop_classes"):
        if key in asked and task not in ("multiclass", "multilabel"):
            text = f"`{key}` goes with `task: multiclass` and `task: multilabel`"
            yield Mistake((key,), text)
    if "ceiling" in asked and task != "binary":
        yield Mistake(("ceiling",), "`ceiling` goes with `task: binary`")
    if "ceiling" in asked and method != "none":
        yield Mistake(("ceiling",), "its table cannot name background; take `ceiling` out")


def _positive_mistakes(dataset: Dataset) -> Iterator[Mistake]:
    """Which of two files of classes is class 1 is plain from their names, or is said."""
    names = class_files(dataset.asked)
    if "positive" in dataset.asked:
        positive = str(dataset.asked["positive"])
        if names and positive not in names:
            yield Mistake(("positive",), f"{positive!r} is none of the classes {', '.join(names)}")
    elif len(names) == 2 and (says_no(names[0]) or not says_no(names[1])):
        likely = names[1] if says_no(names[0]) else names[0]
        text = (
            f"which of the classes {names[0]} and {names[1]} is class 1? Say so, for example "
            f"`positive: {likely}`"
        )
        yield Mistake(("fasta" if "fasta" in dataset.asked else "regions",), text)


def _split_mistakes(dataset: Dataset) -> Iterator[Mistake]:
    """The split has what its method needs, and nothing else."""
    asked, method = dataset.asked, dataset.entry["split"]["method"]
    if method == "group" and "group" not in dataset.columns and dataset.source != "genotypes":
        yield Mistake(("split",), "`method: group` needs `columns: {group: ...}`")

    has_table = "table" in asked.get("split", {})
    if method == "predefined" and "folds" in dataset.entry["split"] and not has_table:
        yield Mistake(("split",), "predefined folds need `table`, with the columns id and fold")
    elif method == "predefined" and not dataset.brings_parts and not has_table:
        yield Mistake(("split",), "a predefined split needs `table`, or a column `part`")
    for key, inner in _useless_keys(dataset):
        if _is_mapping(asked.get(key)) and inner in asked[key]:
            yield Mistake((key, inner), f"`{inner}` has no effect here; take it out")

    if method == "predefined" and has_table and dataset.background != "none":
        text = "a table cannot name background; split by another method"
        yield Mistake(("split",), text)
    if method == "chromosome" and dataset.source != "genome":
        yield Mistake(("split",), "`method: chromosome` needs a genome")


def _useless_keys(dataset: Dataset) -> Iterator[Keys]:
    """Places of keys that mean nothing beside the others."""
    split = dataset.entry["split"]
    if dataset.background != "genome":
        useless = ("match", "distance", "away_from", "max_unknown")
        yield from (("negatives", key) for key in useless)

    if dataset.source in ("genome", "genotypes"):
        yield from (("columns", key) for key in ("sequence", "part"))
    if dataset.source == "genotypes":
        yield "columns", "label"
    if dataset.source == "sequences":
        yield from (("labels", key) for key in ("id", "label", "keep", "replicates"))

    if split["method"] == "chromosome" and "folds" not in split:
        yield "split", "seed"
    if split["method"] != "predefined":
        yield "split", "table"
    else:
        yield "split", "test"
        drawn = ("validation", "seed")
        yield from (("split", key) for key in drawn if not dataset.draws_validation)

    if "folds" in split:
        yield from (("split", key) for key in ("validation", "test"))
        yield "columns", "part"


def _is_mapping(value: object) -> bool:
    """Whether a value of a configuration has keys of its own."""
    return isinstance(value, dict)
