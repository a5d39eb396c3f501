"""A job that fails is submitted again with more; many small ones are few submissions."""

import re
import shutil

import pytest
from support import ROOT, Workflow, small_config, write_inputs

pytestmark = pytest.mark.slurm

JOBS = 40
SMALL_JOBS = f"""
rule all:
    input:
        expand("made/{{number}}.txt", number=range({JOBS})),

rule small:
    output:
        "made/{{number}}.txt",
    resources:
        mem_mb=600,
        runtime=1,
    shell:
        "echo {{wildcards.number}} > {{output}}"
"""


@pytest.fixture
def workflow(tmp_path):
    made = Workflow.copied_to(tmp_path)
    write_inputs(tmp_path / "input")
    return made


def test_a_training_that_was_killed_for_memory_gets_more_of_all(cluster, workflow):
    registry = workflow.folder / "scripts/basewise/architectures/registry.yaml"
    text = registry.read_text()
    small = re.sub(r"(?s)(^conv1d:.*?mem_mb: )\d+", r"\g<1>700", text, count=1, flags=re.M)
    registry.write_text(small)
    config = small_config()
    config["training"]["epochs"] = 20
    target = "results/lines/models/conv1d/fold0/seed1/scores.parquet"
    done = cluster.snakemake(workflow.folder, target, "--configfile", workflow.write_config(config))
    assert done.returncode == 0, done.stderr
    jobs = [job for job in cluster.jobs() if "train_conv1d" in job.comment]
    assert [job.state for job in jobs] == ["FAILED", "COMPLETED"]
    assert [(job.memory_mb, job.minutes, job.gpus) for job in jobs] == [
        (700, 60, 1),
        (1400, 120, 1),
    ]


def test_many_small_jobs_are_four_submissions(cluster, tmp_path):
    """With JOBS = 200 too, in 6 minutes: each job of a group starts a Snakemake of its own."""
    shutil.copytree(ROOT / "profiles", tmp_path / "profiles")
    (tmp_path / "Snakefile").write_text(SMALL_JOBS)
    before = cluster.submissions()
    sharing = (
        "--groups",
        "small=shared",
        "--group-components",
        f"shared={JOBS // 4}",
        "--cores",
        "1",
    )
    done = cluster.snakemake(tmp_path, *sharing)
    assert done.returncode == 0, done.stderr
    assert len(list(tmp_path.glob("made/*.txt"))) == JOBS
    made = cluster.jobs()[before:]
    assert cluster.submissions() - before == len(made) == 4
    assert {(job.state, job.cpus, job.memory_mb, job.minutes) for job in made} == {
        ("COMPLETED", 1, 600, JOBS // 4)
    }
