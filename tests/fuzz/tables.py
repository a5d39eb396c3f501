"""Tables of sequences, of labels, of parts and folds, and labels one a line."""

import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pandas as pd
from fuzz.judging import Format, MeaningError
from fuzz.plain import column, known, lines_of, need, number, records, table, unique
from support import schema

from basewise.core.user_tables import read_user_table
from basewise.examples.labels import read_label_lines, read_label_table
from basewise.examples.readers import read_table_records
from basewise.examples.targets import read_targets

COMMAS = """\
id,sequence,label,group,part,note
a1,ACGTACGTNN,x,f1,train,"one, two"
a2,acgtrysw,y,f2,train,
a3,TTTTACGTAC,x,f1,valid,"a ""word"" of"
a4,CCCCGGGG,NA,,test,3
a5,ACGTAC,z,f3,dev,"two
lines"
a6,ACG TAC,x,f2,test,5' end
"""

TABS = """\
name\tid\tlabel\tsequence\tpart\tgroup
x y\ta1\tx\tACGTACGT\ttrain\t1
z\ta2\ty\tACGTACGA\ttest\t2

w\ta3\tx\tACGTACGC\tval\t1
v\ta4\tz\tACGTACGG\ttrain\t
"""

NUMBERS = """\
id,day1,day2,site,family,note
a1,1.5,2,north,f1,x
a2,-0.25,NA,south,f2,"y, z"
a3,1e3,3,north,f1,
a4,.75,n.d.,NA,f3,w
a5,12.,5,south,,v
"""

CLASSES = "id\tlabel\tnote\na1\t1\tx\na2\t0\ty\na3\t\tz\na4\t1\tw\na5\t0\t-\n"

PARTS = "id,part,note\na1,train,x\na2,train,y\na3,validation,z\na4,test,\na5,train,w\na6,test,NA\n"

FOLDS = "name\tfold\na1\t1\na2\t2\na3\t3\na4\t10\na5\tx\na6\t\n"

LINES = "1\n0\nNA\n1\n0\n"

TABLE_PARTS = {
    **{"train": "train", "valid": "validation", "val": "validation", "dev": "validation"},
    **{"validation": "validation", "test": "test"},
}

TITLES = ["id", "sequence", "label", "group", "part"]


LABELS, SPLIT = schema("labels"), schema("split")


def plainly(rows: pd.DataFrame) -> list[tuple[Any, ...]]:
    """Rows of a table, with None for what is missing."""
    columns = [[None if pd.isna(value) else value for value in rows[title]] for title in rows]
    return list(zip(*columns, strict=True))


def _columns(content: bytes, titles: list[str]) -> list[tuple[int, list[str]]]:
    """Values of some columns of a table, with their lines."""
    found, rows = table(content)
    places = [column(found, title) for title in titles]
    return [(line, [values[place] for place in places]) for line, values in rows]


def _read_table(path: Path) -> list[tuple[Any, ...]]:
    columns = {title: title for title in TITLES if title != "sequence"}
    read = read_table_records(path, alphabet="dna", task="multiclass", columns=columns)
    return plainly(read[["line", "id", "sequence", "target.label", "group", "part"]])


def _table(files: Mapping[str, bytes]) -> list[tuple[Any, ...]]:
    rows = _columns(files["x.csv"], TITLES)
    cleaned = records([(name, sequence) for _, (name, sequence, *_) in rows])
    result = []
    for (line, (_, _, label, group, part)), record in zip(rows, cleaned, strict=True):
        need(part in TABLE_PARTS, f"no part: {part!r}")
        result.append((line, *record, known(label), known(group), TABLE_PARTS[part]))
    return result


def _check_ids(ids: list[str]) -> None:
    need(ids, "no row")
    unique(ids)
    for name in ids:
        need(re.fullmatch(r"\S+", name), f"no name: {name!r}")


def _read_numbers(path: Path) -> list[tuple[Any, ...]]:
    columns = {"label": ["day1", "day2"], "covariates": ["site"], "group": "family"}
    rows = read_label_table(path, LABELS, "regression", columns)
    read = rows.assign(label_file=rows["file"], label_line=rows["line"])
    targets = read_targets(read, "regression")
    return plainly(rows[["line", "id"]].join(targets).join(rows[["covariate.site", "group"]]))


