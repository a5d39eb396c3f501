"""Of two jobs that do the same work only the later one goes on."""

from pathlib import Path

import pytest

from basewise.core.errors import InputError
from basewise.training.claims import CLAIM, check_claim, release_claim, take_claim


def test_the_job_that_began_last_goes_on(tmp_path, monkeypatch):
    path = tmp_path / "run" / CLAIM
    first = take_claim(path)
    check_claim(first)
    monkeypatch.setenv("SLURM_JOB_ID", "17")
    second = take_claim(path)
    with pytest.raises(InputError, match=r"another job has taken over \(SLURM job 17, process "):
        check_claim(first)
    release_claim(first)
    assert path.read_text() == second.holder
    check_claim(second)
    release_claim(second)
    assert not list(path.parent.iterdir())
    with pytest.raises(InputError, match=r"another job has taken over \(and is done\)"):
        check_claim(first)


def test_two_jobs_may_begin_at_once(tmp_path, monkeypatch):
    replace = Path.replace

    def while_another_begins(unfinished, path):
        monkeypatch.setattr(Path, "replace", replace)
        monkeypatch.setattr("basewise.training.claims.os.getpid", lambda: 1)
        others.append(take_claim(path))
        return replace(unfinished, path)

    others = []
    monkeypatch.setattr(Path, "replace", while_another_begins)
    mine = take_claim(tmp_path / CLAIM)
    check_claim(mine)
    with pytest.raises(InputError):
        check_claim(others[0])
    assert [path.name for path in tmp_path.iterdir()] == [CLAIM]
