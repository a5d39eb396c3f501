"""The one exception that means "the input is wrong", worded for the person who can mend it."""

from pathlib import Path


class InputError(ValueError):
    """A mistake in a user's file or settings.

    `problem` is one line: what is wrong, with the offending value, and what to do about it. `line`
    is counted from 1.
    """

    def __init__(
        self, problem: str, file: str | Path | None = None, line: int | None = None
    ) -> None:
        place = "" if file is None else f"{file}: " if line is None else f"{file}:{line}: "
        self.file = file
        super().__init__(place + " ".join(problem.split()))
