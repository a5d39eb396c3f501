"""A node is lost: SLURM starts its training elsewhere, and that goes on where it was."""

import pytest
from failing import ON_CPU, go_on

pytestmark = pytest.mark.slurm


def test_a_training_of_a_lost_node_goes_on_elsewhere(failing):
    run = failing.start(*ON_CPU)
    failing.halt(run)
    epochs = failing.saved()
    (job,) = failing.train_jobs()
    failing.cluster.crash_node(job.node)
    go_on(failing.halt(run))
    (again,) = failing.train_jobs()
    assert (again.id, again.restarts) == (job.id, 1)
    assert again.node != job.node
    assert run.wait() == 0, failing.said
    assert failing.went_on_after() >= epochs
    events = [event for event in failing.cluster.events() if event["JobId"] == job.id]
    assert [event["JobState"] for event in events] == ["NODE_FAIL", "COMPLETED"]
    assert failing.is_undisturbed()
