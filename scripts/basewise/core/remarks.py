"""What a step noticed in a user's files and went on with: facts, and sentences that tell them."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from basewise.core.errors import printable
from basewise.core.missing import key_for
from basewise.core.text import counted, listed

PARTNERS, CODES, DRAWN, RARE, REPLICATES = "partners", "codes", "drawn", "rare", "replicates"
"""Kinds of remarks: names without a partner in a join; values that look like missing ones; examples
of a published train part that became validation; classes and labels that are left out; examples
that are the mean of several rows."""

PLURALS = {"class": "classes", "label": "labels"}

SHOWN = 5
"""Columns that a sentence names."""


class Remark(NamedTuple):
    """A fact about a file, of one of the kinds above.

    `what` is counted, so many `rows` of a `total`: the names of one side and what they lack, or a
    column. `values` are three of the names, the value, or the key that asked for it; `guess` is why
    names may have no partner, empty where nothing fits.
    """

    kind: str
    file: str
    what: str
    rows: int
    total: int
    values: str
    guess: str = ""


class Told(NamedTuple):
    """A sentence, and whether what it tells is most likely a mistake."""

    text: str
    is_mistake: bool


def sentences(remarks: Iterable[Remark]) -> list[Told]:
    """Tell remarks: one sentence a join, and one a value for all its columns.

    Names that found no partner may hold anything, so that they are shown as in `errors.printable`.
    """
    subjects: dict[tuple[str, ...], list[Remark]] = {}
    for remark in remarks:
        value = "" if remark.kind == PARTNERS else remark.values
        subjects.setdefault((remark.kind, remark.file, value), []).append(remark)
    told = [SENTENCES[kind](about) for (kind, *_), about in subjects.items()]
    return [one._replace(text=printable(one.text)) for one in told]


def tell(remarks: Sequence[Remark]) -> None:
    """Print remarks, as the log of a step has them."""
    for sentence in sentences(remarks):
        print(f"Warning: {sentence.text}")


def _partners(sides: Sequence[Remark]) -> Told:
    lacking = [f"{side.rows:,} of {side.total:,} {side.what} ({side.values})" for side in sides]
    guess = f" Do they differ by {sides[0].guess}?" if sides[0].guess else ""
    return Told(f"{'; '.join(lacking)}.{guess}", bool(guess))


def _codes(columns: Sequence[Remark]) -> Told:
    value = columns[0].values
    named = [f"{column.what} ({column.rows:,} of {column.total:,})" for column in columns]
    more = [f"{len(named) - SHOWN:,} more columns"] if len(named) > SHOWN else []
    text = (
        f"{value} looks like a code for a missing value: it stands in "
        f"{listed(named[:SHOWN] + more)} of {columns[0].file}. If it is one, add {key_for(value)}, "
        "which holds for every column."
    )
    return Told(text, is_mistake=True)


def _drawn(parts: Sequence[Remark]) -> Told:
    (part,) = parts
    text = (
        f"The data bring no validation part: {part.rows:,} of {part.total:,} {part.what} "
        "were drawn for it."
    )
    return Told(text, is_mistake=False)


def _rare(classes: Sequence[Remark]) -> Told:
    kind = classes[0].what.split(" ", 1)[0]
    named = [
        f"{one.what.removeprefix(kind).strip()} ({counted(one.rows, 'example')})" for one in classes
    ]
    more = [f"{len(named) - SHOWN:,} more"] if len(named) > SHOWN else []
    several = f"{len(named):,} {PLURALS[kind]}" if len(named) > 1 else f"the {kind}"
    text = f"{classes[0].values} leaves out {several} {listed(named[:SHOWN] + more)}."
    return Told(text, is_mistake=False)


def _replicates(tables: Sequence[Remark]) -> Told:
    (table,) = tables
    text = (
        f"{table.rows:,} of {table.total:,} names in {table.file} stand on several lines; their "
        f"numbers are the means of these ({table.what} lines a name)."
    )
    return Told(text, is_mistake=False)


SENTENCES = {
    PARTNERS: _partners,
    CODES: _codes,
    DRAWN: _drawn,
    RARE: _rare,
    REPLICATES: _replicates,
}
