"""Checksums of what a run promises to make again, byte for byte."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pandas as pd

from basewise.store.receipts import checked_sha256
from basewise.store.run_records import read_run
from basewise.store.tables import OUTPUT_COLUMNS


def output_table(
    files: Iterable[str | Path], records: Iterable[str | Path], folder: str | Path
) -> pd.DataFrame:
    """Checksums of the outputs of a run: file, of (``file`` or ``weights``), sha256; by file.

    `files` are the same in every run; of a folder all that it holds, but for hidden ones. A saved
    network holds a date, so its weights are promised, whose checksum stands in its `run.json`, one
    of `records`. Names are relative to the folder of the results.
    """
    whole = [(_name(path, folder), "file", checked_sha256(path)) for path in _files_in(files)]
    rows = sorted([*whole, *_weights(records, folder)])
    return pd.DataFrame(rows, columns=OUTPUT_COLUMNS)


def last_change(files: Sequence[str | Path]) -> float:
    """When the last of some files was written, in seconds since 1970."""
    return max(path.stat().st_mtime for path in _files_in(files))


def _files_in(paths: Iterable[str | Path]) -> Iterator[Path]:
    for path in map(Path, paths):
        # Snakemake leaves a hidden file with the time in a folder that it has made.
        inner = sorted(path.glob("[!.]*")) if path.is_dir() else [path]
        yield from inner


def _weights(records: Iterable[str | Path], folder: str | Path) -> Iterator[tuple[str, str, str]]:
    for record in map(Path, records):
        if digest := read_run(record).weights_sha256:
            yield _name(record.with_name("model.keras"), folder), "weights", digest


def _name(path: Path, folder: str | Path) -> str:
    return path.relative_to(folder).as_posix()
