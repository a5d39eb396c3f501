"""What editors, spreadsheets, scripts and copies do to a file: structural mutations of a text."""

import re
from collections.abc import Callable
from random import Random

SEPARATORS = "\t,; :=/|"

NUMBERS = (
    *("2147483647", "2147483648", "9223372036854775808", "99999999999999999999", "1e400", "1e39"),
    *("-1", "-0", "-9", "-5", "0", "00", "+1", "1.0", "1.", ".5", "0.5", "1,5", "1.000.000"),
    *("1e3", "1E+2", "1e-3", "1d3", "0x10", "0b1", "0o7", "1_000", "1L", "1%", "1/2", "NaN0"),
    *("inf", "-Infinity", "nan", "TRUE", "\uff11\uff12", "\u0663", "\u00b2", "16777217"),
)

MISSING = ("", " ", "NA", "na", "N/A", "<NA>", ".", "-", "?", "NaN", "null", "None", "-9", "#N/A")

LOOK_ALIKES = {
    **{"A": "\u0410", "C": "\u0421", "T": "\u0422", "a": "\u0430", "c": "\u0441", "e": "\u0435"},
    **{"o": "\u043e", "p": "\u0440", "-": "\u2013", "+": "\uff0b", ".": "\u3002", "0": "O"},
    **{"1": "l", "2": "\uff12", ",": "\uff0c", ">": "\u203a", "#": "\uff03", "s": "\u017f"},
    **{"k": "\u212a", "\t": "\u00a0", " ": "\u00a0", '"': "\u201d", "=": "\uff1d", ":": "\ua789"},
}

STRANGE = (
    *("\0", "\ufeff", "\u200b", "\u00a0", "\u2028", "\x85", "\x0b", "\x0c", "\x1c", "\x1a", "\x1b"),
    *("\u00e9", "\udce9", "\u202e", "\u00ad", "\x7f", "\u0660", "\u00df", "*", "U", "X"),
)
"""Characters that are no letters; U+DCE9 becomes the byte E9 alone, which is no UTF-8."""

LINES = ("", " ", "\t", "# a comment", "#", "//", "--", ">", "...", "END", "browser position chr1")


def mutated(text: str, random: Random) -> bytes:
    """A text with one mutation, or with two."""
    changed = text
    while changed == text:
        for _ in range(random.choice((1, 1, 1, 2))):
            changed = random.choice(MUTATIONS)(changed, random)
    if random.random() < 0.01:
        return changed.encode("utf-16", "replace")
    return changed.encode("utf-8", "surrogateescape")


def _of_lines(change: Callable[[list[str], int, Random], None]) -> Callable[[str, Random], str]:
    """A mutation of all lines from one that changes the list of lines at some line."""

    def mutation(text: str, random: Random) -> str:
        lines = text.split("\n")
        change(lines, random.randrange(len(lines)), random)
        return "\n".join(lines)

    return mutation


def _of_fields(change: Callable[[list[str], int, Random], None]) -> Callable[[str, Random], str]:
    """The same for the fields of one line, or in one of four for the same field of each line."""

    def mutation(text: str, random: Random) -> str:
        lines = text.split("\n")
        at = random.randrange(len(lines))
        sign = _separator(lines[at], random)
        place = random.randrange(max(1, len(lines[at].split(sign))))
        seed = random.random()
        for number in range(len(lines)) if random.random() < 0.25 else [at]:
            fields = lines[number].split(sign)
            if lines[number].strip() and place < len(fields):
                change(fields, place, Random(seed))
                lines[number] = sign.join(fields)
        return "\n".join(lines)

    return mutation


def _of_value(change: Callable[[str, Random], str]) -> Callable[[str, Random], str]:
    """The same for one value."""

    def in_place(fields: list[str], at: int, random: Random) -> None:
        fields[at] = change(fields[at], random)

    return _of_fields(in_place)


def _separator(line: str, random: Random) -> str:
    """What separates the fields of a line, most often the first of those that stand there."""
    signs = [sign for sign in SEPARATORS if sign in line] or ["\t"]
    return signs[0] if random.random() < 0.7 else random.choice(signs)


def _drop(items: list[str], at: int, random: Random) -> None:
    del items[at : at + random.choice((1, 1, 1, 2))]


def _double(items: list[str], at: int, random: Random) -> None:
    items.insert(at, items[at])


