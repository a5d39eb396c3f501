"""Trials: a file that one step hands to the next is damaged, and the step that reads it runs alone.

The trials of a folder run in one process, each in a fork of it: `python damaged_files.py FOLDER
TRIALS OUTCOMES`, from lines of `Trial` to lines of `Outcome` in JSON.
"""

import contextlib
import importlib
import io
import json
import os
import pkgutil
import random
import runpy
import shutil
import signal
import sys
import traceback
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

KINDS = ("empty", "half", "records cut", "record doubled", "bit flip", "swap", "swap with receipt")

NOT_HANDED_ON = ("results/benchmarks", "results/logs", "results/provenance/commands.tsv")


class Trial(NamedTuple):
    """What happens to a file, by a seed; a swap is with another file of its kind."""

    rule: str
    script: str
    outputs: list[str]
    file: str
    kind: str
    seed: int
    other: str = ""


class Outcome(NamedTuple):
    """How the step ended: its exit code, what the console said, the outputs that are others."""

    rule: str
    file: str
    kind: str
    code: int
    console: str
    changed: list[str]


def trials_of(steps, folder, generator):
    """A trial for each step, each file that it reads of others, and each kind that there is."""
    handed_on = sorted({file for step in steps for file in step["read"]})
    handed_on = [file for file in handed_on if not file.startswith(("input", *NOT_HANDED_ON))]
    for step in steps:
        for file in sorted(step["read"] & set(handed_on)):
            others = [name for name in handed_on if _is_like(name, file, folder)]
            for kind in KINDS:
                other = generator.choice(others) if others and kind.startswith("swap") else ""
                if damaged(folder / file, kind, generator.seed_of(), folder / other) is not None:
                    texts = step["rule"], step["script"], step["outputs"]
                    yield Trial(*texts, file, kind, generator.last, other)


def _is_like(name, file, folder):
    """Whether a file may be taken for another: its kind is the same, its bytes are not."""
    is_other = (folder / name).read_bytes() != (folder / file).read_bytes()
    return is_other and _letters(name) == _letters(file)


def _letters(path):
    """The name of a file without its fold, seed or number."""
    return "".join(filter(str.isalpha, Path(path).name))


class Seeds(random.Random):
    """A source of choices, and of the seeds of trials."""

    last = 0

    def seed_of(self):
        self.last = self.randrange(2**32)
        return self.last


def damaged(path, kind, seed, other):
    """The bytes of a file after damage; None where its format has no such damage."""
    whole, draws = path.read_bytes(), random.Random(seed)
    if kind == "empty":
        return b""
    if kind == "half":
        return whole[: len(whole) // 2]
    if kind == "bit flip":
        place = draws.randrange(len(whole))
        return whole[:place] + bytes([whole[place] ^ 1 << draws.randrange(8)]) + whole[place + 1 :]
    if kind.startswith("swap"):
        return other.read_bytes() if other.is_file() else None
    with contextlib.suppress(IndexError, ValueError):
        return _with_records(path, whole, draws, is_doubled=kind == "record doubled")
    return None


def _with_records(path, whole, draws, is_doubled):
    """A file that lacks some of its records, or has one twice."""

    def rows(count):
        if is_doubled:
            return sorted([*range(count), draws.randrange(count)])
        return list(range(draws.randrange(1, count)))

    stream = io.BytesIO()
    if path.suffix == ".tsv":
        title, *lines = whole.splitlines(keepends=True)
        return b"".join([title, *(lines[row] for row in rows(len(lines)))])
    if path.suffix == ".fa":
        lines = whole.splitlines(keepends=True)
        return b"".join(b"".join(lines[2 * row : 2 * row + 2]) for row in rows(len(lines) // 2))
    if path.suffix == ".parquet":
        table = pd.read_parquet(path)
        return table.iloc[rows(len(table))].to_parquet(index=False)
    if path.suffix == ".npy":
        array = np.load(path)
        np.save(stream, array[rows(len(array))])
        return stream.getvalue()
    if path.suffix == ".npz":
        arrays = dict(np.load(path))
        kept = rows(len(arrays["onehot"]))
        ids = arrays["id"].tobytes().split(b"\n")
        arrays |= {name: arrays[name][kept] for name in ("onehot", "target")}
        arrays["id"] = np.frombuffer(b"\n".join(ids[row] for row in kept), dtype=np.uint8)
        np.savez(stream, **arrays)
        return stream.getvalue()
    return None


def run_trials(folder, trials, pristine):
    """Run trials in a folder, which is as `pristine` before each; yield their outcomes."""
    os.chdir(folder)
    for trial in trials:
        path = Path(trial.file)
        content = damaged(path, trial.kind, trial.seed, Path(trial.other))
        folders = {Path(output).parent for output in trial.outputs} | {path.parent}
        path.write_bytes(content)
        if trial.kind == "swap with receipt":
            _exchange_receipts(path, Path(trial.other))
        for output in map(Path, trial.outputs):
            shutil.rmtree(output) if output.is_dir() else output.unlink(missing_ok=True)
        code, console = _in_a_fork(trial.script)
        changed = [name for name in trial.outputs if code == 0 and _differs(name, pristine)]
        yield Outcome(trial.rule, trial.file, trial.kind, code, console, changed)
        for place in folders:
            shutil.rmtree(place, ignore_errors=True)
            shutil.copytree(pristine / place, place)


def _exchange_receipts(path, other):
    for receipt in path.parent.glob(".*.receipt"):
        receipt.unlink()
    for receipt in other.parent.glob(".*.receipt"):
        text = receipt.read_text().replace(f'"{other.name}"', f'"{path.name}"')
        (path.parent / receipt.name).write_text(text)


def _differs(output, pristine):
    files = [Path(output)] if Path(output).is_file() else sorted(Path(output).glob("[!.]*"))
    return any(file.read_bytes() != (pristine / file).read_bytes() for file in files)


def _in_a_fork(script):
    """Run the script of a step in a process of its own: its exit code and console."""
    step, console = Path("step.py"), Path("console.txt")
    step.write_text(script)
    child = os.fork()
    if child == 0:
        code = 1
        with open(console, "w") as stream:
            os.dup2(stream.fileno(), 1)
            os.dup2(stream.fileno(), 2)
        signal.alarm(60)
        try:
            runpy.run_path(str(step), run_name="__main__")
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        except BaseException:
            traceback.print_exc()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), console.read_text(errors="replace")


def _import_library():
    """What steps import, but for what imports Keras, which each step sets up first."""
    import basewise

    ahead = ("core", "store", "examples", "splits", "figures", "provenance", "report")
    for found in pkgutil.walk_packages(basewise.__path__, "basewise."):
        if found.name.split(".")[1] in ahead:
            importlib.import_module(found.name)


if __name__ == "__main__":
    place, given, wanted = map(Path, sys.argv[1:])
    _import_library()
    listed = [Trial(*json.loads(line)) for line in given.read_text().splitlines()]
    shutil.copytree(place / "results", place / "pristine/results", symlinks=True)
    with open(wanted, "w") as answers:
        for outcome in run_trials(place, listed, (place / "pristine").absolute()):
            answers.write(json.dumps(outcome) + "\n")