def _numbers(files: Mapping[str, bytes]) -> list[tuple[Any, ...]]:
    rows = _columns(files["y.csv"], ["id", "day1", "day2", "site", "family"])
    _check_ids([values[0] for _, values in rows])
    return [
        (line, name, number(day1), number(day2), known(site), known(family))
        for line, (name, day1, day2, site, family) in rows
    ]


SPELLINGS = ({"0": 0, "1": 1, "0.0": 0, "1.0": 1}, {"false": 0, "true": 1}, {"no": 0, "yes": 1})


def _classes(labels: list[str]) -> list[float | None]:
    """0 and 1, or false and true, or no and yes; where there is a +, a - is no missing value."""
    need("+" not in labels, "neither 0 nor 1")
    values = [known(label.lower()) for label in labels]
    present = set(values) - {None}
    spelled = next((pair for pair in SPELLINGS if present <= set(pair)), None)
    need(spelled is not None, f"neither 0 nor 1: {present}")
    return [None if value is None else float(spelled[value]) for value in values]


def _read_classes(path: Path) -> list[tuple[Any, ...]]:
    rows = read_label_table(path, LABELS, "binary", {})
    read = rows.assign(label_file=rows["file"], label_line=rows["line"])
    return plainly(rows[["line", "id"]].join(read_targets(read, "binary")))


def _class_table(files: Mapping[str, bytes]) -> list[tuple[Any, ...]]:
    rows = _columns(files["y.tsv"], ["id", "label"])
    _check_ids([values[0] for _, values in rows])
    labels = _classes([label for _, (_, label) in rows])
    return [(line, name, label) for (line, (name, _)), label in zip(rows, labels, strict=True)]


CANDIDATES = pd.DataFrame({"background": [False] * 5})


def _read_label_lines(path: Path) -> list[tuple[Any, ...]]:
    rows = read_label_lines(path, CANDIDATES)
    read = rows.assign(label_file=rows["file"], label_line=rows["line"])
    return plainly(read_targets(read, "binary"))


def _label_lines(files: Mapping[str, bytes]) -> list[tuple[Any, ...]]:
    labels = [line.strip() for _, line in lines_of(files["labels.txt"])]
    need(len(labels) == len(CANDIDATES), "not one label a sequence")
    return [(label,) for label in _classes(labels)]


def _read_split(path: Path) -> list[tuple[Any, ...]]:
    rows = read_user_table(path, SPLIT)
    kind = "part" if "part" in rows else "fold"
    return plainly(rows[["line", "id", kind]])


def _split(files: Mapping[str, bytes]) -> list[tuple[Any, ...]]:
    titles, rows = table(files["split.csv"])
    places = {}
    for title in ("id", "part", "fold"):
        with suppress(MeaningError):
            places[title] = column(titles, title)
    need(("part" in places) != ("fold" in places), "one of part and fold")
    kind, named = "part" if "part" in places else "fold", places.get("id", 0)
    need(named != places[kind], "no names")
    found = []
    for line, values in rows:
        value = values[places[kind]]
        if known(value):
            need(re.fullmatch(r"\S+", value), f"no fold: {value!r}")
            need(kind == "fold" or value in ("train", "validation", "test"), f"no part: {value!r}")
            found.append((line, values[named], value))
    _check_ids([name for _, name, _ in found])
    return found


FORMATS = {
    "tables": Format([{"x.csv": COMMAS}, {"x.csv": TABS}], _read_table, _table),
    "labels, numbers": Format([{"y.csv": NUMBERS}], _read_numbers, _numbers),
    "labels, classes": Format([{"y.tsv": CLASSES}], _read_classes, _class_table),
    "labels, lines": Format([{"labels.txt": LINES}], _read_label_lines, _label_lines),
    "splits": Format([{"split.csv": PARTS}, {"split.csv": FOLDS}], _read_split, _split),
}
