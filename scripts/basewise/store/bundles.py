"""A bundle: the files of a trained model in one zip, or in the folder that it unpacks to.

It may come from a stranger. So nothing is unpacked by the names in it, a member is handed out only
when its checksum fits, and only what `CHECKSUMS` lists is there at all.
"""

from __future__ import annotations

import hashlib
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

from basewise.core.errors import InputError
from basewise.core.files import replacing, sha256_of
from basewise.core.unpacking import BUFFER

CHECKSUMS = "checksums.txt"
"""The member that lists the others: SHA-256, two blanks, name, as `sha256sum --check` reads it."""

DATE = (1980, 1, 1, 0, 0, 0)
"""Of every member: the first that zip can tell."""

MOST_BYTES = 2_000_000_000
"""Of a member that is read as a whole."""

PACKED_BESIDE = ("__MACOSX", ".DS_Store")
"""What file managers add when they pack a folder."""

AGAIN = "fetch it again from where you got it"

Opener = Callable[[], IO[bytes]]


class Bundle:
    """The members of a bundle by name, each with its SHA-256; see `read_bundle`."""

    def __init__(self, path: Path, openers: Mapping[str, Opener], sums: Mapping[str, str]) -> None:
        self.path = path
        self.sums = sums
        self._openers = openers

    def check(self) -> None:
        """Raise InputError for the first member that is not the one listed."""
        for name in self.sums:
            for _ in self.blocks(name):
                pass

    def read(self, name: str) -> bytes:
        """A member as a whole; InputError where it is damaged, missing or larger than any is."""
        content = bytearray()
        for block in self.blocks(name):
            content += block
            if len(content) > MOST_BYTES:
                raise self.fault(name, f"has more than {MOST_BYTES:,} bytes, which no bundle has")
        return bytes(content)

    def copy(self, name: str, path: Path) -> None:
        """Write a member to a file, which is there only if it is whole."""
        with replacing(path) as unfinished, open(unfinished, "wb") as stream:
            stream.writelines(self.blocks(name))

    def below(self, folder: str) -> Bundle:
        """The members in a folder, by their names in there."""
        start = f"{folder}/"
        names = {name.removeprefix(start): name for name in self.sums if name.startswith(start)}
        openers = {short: self._openers[name] for short, name in names.items()}
        return Bundle(self.path, openers, {short: self.sums[name] for short, name in names.items()})

    def blocks(self, name: str) -> Iterator[bytes]:
        """A member block by block; InputError at its end when it is not the one listed."""
        if name not in self._openers or name not in self.sums:
            raise self.fault(name, "is missing")
        digest = hashlib.sha256()
        with _told(self.path, name), self._openers[name]() as stream:
            while block := stream.read(BUFFER):
                digest.update(block)
                yield block
        if digest.hexdigest() != self.sums[name]:
            raise self.fault(name, f"is not the file that {CHECKSUMS} lists: its sha256 differs")

    def fault(self, name: str, problem: str) -> InputError:
        """Say what is wrong with a member."""
        return InputError(f"{name!r} {problem}; {AGAIN}", self.path)


def write_bundle(path: str | Path, name: str, members: Mapping[str, bytes | Path]) -> None:
    """Write members, as bytes or as the files that hold them, below one folder of a zip.

    Equal members give equal bytes: the order is that of their names, and all have one date. They
    are not compressed: weights hardly are smaller for it, and other versions of zlib write others.
    """
    sums = {}
    with replacing(path) as unfinished, zipfile.ZipFile(unfinished, "w") as archive:
        for member in sorted(members):
            sums[member] = _add(archive, f"{name}/{member}", members[member])
        lines = "".join(f"{digest}  {member}\n" for member, digest in sums.items())
        _add(archive, f"{name}/{CHECKSUMS}", lines.encode())


def write_digest(bundle: str | Path, path: str | Path) -> None:
    """Write the SHA-256 of a bundle, as `sha256sum --check` reads it."""
    with replacing(path) as unfinished:
        line = f"{sha256_of(bundle)}  {Path(bundle).name}\n"
        unfinished.write_text(line, encoding="utf-8")


def _add(archive: zipfile.ZipFile, name: str, content: bytes | Path) -> str:
    """Add a member; its SHA-256."""
    member = zipfile.ZipInfo(name, DATE)
    member.external_attr = (stat.S_IFREG | 0o644) << 16
    member.file_size = len(content) if isinstance(content, bytes) else content.stat().st_size
    digest = hashlib.sha256()
    with archive.open(member, "w") as target:
        if isinstance(content, bytes):
            digest.update(content)
            target.write(content)
        else:
            with open(content, "rb") as source:
                while block := source.read(BUFFER):
                    digest.update(block)
                    target.write(block)
    return digest.hexdigest()


