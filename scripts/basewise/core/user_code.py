"""Python code of the user's own: run where it is asked for, its errors told by file and line."""

import hashlib
import inspect
import re
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from basewise.core.errors import InputError

MODULES = "own_"
"""Begins the names of modules that are made of such code."""

_loaded: dict[str, ModuleType] = {}


def load_code(content: bytes, path: str | Path) -> ModuleType:
    """Run the content of a Python file as a module; the same content once in a row.

    The module is named by the file, so that a saved network names its classes alike wherever the
    file lies. Files beside it cannot be imported.

    Raises
    ------
    InputError
        For whatever ends it, with its line.
    """
    digest = hashlib.sha256(content).hexdigest()
    if digest not in _loaded:
        # other code may have registered classes by the same names: of the last alone it is known
        _loaded.clear()
        name = MODULES + re.sub(r"\W", "_", Path(path).stem)
        module = ModuleType(name)
        module.__file__ = str(path)
        # classes look for their module here, when they are made and when they are loaded
        sys.modules[name] = module
        with_lines(path, lambda: exec(compile(content, path, "exec"), module.__dict__))  # noqa: S102 what it is for
        _loaded[digest] = module
    return _loaded[digest]


def call_own(path: str | Path, function: str, given: Mapping[str, Any], **settings: Any) -> Any:
    """Call a function of a Python file with its settings, and with what of `given` it asks for.

    Raises
    ------
    InputError
        When there is no such file or function, and for whatever ends it, with its line.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror}); correct the path", path) from error
    called = getattr(load_code(content, path), function, None)
    if not callable(called):
        raise InputError(f"has no function {function!r}", path)
    wanted = inspect.signature(called).parameters
    known = {name: value for name, value in given.items() if name in wanted}
    return with_lines(path, lambda: called(**known, **settings))


def with_lines(path: str | Path, action: Callable[[], Any]) -> Any:
    """What an action gives; what ends it as InputError with the last line of a file it was in.

    The traceback is printed, for the log.
    """
    try:
        return action()
    except (Exception, SystemExit) as error:
        print(traceback.format_exc(), flush=True)
        lines = [
            frame.lineno
            for frame in traceback.extract_tb(error.__traceback__)
            if frame.filename == str(path)
        ]
        if isinstance(error, SyntaxError) and error.filename == str(path):
            lines.append(error.lineno)
        problem = f"{type(error).__name__}: {error}".strip(": ")
        raise InputError(problem, path, lines[-1] if lines else None) from error
