"""With `--nolock` a run works alone in its folder; other runs may work side by side."""

import subprocess
import sys

import pytest

from basewise.config.company import refuse_company

HOLDING = """
import sys
from basewise.config.company import refuse_company
refuse_company(sys.argv[1:])
print("holds", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def another(tmp_path, monkeypatch):
    """Starts another run in the folder, which lives until it is killed."""
    monkeypatch.chdir(tmp_path)
    runs = []

    def start(*words):
        command = [sys.executable, "-c", HOLDING, "snakemake", *words]
        runs.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
        assert runs[-1].stdout.readline() == b"holds\n"
        return runs[-1]

    yield start
    for run in runs:
        run.kill()
        run.communicate()


@pytest.mark.parametrize(
    ("words", "other", "said"),
    [
        (["--nolock"], [], "another run works in this folder"),
        (["--nolock"], ["--nolock"], "another run works in this folder"),
        ([], ["--nolock"], "a run with --nolock works in this folder"),
    ],
)
def test_without_a_lock_a_run_works_alone(words, other, said, another):
    run = another(*other)
    with pytest.raises(SystemExit, match=f"^Error: {said}; wait until it has ended$"):
        refuse_company(words)
    run.kill()
    run.wait()
    refuse_company(words)


def test_runs_with_locks_work_side_by_side(another):
    another("--cores", "2")
    refuse_company(["results/report.html"])
