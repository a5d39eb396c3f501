"""What every step of the workflow shares: its log, its console, and the check of its inputs."""

import os
import sys
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from basewise.core.errors import InputError
from basewise.core.files import sha256_of

CONSOLES: list[int] = []
"""Descriptor of the console that `logged` put aside, the innermost last."""


@contextmanager
def logged(log: str | Path, dataset: str = "") -> Iterator[None]:
    """Send all output of a step to its log, from C++ libraries too.

    File descriptors 1 and 2 are redirected, because TensorFlow does not write through
    `sys.stderr`. A mistake of the user's (`InputError`) ends the step with exit code 1 and one
    line, on the console and last in the log; anything else leaves its traceback in the log. The
    dataset stands in front of a mistake that lies in no file but in its settings.
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
        print(f"Error: {place}{mistake}", file=sys.stderr)
        announce(f"Error: {place}{mistake}")
        sys.exit(1)
    except Exception:
        traceback.print_exc()
        sys.exit(1)
    finally:
        CONSOLES.pop()
        sys.stdout.flush()
        sys.stderr.flush()


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
        found = sha256_of(path)
        if found != wanted:
            raise InputError(
                f"sha256 is {found}, the configuration expects {wanted}; "
                "fetch the file again, or correct `sources`",
                path,
            )
