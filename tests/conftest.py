import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def data() -> Path:
    """Folder of the real data sets; tests that need it are skipped without it."""
    folder = os.environ.get("BASEWISE_DATA")
    if not folder:
        pytest.skip("BASEWISE_DATA is not set")
    return Path(folder)
