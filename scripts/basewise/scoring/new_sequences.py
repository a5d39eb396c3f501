"""New sequences, some at a time, brought to the letters and the length that a model was trained on.

Every record of a file is there, with its letters or with the reason why it has none.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.core.arrays import Mask
from basewise.core.errors import InputError
from basewise.core.files import lines_of, reading
from basewise.core.text import counted
from basewise.core.user_tables import column_named, read_delimited
from basewise.examples.from_sequences import fit_length
from basewise.examples.records import check_letters, clean_letters
from basewise.sequences.alphabet import letters_of
from basewise.store.contracts import Contract

LETTERS = 2**24
"""Letters of the sequences that are scored at a time."""

MOST_AMBIGUOUS = 0.1
"""Share of ambiguous letters other than N from which on a sequence looks like protein."""

BLANKS = bytes(code for code in range(128) if chr(code).isspace() and code != ord("\n"))
"""What `clean_letters` takes out of a line."""

WITHOUT_BASES = str.maketrans("", "", "ACGTN")

OTHER_LENGTH = " letters"
"""End of the reason of a sequence that the model's policy for lengths has no use for."""


SHOWN = 10
"""Reasons that the log counts one by one."""


class Record(NamedTuple):
    """A sequence as a file has it; its name may be empty, and need not be the only one."""

    id: str
    line: int
    sequence: str


class Block(NamedTuple):
    """Some new examples.

    Attributes
    ----------
    table
        id, line, and reason: why one has no letters; else empty. Of windows chrom, start, end and
        strand too, and perhaps `circles.CIRCLE`.
    letters
        Character codes of those that have some, padding being ``-``, shape (m, length).
    changed
        What was done to their lengths, as flags: ``padded``, ``cropped`` or nothing, shape (m,).
    """

    table: pd.DataFrame
    letters: NDArray[np.uint8]
    changed: NDArray[np.str_]

    @property
    def has_letters(self) -> Mask:
        """Which of the records have letters."""
        fits: Mask = (self.table["reason"] == "").to_numpy()
        return fits


Blocks = Callable[[], Iterator[Block]]
"""What gives new examples from the first one on; their files have been looked at before."""


def open_records(
    path: str | Path, contract: Contract, *, form: str, columns: Mapping[str, str] | None = None
) -> Blocks:
    """Check new sequences, see `check_records`, that `read_records` reads."""

    def blocks() -> Iterator[Block]:
        return fit_records(read_records(form, path, columns), path, contract)

    check_records(read_records(form, path, columns), path, contract)
    return blocks


def read_records(
    form: str, path: str | Path, columns: Mapping[str, str] | None = None
) -> Iterator[Record]:
    """Read ``sequences``, a FASTA file, or a ``table``, plain or compressed.

    FASTA is read as it is needed, a table as a whole. Columns of a table are named by `columns`:
    ``sequence``, by default ``sequence``, and ``id``; without it the row on line 7 is ``line7``.

    Raises
    ------
    InputError
        For a file that is neither, or lacks a column.
    """
    if form == "sequences":
        yield from _fasta(path)
        return

    table = read_delimited(path)
    asked = {"sequence": "sequence", **(columns or {})}
    names = {key: column_named(table, path, name) for key, name in asked.items()}
    ids = table[names["id"]] if "id" in names else "line" + table.index.astype("str")
    for line, name, sequence in zip(table.index, ids, table[names["sequence"]], strict=True):
        yield Record(name, line, sequence)


def form_of(path: str | Path) -> str:
    """What a file is by its first sign: ``sequences`` (FASTA) or ``table``."""
    with reading(path) as stream:
        first = next((line for line in lines_of(stream, path) if line.strip()), b"")
    return "sequences" if first.startswith(b">") else "table"


def _fasta(path: str | Path) -> Iterator[Record]:
    name, start, pieces = "", 0, list[str]()
    with reading(path) as stream:
        for number, line in enumerate(lines_of(stream, path), start=1):
            text = line.decode("utf-8", "replace")
            if not text.startswith(">"):
                if not start and text.strip():
                    problem = "stands before the first FASTA header, a line '>id'"
                    raise InputError(problem, path, number)
                pieces.append(text)
                continue
            if start:
                yield Record(name, start, "".join(pieces))
            name, start, pieces = "".join(text[1:].split()[:1]), number, []
    if start:
        yield Record(name, start, "".join(pieces))


