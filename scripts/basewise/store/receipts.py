"""Receipts of what one step hands to the next: whose each file is, how much, and made from what.

A step leaves a hidden file of JSON in each folder below `results` that it writes to: the folder,
bytes and SHA-256 of its files there, and SHA-256 of the workflow's files that it had read by then.
Whatever reads a file holds it against its receipt first. Steps know nothing of this: `writing` and
`checked` stand in the writers and readers of files. A process counts as one step.
"""

import json
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from basewise.core.errors import InputError
from basewise.core.files import UNFINISHED, replacing, sha256_of

RESULTS = "results"
"""Folder that the workflow writes to; what lies elsewhere has no receipts."""

SUFFIX = ".receipt"


class Receipt(NamedTuple):
    """What a step says of the files that it wrote into a folder; paths start below `results`."""

    folder: str
    files: Mapping[str, tuple[int, str]]
    """Name of a file to its bytes and SHA-256."""
    made_from: Mapping[str, str]
    """Path of a file that the step had read to its SHA-256."""


READ: dict[Path, str] = {}
"""What this step has read: file and SHA-256."""

WRITTEN: dict[Path, dict[str, tuple[int, str]]] = {}
"""What this step has written: folder to its files, see `Receipt.files`."""


@contextmanager
def writing(path: str | Path) -> Iterator[Path]:
    """Write a file whole or not at all, as `files.replacing`, and leave a receipt of it."""
    with replacing(path) as unfinished:
        yield unfinished
        _leave_receipt(Path(path), unfinished.stat().st_size, sha256_of(unfinished))


def written_sha256(path: str | Path) -> str:
    """SHA-256 of a file that this step has written."""
    path = Path(path)
    return WRITTEN[path.parent.absolute()][path.name][1]


def checked(path: str | Path) -> Path:
    """A file of `writing`, once it is known to be the one that was written, and in its place.

    Raises
    ------
    InputError
        When it is missing, was changed or exchanged, or was made from other files than those that
        are there now.
    """
    if _results(Path(path)) is not None:
        checked_sha256(path)
    return Path(path)


def checked_sha256(path: str | Path) -> str:
    """SHA-256 of a file that is `checked`; one that has no receipts is only read."""
    path = Path(path)
    try:
        size, sha256 = path.stat().st_size, sha256_of(path)
    except OSError as error:
        raise spoiled("is missing, or cannot be read", path) from error
    results = _results(path)
    if results is None:
        return sha256

    receipts = [receipt for receipt in _receipts(path.parent) if path.name in receipt.files]
    if not receipts:
        raise spoiled(f"has no receipt (a hidden file .*{SUFFIX}) beside it", path)
    problems = [_problem(receipt, results, path, (size, sha256)) for receipt in receipts]
    if all(problems):
        raise spoiled(problems[0], path)
    READ[path.absolute()] = sha256
    return sha256


def spoiled(what: str, path: str | Path) -> InputError:
    """Say what is wrong with a file that the workflow itself wrote, and how to get it back.

    Of a rule whose output is a folder Snakemake sees the folder alone, so all of it has to go.
    """
    folder = Path(path).parent
    is_part = (folder / ".snakemake_timestamp").exists()
    command = f"rm -r {shlex.quote(str(folder))}" if is_part else f"rm {shlex.quote(str(path))}"
    return InputError(
        f"{what}; take it as basewise wrote it, or `{command}` and run the workflow again", path
    )


def _problem(receipt: Receipt, results: Path, path: Path, content: tuple[int, str]) -> str:
    """How a file below `results` differs from what its receipt says, empty if it does not."""
    size, written = content[0], receipt.files[path.name]
    if content != written:
        other = f"{size:,} bytes instead of {written[0]:,}" if size != written[0] else "other bytes"
        return f"was changed or exchanged: {other}"
    if receipt.folder != _below(results, path.parent):
        return f"is that of {RESULTS}/{receipt.folder}"

    for name, sha256 in receipt.made_from.items():
        source = results / name
        folder = _below(results, source.parent)
        known = [one.files for one in _receipts(source.parent) if one.folder == folder]
        now = {files[source.name][1] for files in known if source.name in files}
        # what is no longer there can be no other
        if now and sha256 not in now:
            return f"was made from another {RESULTS}/{name} than is there now"
    return ""


def _leave_receipt(path: Path, size: int, sha256: str) -> None:
    """Add a file to the receipt of its folder, which has the name of the step's first file."""
    results, folder = _results(path), path.parent.absolute()
    files = WRITTEN.setdefault(folder, {})
    files[path.name] = size, sha256
    if results is None:
        return
    made_from = {
        _below(results, file): digest
        for file, digest in READ.items()
        if file.is_relative_to(results) and not (file.parent == folder and file.name in files)
    }
    receipt = Receipt(_below(results, folder), files, made_from)
    with replacing(path.with_name(f".{next(iter(files))}{SUFFIX}")) as unfinished:
        unfinished.write_text(json.dumps(receipt._asdict(), indent=1) + "\n", encoding="utf-8")


def _results(path: Path) -> Path | None:
    """The folder of results that holds a file; None where files have no receipts.

    So it is with what Snakemake brings from a remote storage: it knows nothing of hidden files.
    """
    above = path.absolute().parents
    if any(folder.name == ".snakemake" for folder in above):
        return None
    return next((folder for folder in above if folder.name == RESULTS), None)


def _below(results: Path, path: Path) -> str:
    """A path from the folder of results on, as it is once nothing is unfinished."""
    parts = path.absolute().relative_to(results).parts
    return "/".join(part.removeprefix(UNFINISHED) for part in parts)


def _receipts(folder: Path) -> Iterator[Receipt]:
    """The receipts in a folder that can be read, those of steps that ran last first."""
    found = []
    for path in folder.glob(f".*{SUFFIX}"):
        # another step may replace its own meanwhile
        with suppress(FileNotFoundError):
            found.append((path.stat().st_mtime_ns, str(path)))
    whole = (path for path in sorted(found, reverse=True) if UNFINISHED not in path[1])
    parsed = (_parsed(path, changed) for changed, path in whole)
    return (receipt for receipt in parsed if receipt)


@lru_cache(1024)
def _parsed(path: str, changed: int) -> Receipt | None:
    """The receipt in a file that was changed at a time; None where it is damaged."""
    try:
        entries = json.loads(Path(path).read_bytes())
        files = {
            name: (int(size), str(sha256)) for name, (size, sha256) in entries["files"].items()
        }
        return Receipt(entries["folder"], files, dict(entries["made_from"]))
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
