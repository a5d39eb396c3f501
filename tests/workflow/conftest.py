"""Working copies of the repository; one of them has run to its end."""

import fcntl

import pytest
from made_panel import CONFIG, write_panel
from support import Workflow, small_config, write_inputs


@pytest.fixture
def workflow(tmp_path) -> Workflow:
    """A fresh copy with inputs, nothing run yet."""
    made = Workflow.copied_to(tmp_path)
    write_inputs(tmp_path / "input")
    return made


@pytest.fixture(scope="session")
def finished(tmp_path_factory, worker_id) -> Workflow:
    """A copy in which the small configuration has run to its end; test processes share it.

    Leave its files as they are.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "finished"
    made = Workflow(folder)
    with open(folder.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            Workflow.copied_to(folder)
            write_inputs(folder / "input")
            done = made.run("--configfile", made.write_config(small_config()))
            assert done.returncode == 0, done.stdout + done.stderr
    return made


@pytest.fixture(scope="session")
def panel(tmp_path_factory) -> Workflow:
    """A copy in which a configuration on genotypes has run to its report; leave its files."""
    made = Workflow.copied_to(tmp_path_factory.mktemp("genotypes"))
    write_panel(made.folder / "input")
    done = made.run("results/report.html", "--configfile", made.write_config(CONFIG))
    assert done.returncode == 0, done.stdout + done.stderr
    return made
