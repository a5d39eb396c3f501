"""What every step of the workflow shares: its log, its console, and the check of its inputs."""

import errno
import os
import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Any, NoReturn, TextIO

from basewise.core.errors import InputError, printable
from basewise.core.files import sha256_of

FULL = (errno.ENOSPC, errno.EDQUOT)
"""What the system says of a full disk, or a quota that is used up."""

MOST_LETTERS = 300
"""Letters of an unforeseen message that the console shows."""

CONSOLES: list[int] = []
"""Descriptor of the console that `logged` put aside, the innermost last."""


@contextmanager
def logged(log: str | Path, dataset: str = "") -> Iterator[None]:
    """Send all output of a step to its log, from C++ libraries too.

    File descriptors 1 and 2 are redirected, because TensorFlow does not write through
    `sys.stderr`. A mistake of the user's (`InputError`) ends the step with exit code 1 and one
    line, on the console and last in the log; so does anything else, after its traceback in the log.
    The dataset stands in front of a mistake that lies in no file but in its settings.
    """
    Path(log).parent.mkdir(parents=True, exist_ok=True)
    console = os.dup(2)
    with open(log, "w", encoding="utf-8") as stream:
        os.dup2(stream.fileno(), 1)
        os.dup2(stream.fileno(), 2)

    CONSOLES.append(console)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    try:
        yield
    except InputError as mistake:
        place = f"dataset {dataset}: " if dataset and mistake.file is None else ""
        _end(f"{place}{mistake}")
    except Exception as error:
        _end(f"{printable(_cause(error))}; its log is {log}", traceback.format_exc())
    finally:
        CONSOLES.pop()
        with suppress(OSError):  # the disk of the log is full, which the console has been told
            sys.stdout.flush()
            sys.stderr.flush()


def _end(cause: str, story: str = "") -> NoReturn:
    """End a step with its cause, on the console first: the log may be what cannot be written."""
    announce(f"Error: {cause}")
    with suppress(OSError):
        print(f"{story}Error: {cause}", file=sys.stderr)
    sys.exit(1)


def _cause(error: Exception) -> str:
    """What ended a step that nobody foresaw, in a line."""
    words = " ".join(str(error).split())
    if isinstance(error, OSError) and error.errno in FULL:
        return f"no space is left for {error.filename or 'a file'}; free some, and run again"
    if isinstance(error, PermissionError):
        return f"{error.filename} may not be read or written; change its permissions"
    if isinstance(error, MemoryError) or type(error).__name__ == "ResourceExhaustedError":
        return f"not enough memory ({words or 'no more is known'}); run again where there is more"

    last = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"{type(error).__name__}: {words[:MOST_LETTERS]} ({Path(last.filename).name}:{last.lineno})"
    )


def announce(line: str) -> None:
    """Print a line on the console of a step that is `logged`; elsewhere nothing."""
    for console in CONSOLES[-1:]:
        os.write(console, f"{line}\n".encode())


def console_stream() -> TextIO | None:
    """The terminal a step that is `logged` was started from, None where there is none."""
    terminals = [console for console in CONSOLES[-1:] if os.isatty(console)]
    return open(terminals[0], "w", encoding="utf-8", closefd=False) if terminals else None


def one_or_named(paths: Sequence[str], names: Sequence[str] | None) -> str | dict[str, str]:
    """The one path, or name to path where there are names."""
    return paths[0] if names is None else dict(zip(names, paths, strict=True))


def one_or_nested(paths: Sequence[str], names: Sequence[Sequence[str]] | None) -> Any:
    """The one path, or where there are names of several levels, mappings of as many levels."""
    if names is None:
        return paths[0]
    outer: dict[str, Any] = {}
    for path, (*above, last) in zip(paths, names, strict=True):
        inner = outer
        for name in above:
            inner = inner.setdefault(name, {})
        inner[last] = path
    return outer


def of_each_model(
    runs: Mapping[str, Sequence[Any]], paths: Iterable[str], outputs: Any
) -> Iterator[tuple[str, list[str], dict[str, str]]]:
    """Model, paths of its runs, and its outputs by name, of a job that takes several models.

    `paths` has the runs of all models, model by model; `outputs` of each name a file a model.
    """
    remaining = iter(paths)
    for number, (model, of_model) in enumerate(runs.items()):
        files = {name: every[number] for name, every in outputs.items()}
        yield model, list(islice(remaining, len(of_model))), files


def check_sha256(paths: Iterable[str | Path], expected: Mapping[str, str]) -> None:
    """Raise InputError when a file is not the one a configuration was written for.

    `expected` has the sha256 of paths, which may hold environment variables; others are not
    checked.
    """
    listed = {
        os.path.expanduser(os.path.expandvars(path)): digest for path, digest in expected.items()
    }
    for path in paths:
        wanted = listed.get(str(path))
        if wanted is None:
            continue
        actual = sha256_of(path)
        if actual != wanted:
            raise InputError(
                f"sha256 is {actual}, the configuration expects {wanted}; "
                "fetch the file again, or correct `sources`",
                path,
            )
