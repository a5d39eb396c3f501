import os
import re
from contextlib import suppress
from types import SimpleNamespace

import keras
import numpy as np
import pandas as pd
import pytest

from basewise.core import jobs
from basewise.training import progress
from basewise.training.progress import Progress


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still unless the test moves it."""
    now = SimpleNamespace(seconds=100.0)
    monkeypatch.setattr(progress.time, "monotonic", lambda: now.seconds)
    return now


def ran(shown, clock, *seconds, **logs):
    """Put a callback through epochs that take these seconds."""
    shown.set_params({"steps": 4})
    shown.set_model(SimpleNamespace(optimizer=SimpleNamespace(learning_rate=0.001)))
    for epoch, taken in enumerate(seconds, start=len(shown.rows)):
        shown.on_epoch_begin(epoch)
        clock.seconds += taken / 2
        shown.on_train_batch_begin(2)
        clock.seconds += taken / 2
        shown.on_epoch_end(epoch, logs)
    shown.on_train_end()


def read_to_end(reader):
    text = b""
    with suppress(OSError):
        while part := os.read(reader, 10_000):
            text += part
    return text.decode()


def test_a_line_an_epoch_says_how_fast_it_goes_and_how_long_at_most(clock, capsys):
    logs = {"accuracy": 0.661, "loss": 0.61234, "val_accuracy": 0.7, "val_loss": 0.00060123}
    ran(Progress(10, 1200, "m"), clock, 2, 60, 1, **logs)
    measures = "loss 0.6123  accuracy 0.661  val_loss 0.0006012  val_accuracy 0.700  lr 0.001  "
    assert capsys.readouterr().out.splitlines() == [
        f"Epoch 1/10  {measures}2.0 s  600 examples/s  at most 18 s left",
        f"Epoch 2/10  {measures}60.0 s  20 examples/s  at most 4 min left",
        f"Epoch 3/10  {measures}1.0 s  1,200 examples/s  at most 14 s left",
    ]
    ran(Progress(1, 1200, "m"), clock, 2, loss=0.5)
    assert capsys.readouterr().out == "Epoch 1/1  loss 0.5000  lr 0.001  2.0 s  600 examples/s\n"


def test_a_resumed_training_has_a_whole_table(clock, tmp_path):
    table = tmp_path / "epochs.tsv"
    table.write_text("half a ta")
    first = Progress(5, 10, "m", table)
    ran(first, clock, 1, 1, loss=0.25, val_loss=0.5)
    text = "epoch\tloss\tval_loss\tlearning_rate\n1\t0.25\t0.5\t0.001\n2\t0.25\t0.5\t0.001\n"
    assert table.read_text() == text
    second = Progress(5, 10, "m", table)
    second.rows = first.rows
    ran(second, clock, 1, 1, loss=0.25, val_loss=0.5)
    assert table.read_text() == text + "3\t0.25\t0.5\t0.001\n4\t0.25\t0.5\t0.001\n"


def test_the_bar_is_drawn_on_a_terminal_and_cleared(clock, monkeypatch):
    reader, terminal = os.openpty()
    monkeypatch.setattr(jobs, "CONSOLES", [terminal])
    ran(Progress(8, 10, "danq on peaks, fold 0"), clock, 2, 2, loss=0.25, val_loss=0.5)
    os.close(terminal)
    drawn = read_to_end(reader).split("\r")
    bars = [text.removeprefix("\x1b[K") for text in drawn if "danq" in text]
    assert bars == [
        "[#...............]  epoch 1/8  danq on peaks, fold 0",
        "[###.............]  epoch 2/8  val_loss 0.5000  at most 13 s left  danq on peak",
    ]
    assert drawn[-2:] == ["\x1b[K", ""]


def test_nothing_is_drawn_where_the_console_is_no_terminal(clock, monkeypatch):
    reader, pipe = os.pipe()
    monkeypatch.setattr(jobs, "CONSOLES", [pipe])
    ran(Progress(8, 10, "m"), clock, 2, loss=0.25)
    jobs.announce("Training m")
    assert os.read(reader, 10_000) == b"Training m\n"


@pytest.mark.usefixtures("op_by_op")
@pytest.mark.parametrize("validated", [True, False])
def test_the_rows_are_what_keras_tells(validated, capsys):
    examples, targets = np.eye(8, dtype=np.float32), np.arange(8) % 2
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1, "sigmoid")])
    model.compile("adam", "binary_crossentropy", weighted_metrics=["accuracy"])
    shown = Progress(3, 8, "m")
    told = model.fit(
        *(examples, targets),
        validation_data=(examples, targets) if validated else None,
        epochs=3,
        verbose=0,
        callbacks=[shown],
    )
    history = pd.DataFrame(told.history).assign(epoch=[1, 2, 3], learning_rate=np.float32(0.001))
    columns = ["loss", "accuracy", *["val_loss", "val_accuracy"] * validated]
    columns = ["epoch", *columns, "learning_rate"]
    pd.testing.assert_frame_equal(pd.DataFrame(shown.rows), history[columns], check_dtype=False)
    assert len(re.findall(r"^Epoch \d/3 ", capsys.readouterr().out, re.M)) == 3