def _move(items: list[str], at: int, random: Random) -> None:
    items.insert(random.randrange(len(items)), items.pop(at))


def _swap(items: list[str], at: int, random: Random) -> None:
    other = random.randrange(len(items))
    items[at], items[other] = items[other], items[at]


def _add(items: list[str], at: int, random: Random) -> None:
    items.insert(at + random.choice((0, 1)), random.choice(LINES))


def _copy(items: list[str], at: int, random: Random) -> None:
    items[at] = random.choice(items)


def _separated(text: str, random: Random) -> str:
    """One separator, or all, turned into another, doubled, taken away or with blanks around."""
    places = [place for place, sign in enumerate(text) if sign in SEPARATORS]
    if not places:
        return text
    place = random.choice(places)
    old = text[place]
    new = random.choice((*"\t,; ", old + old, "", old + " ", " " + old, "  ", "\t ", "|"))
    if random.random() < 0.3:
        return text.replace(old, new)
    return text[:place] + new + text[place + 1 :]


def _line_ends(text: str, random: Random) -> str:
    """Other ends of all lines or of one, none at the last, several."""
    end = random.choice(("\r\n", "\r", "\n\r", "\n\n", "\r\r\n", "\u2028", "\x0b", "", " \n"))
    kind = random.random()
    if kind < 0.3:
        return text.replace("\n", end)
    if kind < 0.4:
        return text.rstrip("\n") + random.choice(("", "\n\n\n", "\n \n", "\r", "\t"))
    places = [place for place, sign in enumerate(text) if sign == "\n"] or [0]
    place = random.choice(places)
    return text[:place] + end + text[place + 1 :]


def _quoted(value: str, random: Random) -> str:
    return random.choice(
        (f'"{value}"', f'"{value}', f'{value}"', f'""{value}""', f"'{value}'", f'" {value}"')
    )


def _quotes(text: str, random: Random) -> str:
    """All fields in quotes; all quotes taken away, or made single."""
    kind = random.randrange(3)
    if kind == 0:
        return re.sub(r"[^\t,;\n]+", lambda field: f'"{field[0]}"', text)
    return text.replace('"', "" if kind == 1 else "'")


def _cased(value: str, random: Random) -> str:
    return random.choice((str.upper, str.lower, str.swapcase, str.title))(value)


def _numbered(value: str, random: Random) -> str:
    return random.choice(
        (
            *NUMBERS,
            *(f"-{value}", f"{value}.0", f"{value}.5", f"0{value}", f"{value}e0", f"+{value}"),
            *(f"{value}0", f"{value}000000000", f" {value}", f"{value} ", f"{value}e1"),
        )
    )


def _missing(value: str, random: Random) -> str:
    return random.choice(MISSING)


def _alike(text: str, random: Random) -> str:
    """One character that looks like the one that was there."""
    places = [place for place, sign in enumerate(text) if sign in LOOK_ALIKES]
    if not places:
        return text
    place = random.choice(places)
    return text[:place] + LOOK_ALIKES[text[place]] + text[place + 1 :]


def _strange(text: str, random: Random) -> str:
    """A character that nobody sees, or that is none of the format's."""
    place = random.choice((0, len(text), random.randint(0, len(text))))
    return text[:place] + random.choice(STRANGE) + text[place:]


def _cut(text: str, random: Random) -> str:
    """A file that is cut short, at its end or at its beginning."""
    place = random.randint(0, len(text))
    return text[:place] if random.random() < 0.8 else text[place:]


def _typed(text: str, random: Random) -> str:
    """A letter lost, doubled, or another one in its place."""
    if not text:
        return text
    place = random.randrange(len(text))
    new = random.choice(("", 2 * text[place], random.choice(text), random.choice("ACGTN01+-.#>\t")))
    return text[:place] + new + text[place + 1 :]


MUTATIONS: tuple[Callable[[str, Random], str], ...] = (
    *(_of_lines(change) for change in (_drop, _double, _move, _swap, _add, _copy)),
    *(_of_fields(change) for change in (_drop, _double, _move, _swap, _copy)),
    *(_of_value(change) for change in (_quoted, _cased, _numbered, _numbered, _missing)),
    *(_separated, _line_ends, _quotes, _alike, _strange, _cut, _typed),
)
