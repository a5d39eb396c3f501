"""Working copies of the repository; one of them has run to its end."""

import pytest
from support import Workflow, small_config, write_inputs


@pytest.fixture
def workflow(tmp_path) -> Workflow:
    """A fresh copy with inputs, nothing run yet."""
    made = Workflow.copied_to(tmp_path)
    write_inputs(tmp_path / "input")
    return made


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> Workflow:
    """A copy in which the small configuration has run to its end. Leave its files as they are."""
    made = Workflow.copied_to(tmp_path_factory.mktemp("finished"))
    write_inputs(made.folder / "input")
    done = made.snakemake("--configfile", made.write_config(small_config()))
    assert done.returncode == 0, done.stdout + done.stderr
    return made
