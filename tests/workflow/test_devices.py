"""What the configuration and the environment say of devices reaches the jobs."""

import json
import re

import pytest
from support import small_config

from basewise.core.files import sha256_of

FOLDER = "results/lines/models/conv1d/fold0/seed1"


@pytest.fixture
def again(workflow):
    """A working copy in which one network is trained."""
    workflow.write_config(small_config())
    trained(workflow)
    return workflow


def config_with(**training):
    config = small_config()
    config["models"]["conv1d"]["training"] = training
    return config


def trained(workflow, *arguments, **environment):
    """Train one network; its record."""
    done = workflow.snakemake(
        f"{FOLDER}/scores.parquet", "--configfile", "test.yaml", *arguments, **environment
    )
    assert done.returncode == 0, done.stderr
    run = json.loads((workflow.folder / FOLDER / "run.json").read_text())
    assert f"conv1d on lines, fold 0, seed 1: {run['device']}" in done.stderr
    return run


@pytest.mark.slow
def test_another_backend_trains_again(again):
    before = json.loads((again.folder / FOLDER / "run.json").read_text())
    assert before["device"].startswith("CPU, 1 thread, float32, TensorFlow")
    run = trained(again, KERAS_BACKEND="jax")
    assert run["device"].startswith("CPU, 1 thread, float32, JAX")
    log = next((again.folder / "results/logs/train_conv1d/lines/conv1d/fold0").glob("seed1*.log"))
    assert log.read_text().startswith(f"Device: {run['device']}; 2,000 MB of memory\n")


@pytest.mark.slow
def test_more_cores_are_no_more_threads(again):
    again.write_config(config_with(threads=2, cards=2))
    benchmark = again.folder / "results/benchmarks/train_conv1d/lines/conv1d/fold0/seed1.jsonl"
    made = []
    for cores in ("1", "2"):
        limits = ("--cores", cores, "--resources", "gpu=4")
        run = trained(again, *limits, "--forcerun", "train_conv1d")
        reason = "the rule asks for a GPU and none is there"
        assert run["device"].startswith(f"CPU ({reason}), 2 threads, float32, ")
        job = json.loads(benchmark.read_text())
        assert (job["threads"], job["resources"]["gpu"]) == (int(cores), 2)
        made.append((run["weights_sha256"], sha256_of(again.folder / FOLDER / "scores.parquet")))
    assert made[0] == made[1]


def test_without_cards_no_gpu_is_asked_for(workflow):
    rules = workflow.folder / "workflow/rules/training.smk"
    # A dry run says what a rule asks for only where the rule has no message.
    rules.write_text(re.sub(r" +message:\n.*\n", "", rules.read_text()))
    workflow.write_config(config_with(cards=0))
    done = workflow.snakemake("-n", "--configfile", "test.yaml", "--resources", "gpu=1")
    asked = re.findall(r"^rule train_(\w+):.*?gpu=(\d)", done.stdout + done.stderr, re.M | re.S)
    assert set(asked) == {("conv1d", "0"), ("multiscale_attention", "1")}


@pytest.mark.parametrize(
    ("config", "environment", "line"),
    [
        (
            config_with(cards=2, backend="jax"),
            {},
            "test.yaml:31: models.conv1d.training.cards: 2 cards need `backend: tensorflow`",
        ),
        (
            config_with(cards=0, require_gpu=True),
            {},
            "test.yaml:31: models.conv1d.training.cards: 0 cards, and 'conv1d' has `require_gpu",
        ),
        (small_config(), {"KERAS_BACKEND": "torch"}, "KERAS_BACKEND is 'torch'; unset it"),
    ],
)
def test_what_no_backend_can_do_is_refused(workflow, config, environment, line):
    workflow.write_config(config)
    done = workflow.snakemake("-n", "--configfile", "test.yaml", **environment)
    assert done.returncode == 1
    assert line in done.stderr
    assert "Traceback" not in done.stderr
