"""Datasets in which every pair of options that go together occurs.

A case takes one level of each of `FACTORS`, which say what kind of dataset it is, and values of
`OPTIONS`. A new option needs a level or a value here; `tests/unit/config/test_pairs.py` says so.
What the files of a case hold, and what must come of them, is in `pair_inputs`.
"""

from functools import cached_property, lru_cache
from itertools import combinations, product
from typing import NamedTuple

import numpy as np
from configs import CATALOG

from basewise.config.dataset_mistakes import dataset_mistakes
from basewise.config.schema import filled

FACTORS = {
    "source": ("regions", "sequences", "fasta", "table", "uci", "genotypes"),
    "labels": (*("column", "table", "classes", "background", "overlap", "features", "phenotypes"),),
    "task": ("binary", "multiclass", "multilabel", "regression", "per_position"),
    "background": ("none", "genome", "shuffle"),
    "split": ("random", "chromosome", "group", "homology", "table", "part"),
    "folds": (1, 3),
    "alphabet": ("dna", "rna", "protein", "genotype"),
    "length": ("any", "exact", "crop", "pad"),
}
"""What kind of dataset. Labels come from a column of the source, from one file a class, from the
background alone, or from another file; the split `part` is the one that the source brings."""

OPTIONS = {
    "format": ("bed", "bed.gz", "narrowPeak", "broadPeak", "gff3", "gtf"),
    "keep": (False, True),
    "center": ("default", "summit", "midpoint", "start", "end"),
    "aliases": (False, True),
    "circular": (False, True),
    "exclude": (False, True),
    "match": ("gc", "none"),
    "ratio": (1, 0.5, 2),
    "away": (False, True),
    "max_unknown": (False, True),
    "tables": (False, True),
    "validation": ("validation", "valid", "val", "dev"),
    "id": (False, True),
    "group": (False, True),
    "titles": (False, True),
    "compared": ("all", "bases", "within"),
    "strand": ("same", "any"),
    "bases": (False, True),
    "side": ("center", "left", "right"),
    "positive": (False, True),
    "transform": ("none", "log1p", "log10", "zscore"),
    "outputs": (1, 2),
    "shares": (False, True),
    "seed": (False, True),
    "near": ("default", "share", "k"),
    "fail_on_leakage": (False, True),
    "ceiling": (False, True),
    "calls": ("vcf", "bed", "hmp.txt", "csv", "tsv"),
    "map": (False, True),
    "filters": (False, True),
    "covariates": (False, True),
    "missing": (False, True),
    "sheets": (False, True),
    "regions_format": (False, True),
    "left_out": (False, True),
    "bundles": (False, True),
    "replicates": (False, True),
    "label_rows": (False, True),
}
"""What else is said of a dataset; the first value is the plainest."""

MODELS = {
    "onehot": {"baseline": "onehot_logistic"},
    "ridge": {"baseline": "onehot_ridge"},
    "bases": {"baseline": "kmer_window", "window": 5},
    "majority": {"baseline": "majority"},
    "gblup": {"baseline": "gblup"},
}
FILTERS = {
    "marker_call_rate": 0.5,
    "individual_call_rate": 0.5,
    "minor_allele_frequency": 0.01,
    "duplicate_markers": "drop",
    "ld": {"r2": 0.999, "window": 5},
}
LENGTH = 40
"""Letters of an example."""
COLUMNS = ("kept", "yes", "kind", "class", "day", "night", "height", "width", "group")
"""Columns that regions and tables have beyond those of their format."""
DATASET = CATALOG.schema["properties"]["datasets"]["additionalProperties"]


class Row(NamedTuple):
    """One level of each factor."""

    source: str
    labels: str
    task: str
    background: str
    split: str
    folds: int
    alphabet: str
    length: str

    @property
    def on_genome(self) -> bool:
        return self.source == "regions"


