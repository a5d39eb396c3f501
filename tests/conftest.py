import os
from pathlib import Path

import pytest
from forked_python import SNAKEMAKE, STEPS


def pytest_configure(config: pytest.Config) -> None:
    """Processes that test in parallel share what starts the workflows that they run."""
    if config.getoption("numprocesses", None):
        SNAKEMAKE.share()
        STEPS.share()


@pytest.fixture(scope="session")
def data() -> Path:
    """Folder of the real data sets; tests that need it are skipped without it."""
    folder = os.environ.get("BASEWISE_DATA")
    if not folder:
        pytest.skip("BASEWISE_DATA is not set")
    return Path(folder)
