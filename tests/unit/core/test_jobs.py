import subprocess
import sys

import pytest

from basewise.core.errors import InputError
from basewise.core.files import replacing, sha256_of
from basewise.core.jobs import check_sha256, of_each_model


def test_a_file_appears_whole_or_not_at_all(tmp_path):
    path = tmp_path / "table.tsv"
    path.write_text("old")
    with pytest.raises(RuntimeError), replacing(path) as unfinished:
        unfinished.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    with replacing(path) as unfinished:
        unfinished.write_text("new")
    assert path.read_text() == "new"
    assert [file.name for file in tmp_path.iterdir()] == ["table.tsv"]


def test_a_folder_is_replaced_too(tmp_path):
    for text in ("first", "second"):
        with replacing(tmp_path / "tensors") as unfinished:
            unfinished.mkdir()
            (unfinished / text).touch()
    assert [file.name for file in (tmp_path / "tensors").iterdir()] == ["second"]


def run_logged(tmp_path, body):
    program = f"""
import os, sys
from basewise.core.errors import InputError
from basewise.core.jobs import logged
with logged({str(tmp_path / "step.log")!r}):
    {body}
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    log = tmp_path / "step.log"
    return done, log.read_text() if log.resolve().is_file() else ""


def test_the_log_holds_what_bypasses_python(tmp_path):
    done, log = run_logged(tmp_path, "print('python'); os.write(2, b'from C\\n')")
    assert done.returncode == 0
    assert log == "python\nfrom C\n"
    assert done.stdout == done.stderr == ""


def test_a_users_mistake_is_one_line_on_the_console_and_in_the_log(tmp_path):
    done, log = run_logged(tmp_path, "raise InputError('end is\\nbefore start', 'p.bed', 7)")
    assert done.returncode == 1
    assert done.stderr == log == "Error: p.bed:7: end is before start\n"


def test_a_bug_leaves_its_traceback_in_the_log(tmp_path):
    done, log = run_logged(tmp_path, "1 / 0")
    assert done.returncode == 1
    assert log.startswith("Traceback")
    cause = (
        f"Error: ZeroDivisionError: division by zero (<string>:6); its log is {tmp_path}/step.log\n"
    )
    assert log.endswith(cause)
    assert done.stderr == cause


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        (
            "OSError(28, 'No space left on device', 'x.npz')",
            "no space is left for x.npz; free some",
        ),
        ("PermissionError(13, 'Permission denied', 'x')", "x may not be read or written"),
        ("MemoryError()", "not enough memory (no more is known); run again where there is more"),
        ("ValueError('a\\x1b[2K\\nb' + 'c' * 999)", "ValueError: a\\x1b[2K bccc"),
    ],
)
def test_the_console_names_the_cause_of_what_nobody_foresaw(tmp_path, raised, told):
    done, log = run_logged(tmp_path, f"raise {raised}")
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: {told}") and done.stderr.count("\n") == 1
    assert len(done.stderr) < 500 and log.endswith(done.stderr)


def test_a_log_that_cannot_be_written_is_told_on_the_console(tmp_path):
    (tmp_path / "step.log").symlink_to("/dev/full")
    body = "print('x' * 10_000)"
    done, _ = run_logged(tmp_path, body)
    assert done.returncode != 0
    assert done.stderr.startswith("Error: no space is left for a file; free some, and run again")
    assert done.stderr.count("\n") == 1


def test_a_file_that_differs_from_its_checksum_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "genome.fa"
    path.write_text(">I\nACGT\n")
    monkeypatch.setenv("FOLDER", str(tmp_path))
    check_sha256([path], {"$FOLDER/genome.fa": sha256_of(path), "other.fa": "0" * 64})
    with pytest.raises(InputError, match="genome.fa: sha256 is .* expects 000"):
        check_sha256([path], {str(path): "0" * 64})


def test_an_announcement_goes_to_the_console_alone(tmp_path):
    body = "from basewise.core.jobs import announce; announce('Training m')"
    done, log = run_logged(tmp_path, body)
    assert (done.stderr, log) == ("Training m\n", "")


def test_a_job_of_several_models_hands_each_its_own_files():
    runs = {"a": [(0, 1), (0, 2)], "b": [(0, 1)]}
    outputs = {"metrics": ["a.tsv", "b.tsv"], "errors": ["a.errors", "b.errors"]}
    assert list(of_each_model(runs, ["a1", "a2", "b1"], outputs)) == [
        ("a", ["a1", "a2"], {"metrics": "a.tsv", "errors": "a.errors"}),
        ("b", ["b1"], {"metrics": "b.tsv", "errors": "b.errors"}),
    ]
