"""What `score` asks for: new examples, and the bundle of the model that scores them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .catalog import Entry
from .inputs import input_files
from .mistakes import Mistake, nearest
from .yaml_files import expanded

FORMS = ("sequences", "table", "regions", "genotypes")
"""Keys that name new examples."""
KEYS_OF_FORM = {
    "columns": "table",
    "genome": "regions",
    "aliases": "regions",
    "circular": "regions",
    "feature": "regions",
    "regions_format": "regions",
    "map": "genotypes",
    "individuals": "genotypes",
    "missing": "genotypes",
    "absent": "genotypes",
}
"""Keys that go with one of them."""
BESIDE = ("genome", "aliases", "map")
"""Those that name a file."""
BUNDLES = "bundles"
"""Folder of the bundles of all datasets, beside those of the datasets."""
LISTING = "checksums.txt"
"""Member that every bundle has."""


@dataclass(frozen=True)
class Scores:
    """All entries of `score` by name."""

    entries: dict[str, Entry]
    made: Sequence[str]
    """Bundles that the workflow can make."""
    placed: Callable[[str], Any] = str
    """Where a file of the user's lies; a module's prefix moves some."""

    @property
    def files(self) -> list[str]:
        """Scores of all entries, and the page of each."""
        files = ("scores.tsv", "score.html")
        return [f"results/scored/{name}/{file}" for name in self.entries for file in files]

    def bundle(self, scored: str) -> Any:
        """Return the file of a bundle; of one that is unpacked, its list of members."""
        entry = self.entries[scored]
        path = bundle_files(expanded(entry["models"]), entry.get("model"), self.made)[0]
        return path if path in self.made else self.placed(path)

    def source(self, scored: str) -> Any:
        """Return the file of new examples."""
        return self.placed(expanded(self.entries[scored][self._form(scored)]))

    def file_set(self, scored: str) -> list[Any]:
        """Return the files that stand beside it: of a .bed of PLINK the other two."""
        return [self.placed(path) for path in _beside_bed(self.entries[scored])]

    def beside(self, key: str, *, scored: str) -> list[Any]:
        """Return a file that is read beside it, if there is one, of `BESIDE`."""
        entry = self.entries[scored]
        return [self.placed(expanded(entry[key]))] if key in entry else []

    def reading(self, scored: str) -> Entry:
        """How that file is read, and what is said of the bundle: sha256 and trust_code."""
        entry = self.entries[scored]
        keys = [key for key in KEYS_OF_FORM if key not in BESIDE]
        of_form = {key: entry[key] for key in keys if key in entry}
        bundle = {"sha256": entry.get("sha256"), "trust_code": entry["trust_code"]}
        return {"form": self._form(scored), **bundle, **of_form}

    def _form(self, scored: str) -> str:
        return next(form for form in FORMS if form in self.entries[scored])

    def mistakes(self, looks_for_files: bool) -> Iterator[Mistake]:
        """Keys that do not go together, files that are missing, models that could be several."""
        for name, entry in self.entries.items():
            for key, text in _mistakes(entry, self.made, looks_for_files):
                yield Mistake(("score", name, *key), text)


def _beside_bed(entry: Entry) -> list[str]:
    files = input_files({key: entry[key] for key in ("genotypes",) if key in entry})
    return [path for _, path in files[1:]]


def bundle_files(models: str, model: str | None, made: Sequence[str] = ()) -> list[str]:
    """Files of the bundles that a path stands for: itself, or those of a dataset's results.

    `made` are bundles that need not be there. Of one that is unpacked the file is its list.
    """
    path = Path(models)
    if (path / LISTING).is_file():
        return [str(path / LISTING)]
    if models in made or path.is_file():
        return [models]

    folder, start = path.parent / BUNDLES, f"{path.name}."
    there = {str(file) for file in folder.glob("*.zip")} | set(made)
    of_dataset = [file for file in sorted(there) if _belongs(file, folder, start)]
    return [file for file in of_dataset if model in (None, _model_of(file))]


def _belongs(file: str, folder: Path, start: str) -> bool:
    return Path(file).parent == folder and Path(file).name.startswith(start)


def _model_of(file: str) -> str:
    """Model of the bundle <dataset>.<model>.zip."""
    return Path(file).name.removesuffix(".zip").partition(".")[2]


def _mistakes(
    entry: Entry, made: Sequence[str], looks_for_files: bool
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Keys from an entry on, and what is wrong there."""
    forms = [form for form in FORMS if form in entry]
    if len(forms) != 1:
        yield (), f"needs one of {', '.join(FORMS)}, the file of new examples"
        return
    for key, form in KEYS_OF_FORM.items():
        if key in entry and forms != [form]:
            yield (key,), f"goes with `{form}`"
    if forms == ["regions"] and "genome" not in entry:
        yield (), "needs `genome` beside `regions`"

    named = [(key, expanded(entry[key])) for key in (*forms, *BESIDE) if key in entry]
    for key, path in [*named, *(("genotypes", path) for path in _beside_bed(entry))]:
        if looks_for_files and not path.startswith("results/") and not Path(path).is_file():
            yield (key,), f"no such file: {path}; correct the path, or put the file there"
    models = expanded(entry["models"])
    bundles = bundle_files(models, entry.get("model"), made)
    if len(bundles) == 1:
        return
    if bundles:
        names = ", ".join(map(_model_of, bundles))
        yield ("models",), f"{models} has bundles of several models; choose one: `model:` {names}"
        return
    others = bundle_files(models, None, made)
    if others:
        hint = nearest(str(entry["model"]), map(_model_of, others))
        yield ("model",), f"no bundle of {entry['model']!r} in {models}; {hint}"
        return
    remedy = (
        "name a bundle (.zip), its folder, or results/<dataset> after `snakemake bundles` there"
    )
    yield ("models",), f"no bundle of a model: {models}; {remedy}"
