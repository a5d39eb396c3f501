"""What is wrong with a file or a configuration is said in one line, and nothing is left behind.

One case of each kind. All others are those of the functions that find them: tests/unit/config, and
tests/unit/examples/test_bad_files.py for files.
"""

import fcntl
import gzip
import re
import shlex
import subprocess

import numpy as np
import pytest
from configs import changed
from support import refused, small_config

TYPO = "datasets: {a: {task: binery}}\nmodels: {}\n"
SYNTAX = "datasets:\n  a: [1\nmodels: {}\n"


def test_a_wrong_configuration_is_refused_before_any_job(workflow):
    config = changed("datasets", "peaks", "keeps", value={"column": 4, "equals": 1})
    assert refused(workflow, config) == [
        "Error: test.yaml:26: datasets.peaks.keeps: unknown key 'keeps'; did you mean 'keep'?"
    ]
    assert not (workflow.folder / "results").exists()


def test_yaml_that_cannot_be_read_is_told_by_line_and_column(workflow):
    """Of config/config.yaml; Snakemake reads what --configfile names before it reads us."""
    (workflow.folder / "config/config.yaml").write_text(SYNTAX)
    done = workflow.snakemake("-n")
    line = "Error: config/config.yaml:2:6: a list `[` is not closed, or a comma is missing"
    assert done.returncode == 1 and line in done.stderr.splitlines()
    assert "Traceback" not in done.stderr

    done = workflow.snakemake("-n", "--configfile", "config/config.yaml")
    assert done.returncode == 1 and "Config file is not valid JSON or YAML" in done.stdout


@pytest.mark.parametrize(
    ("command", "printed", "text"),
    [
        ("--unlock", "Unlocked working directory", TYPO),
        ("--lint", "Congratulations", SYNTAX),
        ("--list-rules", "fit_baseline", TYPO),
    ],
)
def test_what_plans_no_run_takes_a_broken_configuration(workflow, command, printed, text):
    (workflow.folder / "config/config.yaml").write_text(text)
    done = workflow.snakemake(command)
    assert done.returncode == 0, done.stderr
    assert printed in done.stdout + done.stderr
    assert "Warning: config/config.yaml:" in done.stderr


def test_a_missing_example_file_is_answered_with_where_to_get_it(workflow):
    done = workflow.snakemake(
        "-n", "--configfile", "config/examples/primer.yaml", BASEWISE_DATA="x"
    )
    assert done.returncode != 0
    lines = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert len(lines) == 2
    assert (
        "no such file: x/primer/sequences.txt; get it from https://github.com/abidlabs" in lines[0]
    )
    assert "set BASEWISE_DATA" in lines[0]


def test_a_bad_file_is_named_and_nothing_half_written_stays(workflow):
    content = gzip.compress(b">chr1\n" + np.random.default_rng(1).bytes(5000))[:2000]
    (workflow.folder / "input/genome.fa.gz").write_bytes(content)
    config = changed("datasets", "peaks", "genome", value="input/genome.fa.gz")
    target = "results/peaks/examples/examples.parquet"
    assert set(refused(workflow, config, target)) == {
        "Error: input/genome.fa.gz: the gzip file is cut short; fetch or copy it again"
    }
    assert not (workflow.folder / target).exists()
    assert not list((workflow.folder / "results").rglob(".unfinished*"))


def test_leakage_stops_before_training_where_it_is_asked_to(workflow):
    lines = (workflow.folder / "input/sequences.txt").read_text().splitlines()
    (workflow.folder / "input/sequences.txt").write_text("\n".join(lines[60:180] * 2))
    labels = (workflow.folder / "input/labels.txt").read_text().split()
    (workflow.folder / "input/labels.txt").write_text("\n".join(labels[60:180] * 2))
    config = changed("datasets", "lines", "fail_on_leakage", value=True)
    config["datasets"]["lines"]["split"] = {"method": "random", "folds": 3}
    run = "results/lines/models/kmers/fold0/seed1/scores.parquet"
    (line,) = set(refused(workflow, config, run))
    assert "Error: dataset lines: examples leak between the parts: exact " in line
    assert not (workflow.folder / run).exists()
    log = (workflow.folder / "results/logs/audit_leakage/lines.log").read_text()
    for fold in range(3):
        assert re.search(rf"^Fold {fold}\n(.*\n)+? *exact ", log, re.M)


def test_training_that_diverges_is_named_and_leaves_nothing(workflow):
    config = changed("training", "learning_rate", value=1e30)
    run = "results/lines/models/conv1d/fold0/seed1"
    (line,) = set(refused(workflow, config, f"{run}/scores.parquet"))
    assert line.startswith("Error: dataset lines: the training of conv1d diverged")
    assert not list((workflow.folder / run).glob("*"))


@pytest.mark.slow
def test_without_a_lock_a_run_refuses_company(workflow):
    """Before Snakemake deletes what the other run has just written."""
    target = "results/lines/extract/letters.npy"
    lock = workflow.folder / ".snakemake/basewise.lock"
    lock.parent.mkdir()
    with open(lock, "wb") as other:
        fcntl.flock(other, fcntl.LOCK_SH)
        (line,) = set(refused(workflow, small_config(), target, "--nolock"))
        assert line == "Error: another run works in this folder; wait until it has ended"
    assert not (workflow.folder / target).exists()
    done = workflow.run(target, "--nolock", "--configfile", "test.yaml")
    assert done.returncode == 0, done.stderr
    assert (workflow.folder / target).exists()


@pytest.mark.parametrize(
    ("made", "file", "damage"),
    [
        pytest.param(
            "splits", "splits/fold0.tsv", lambda file: file.unlink(), marks=pytest.mark.slow
        ),
        ("extract/letters.npy", "extract/letters.npy", lambda file: file.write_bytes(b"ACGT")),
    ],
)
def test_a_damaged_file_comes_back_as_the_message_says(workflow, made, file, damage):
    """Of a folder Snakemake sees the folder alone: without the file it would not be made again."""
    path = workflow.folder / "results/lines" / file
    target = "results/lines/models/kmers/fold0/seed1/scores.parquet"
    configfile = workflow.write_config(small_config())
    done = workflow.run(f"results/lines/{made}", "--configfile", configfile)
    assert done.returncode == 0, done.stderr
    whole = path.read_bytes()
    damage(path)
    (line,) = set(refused(workflow, small_config(), target))
    told = re.fullmatch(
        f"Error: results/lines/{file}: .*; take it as basewise wrote it, "
        rf"or `(rm .*results/lines/{made})` and run the workflow again",
        line,
    )
    subprocess.run(shlex.split(told[1]), cwd=workflow.folder, check=True)
    done = workflow.run(target, "--configfile", configfile)
    assert done.returncode == 0, done.stderr
    assert path.read_bytes() == whole
