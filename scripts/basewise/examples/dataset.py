"""A dataset of a configuration, from its files to tensors, in memory and at one go."""

from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.config.study import Study
from basewise.core.jobs import one_or_named, one_or_nested
from basewise.core.seeds import generator
from basewise.core.workbooks import of_sheet
from basewise.examples.annotations import (
    check_class_names,
    label_positions,
    read_features,
    read_overlaps,
)
from basewise.examples.candidates import Extraction, add_shuffled
from basewise.examples.encoding import example_letters, example_pieces, target_array
from basewise.examples.from_genotypes import Extracted, extract
from basewise.examples.from_regions import extract_regions
from basewise.examples.from_sequences import extract_sequences
from basewise.examples.labels import join_labels, read_label_table
from basewise.examples.targets import output_names
from basewise.genotypes.reading import read_genotypes
from basewise.sequences.circles import circles_of
from basewise.sequences.genome import Aliases, read_aliases
from basewise.store.shards import Tensors, pack_tensors
from basewise.store.tables import DROPPED_COLUMNS


class Dataset(NamedTuple):
    """The examples of a dataset.

    `table` has one row an example: record, `tables.candidate_columns`, covariates, then
    ``target.<output>``. `letters` are character codes, upper case, shape (n, length), `tensors` the
    same packed, with targets and ids; `dropped` are rows of the files that are no example:
    `tables.DROPPED_COLUMNS`.
    """

    table: pd.DataFrame
    letters: NDArray[np.uint8]
    tensors: Tensors
    dropped: pd.DataFrame


def read_dataset(study: Study, name: str) -> Dataset:
    """Read the files of a dataset of a right configuration, as the steps up to the tensors do.

    Not for `sequences`, whose labels stand one a line; only the steps read those.

    Raises
    ------
    InputError
        For whatever is wrong with a file.
    """
    task, reading = study.datasets.task(name), study.datasets.label_reading(name)
    extracted = _extract(study, name)
    known = frozenset(extracted.dropped["id"])
    beside = _labels(study, name, extracted)
    table, unlabeled, _ = join_labels(
        extracted.candidates, task, known_dropped=known, **beside, **reading
    )

    classes = study.datasets.position_classes(name)
    tensors = pack_tensors(
        example_pieces(
            extracted.letters,
            table,
            _positions(study, name, table) if classes else target_array(table, task),
        ),
        task=task,
        outputs=classes or output_names(table, task),
        alphabet=study.datasets.setting("alphabet", dataset=name),
    )
    letters = example_letters(extracted.letters, table)
    letters.setflags(write=False)
    dropped = pd.concat([extracted.dropped[DROPPED_COLUMNS], unlabeled], ignore_index=True)
    return Dataset(table, letters, tensors, dropped)


def _extract(study: Study, name: str) -> Extraction | Extracted:
    """Candidates, as the three steps that extract make them."""
    datasets, form = study.datasets, study.datasets.form(name)
    setting = partial(datasets.setting, dataset=name)
    settings = partial(datasets.settings, dataset=name)
    files = partial(datasets.files, dataset=name)
    sheet = partial(datasets.sheet, dataset=name)
    paths = [of_sheet(file, *sheet(form)) for file in files(form)]
    path = paths[0]
    if form == "genotypes":
        places = next((of_sheet(file, *sheet("map")) for file in files("map")), None)
        read = read_genotypes(path, map=places, **settings("individuals", "missing"))
        return extract(read, path, places, **setting("filters"))

    draws = generator(study.root_seed, name, "negatives")
    negatives = setting("negatives") or {"method": "none"}
    if form == "genome":
        extraction = extract_regions(
            path,
            one_or_named(files("regions"), datasets.file_names("regions", dataset=name)),
            columns=datasets.region_columns(name),
            aliases_path=next(iter(files("aliases")), None),
            exclude=files("exclude"),
            negatives=negatives if negatives["method"] == "genome" else None,
            away_from=datasets.background_keeps_off(name),
            generator=draws,
            **settings("window", "center", "shift", "task", "feature", "regions_format", "keep"),
            **settings("missing", "circular"),
        )
    else:
        source = {form: one_or_nested(paths, datasets.sequence_names(name))}
        reading = settings("alphabet", "task", "columns", "keep", "length", "missing")
        extraction = extract_sequences(source, **reading)
    if negatives["method"] == "shuffle":
        return add_shuffled(extraction, negatives["ratio"], draws)
    return extraction


def _labels(study: Study, name: str, extracted: Extraction | Extracted) -> dict[str, pd.DataFrame]:
    """What other files say of the candidates, as `join_labels` takes it."""
    datasets, task = study.datasets, study.datasets.task(name)
    for file in datasets.label_files(name):
        path = of_sheet(file, *datasets.sheet("labels", "phenotypes", dataset=name))
        schema, columns = study.catalog.tables["labels"], datasets.label_columns(name)
        missing, rows = datasets.missing_labels(name), datasets.label_rows(name)
        return {"labels": read_label_table(path, schema, task, columns, missing, **rows)}

    paths = datasets.files("overlap", "files", dataset=name)
    if not paths:
        return {}

    names = datasets.file_names("overlap", "files", dataset=name) or []
    named = dict(zip(names, paths, strict=True))
    aliases, how = _aliases(study, name), datasets.overlap(name)

    return {"overlaps": read_overlaps(extracted.candidates, named, aliases, **how)}


def _positions(study: Study, name: str, table: pd.DataFrame) -> NDArray[np.uint8]:
    """Class of each base of each example, shape (n, length)."""
    datasets, how = study.datasets, study.datasets.setting("features", dataset=name)
    check_class_names(datasets.position_classes(name) or [])
    path, chroms = datasets.files("features", dataset=name)[0], table["chrom"].unique().tolist()
    aliases, circles = _aliases(study, name), circles_of(table)
    features = read_features(path, how["classes"], chroms, aliases, circles)
    return label_positions(table, features, len(how["classes"]), how["strand"])


def _aliases(study: Study, name: str) -> Aliases | None:
    paths = study.datasets.files("aliases", dataset=name)
    return read_aliases(paths[0]) if paths else None
