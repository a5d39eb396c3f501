"""The search for settings in the workflow: what is refused, what it leaves, that it survives."""

import copy
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
from support import small_config

FOLDER = "results/lines/tuning/conv1d/fold0"
TABLES = [f"{FOLDER}/{file}" for file in ("trials.tsv", "best.json", "importance.tsv")]
LOG = "results/logs/tune_conv1d/lines/conv1d/fold0/0.log"
SEARCH = {
    "dense_units": [8, 16],
    "learning_rate": {"low": 0.001, "high": 0.1, "log": True},
}


def tuned(search, model="conv1d", **tune):
    config = copy.deepcopy(small_config())
    config["models"][model]["tune"] = {**tune, "search": search}
    return config


def refused(workflow, config):
    """Lines of a refusal, without the place in the file."""
    done = workflow.snakemake("-n", "--configfile", workflow.write_config(config))
    assert done.returncode != 0
    lines = (done.stdout + done.stderr).splitlines()
    return {line.split(": models.")[1] for line in lines if line.startswith("Error: test.yaml:")}


def test_a_search_that_cannot_be_is_refused_with_every_mistake(workflow):
    search = {
        "dense_unit": [8, 16],
        "filters": [2, 4],
        "dropout": {"low": 0.5, "high": 1.0},
        "kernel_size": {"low": 0, "high": 8, "log": True},
        "learning_rate": [0.1, "1e-3"],
        "optimizer": {"low": 1, "high": 2},
        "batch_size": {"low": 16, "high": 64, "step": 0.5},
        "label_smoothing": [0, 0.1],
        "epochs": [1, 2],
        "shift": {"low": 3, "high": 1},
    }
    place = "conv1d.tune.search"
    assert refused(workflow, tuned(search)) == {
        f"{place}.dense_unit: unknown key 'dense_unit'; did you mean 'dense_units'?",
        f"{place}.filters: the model sets `filters` too; take one of them out",
        f"{place}.dropout.high: 1.0 is greater than or equal to the maximum of 1",
        f"{place}.kernel_size.low: 0 is less than the minimum of 1",
        f"{place}.kernel_size.log: a range by magnitudes starts above 0, not at 0",
        f"{place}.learning_rate.1: must be a number above 0; YAML takes 1e-3 for text, write 0.001 "
        "or 1.0e-3",
        f"{place}.optimizer: a range is for numbers; give a list of choices",
        f"{place}.batch_size.step: 0.5 must be a whole number",
        f"{place}.label_smoothing: `label_smoothing` cannot be searched; it changes the loss that "
        "trials are compared by",
        f"{place}.epochs: `epochs` cannot be searched; the trials' epochs are `tune: epochs`",
        f"{place}.shift.low: 3 is not below `high`, 1",
    }
    config = tuned({"dense_units": {"low": 4, "hihg": 8}, "dropout": [0.1]}, trails=3)
    config["models"]["kmers"]["tune"] = {"search": {"largest_k": [2, 3]}}
    assert refused(workflow, config) == {
        "conv1d.tune.trails: unknown key 'trails'; did you mean 'trials'?",
        f"{place}.dense_units.hihg: unknown key 'hihg'; did you mean 'high'?",
        f"{place}.dropout: must be a list of two or more choices, or a range such as "
        "{low: 0.1, high: 0.5}",
        "kmers.tune: baselines choose their own settings; take `tune` out",
    }


@pytest.mark.slow
def test_jobs_share_a_search(workflow):
    planned = workflow.planned(workflow.write_config(tuned(SEARCH, jobs=3)))
    assert planned["tune_conv1d"] == 2 * 3
    assert planned["collect_trials"] == planned["draw_models"] == 2
    assert planned["train_conv1d"] == 2 * 2
    assert "tune_multiscale_attention" not in planned


def dies_in_its_second_trial(workflow, configfile):
    """Start a search and kill everything once two trials have begun."""
    command = [sys.executable, "-m", "snakemake", TABLES[0], "--configfile", configfile]
    command += ["--workflow-profile", "profiles/cpu"]
    run = subprocess.Popen(
        command,
        cwd=workflow.folder,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + 120
    begun = 0
    while begun < 2:
        assert run.poll() is None and time.monotonic() < until
        journals = (workflow.folder / FOLDER).glob("journal-*.log")
        begun = sum(path.read_text().count('"op_code":4') for path in journals)
        time.sleep(0.01)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()


@pytest.mark.slow
def test_a_killed_search_ends_as_a_whole_one_and_its_best_settings_are_trained(workflow):
    """The killed search is to have two trials only; it goes on when more are wanted."""
    config = tuned(SEARCH, trials=4, epochs=2)
    config["seeds"] = [1]
    config["datasets"].pop("peaks")
    config["models"] = {"conv1d": config["models"]["conv1d"]}
    configfile = workflow.write_config(config)
    done = workflow.snakemake(*TABLES, "--configfile", configfile)
    assert done.returncode == 0, done.stdout + done.stderr
    whole = [(workflow.folder / file).read_bytes() for file in TABLES]
    shutil.rmtree(workflow.folder / FOLDER)

    shorter = copy.deepcopy(config)
    shorter["models"]["conv1d"]["tune"]["trials"] = 2
    dies_in_its_second_trial(workflow, workflow.write_config(shorter, "shorter.yaml"))
    assert workflow.snakemake("--unlock", "--configfile", configfile).returncode == 0
    done = workflow.snakemake("--configfile", configfile)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Going on after 1 of 4 trials" in (workflow.folder / LOG).read_text()
    assert [(workflow.folder / file).read_bytes() for file in TABLES] == whole

    best = json.loads(whole[1])
    run = workflow.folder / "results/lines/models/conv1d/fold0/seed1/run.json"
    record = json.loads(run.read_text())
    assert record["settings"] == {"filters": 4, **best["settings"]}
    assert record["training"]["learning_rate"] == best["training"]["learning_rate"]
    report = (workflow.folder / "results/report.html").read_text()
    assert "conv1d: 4 trials,\n" in report and "No validation or test example" in report
