"""Reading files as they come, writing whole files or none, and checksums."""

import gzip
import hashlib
import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from basewise.core.errors import InputError

BUFFER = 1 << 20

COMPRESSED = (".gz", ".bgz")
GZIP = b"\x1f\x8b"
"""First bytes of gzip and bgzip."""


def is_compressed(path: str | Path) -> bool:
    """Whether a file is gzip or bgzip, by its name or by its first bytes."""
    if Path(path).suffix.lower() in COMPRESSED:
        return True
    try:
        with open(path, "rb") as stream:
            return stream.read(len(GZIP)) == GZIP
    except OSError:
        return False


@contextmanager
def reading(path: str | Path) -> Iterator[IO[bytes]]:
    """Open a file for reading, plain or gzip, with every fault as an InputError."""
    opened = gzip.open if is_compressed(path) else open
    try:
        with opened(path, "rb") as stream:
            yield stream  # type: ignore[misc]
    except FileNotFoundError as error:
        raise InputError("no such file", path) from error
    except PermissionError as error:
        raise InputError("may not be read; check its permissions", path) from error
    except zlib.error as error:
        raise InputError("the gzip file is damaged; fetch or copy it again", path) from error
    except EOFError as error:
        raise InputError("the gzip file is cut short; fetch or copy it again", path) from error
    except gzip.BadGzipFile as error:
        raise InputError(
            "is named .gz but is not a gzip file, or is damaged; rename, compress or fetch it "
            "again",
            path,
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(f"is not a text file ({error.reason})", path) from error


def read_lines(path: str | Path) -> list[str]:
    """All lines of a text file, plain or gzip, without line ends and blank lines at the end.

    Raises
    ------
    InputError
        When the file is missing, is not text, or is a gzip file cut short.
    """
    with reading(path) as stream:
        text = stream.read().decode("utf-8-sig")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Write a file or folder beside its final name and move it there once it is whole.

    What stands there is replaced. Yields a name in the same folder, with the same suffix, to write
    to.
    """
    final = Path(path)
    final.parent.mkdir(parents=True, exist_ok=True)
    unfinished = final.with_name(f".unfinished-{final.name}")
    _remove(unfinished)
    try:
        yield unfinished
        if final.is_dir():
            shutil.rmtree(final)
        unfinished.replace(final)
    finally:
        _remove(unfinished)


def sha256_of(path: str | Path) -> str:
    """SHA-256 of a file, as 64 hexadecimal digits."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
