"""Reading files as they come, writing whole files or none, and checksums."""

import bz2
import codecs
import gzip
import hashlib
import lzma
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from basewise.core.errors import InputError, split_sheet
from basewise.core.unpacking import BUFFER, counted
from basewise.core.workbooks import is_workbook, sheet_text

COMPRESSED = (".gz", ".bgz", ".bz2", ".xz", ".zip")
"""Ends of the names of compressed files."""

PACKERS = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\0": "xz",
    b"PK\3\4": "zip",
    b"\xd0\xcf\x11\xe0": "OLE",
    b"\x28\xb5\x2f\xfd": "zstd",
}
"""First bytes of a compressed file, and what has packed it."""

UNFINISHED = ".unfinished-"
"""Before the name of a file or folder that is being written."""

UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
"""First bytes of a text as Excel saves it under "Unicode text"."""


def packer(path: str | Path) -> str | None:
    """What has compressed a file, told by its first bytes, or by the end .gz of its name."""
    try:
        with open(split_sheet(path)[0], "rb") as stream:
            start = stream.read(6)
    except OSError:
        start = b""
    known = (name for magic, name in PACKERS.items() if start.startswith(magic))
    named = "gzip" if Path(path).suffix.lower() in (".gz", ".bgz") else None
    return next(known, named)


def is_compressed(path: str | Path) -> bool:
    """Whether a file is compressed."""
    return packer(path) is not None


@contextmanager
def reading(path: str | Path) -> Iterator[IO[bytes]]:
    """Open a file for reading, with every fault as an InputError.

    Plain, or compressed by gzip, bzip2 or xz; or the one file in a zip. Of an Excel workbook it is
    a sheet as text, see `workbooks.sheet_text`. What is compressed is unpacked as it is read, and
    refused where it is more than `unpacking.most_unpacked`, whatever the archive says of its size.
    """
    packed = packer(path)
    again = "fetch or copy it again"
    try:
        with _opened(path, packed) as stream:
            yield stream
    except FileNotFoundError as error:
        raise InputError("no such file", path) from error
    except PermissionError as error:
        raise InputError("may not be read; check its permissions", path) from error
    except EOFError as error:
        raise InputError(f"the {packed} file is cut short; {again}", path) from error
    except gzip.BadGzipFile as error:
        problem = "is named .gz but is not a gzip file, or is damaged"
        raise InputError(f"{problem}; rename, compress or fetch it again", path) from error
    except NotImplementedError as error:
        raise InputError(
            f"is packed in a way that is not read ({error}); unpack it", path
        ) from error
    except (zlib.error, lzma.LZMAError, zipfile.BadZipFile) as error:
        raise InputError(f"the {packed} file is damaged; {again}", path) from error
    except UnicodeDecodeError as error:
        raise InputError(f"is not a text file ({error.reason}); save it as UTF-8", path) from error
    except OSError as error:
        if packed != "bzip2" or error.errno:
            raise
        raise InputError(f"the bzip2 file is damaged; {again}", path) from error


@contextmanager
def _opened(path: str | Path, packed: str | None) -> Iterator[IO[bytes]]:
    if packed == "zstd":
        raise InputError(f"is compressed by zstd; unpack it with `zstd -d {path}`", path)
    if packed == "OLE":
        remedy = "save it as .xlsx without one, or as CSV"
        raise InputError(f"is a workbook of Excel before 2007, or has a password; {remedy}", path)
    if packed == "zip":
        with _only_member(path) as stream:
            yield stream
        return
    openers: dict[str | None, Any] = {None: open, "gzip": gzip.open}
    openers |= {"bzip2": bz2.open, "xz": lzma.open}
    with openers[packed](path, "rb") as stream:
        yield counted(stream, path) if packed else stream


@contextmanager
def _only_member(path: str | Path) -> Iterator[IO[bytes]]:
    if is_workbook(path):
        yield BytesIO(sheet_text(path))
        return
    with zipfile.ZipFile(path) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        if len(members) != 1:
            remedy = "unpack it and name one, or save it as CSV or .xlsx if it is a spreadsheet"
            raise InputError(f"is a zip of {len(members)} files; {remedy}", path)
        if members[0].flag_bits & 1:
            raise InputError("is a zip with a password; unpack it", path)
        with archive.open(members[0]) as stream:
            yield counted(stream, path)


