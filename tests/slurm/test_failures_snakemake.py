"""Snakemake itself ends while a training runs: killed, so that the job lives on; and by Ctrl-C."""

import signal

import pytest
from failing import ON_GPU, go_on

pytestmark = pytest.mark.slurm


def test_the_way_back_after_a_kill_and_after_ctrl_c(failing):
    run = failing.start(*ON_GPU)
    orphan = failing.halt(run)
    run.kill()
    run.wait()
    assert failing.run(*ON_GPU) == 1
    assert "Directory cannot be locked" in failing.said
    assert [job.state for job in failing.train_jobs()] == ["RUNNING"]

    assert failing.run("--unlock") == 0
    run = failing.start(*ON_GPU)
    failing.halt(run)
    state, epochs = failing.state(), failing.saved()
    go_on(orphan)
    failing.wait_for(lambda: failing.train_jobs()[0].state == "FAILED")
    assert "another job has taken over (SLURM job 2, " in failing.slurm_log("1")
    assert failing.state() == state

    run.send_signal(signal.SIGINT)
    assert run.wait() == 1
    assert failing.ended() == ["FAILED", "CANCELLED"]
    assert failing.run(*ON_GPU) == 0, failing.said
    assert failing.went_on_after() >= epochs
    assert failing.ended() == ["FAILED", "CANCELLED", "COMPLETED"]
    assert failing.is_undisturbed()
