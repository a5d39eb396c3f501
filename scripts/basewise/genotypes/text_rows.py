"""Rows of text as programs and R write them: separated by tabs or else, in quotes or not."""

import csv


def separator(line: bytes) -> bytes | None:
    """What separates the values of a line: tab, comma, semicolon; None stands for blanks."""
    return next((sign for sign in (b"\t", b",", b";") if sign in line), None)


def split_row(line: bytes, sign: bytes | None) -> list[bytes]:
    """Values of a row without the blanks and quotes around them."""
    if b'"' in line:
        rows = csv.reader([line.decode()], delimiter=(sign or b" ").decode(), skipinitialspace=True)
        return [value.strip().encode() for value in next(rows)]
    return line.split() if sign is None else [value.strip() for value in line.split(sign)]


def titles_of(line: bytes) -> list[str]:
    """Titles in the first line of a file, without the empty one that R writes above row names."""
    line = line.removeprefix(b"\xef\xbb\xbf")
    titles = [title.decode(errors="replace") for title in split_row(line, separator(line))]
    return titles[1:] if titles[:1] == [""] else titles
