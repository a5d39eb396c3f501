"""The demo through profiles/slurm, against the scheduler's own record and a run without it."""

import re
import shutil
import subprocess
import time
from itertools import combinations

import pytest
import yaml
from support import ROOT, Workflow

pytestmark = pytest.mark.slurm

NETWORKS = ("multiscale_attention_v2",)
FILES = ("scores.parquet", "history.tsv")


@pytest.fixture(scope="module")
def demo(cluster, tmp_path_factory):
    """A copy in which the demo has run on SLURM; its jobs, and the cards they held at each look."""
    made = Workflow.copied_to(tmp_path_factory.mktemp("demo"))
    looks = []
    with open(made.folder / "said", "w") as said:
        run = subprocess.Popen(
            cluster.command(), cwd=made.folder, env=cluster.environment, stdout=said, stderr=said
        )
        while run.poll() is None:
            looks.append({job.comment: job.cards for job in cluster.jobs() if job.cards})
            time.sleep(1)
    assert run.returncode == 0, (made.folder / "said").read_text()
    return made, cluster.jobs(), looks


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    """A copy in which it has run without SLURM; what `make demo` has left is not made again."""
    made = Workflow.copied_to(tmp_path_factory.mktemp("local"))
    for kept in ("results", ".snakemake/metadata"):
        if (ROOT / kept).exists():
            shutil.copytree(ROOT / kept, made.folder / kept)
    done = made.snakemake()
    assert done.returncode == 0, done.stderr
    return made


def trainings(jobs):
    return [job for job in jobs if job.comment.startswith("rule_train_")]


def test_every_job_ends_well_and_quick_steps_share_one(demo):
    made, jobs, _ = demo
    assert {job.state for job in jobs} == {"COMPLETED"}
    shared = re.findall(r"rule_(prepare|finish)_", " ".join(job.comment for job in jobs))
    assert sorted(shared) == ["finish", "prepare", "prepare"]
    assert len(jobs) < 40
    assert (made.folder / "results/report.html").exists()


def test_each_training_holds_one_card_of_its_own_and_no_other_job_any(demo):
    made, jobs, looks = demo
    assert len(trainings(jobs)) == 4
    for job in jobs:
        trains = job in trainings(jobs)
        assert (job.partition, job.gpus) == (("gpu", 1) if trains else ("cpu", 0)), job
    held = {comment: cards for look in looks for comment, cards in look.items()}
    assert set(held) == {job.comment for job in trainings(jobs)}
    together = [pair for look in looks for pair in combinations(look.values(), 2)]
    assert together, "no two trainings ran at the same time"
    assert all({*one, *other} == {0, 1} for one, other in together)
    for comment, cards in held.items():
        dataset, model = re.search(r"wildcards_([a-z]+)_(\w+)_0_1$", comment).groups()
        rule = comment.removeprefix("rule_").partition("_wildcards_")[0]
        log = made.folder / f"results/logs/{rule}/{dataset}/{model}/fold0/seed1.log"
        assert [f"Device: GPU {card}, " for card in cards] == re.findall(
            r"^Device: GPU \d+, ", log.read_text()
        )


def test_jobs_get_what_their_rules_ask_for(demo):
    _, jobs, _ = demo
    registry = yaml.safe_load((ROOT / "scripts/basewise/architectures/registry.yaml").read_text())
    asked = {
        f"train_{name}": tuple(registry[name][key] for key in ("threads", "mem_mb", "runtime"))
        for name in NETWORKS
    }
    asked["fit_baseline"] = (1, 4000, 120)
    given = {
        re.match(r"rule_(\w+?)_wildcards_", job.comment)[1]: (job.cpus, job.memory_mb, job.minutes)
        for job in jobs
        if "_wildcards_" in job.comment
    }
    assert {rule: given[rule] for rule in asked} == asked


def test_the_bytes_are_those_of_a_run_without_slurm(demo, local):
    made, _, _ = demo
    runs = sorted(made.folder.glob("results/*/models/*/fold*/seed*"))
    assert len(runs) == 10
    for run in [path.relative_to(made.folder) for path in runs]:
        for file in FILES if {"attention", "one_strand"} & {*run.parts} else FILES[:1]:
            one, other = (copy.folder / run / file for copy in (made, local))
            assert one.read_bytes() == other.read_bytes(), (run, file)
    one, other = (copy.folder / "results/metrics.tsv" for copy in (made, local))
    assert one.read_bytes() == other.read_bytes()