class Case:
    """A dataset as a configuration has it; its options are attributes."""

    def __init__(self, row: Row, options: dict, name: str = "case") -> None:
        self.row, self.name, self.options = row, name, options

    def __getattr__(self, option: str):
        if option not in OPTIONS:
            raise AttributeError(option)
        return self.options.get(option, OPTIONS[option][0])

    @cached_property
    def entry(self) -> dict:
        row = self.row
        entry = {"task": row.task, "description": f"The case {self.name}.", **self._source}
        entry |= self._labels | self._others
        if self._columns:
            entry["columns"] = self._columns
        if row.background != "none" or row.labels == "classes":
            entry["negatives"] = self._negatives
        if row.source != "genotypes" or row.alphabet != "genotype":
            entry["alphabet"] = row.alphabet
        if row.length != "any":
            bases = {"bases": self.letters} if self.bases else {}
            entry["length"] = {"policy": row.length, "side": self.side, **bases}
        entry |= {"split": self._split, "models": [self.model]}
        return _with_workbooks(entry) if self.sheets else entry

    @property
    def model(self) -> str:
        """A baseline that takes the dataset, one of `MODELS`."""
        if self.row.task == "per_position":
            return "bases"
        if self.row.source == "genotypes":
            return "gblup" if self.row.task in ("binary", "regression") else "majority"
        return "ridge" if self.row.task == "regression" else "onehot"

    @property
    def letters(self) -> int:
        """Letters of an example, which `length: bases` may change by one."""
        return LENGTH + {"crop": 1, "pad": -1}.get(self.row.length, 0) * self.bases

    @property
    def learned(self) -> list[str]:
        """Columns of labels that are not left out."""
        rare = ["night"] if self.left_out and self.row.task == "multilabel" else []
        return [column for column in self.targets if column not in rare]

    @property
    def targets(self) -> list[str]:
        """Columns that hold the labels; lines of one label have one."""
        columns = {
            "binary": ["kind" if self.positive else "yes"],
            "multilabel": ["day", "night"],
            "regression": ["height", "width"][: self.outputs],
        }.get(self.row.task, ["class"])
        has_lines = self.row.source == "uci" or self.file_of_labels.endswith(".txt")
        return columns[:1] if has_lines else columns

    @property
    def classes(self) -> list[str]:
        """Classes of one file each."""
        return ["open", "other"] if self.row.task == "binary" else ["a", "b", "c"]

    @property
    def file_of_labels(self) -> str:
        """File that labels the examples, empty where there is none."""
        if self.row.labels != "table":
            return ""
        return f"{self.name}.labels.{'txt' if self.row.source == 'sequences' else 'csv'}"

    @property
    def parts(self) -> list[str]:
        """Names of the parts that have files of their own."""
        row = self.row
        is_split = self.tables or (row.source == "fasta" and row.split == "part")
        has_files = row.source in ("table", "fasta") and is_split
        return ["train", self.validation, "test"] if has_files else []

    @property
    def is_annotation(self) -> bool:
        return self.row.on_genome and self.format in ("gff3", "gtf")

    @property
    def _source(self) -> dict:
        row, name = self.row, f"input/{self.name}"
        several = self.classes if row.labels == "classes" else ()
        if row.on_genome:
            end = self.format
            regions = {"feature": "element"} if self.is_annotation else {}
            if self.regions_format:
                regions["regions_format"] = "gff" if self.is_annotation else end.split(".")[0]
                end = end.replace(end.split(".")[0], "txt")
            files = {label: f"{name}.{label}.{end}" for label in several}
            regions["regions"] = files or f"{name}.{end}"
            return {"genome": "input/genome.fa", "window": LENGTH, **regions}
        if row.source == "fasta":
            of_parts = {
                part: {label: f"{name}.{part}.{label}.fa" for label in several}
                or f"{name}.{part}.fa"
                for part in self.parts
            }
            files = {label: f"{name}.{label}.fa" for label in several}
            return {"fasta": of_parts or files or f"{name}.fa.gz"}
        if row.source == "table" and self.parts:
            return {"table": {part: f"{name}.{part}.csv" for part in self.parts}}
        if row.source == "genotypes":
            individuals = {"individuals": "columns"} if self.calls == "tsv" else {}
            return {"genotypes": f"input/calls.{self.calls}", **individuals}
        return {row.source: f"{name}.csv"}

    @property
    def _labels(self) -> dict:
        """Keys of the files beside the source that say what the examples are."""
        match self.row.labels:
            case "table":
                file = f"input/{self.file_of_labels}"
                label = self.targets if len(self.targets) > 1 else self.targets[0]
                if self.titles or self.label_rows:
                    titles = {"id": "name"} if self.titles else {}
                    rows = {"keep": {"column": "kept", "equals": [0, 1]}, "replicates": "mean"}
                    chosen = rows if self.label_rows else {}
                    return {"labels": {"file": file, "label": label, **titles, **chosen}}
                several = {"file": file, "label": label}
                return {"labels": several if isinstance(label, list) else file}
            case "overlap":
                files = {output: self._on_genome(f"{output}.bed") for output in ("day", "night")}
                how = {"all": {}, "bases": {"bases": 30}, "within": {"within": 20, "bases": 15}}
                return {"overlap": {"files": files, **how[self.compared]}}
            case "features":
                file = self._on_genome("parts.gff3" if self.titles else "parts.bed")
                classes = {"exon": "exon", "intron": "gap"}
                none = {"none": "outside"} if self.titles else {}
                how = {"classes": classes, "strand": self.strand, **none}
                return {"features": {"file": file, **how}}
            case "phenotypes":
                file = "coded" if self.missing else "phenotypes"
                twice = ".twice" if self.replicates else ""
                averaged = {"replicates": "mean"} if self.replicates else {}
                phenotypes = f"input/{file}{twice}.csv"
                return {"phenotypes": phenotypes, "traits": self.targets, **averaged}
        return {}

    @property
    def _columns(self) -> dict:
        row = self.row
        titles = [self._title(column) for column in self.targets]
        named = {
            "id": (self.id or (self.is_annotation and row.labels == "table"), self._title("name")),
            "group": (self.group or row.split == "group", self._title("group")),
            "part": (row.split == "part" and not self.parts, "part"),
            "sequence": (row.source == "table" and self.titles, "letters"),
            "label": (
                row.labels == "column" and row.source != "uci",
                titles if len(titles) > 1 else titles[0],
            ),
        }
        return {key: title for key, (is_named, title) in named.items() if is_named}

    def _title(self, column: str) -> str | int:
        """How a column is named: those beyond the format of peaks have numbers."""
        known = {"narrowPeak": 10, "broadPeak": 9}.get(self.format)
        if known is None or not self.row.on_genome:
            return column
        return 4 if column == "name" else known + 1 + COLUMNS.index(column)

    @property
    def _negatives(self) -> dict:
        if self.row.background == "none":
            return {"method": "none"}
        away = {"distance": 10, "away_from": [self._on_genome("day.bed")]}
        return {
            "method": self.row.background,
            "ratio": self.ratio,
            **({"match": "none"} if self.match == "none" else {}),
            **({"max_unknown": 0.1} if self.max_unknown else {}),
            **(away if self.away else {}),
        }

    @property
    def _split(self) -> dict:
        row, given = self.row, ("table", "part")
        split = {"method": "predefined" if row.split in given else row.split}
        if row.folds > 1:
            split["folds"] = row.folds
        elif row.split == "chromosome":
            return split | {"validation": ["chr5"], "test": ["chr6"]}
        if row.split == "table":
            split["table"] = f"input/{self.name}.split.csv"
        if self.shares:
            split |= {"validation": 0.2, "test": 0.25}
        return split | ({"seed": 7} if self.seed else {})

    @property
    def _others(self) -> dict:
        """Keys that one option each brings."""
        positive = "other" if self.row.labels == "classes" else "open"
        scores, population = f"input/{self.name}.ceiling.csv", "input/population.csv"
        is_multiclass = self.row.task == "multiclass"
        shift = {"start": {"shift": LENGTH // 2}, "end": {"shift": 1 - LENGTH // 2}}
        brought = {
            "keep": {"keep": {"column": self._title("kept"), "equals": 1}},
            "center": {"center": self.center, **shift.get(self.center, {})},
            "aliases": {"aliases": "input/aliases.tsv"},
            "circular": {"circular": ["chr1", "chr6"]},
            "exclude": {"exclude": [self._on_genome("exclude.bed")]},
            "positive": {"positive": positive},
            "transform": {"transform": self.transform},
            "near": {"near": {"share": 0.9} if self.near == "share" else {"k": 10}},
            "fail_on_leakage": {"fail_on_leakage": True},
            "ceiling": {"ceiling": {"scores": scores, "population": population}},
            "map": {"map": "input/map.tsv"},
            "filters": {"filters": FILTERS},
            "covariates": {"covariates": ["place"]},
            "missing": {"missing": ["unknown", -999]},
            "left_out": {"min_class_size": 2, "drop_classes": ["c" if is_multiclass else "night"]},
            "bundles": {"bundles": [self.model]},
        }
        chosen = [option for option in brought if getattr(self, option) != OPTIONS[option][0]]
        return {key: value for option in chosen for key, value in brought[option].items()}

    def _on_genome(self, file: str) -> str:
        """A file of intervals; with aliases, the one whose chromosomes have other names."""
        return f"input/other.{file}" if self.aliases else f"input/{file}"


SHEET = "Trial 2020"
"""Sheet of the workbooks that have several."""


def workbook(path: str) -> str:
    """Path of a table as a workbook; of another file, its own."""
    return f"{path}.xlsx" if path.endswith((".csv", ".tsv")) else path


def _with_workbooks(entry: dict) -> dict:
    """The same with workbooks for tables, and their sheet."""
    changed = dict(entry)
    for key in ("table", "genotypes", "map", "phenotypes", "labels"):
        match entry.get(key):
            case str(path):
                changed[key] = workbook(path)
            case {"file": path, **rest}:
                changed[key] = {"file": workbook(path), **rest}
            case dict(paths):
                changed[key] = {name: workbook(path) for name, path in paths.items()}
    sheets = {key: SHEET for key, value in changed.items() if value != entry[key]}
    if "table" in entry["split"]:
        changed["split"] = entry["split"] | {"table": workbook(entry["split"]["table"])}
        sheets["split"] = SHEET
    return {**changed, "sheets": sheets} if sheets else entry


def told(case: Case) -> list[str]:
    """What is said against the keys of a case."""
    asked = case.entry
    return [mistake.text for mistake in dataset_mistakes(asked, filled(asked, DATASET))]


@lru_cache
def accepted_rows() -> list[Row]:
    """All rows that a configuration may ask for.

    What is refused is not mended by saying more: levels of the last factors are looked at one by
    one before they are combined.
    """
    rows = []
    for origin in product(*list(FACTORS.values())[:4]):
        natural = "genotype" if origin[0] == "genotypes" else "dna"
        plain = Row(*origin, split="random", folds=1, alphabet=natural, length="any")
        if not _can_be_said(plain) or told(Case(plain, {})):
            continue

        changed = {
            factor: [plain._replace(**{factor: level}) for level in FACTORS[factor]]
            for factor in Row._fields[4:]
        }
        possible = [
            [getattr(row, factor) for row in alternatives if not told(Case(row, {}))]
            for factor, alternatives in changed.items()
        ]
        combined = [Row(*origin, *levels) for levels in product(*possible)]
        rows += [row for row in combined if not told(Case(row, {}))]
    return rows


def _can_be_said(row: Row) -> bool:
    """Whether there are words for a row: UCI lines, for instance, always hold a label."""
    if row.labels == "classes":
        return row.source in ("regions", "fasta")
    if row.labels == "background":
        needs_none = row.task == "binary" and row.background != "none"
        return needs_none and row.source not in ("uci", "genotypes")
    return True


def pairs_of(levels: dict) -> set:
    """All pairs of what is said in two places."""
    return set(combinations(levels.items(), 2))


@lru_cache
def cases() -> dict[str, Case]:
    """Cases by name. In each, an option takes the value that has met least of the rest."""
    seen: set = set()
    made: dict[str, Case] = {}
    for number, row in enumerate(_few_rows()):
        options: dict = {}
        for option in OPTIONS:
            values = _offered(row, option, options)
            levels = row._asdict() | options
            unseen = {value: len(pairs_of({**levels, option: value}) - seen) for value in values}
            if len(values) > 1:
                options[option] = max(reversed(values), key=unseen.__getitem__)
        seen |= pairs_of(row._asdict() | options)
        name = f"{row.source}{number}"
        made[name] = Case(row, options, name)
    return made


def _few_rows() -> list[Row]:
    """Few rows with all pairs of levels that any has; pairs that few rows have come first."""
    rows = accepted_rows()
    pairs = [pairs_of(row._asdict()) for row in rows]
    column = {pair: number for number, pair in enumerate(set().union(*pairs))}
    has = np.zeros((len(rows), len(column)), dtype=np.int64)
    for row, of_row in enumerate(pairs):
        has[row, [column[pair] for pair in of_row]] = 1

    # whole numbers, so that the choice is the same everywhere
    worth = 10**9 // has.sum(axis=0)
    chosen = []
    while worth.any():
        best = int((has @ worth).argmax())
        chosen.append(rows[best])
        worth[has[best] == 1] = 0
    return chosen


def _offered(row: Row, option: str, options: dict) -> list:
    """Values that an option may have beside those that are chosen already.

    All that change the entry and that nothing is said against, but those that only files can
    refuse: a map for markers that bring their places, groups that leak, a class that has no name,
    a label that is not there, summits that are not there; nor a bundle beside covariates.
    """
    plain, *others = OPTIONS[option]
    case = Case(row, options)
    refused_later = {
        "map": case.calls not in ("csv", "tsv"),
        "fail_on_leakage": case.group and row.split in ("random", "homology"),
        "positive": row.labels == "background",
        "left_out": row.task == "multilabel" and len(case.targets) < 2,
        "bundles": case.covariates,
    }
    if refused_later.get(option):
        return [plain]
    if option == "center" and case.format != "narrowPeak":
        others.remove("summit")
    changed = {value: Case(row, {**options, option: value}) for value in others}
    fitting = [
        value for value, other in changed.items() if other.entry != case.entry and not told(other)
    ]
    return [plain, *fitting]
