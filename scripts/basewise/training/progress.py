"""How a training goes: a line an epoch in the log, a live table, a bar on a terminal."""

import os
import time
from pathlib import Path
from statistics import median
from typing import Any, TextIO

import keras
import pandas as pd

from basewise.core.jobs import console_stream

BAR = 16
"""Characters of the bar."""

WIDTH = 80
"""Of a terminal that does not know its own."""

REDRAW = 0.2
"""Seconds between two drawings of the bar."""


class Progress(keras.callbacks.Callback):  # type: ignore[misc]
    """Says after each epoch how the training goes and how long it takes at most.

    Parameters
    ----------
    examples
        Training examples in an epoch.
    title
        What is trained; stands last on the bar's line, where a narrow terminal cuts it.
    table
        File that gets a row an epoch while the training goes on.

    Attributes
    ----------
    rows
        One an epoch: epoch (from 1), loss and measures of the training examples, then those of the
        validation examples (``val_``) if there are any, learning_rate at the start of the epoch.
    """

    def __init__(
        self, epochs: int, examples: int, title: str, table: str | Path | None = None
    ) -> None:
        super().__init__()
        self.epochs = epochs
        self.examples = examples
        self.title = title
        self.table = table
        self.rows: list[dict[str, float]] = []
        self._seconds: tuple[float, ...] = ()
        self._console = console_stream()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Start the clock of the epoch."""
        self._began = time.monotonic()
        self._drawn = 0.0
        self._rate = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate))

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        """Move the bar; nothing is read from the device for it."""
        if self._console and time.monotonic() - self._drawn > REDRAW:
            self._drawn = time.monotonic()
            steps = self.params["steps"] or batch + 1
            _draw(self._console, self._bar(batch / steps))

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Keep the row of the epoch, write it to the table and print its line."""
        self._seconds += (time.monotonic() - self._began,)
        values = {"learning_rate": self._rate, **(logs or {})}
        order = sorted(values, key=_place)
        self.rows.append({"epoch": epoch + 1, **{name: float(values[name]) for name in order}})
        if self.table:
            first = len(self._seconds) == 1
            pd.DataFrame(self.rows if first else self.rows[-1:]).to_csv(
                self.table, sep="\t", index=False, mode="w" if first else "a", header=first
            )

        print(self._line(), flush=True)

    @property
    def examples_per_second(self) -> float | None:
        """Training examples a second over the epochs of this process, None without any."""
        seconds = self._seconds
        return self.examples * len(seconds) / sum(seconds) if seconds else None

    def on_train_end(self, logs: Any = None) -> None:
        """Clear the bar."""
        if self._console:
            _draw(self._console, "")

    def _line(self) -> str:
        row, seconds = self.rows[-1], self._seconds[-1]
        measures = {name: row[name] for name in row if name not in ("epoch", "learning_rate")}
        return "  ".join(
            [
                f"Epoch {row['epoch']}/{self.epochs}",
                *(f"{name} {_rounded(name, value)}" for name, value in measures.items()),
                f"lr {row['learning_rate']:.3g}",
                f"{seconds:.1f} s",
                f"{self.examples / seconds:,.0f} examples/s",
                *self._left(0),
            ]
        )

    def _bar(self, share: float) -> str:
        """The bar after a share of the running epoch."""
        done = len(self.rows)
        filled = int(BAR * (done + share) / self.epochs)
        losses = [row["val_loss"] for row in self.rows[-1:] if "val_loss" in row]
        return "  ".join(
            [
                f"[{'#' * filled}{'.' * (BAR - filled)}]",
                f"epoch {done + 1}/{self.epochs}",
                *(f"val_loss {_rounded('loss', loss)}" for loss in losses),
                *self._left(share),
                self.title,
            ]
        )

    def _left(self, share: float) -> list[str]:
        """How long it takes at most after a share of the next epoch, if that can be said."""
        epochs = self.epochs - len(self.rows) - share
        if not self._seconds or epochs <= 0:
            return []
        return [f"at most {_duration(epochs * median(self._seconds))} left"]


def _place(name: str) -> tuple[bool, bool, bool]:
    """Order of the columns: training before validation, the loss before other measures."""
    return name == "learning_rate", name.startswith("val_"), not name.endswith("loss")


def _rounded(name: str, value: float) -> str:
    return f"{value:#.{4 if name.endswith('loss') else 3}g}"


def _duration(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def _draw(console: TextIO, text: str) -> None:
    """Put a text in place of the terminal's last line."""
    width = os.get_terminal_size(console.fileno()).columns or WIDTH
    console.write(f"\r\x1b[K{text[: width - 1]}\r")
    console.flush()
