"""The SLURM profile without SLURM."""

import logging
from types import SimpleNamespace

import pytest
from forked_python import SNAKEMAKE
from snakemake_executor_plugin_slurm.partitions import get_best_partition, read_partition_file
from support import ROOT

HOUR, DAY = 60, 1440


def test_the_profile_parses_beside_the_default_one(workflow):
    done = SNAKEMAKE.run(["-m", "snakemake", "--profile", "profiles/slurm", "-n"], workflow.folder)
    assert done.returncode == 0, done.stderr
    assert "train_multiscale_attention" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("resources", "partition"),
    [
        ({"runtime": 2 * HOUR}, "short"),
        ({"runtime": DAY}, "long"),
        ({"runtime": 2 * DAY}, "long"),
        ({"runtime": 4 * HOUR, "gpu": 1}, "gpu"),
        ({"runtime": 8 * HOUR, "gpu": 1}, "gpu"),
        ({"runtime": DAY, "gpu": 1}, "gpu"),
        ({"runtime": 8 * HOUR, "gpu": 8}, "gpu_h200"),
        ({"runtime": 4 * HOUR, "gpu": 1, "gpu_model": "h200"}, "gpu_h200"),
        ({"runtime": 4 * HOUR, "gpu": 0, "gres": "gpu:a100:2"}, "gpu"),
        ({"runtime": 5 * DAY, "gpu": 1}, None),
    ],
)
def test_the_example_of_a_partition_table_does_what_it_says(resources, partition):
    table = read_partition_file(ROOT / "profiles/slurm/partitions.example.yaml")
    job = SimpleNamespace(name="job", threads=1, resources={"mem_mb": 3000, **resources})
    assert get_best_partition(table, job, logging.getLogger()) == partition