def fit_records(records: Iterable[Record], path: str | Path, contract: Contract) -> Iterator[Block]:
    """Bring records, `LETTERS` at a time, to what a model takes.

    Raises
    ------
    InputError
        For the first letter that the model does not know, with its line.
    """
    rest = iter(records)
    while some := list(islice(rest, LETTERS // contract.length + 1)):
        yield _fitted(pd.DataFrame(some, columns=Record._fields), path, contract)


def _fitted(records: pd.DataFrame, path: str | Path, contract: Contract) -> Block:
    alphabet, length = contract.alphabet, contract.length
    # a model of DNA reads the U of RNA as T, and one of RNA the T of DNA
    read_as = "rna" if alphabet == "dna" else alphabet
    sequences = _cleaned(records["sequence"].tolist(), read_as)
    # all of them at once, since hardly any holds something else
    has_plain_bases = not "".join(sequences).encode().translate(None, b"ACGTN")
    if alphabet == "protein" or not has_plain_bases:
        check_letters(records.assign(sequence=sequences, path=str(path)), alphabet)

    letters = np.array([len(sequence) for sequence in sequences], dtype=np.int64)
    policy, side = contract.lengths["policy"], contract.lengths["side"]
    is_short, is_long = letters < length, letters > length
    misfits = {"exact": is_short | is_long, "crop": is_short, "pad": is_long}[policy]
    reasons = np.full(len(letters), "", dtype=object)
    for row in np.flatnonzero(misfits | (letters == 0)).tolist():
        reasons[row] = f"{letters[row]}{OTHER_LENGTH}"
    if alphabet != "protein" and not has_plain_bases:
        for row, sequence in enumerate(sequences):
            if len(sequence.translate(WITHOUT_BASES)) > MOST_AMBIGUOUS * len(sequence):
                reasons[row] = "more than a tenth of it are ambiguous codes other than N"

    fits = reasons == ""
    kept = sequences
    if not fits.all() or is_short.any() or is_long.any():
        kept = [fit_length(sequences[row], length, side) for row in np.flatnonzero(fits)]
    changed = np.select([is_short, is_long], ["padded", "cropped"], "")[fits]
    codes = letters_of(kept) if kept else np.empty((0, length), dtype=np.uint8)
    return Block(records[["id", "line"]].assign(reason=reasons), codes, changed)


def _cleaned(sequences: Sequence[str], alphabet: str) -> list[str]:
    """`clean_letters` of each, of all at once where none holds more than letters."""
    joined = "\n".join(sequences)
    if not joined.isascii() or joined.encode().translate(None, BLANKS) != joined.encode():
        return [clean_letters(sequence, alphabet) for sequence in sequences]
    letters = joined.upper()
    return (letters.replace("U", "T") if alphabet == "rna" else letters).split("\n")


def check_records(records: Iterable[Record], path: str | Path, contract: Contract) -> None:
    """Read a file to its end before anything is loaded, and say what has no score.

    Raises
    ------
    InputError
        As `fit_records`; where the model takes one length and some have another; and where there is
        nothing to score.
    """
    total, reasons = 0, Counter[str]()
    first: dict[str, Any] = {}
    for block in fit_records(records, path, contract):
        total += len(block.table)
        without = block.table[~block.has_letters]
        reasons.update(without["reason"])
        for row in without.drop_duplicates("reason").to_dict("records"):
            first.setdefault(row["reason"], row)

    if not total:
        raise InputError("holds no sequence; FASTA has records with a line '>id' each", path)
    tell_reasons(total, reasons, "sequence")
    is_exact = contract.lengths["policy"] == "exact"
    refused = [reason for reason in first if reason.endswith(OTHER_LENGTH) or not is_exact]
    number = sum(reasons[reason] for reason in refused)
    if number and (is_exact or number == total):
        example = first[refused[0]]
        remedy = "leave them out" if is_exact else "take another file"
        raise InputError(
            f"{number:,} of {counted(total, 'sequence')} cannot be scored by a model of "
            f"{contract.length} letters ({contract.lengths['policy']}), first {example['id']!r} "
            f"with {refused[0]}; {remedy}, or train with another `length`",
            path,
            int(example["line"]),
        )


def tell_reasons(total: int, reasons: Counter[str], noun: str) -> None:
    """Print how many examples have no score, and why."""
    print(f"{counted(total, noun)}, {reasons.total():,} without a score")
    for reason, count in reasons.most_common(SHOWN):
        print(f"without a score, {reason}: {count:,}")
