import subprocess

from basewise.provenance import checkout
from basewise.provenance.checkout import git_state


def git(folder, *arguments):
    who = ["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "init.defaultBranch=trunk"]
    done = subprocess.run(["git", "-C", folder, *who, *arguments], capture_output=True, check=True)
    return done.stdout.decode().strip()


def test_the_state_of_a_checkout(tmp_path, monkeypatch):
    assert git_state(tmp_path) == {}
    git(tmp_path, "init")
    assert git_state(tmp_path) == {}
    (tmp_path / "code.py").write_text("1")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "first")
    (tmp_path / "new.txt").write_text("not of the code")
    clean = {"git commit": git(tmp_path, "rev-parse", "HEAD"), "git branch": "trunk"}
    assert git_state(tmp_path) == {**clean, "git state": "clean"}
    (tmp_path / "code.py").write_text("2")
    assert git_state(tmp_path) == {**clean, "git state": "changed since this commit"}
    git(tmp_path, "checkout", "--detach")
    assert "git branch" not in git_state(tmp_path)
    (tmp_path / "inner").mkdir()
    assert git_state(tmp_path / "inner") == {}
    monkeypatch.setattr(checkout.shutil, "which", lambda name: None)
    assert git_state(tmp_path) == {}


def test_a_fetched_workflow_lies_in_a_folder_named_by_its_commit(tmp_path):
    git(tmp_path, "init")
    folder = tmp_path / ("c0ffee" + 34 * "0")
    folder.mkdir()
    assert git_state(folder) == {"git commit": folder.name}
