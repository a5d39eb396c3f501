"""What independent readers share: lines, tables, numbers and names, as the manual has them."""

import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from fuzz.judging import MeaningError

MISSING = {
    *("", "na", "n/a", "<na>", "n.a.", "n.d.", "nan", "null", "-", ".", "?"),
    *("#n/a", "#div/0!", "#value!", "#ref!", "#name?", "#num!", "#null!"),
}

BASES = set("ACGTRYSWKMBDHVN")

NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")

LAST_POSITION = 2**31 - 1


def text_of(content: bytes, errors: str = "strict") -> str:
    """UTF-8 with or without a byte order mark, or UTF-16 with one; no NUL; lines end with LF."""
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = io.TextIOWrapper(io.BytesIO(content), encoding, errors, newline=None).read()
    except UnicodeError as error:
        raise MeaningError("no text") from error
    if "\0" in text:
        raise MeaningError("a NUL")
    return text


def lines_of(content: bytes, errors: str = "strict") -> list[tuple[int, str]]:
    """Lines with their numbers, without those that are blank at the end of the file."""
    lines = text_of(content, errors).split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    return list(enumerate(lines, 1))


def need(condition: object, reason: str) -> None:
    """Raise MeaningError unless a condition holds."""
    if not condition:
        raise MeaningError(reason)


def known(value: str) -> str | None:
    """A value, or None where it is missing."""
    return None if value.lower() in MISSING else value


def number(value: str) -> float | None:
    """A number, None where it is missing."""
    if known(value) is None:
        return None
    need(NUMBER.fullmatch(value), f"no number: {value!r}")
    need(abs(float(value)) < float("inf"), f"beyond all numbers: {value!r}")
    return float(value)


def position(value: str) -> int | None:
    """A position from 1, None where it is missing or 0."""
    if known(value) is None or value == "0":
        return None
    need(re.fullmatch("[0-9]+", value), f"no position: {value!r}")
    need(int(value) <= LAST_POSITION, f"beyond all chromosomes: {value!r}")
    return int(value)


def numbered(names: Iterable[str]) -> list[str]:
    """Names of which the second, third and so on of a kind is numbered."""
    seen: Counter[str] = Counter()
    result = []
    for name in names:
        seen[name] += 1
        result.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return result


def unique(names: Sequence[str]) -> None:
    """Raise MeaningError for a name that repeats."""
    need(len(set(names)) == len(names), "a name repeats")


