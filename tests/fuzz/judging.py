"""The verdict on a mutated file: basewise beside a reader that shares no line of code with it."""

import io
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from fuzz.mutations import mutated

from basewise.core.errors import InputError

SAME, ONE_LINE, OTHER = "same", "one line", "other"


class MeaningError(Exception):
    """What an independent reader raises for a file that the format does not allow."""


class Format(NamedTuple):
    """A format: small valid files, what basewise makes of them, and what another reader does.

    Attributes
    ----------
    examples
        Sets of files, name to text, that are valid; bytes for a file that is no text.
    read
        From the path of the first file of a set to its meaning, by basewise.
    judge
        From the contents of a set to the same meaning, by the format's specification and the
        manual; raises `MeaningError`.
    beside
        Files that stand beside them as they are.
    """

    examples: Sequence[Mapping[str, str | bytes]]
    read: Callable[[Path], Any]
    judge: Callable[[Mapping[str, bytes]], Any]
    beside: Mapping[str, str] = {}


class Tried(NamedTuple):
    """A mutated file, and the verdict on it with the reason for it."""

    verdict: str
    reason: str
    name: str
    content: bytes


def mutation(kind: Format, name: str, seed: int) -> tuple[dict[str, bytes], str]:
    """A set of files of which one is mutated, and the name of this one; the same for a seed."""
    random = Random(f"{name} {seed}")
    files = dict(random.choice(kind.examples))
    chosen = random.choice(list(files))
    content = files[chosen]
    contents = {
        name: text if isinstance(text, bytes) else text.encode() for name, text in files.items()
    }
    contents[chosen] = (
        mutated(content, random) if isinstance(content, str) else damaged(content, random)
    )
    return contents, chosen


def damaged(content: bytes, random: Random) -> bytes:
    """Bytes with a bit flipped, or some of them lost, doubled or added."""
    place = random.randrange(len(content))
    flipped = bytes([content[place] ^ 1 << random.randrange(8)])
    return random.choice(
        (
            *(content[:place] + flipped + content[place + 1 :],) * 3,
            content[:place],
            content[:place] + content[place + 1 :],
            content[: place + 1] + content[place:],
            content + random.choice((b"\n", b"\0", b"\xff\xff")),
        )
    )


def tried(kind: Format, name: str, seed: int, folder: Path) -> Tried:
    """The verdict on one mutated file."""
    contents, chosen = mutation(kind, name, seed)
    for file, content in contents.items():
        (folder / file).write_bytes(content)
    for file, text in kind.beside.items():
        if not (folder / file).exists():
            (folder / file).write_text(text)
    return Tried(*_verdict(kind, contents, folder), chosen, contents[chosen])


def _verdict(kind: Format, contents: Mapping[str, bytes], folder: Path) -> tuple[str, str]:
    try:
        with redirect_stdout(io.StringIO()):
            meaning = kind.read(folder / next(iter(contents)))
    except InputError as error:
        binary = {n for files in kind.examples for n, text in files.items() if type(text) is bytes}
        fault = _fault(str(error), contents, binary, folder)
        return (OTHER, fault) if fault else (ONE_LINE, str(error))
    except Exception as error:
        return OTHER, f"a traceback: {error!r}"

    try:
        right = kind.judge(contents)
    except MeaningError as error:
        return OTHER, f"was read as {meaning}, and means nothing: {error}"
    if meaning != right:
        return OTHER, f"was read as {meaning}, and means {right}"
    return SAME, ""


def _fault(message: str, contents: Mapping[str, bytes], binary: set[str], folder: Path) -> str:
    """What is wrong with a message: it names no file, or none of its lines."""
    if len(message.splitlines()) != 1:
        return f"not one line: {message!r}"
    for name, content in contents.items():
        place = re.match(rf"{re.escape(str(folder / name))}(?::(\d+))?: .", message)
        if not place:
            continue
        if place[1] is None:
            return "" if name in binary else f"no line: {message}"
        lines = len(re.findall(rb"\r\n|\r|\n", content.replace(b"\0", b""))) + 1
        # what is missing at the end of a file has the number of the line that it should be
        return "" if 1 <= int(place[1]) <= lines + 1 else f"no such line: {message}"
    return f"no file: {message}"
