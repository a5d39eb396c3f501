"""A cancelled training is reported, and the next run goes on where it was."""

import re
import subprocess

import pytest
from failing import ON_GPU

pytestmark = pytest.mark.slurm


def test_a_cancelled_training_goes_on_when_snakemake_runs_again(failing):
    run = failing.start(*ON_GPU, "--retries", "0")
    failing.halt(run)
    epochs = failing.saved()
    name = re.search(r"SLURM run ID: (\S+)", failing.said)[1]
    subprocess.run(["scancel", "--name", name], env=failing.cluster.environment, check=True)
    assert run.wait() == 1
    (job,) = failing.train_jobs()
    assert f"SLURM-job '{job.id}' failed, SLURM status is: 'CANCELLED'" in failing.said
    assert failing.run(*ON_GPU) == 0, failing.said
    assert failing.went_on_after() >= epochs
    assert failing.ended() == ["CANCELLED", "COMPLETED"]
    assert failing.is_undisturbed()