def records(rows: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Names and sequences, held to what names and sequences may be."""
    need(rows, "no sequence")
    unique([name for name, _ in rows])
    cleaned = []
    for name, sequence in rows:
        need(re.fullmatch("[!-~]+", name), f"no name: {name!r}")
        letters = re.sub(r"\s", "", sequence)
        letters = re.sub("[a-z]", lambda letter: letter[0].upper(), letters)
        need(letters, "an empty sequence")
        need(set(letters) <= BASES, f"no bases: {letters!r}")
        cleaned.append((name, letters))
    return cleaned


def table(content: bytes) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Titles, and rows with the lines on which they start: RFC 4180, with other separators too."""
    filled = [(at, line) for at, line in enumerate(text_of(content).split("\n")) if line.strip()]
    need(filled, "nothing")
    filled = filled[titles_among([line for _, line in filled]) :]
    after = [line for _, line in filled[1:]]
    first = next(iter(without_comments(after)), "")
    sign = separator(filled[0][1], first)
    widths = [len(cut(line, None)) for line in (filled[0][1], first)]
    by_blanks = sign is None and 1 < widths[0] == widths[1]
    top = filled[0][0]
    text = "\n".join(text_of(content).split("\n")[top:])
    has_comments = not all(line.startswith("#") for line in after)
    fields = _words if by_blanks else _fields
    rows = [
        (line, [value.strip() for value in values])
        for line, values in fields(text, sign or ",", top + 1, has_comments)
        if any(value.strip() for value in values)
    ]
    (_, titles), *rest = rows
    need(all(count == 1 for title, count in Counter(titles).items() if title), "a title repeats")
    for line, values in rest:
        need(len(values) == len(titles), f"line {line} has another width")
    return titles, rest


def column(titles: Sequence[str], *names: str) -> int:
    """Place of the column of a name, or of the first of several that there is, in any case."""
    folded = [" ".join(title.removeprefix("#").lower().split()) for title in titles]
    for name in names:
        alike = [at for at, title in enumerate(folded) if title == name.lower()]
        if name in titles:
            return titles.index(name)
        if len(alike) == 1:
            return alike[0]
    raise MeaningError(f"no column {names[0]}")


def without_comments(rows: Sequence[str]) -> list[str]:
    """Rows that are no comments, and all if all begin as comments do."""
    return [row for row in rows if not row.startswith("#")] or list(rows)


def titles_among(lines: Sequence[str]) -> int:
    """Which of the lines names the columns: the first that is no comment, or that before it."""
    comments = 0
    while comments < len(lines) and lines[comments].startswith("#"):
        comments += 1
    if comments in (0, len(lines)):
        return 0
    last, row = lines[comments - 1 : comments + 1]
    sign = separator(last, row)
    is_prose = sign != "\t" and re.search(r"^#+\s|[,;]\s", last)
    width = len(cut(last, sign))
    return comments - (width > 1 and width == len(cut(row, sign)) and not is_prose)


def separator(titles: str, row: str = "") -> str | None:
    """Tab, comma or semicolon, as the line of titles has it outside of quotes; None for blanks.

    Of comma and semicolon the one that cuts the first row as the titles; then that of more columns.
    """
    bare = re.sub('"[^"]*"', "", titles)
    signs = [sign for sign in "\t,;" if sign in bare]
    if len(signs) < 2 or signs[0] == "\t":
        return signs[0] if signs else None
    fitting = [sign for sign in signs if len(cut(row, sign)) - len(cut(titles, sign)) in (0, 1)]
    widths = [len(cut(titles, sign)) for sign in fitting]
    return fitting[widths.index(max(widths))] if fitting else signs[0]


def cut(line: str, sign: str | None) -> list[str]:
    """Values of one line, those in quotes with what is in them."""
    separators = r"\s+" if sign is None else re.escape(sign)
    plain = re.sub('"[^"]*"?', lambda quoted: "x" * len(quoted[0]), line)
    return re.split(separators, plain.strip() if sign is None else plain)


def _words(text: str, _: str, first: int, has_comments: bool) -> list[tuple[int, list[str]]]:
    """Values of each row of a table whose columns are separated by blanks."""
    word = re.compile(r'"((?:[^"]|"")*)"(?=\s|$)|([^"\s]\S*)|("\S*)')
    rows: list[tuple[int, list[str]]] = []
    for line, content in enumerate(text.split("\n"), first):
        if rows and has_comments and content.startswith("#"):
            need(len(cut(content, None)) != len(rows[0][1]), "a comment, or a row")
            continue
        values = []
        for found in word.finditer(content):
            need(found[3] is None, f"quotes in line {line} do not match")
            values.append(found[2] if found[1] is None else found[1].replace('""', '"'))
        rows += [(line, values)] if any(values) else []
    return rows


def _fields(text: str, sign: str, first: int, has_comments: bool) -> list[tuple[int, list[str]]]:
    """Values of each row, of which quoted ones can hold separators, quotes and line ends."""
    # a value in quotes, or one without: quotes within it stand for themselves
    value = re.compile(rf' *"((?:[^"]|"")*)"(?=[{sign}\n]|$)|([^{sign}\n]*)')
    rows: list[tuple[int, list[str]]] = []
    values: list[str] = []
    line, start, place, width = first, first, 0, 0
    while True:
        if not values and width and has_comments and text.startswith("#", place):
            comment = text[place:].split("\n")[0]
            need(len(cut(comment, sign)) != width, "a comment, or a row")
            place, line, start = place + len(comment), line + 1, line + 1
            if place == len(text):
                return rows
            place += 1
            continue
        found = value.match(text, place)
        assert found
        if found[1] is None:
            need(not found[2].lstrip(" ").startswith('"'), f"quotes in line {line} do not match")
        values.append(found[2] if found[1] is None else found[1].replace('""', '"'))
        line += found[0].count("\n")
        place = found.end()
        if place == len(text) or text[place] == "\n":
            rows.append((start, values))
            width = width or len(values) * any(value.strip() for value in values)
            line += 1
            values, start = [], line
            if place == len(text):
                return rows
        place += 1
