"""How much a compressed file may hold: not what it says itself, but what comes out of it."""

import io
from pathlib import Path
from typing import IO, Any

from basewise.core.errors import InputError

ALWAYS, TIMES = 100_000_000, 300
"""Bytes that any compressed file may hold, and how often its own size beyond them.

Text of sequences or genotypes is packed to a quarter or a hundredth. A file made to fill the memory
goes to a thousandth by gzip, and much further by others."""

BUFFER = 1 << 20


def most_unpacked(path: str | Path) -> int:
    """Bytes that a compressed file may hold."""
    return max(ALWAYS, TIMES * Path(path).stat().st_size)


def too_much(path: str | Path) -> InputError:
    """Say that a compressed file holds more."""
    return InputError(
        f"has {Path(path).stat().st_size:,} bytes and unpacks to more than "
        f"{most_unpacked(path):,}; if you expect that, unpack it and name the plain file",
        path,
    )


class _Counted(io.RawIOBase):
    """What a compressed file holds, counted as it is read."""

    def __init__(self, stream: IO[bytes], path: str | Path) -> None:
        self._stream, self._path, self._rest = stream, path, most_unpacked(path)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        content = self._stream.read(len(buffer))
        buffer[: len(content)] = content
        self._rest -= len(content)
        if self._rest < 0:
            raise too_much(self._path)
        return len(content)

    def readall(self) -> bytes:
        return b"".join(iter(lambda: self.read(BUFFER) or b"", b""))


def counted(stream: IO[bytes], path: str | Path) -> io.BufferedReader:
    """What a compressed file holds, up to what it may hold; InputError from there on."""
    return io.BufferedReader(_Counted(stream, path), BUFFER)