def read_text(path: str | Path, errors: str = "strict") -> str:
    """Read a text file whole: UTF-8, or UTF-16 with its mark.

    Parameters
    ----------
    errors
        See `bytes.decode`: ``replace`` puts U+FFFD where there is no UTF-8.

    Raises
    ------
    InputError
        When the file is missing, damaged or no text.
    """
    with reading(path) as stream:
        content = stream.read()
    if content.startswith(UTF_16):
        try:
            content = content.decode("utf-16", errors).encode()
        except UnicodeDecodeError as error:
            raise InputError("begins as UTF-16 and is none; save it as UTF-8", path) from error
    _check_nul(content, path, 1)
    try:
        return content.decode("utf-8-sig", errors)
    except UnicodeDecodeError as error:
        line = len(_with_feeds(content[: error.start]).split(b"\n"))
        raise _no_utf8(error, path, line) from error


def read_lines(path: str | Path, errors: str = "strict") -> list[str]:
    """All lines of a text file, without line ends and blank lines at the end; see `read_text`."""
    lines = read_text(path, errors).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


def lines_of(stream: IO[bytes], path: str | Path) -> Iterator[bytes]:
    """Lines of a file that is open, one by one, without their ends: LF, CRLF or CR, also mixed.

    A byte order mark is taken away, UTF-16 turned into UTF-8.

    Raises
    ------
    InputError
        For a NUL, and for what is no UTF-8.
    """
    for number, line in enumerate(_any_lines_of(stream, path), 1):
        check_utf8(line, path, number)
        yield line


def check_utf8(line: bytes, path: str | Path, number: int) -> None:
    """Raise InputError for a line that is no UTF-8."""
    if line.isascii():
        return
    try:
        line.decode()
    except UnicodeDecodeError as error:
        raise _no_utf8(error, path, number) from error


def _no_utf8(error: UnicodeDecodeError, path: str | Path, line: int) -> InputError:
    byte = error.object[error.start : error.start + 1]
    guess = byte.decode("cp1252", "replace")
    problem = f"byte {byte[0]:#x} is no UTF-8 ({guess!r} in Windows-1252?)"
    return InputError(f"{problem}; save the file as UTF-8", path, line)


def _any_lines_of(stream: IO[bytes], path: str | Path) -> Iterator[bytes]:
    block = stream.read(BUFFER)
    if block.startswith(UTF_16):
        block += stream.read()
        block = block.decode("utf-16").encode()
    block = block.removeprefix(codecs.BOM_UTF8)

    number, pieces = 1, []
    while block:
        _check_nul(block, path, number)
        # it may be half of a line end
        while block.endswith(b"\r") and (following := stream.read(1)):
            block += following
        first, *others = _with_feeds(block).split(b"\n")
        pieces.append(first)
        if others:
            yield b"".join(pieces)
            yield from others[:-1]
            pieces = others[-1:]
            number += len(others)
        block = stream.read(BUFFER)
    if any(pieces):
        yield b"".join(pieces)


def _with_feeds(content: bytes) -> bytes:
    """The same with LF at the end of each line."""
    if b"\r" not in content:
        return content
    return content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _check_nul(content: bytes, path: str | Path, first: int) -> None:
    """Raise InputError for a NUL in some lines, of which the first has a number."""
    at = content.find(b"\0")
    if at >= 0:
        line = first + _with_feeds(content[:at]).count(b"\n")
        remedy = "is it text? save it as UTF-8 if it is UTF-16"
        raise InputError(f"holds a NUL byte; {remedy}", path, line)


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Write a file or folder beside its final name and move it there once it is whole.

    What stands there is replaced. Yields a name in the same folder, with the same suffix, to write
    to.
    """
    final = Path(path)
    final.parent.mkdir(parents=True, exist_ok=True)
    unfinished = final.with_name(f"{UNFINISHED}{final.name}")
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
