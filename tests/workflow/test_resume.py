"""A run that dies goes on where it was: the job killed, the machine lost, the time out."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support import Workflow, small_config, write_inputs

RUN = "results/lines/models/conv1d/fold0/seed1"
LOG = "results/logs/train_conv1d/lines/conv1d/fold0/seed1.log"
FILES = ("scores.parquet", "history.tsv")


def configured(folder: Path) -> tuple[Workflow, str]:
    workflow = Workflow.copied_to(folder)
    write_inputs(folder / "input")
    config = small_config()
    config["datasets"].pop("peaks")
    config["models"] = {"conv1d": {"architecture": "conv1d", "filters": 4, "dropout": 0.5}}
    config["training"] = {"epochs": 80, "batch_size": 4, "patience": 80, "schedule": "cosine"}
    config["seeds"] = [1]
    return workflow, workflow.write_config(config)


def dies_while_training(workflow: Workflow, configfile: str, kill) -> None:
    """Run the workflow until the training has saved an epoch, then kill what is to be killed."""
    command = [sys.executable, "-m", "snakemake", f"{RUN}/scores.parquet"]
    command += ["--workflow-profile", "profiles/cpu", "--configfile", configfile]
    folder = workflow.folder
    before = {path: path.stat().st_mtime_ns for path in folder.glob(f"{RUN}/.unfinished-*/*.npz")}
    run = subprocess.Popen(
        command,
        cwd=folder,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    until = time.monotonic() + 120
    while before == {
        path: path.stat().st_mtime_ns for path in folder.glob(f"{RUN}/.unfinished-*/train.npz")
    }:
        assert run.poll() is None and time.monotonic() < until, run.communicate()[0].decode()
        time.sleep(0.01)
    kill(run.pid)
    run.communicate()
    assert run.returncode != 0
    assert not any((folder / RUN / file).exists() for file in FILES)


def the_job_is_out_of_time(group: int) -> None:
    """Send SIGTERM to the training job alone, as a scheduler does."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
        except OSError:
            continue
        pid = int(process.name)
        if b"train_network.py" in command and os.getsid(pid) == group:
            os.kill(pid, signal.SIGTERM)


def everything_is_lost(group: int) -> None:
    os.killpg(group, signal.SIGKILL)


@pytest.mark.slow
def test_a_killed_run_ends_with_the_bytes_of_a_whole_one(tmp_path):
    whole, configfile = configured(tmp_path / "whole")
    done = whole.snakemake(f"{RUN}/scores.parquet", "--configfile", configfile)
    assert done.returncode == 0, done.stderr
    killed, configfile = configured(tmp_path / "killed")
    dies_while_training(killed, configfile, the_job_is_out_of_time)
    dies_while_training(killed, configfile, everything_is_lost)
    assert "Going on after epoch" in (killed.folder / LOG).read_text()
    assert killed.snakemake("--unlock", "--configfile", configfile).returncode == 0
    done = killed.snakemake(f"{RUN}/scores.parquet", "--configfile", configfile)
    assert done.returncode == 0, done.stderr
    assert "Going on after epoch" in (killed.folder / LOG).read_text()
    for file in FILES:
        assert (killed.folder / RUN / file).read_bytes() == (whole.folder / RUN / file).read_bytes()
    assert not list((killed.folder / RUN).glob(".unfinished-*"))
