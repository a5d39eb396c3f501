"""A file that one step hands to the next is damaged or exchanged; the step that reads it says so.

The step runs alone, as with `--rerun-triggers mtime`: nothing else has seen the damage.
"""

import json
import os
import re
import shutil
from collections import Counter

import pytest
from damaged_files import Outcome, Seeds, trials_of
from forked_python import STEPS
from opened_files import steps_of
from support import ROOT

NAMED, OTHER = "one line, file named", "other file named"

REMEDY = re.compile(
    r"Error: (\S+): [^;]*; take it as basewise wrote it, or "
    r"`rm (\1|-r \S+/(splits|leakage|tensors))` and run the workflow again\n$"
)


def outcomes_of(folder, steps, seed, most=220):
    """Outcomes of trials on a copy of a finished run, one at least of each rule and kind."""
    of_rules = {step["rule"]: step for step in steps}
    trials = list(trials_of(of_rules.values(), folder, draws := Seeds(seed)))
    draws.shuffle(trials)
    seen, first, rest = set(), [], []
    for trial in trials:
        key = trial.rule, trial.kind
        (rest if key in seen else first).append(trial)
        seen.add(key)
    asked, told = folder / "trials.jsonl", folder / "outcomes.jsonl"
    asked.write_text("".join(json.dumps(trial) + "\n" for trial in [*first, *rest][:most]))
    program = [str(ROOT / "tests/damaged_files.py"), str(folder), str(asked), str(told)]
    paths = os.pathsep.join([str(folder / "scripts"), str(ROOT / "tests")])
    done = STEPS.run(program, folder, {**os.environ, "PYTHONPATH": paths})
    assert done.returncode == 0, done.stderr
    return [Outcome(*json.loads(line)) for line in told.read_text().splitlines()]


def table(outcomes):
    """How often each kind ended how, for whoever wants to see it: `pytest -s`."""
    return Counter((outcome.kind, ending(outcome)) for outcome in outcomes)


def ending(outcome):
    """How a step ended, in the words of the columns of a table."""
    lines = [line for line in outcome.console.splitlines() if line.startswith("Error: ")]
    if outcome.code == 0:
        return "silent, other bytes" if outcome.changed else "silent, same bytes"
    if "Traceback" in outcome.console or len(lines) != 1 or "; its log is " in lines[0]:
        return "traceback"
    is_named = lines[0].startswith(f"Error: {outcome.file}: ")
    return NAMED if is_named else OTHER


@pytest.mark.slow
@pytest.mark.parametrize("run", ["finished", "panel"])
def test_every_step_names_the_file_that_was_damaged(run, tmp_path, request):
    made, folder = request.getfixturevalue(run).folder, tmp_path / "run"
    shutil.copytree(made, folder, symlinks=True)
    outcomes = outcomes_of(folder, steps_of(made), seed=22)
    print(*sorted(table(outcomes).items()), sep="\n")
    assert len(outcomes) >= 200
    for outcome in outcomes:
        # with another's receipts, the other files of a folder are not what they say either
        is_one_of_many = outcome.kind == "swap with receipt" and ending(outcome) == OTHER
        assert ending(outcome) == NAMED or is_one_of_many, outcome
        assert REMEDY.search(outcome.console), outcome
