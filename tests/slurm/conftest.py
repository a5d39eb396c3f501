"""A SLURM cluster for each test module."""

import shutil
import tempfile
import time
from pathlib import Path

import pytest
from cluster import Cluster, lacking
from failing import Failing, prepared


@pytest.fixture(scope="module")
def cluster(request):
    """A cluster of the module's own; nothing of it is left when the module ends."""
    assert request.node.get_closest_marker("slurm"), "`pytestmark = pytest.mark.slurm` is missing"
    if reason := lacking():
        pytest.skip(reason)
    folder = Path(tempfile.mkdtemp(prefix="slurm-", dir="/tmp"))
    with Cluster(folder) as made:
        yield made
    deadline = time.monotonic() + 10
    while (left := made.left()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == []
    shutil.rmtree(folder)


@pytest.fixture
def failing(cluster, tmp_path, tmp_path_factory) -> Failing:
    """A training on the cluster that something may happen to."""
    return Failing(cluster, prepared(tmp_path_factory.getbasetemp()), tmp_path / "work")
