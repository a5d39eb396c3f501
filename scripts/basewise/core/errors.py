"""The one exception that means "the input is wrong", worded for the person who can mend it."""

from pathlib import Path


class InputError(ValueError):
    """A mistake in a user's file or settings.

    Parameters
    ----------
    problem
        What is wrong, with the offending value, and what to do about it: one line.
    file
        The file that holds the mistake.
    line
        Its line number, counted from 1.
    """

    def __init__(
        self, problem: str, file: str | Path | None = None, line: int | None = None
    ) -> None:
        place = "" if file is None else f"{file}: " if line is None else f"{file}:{line}: "
        self.file = file
        super().__init__(place + " ".join(problem.split()))
