"""What the rules need to know of each dataset: its files and its settings."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .catalog import Entry
from .dataset_mistakes import class_files, sources_of
from .inputs import input_files, named_files
from .mistakes import Keys
from .yaml_files import expanded

PLINK_MISSING = -9
"""A phenotype that is not known, in the tables that go with PLINK's genotypes."""


@dataclass(frozen=True)
class Datasets:
    """All entries of `datasets` by name, with all defaults."""

    entries: dict[str, Entry]
    sources: list[Entry]
    """Where files come from, and their checksums."""
    placed: Callable[[str], Any] = str
    """Where a file of the user's lies; a module's prefix moves some."""

    @property
    def names(self) -> list[str]:
        """Names of the datasets."""
        return list(self.entries)

    @property
    def regressions(self) -> list[str]:
        """Datasets of numbers, which have residuals."""
        return [name for name in self.entries if self.task(name) == "regression"]

    @property
    def classified(self) -> list[str]:
        """Datasets of classes, which have confusion matrices, ROC curves and so on."""
        return [name for name in self.entries if self.task(name) != "regression"]

    def having(self, *keys: str) -> list[str]:
        """Datasets whose entry has one of these keys."""
        return [name for name, entry in self.entries.items() if set(keys) & set(entry)]

    def task(self, dataset: str) -> str:
        """What is predicted."""
        task: str = self.entries[dataset]["task"]
        return task

    def folds(self, dataset: str) -> list[int]:
        """Folds of a dataset: one, or as many as it is cross-validated with."""
        return list(range(self.entries[dataset]["split"].get("folds", 1)))

    # Settings.

    def setting(self, *keys: str, dataset: str) -> Any:
        """Return the value at `keys` of a dataset's entry, None where it has no such key."""
        value: Any = self.entries[dataset]
        for key in keys:
            value = (value or {}).get(key)
        return value

    def settings(self, *keys: str, dataset: str) -> Entry:
        """Return the values at these keys, those that the dataset has."""
        entry = self.entries[dataset]
        return {key: entry[key] for key in keys if key in entry}

    def form(self, dataset: str) -> str:
        """Which kind of source a dataset has."""
        return sources_of(self.entries[dataset])[0]

    def near(self, dataset: str) -> Any:
        """When two sequences are near-identical, where a split needs to know."""
        return self.entries[dataset]["near"] if self._is_by_homology(dataset) else None

    def has_groups(self, dataset: str) -> bool:
        """Whether the user has named what belongs together."""
        return "group" in self.entries[dataset].get("columns", {})

    def position_classes(self, dataset: str) -> list[str] | None:
        """Names of the classes of positions, that of no feature first."""
        features = self.entries[dataset].get("features")
        return features and [features["none"], *features["classes"]]

    def overlap(self, dataset: str) -> Entry:
        """Return how much of a window must overlap."""
        overlap = self.entries[dataset].get("overlap", {})
        return {key: overlap[key] for key in ("bases", "within") if key in overlap}

    def region_columns(self, dataset: str) -> Entry:
        """Columns of the regions; a table of labels joins on column 4."""
        entry = self.entries[dataset]
        joined = {"id": 4} if "labels" in entry else {}
        return {**joined, **entry.get("columns", {})}

    def label_columns(self, dataset: str) -> Entry:
        """Titles of the columns of the label table, or of the phenotypes."""
        entry = self.entries[dataset]
        if "phenotypes" in entry:
            lists = {"label": entry["traits"], "covariates": entry.get("covariates", [])}
            titles = {key: [str(title) for title in listed] for key, listed in lists.items()}
            return {"id": None, **entry.get("columns", {}), **titles}

        labels = entry.get("labels")
        named = labels if isinstance(labels, dict) else {}
        return {key: named[key] for key in ("id", "label") if key in named}

    def sheet(self, *keys: str, dataset: str) -> tuple[str, str | None]:
        """Key that names a file, the first of these that there is, and its sheet."""
        entry = self.entries[dataset]
        key = next((key for key in keys if key in entry), keys[0])
        return key, entry["sheets"].get(key)

    def label_rows(self, dataset: str) -> Entry:
        """Which rows of the label table, or of the phenotypes, are taken, and how they are one."""
        entry = self.entries[dataset]
        labels = entry.get("labels", {})
        named = entry if "phenotypes" in entry else labels if isinstance(labels, dict) else {}
        return {key: named[key] for key in ("keep", "replicates") if key in named}

    def missing_labels(self, dataset: str) -> list[str | float]:
        """Codes of missing labels beside the usual ones; beside PLINK's genotypes also PLINK's."""
        entry = self.entries[dataset]
        is_fam = str(entry.get("phenotypes", "")).lower().endswith(".fam")
        is_plink = is_fam or str(entry.get("genotypes", "")).lower().endswith(".bed")
        # of case and control PLINK takes 0 for missing, of a number only -9
        zero = [0] if is_fam and entry["task"] != "regression" else []
        return [*entry["missing"], *([PLINK_MISSING] if is_plink else []), *zero]

    def label_reading(self, dataset: str) -> Entry:
        """How labels are read as targets."""
        entry = self.entries[dataset]
        is_binary = entry["task"] == "binary"
        first = next(iter(class_files(entry)), None)
        positive = entry.get("positive", first) if is_binary else None
        dropped = entry.get("drop_classes", [])
        return {
            "positive": positive and str(positive),
            "transform": entry["transform"],
            "unit": "individual" if "genotypes" in entry else "sequence",
            **self.settings("min_class_size", dataset=dataset),
            **({"drop_classes": list(map(str, dropped))} if dropped else {}),
        }

    def class_names(self, dataset: str) -> dict[str, str] | None:
        """What the classes 0 and 1 of a binary task are, where class 1 has a name."""
        positive = self.label_reading(dataset)["positive"]
        if positive is None:
            return None
        entry = self.entries[dataset]
        others = [name for name in class_files(entry) if name != positive]
        if entry.get("negatives", {}).get("method", "none") != "none":
            others.append("background")
        return {"0": " or ".join(others) or f"not {positive}", "1": positive}

    def _is_by_homology(self, dataset: str) -> bool:
        """Whether a split compares the examples."""
        method: str = self.entries[dataset]["split"]["method"]
        return method == "homology"

    # Files of the user's.

    def files(self, *keys: str, dataset: str) -> list[Any]:
        """Files at `keys` of a dataset's entry; none where it has no such key."""
        named = input_files(self.entries[dataset])
        return [self.placed(path) for place, path in named if place[: len(keys)] == keys]

    def file_names(self, *keys: str, dataset: str) -> list[str] | None:
        """Names of the files at `keys`, where the entry gives them names."""
        value = self.setting(*keys, dataset=dataset)
        return list(value) if isinstance(value, dict) else None

    def sequence_files(self, dataset: str) -> list[Any]:
        """Files that hold a dataset's sequences."""
        return self.files(self.form(dataset), dataset=dataset)

    def sequence_names(self, dataset: str) -> list[Keys] | None:
        """Names of these files, where the entry gives them names: of a part, a class or both."""
        form = self.form(dataset)
        named = input_files(self.entries[dataset])
        names = [keys[1:] for keys, _ in named if keys[0] == form]
        return names if any(names) else None

    def split_aliases(self, dataset: str) -> list[Any]:
        """Table of the names of chromosomes, where the split lists some."""
        split = self.entries[dataset]["split"]
        lists_chromosomes = split["method"] == "chromosome" and "folds" not in split
        return self.files("aliases", dataset=dataset) if lists_chromosomes else []

    def label_files(self, dataset: str) -> list[Any]:
        """File of labels, or of phenotypes."""
        return self.files("labels", dataset=dataset) or self.files("phenotypes", dataset=dataset)

    def background_keeps_off(self, dataset: str) -> list[Any]:
        """Files whose intervals the background keeps away from."""
        is_drawn = self.entries[dataset].get("negatives", {}).get("method") == "genome"
        labeling = self.files("overlap", "files", dataset=dataset) if is_drawn else []
        return [*self.files("negatives", "away_from", dataset=dataset), *labeling]

    def checksums(self, dataset: str) -> dict[str, str]:
        """Path to sha256, of the dataset's files that `sources` lists."""
        used = [path for _, path in input_files(self.entries[dataset])]
        entries = [entry for entry in self.sources if expanded(entry["file"]) in used]
        return {entry["file"]: entry["sha256"] for entry in entries}

    def written(self, dataset: str) -> list[str]:
        """Files of a dataset, as they are written in the configuration."""
        return [path for _, path in named_files(self.entries[dataset])]

    # Files of the workflow's, where a dataset has them.

    def letters(self, dataset: str) -> str:
        """Return what `extract` has read: the letters of sequences, or genotypes."""
        file = "genotypes.npy" if "genotypes" in self.entries[dataset] else "letters.npy"
        return f"results/{dataset}/extract/{file}"

    def compared_letters(self, dataset: str) -> list[str]:
        """Return the letters or genotypes, where a split compares them."""
        return [self.letters(dataset)] if self._is_by_homology(dataset) else []

    def positions(self, dataset: str) -> list[str]:
        """Classes of all positions, where the task has them."""
        return self._where("features", "examples/positions.npy", dataset)

    def covariates(self, dataset: str) -> list[str]:
        """Return the examples, where covariates stand beside the targets."""
        return self._where("covariates", "examples/examples.parquet", dataset)

    def markers(self, dataset: str) -> list[str]:
        """Markers of genotypes."""
        return self._where("genotypes", "extract/markers.tsv", dataset)

    def _where(self, key: str, file: str, dataset: str) -> list[str]:
        """A file of a dataset, where its entry has a key."""
        return [f"results/{dataset}/{file}"] if key in self.entries[dataset] else []