def read_bundle(path: str | Path) -> Bundle:
    """Open a bundle, packed or unpacked; nothing is written, and only its list is read.

    Other programs may have packed it again: in another order, below another folder or none, and
    with files of their own in `PACKED_BESIDE`.

    Raises
    ------
    InputError
        For what is no whole zip, has no list, or has a member that is not in it, that would lie
        outside of the folder, that is there twice, or that is a link.
    """
    path = Path(path)
    openers = dict(_of_folder(path) if path.is_dir() else _of_zip(path))
    listing = [name for name in openers if PurePosixPath(name).name == CHECKSUMS]
    if len(listing) != 1:
        raise InputError(f"is no whole bundle: it holds {len(listing)} {CHECKSUMS}; {AGAIN}", path)
    top = PurePosixPath(listing[0]).parent

    inside: dict[str, Opener] = {}
    for name, opener in openers.items():
        if not PurePosixPath(name).is_relative_to(top):
            raise InputError(f"{name!r} lies beside the folder of the bundle; {AGAIN}", path)
        inside[str(PurePosixPath(name).relative_to(top))] = opener

    with _told(path, CHECKSUMS), inside.pop(CHECKSUMS)() as stream:
        sums = _listed(stream.read(MOST_BYTES), path)
    for name in inside:
        if name not in sums:
            raise InputError(f"{name!r} is not in {CHECKSUMS}; {AGAIN}", path)
    for name in sums:
        if name not in inside:
            raise InputError(f"lacks {name!r}, which {CHECKSUMS} lists; {AGAIN}", path)
    return Bundle(path, inside, sums)


def _listed(content: bytes, path: Path) -> dict[str, str]:
    """Name to SHA-256, of what `CHECKSUMS` lists."""
    pairs = [line.partition("  ") for line in content.decode("utf-8", "replace").splitlines()]
    if not all(len(digest) == 64 and _is_inside(name) for digest, _, name in pairs):
        raise InputError(f"{CHECKSUMS} is no list of checksums; {AGAIN}", path)
    return {name: digest for digest, _, name in pairs}


def _of_zip(path: Path) -> Iterator[tuple[str, Opener]]:
    with _told(path):
        archive = zipfile.ZipFile(path)
    seen = set()
    for member in archive.infolist():
        if member.is_dir() or _is_beside(member.filename):
            continue
        if not _is_inside(member.filename):
            raise InputError(f"{member.filename!r} would lie outside of the bundle; {AGAIN}", path)
        if stat.S_ISLNK(member.external_attr >> 16):
            raise InputError(f"{member.filename!r} is a link, which no bundle has; {AGAIN}", path)
        if member.filename in seen:
            raise InputError(f"holds {member.filename!r} twice; {AGAIN}", path)
        seen.add(member.filename)
        yield member.filename, partial(archive.open, member)


def _of_folder(path: Path) -> Iterator[tuple[str, Opener]]:
    for file in sorted(path.rglob("*")):
        name = file.relative_to(path).as_posix()
        if file.is_symlink():
            raise InputError(f"{name!r} is a link, which no bundle has; {AGAIN}", path)
        if not file.is_dir() and not _is_beside(name):
            if not file.is_file():
                raise InputError(f"{name!r} is no ordinary file; {AGAIN}", path)
            yield name, _opener(file)


def _opener(file: Path) -> Opener:
    return lambda: open(file, "rb")


def _is_inside(name: str) -> bool:
    """Whether a name stays below a folder, on any system."""
    parts = PurePosixPath(name).parts
    return bool(parts) and not set(name) & set("\\:\0") and not {"/", ".."} & set(parts)


def _is_beside(name: str) -> bool:
    return not set(PACKED_BESIDE).isdisjoint(PurePosixPath(name).parts)


@contextmanager
def _told(path: Path, name: str = "") -> Iterator[None]:
    """Let what zip finds wrong be said in a line."""
    place = f"{name!r} in it" if name else "it"
    try:
        yield
    except FileNotFoundError as error:
        raise InputError("no such file", path) from error
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        problem = f"{place} is damaged" if name else "is not a whole zip file"
        raise InputError(f"{problem}; {AGAIN}", path) from error
    except (RuntimeError, NotImplementedError) as error:
        raise InputError(f"{place} cannot be unpacked ({error}); {AGAIN}", path) from error
