"""A training that is out of time goes on in its next allocation, which is longer."""

import subprocess

import pytest
from failing import ON_GPU

pytestmark = pytest.mark.slurm


def test_a_training_out_of_time_goes_on_with_more_of_it(failing):
    run = failing.start(*ON_GPU)
    failing.halt(run)
    epochs = failing.saved()
    (job,) = failing.train_jobs()
    shorter = ["scontrol", "update", f"JobId={job.id}", "TimeLimit=1"]
    subprocess.run(shorter, env=failing.cluster.environment, check=True)
    assert run.wait() == 0, failing.said
    assert f"SLURM-job '{job.id}' failed, SLURM status is: 'TIMEOUT'" in failing.said
    assert failing.ended() == ["TIMEOUT", "COMPLETED"]
    assert failing.train_jobs()[1].minutes == 2 * job.minutes
    assert failing.went_on_after() >= epochs
    assert failing.is_undisturbed()
