"""What a user writes in profiles/slurm reaches the scheduler, and the training."""

import re

import pytest
from support import Workflow, small_config, write_inputs

pytestmark = pytest.mark.slurm

FORMS = ("train_conv1d:gpu=0", "train_conv1d:gres='gpu:a100:1'", "train_conv1d_wide:gpu_model=a100")
TWO_CARDS = {"cards": 2, "threads": 3}


def test_cards_are_asked_for_by_gres_by_model_or_by_two(cluster, tmp_path):
    workflow = Workflow.copied_to(tmp_path)
    write_inputs(tmp_path / "input")
    config = small_config()
    config["models"] = {
        "gres": {"architecture": "conv1d", "filters": 4},
        "model": {"architecture": "conv1d_wide", "filters": 4},
        "pair": {"architecture": "multiscale_attention", "filters": 4, "training": TWO_CARDS},
    }
    config["datasets"].pop("peaks")
    done = cluster.snakemake(
        workflow.folder,
        *[f"results/lines/models/{name}/fold0/seed1/scores.parquet" for name in config["models"]],
        *("--configfile", workflow.write_config(config)),
        *("--set-resources", *FORMS),
        profile="--workflow-profile",
    )
    assert done.returncode == 0, done.stderr
    jobs = [job for job in cluster.jobs() if "rule_train_" in job.comment]
    given = {job.comment.split("_")[-3]: (job.partition, job.cpus, job.gpus) for job in jobs}
    assert given == {"gres": ("gpu", 1, 1), "model": ("gpu", 1, 1), "pair": ("gpu", 3, 2)}
    for name, (_, _, cards) in given.items():
        (log,) = (workflow.folder / "results/logs").glob(f"train_*/lines/{name}/fold0/seed1.log")
        (first, *_) = log.read_text().splitlines()
        assert len(set(re.findall(r"GPU (\d)", first))) == cards, first
