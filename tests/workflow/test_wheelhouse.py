"""An installation without the internet, from what `make wheelhouse` fetched."""

import os
import shutil
import subprocess

import pytest
from pin import requirements
from support import ROOT

# What builds and installs the project itself, and a package that has no wheel.
PACKAGES = ["connection-pool", "editables", "hatchling", "setuptools", "wheel"]
NEEDED = ["packaging", "pathspec", "pluggy", "trove-classifiers"]
# No index that pip knows of can be reached.
OFFLINE = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": "http://127.0.0.1:9", "PIP_RETRIES": "0"}


@pytest.mark.slow
def test_the_project_installs_from_the_wheelhouse_alone(tmp_path):
    def make(target, **environment):
        kept = {key: os.environ[key] for key in os.environ if key != "PIP_FIND_LINKS"}
        command = ["make", target]
        return subprocess.run(
            command, cwd=tmp_path, env={**kept, **environment}, capture_output=True, text=True
        )

    for file in ("Makefile", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / file, tmp_path)
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    (tmp_path / "envs").mkdir()
    text = (ROOT / "envs" / "requirements.txt").read_text()
    lock = [line for line in requirements(text) if line.split("==")[0] in PACKAGES + NEEDED]
    assert len(lock) == len(PACKAGES + NEEDED)
    (tmp_path / "envs" / "requirements.txt").write_text("\n".join(lock))
    shutil.copy(ROOT / "envs" / "requirements-dev.txt", tmp_path / "envs")

    offline = make(".venv/ready", **OFFLINE)
    assert offline.returncode != 0, "there is no wheelhouse yet"
    fetched = make("wheelhouse")
    assert fetched.returncode == 0, fetched.stderr
    done = make(".venv/ready", **OFFLINE)
    assert done.returncode == 0, done.stdout + done.stderr
    code = "import basewise; print(basewise.__file__)"
    python = tmp_path / ".venv" / "bin" / "python"
    shown = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.startswith(str(tmp_path))

    assert "make wheelhouse GPU=1, or remove" in make("gpu").stderr
    assert "make wheelhouse DEV=1, or remove" in make("check").stderr
    (tmp_path / "envs" / "requirements.txt").write_text("\n".join(lock[1:]))
    assert "not of envs/requirements.txt as it is now; make wheelhouse, " in make("gpu").stderr
