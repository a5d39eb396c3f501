"""The workflow used from elsewhere: as a module, deployed to a folder of its own, fetched."""

import os
import re
import shutil
import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pandas as pd
import pytest
import yaml
from forked_python import SNAKEMAKE, STEPS
from support import FOLDERS, KEPT_OUT, ROOT, small_config, write_inputs

MODULE = """
module {name}:
    snakefile:
        {snakefile}
    config:
        config
{prefix}

use rule * from {name}{renamed}
"""
GIT = ["git", "-c", "user.name=basewise", "-c", "user.email=basewise@example.org"]
OTHER_PLACE = r"Error: .*: take github\(\), gitlab\(\) or a clone"


def snakemake(folder: Path, *arguments: str, fails: bool = False, **environment: str) -> str:
    command = ["-m", "snakemake", "--cores", "2", "--scheduler", "greedy", *arguments]
    environment = {**os.environ, **STEPS.environment, **environment}
    done = SNAKEMAKE.run(command, folder, environment, executable=STEPS.python)
    output = done.stdout + done.stderr
    assert (done.returncode != 0) == fails, output
    return output


def planned(output: str) -> dict[str, int]:
    """Rules and how often each runs, from the last table of an output."""
    table = output.rpartition("Job stats:")[2]
    return {rule: int(count) for rule, count in re.findall(r"^(\w+) +(\d+)$", table, re.M)}


def module(rename: str, snakefile: Path | str, prefix: str = "") -> str:
    """A module and the use of its rules, as snakedeploy writes it, or with names of their own."""
    return MODULE.format(
        name=rename or "basewise",
        snakefile=snakefile if str(snakefile).startswith("github(") else f'"{snakefile}"',
        renamed=f" as {rename}_*" if rename else "",
        prefix=f'    prefix:\n        "{prefix}"' if prefix else "",
    )


def one_baseline(folder: str = "made") -> dict:
    config = small_config()
    config["datasets"]["lines"]["sequences"] = f"{folder}/sequences.txt"
    config["datasets"] = {"lines": config["datasets"]["lines"]}
    config["models"] = {"kmers": config["models"]["kmers"]}
    return config | {"seeds": [1]}


def write_project(folder: Path, *modules: str, rules: str = "", config: dict) -> None:
    """A project of somebody else's: a workflow/Snakefile and a configuration."""
    (folder / "workflow").mkdir()
    (folder / "config").mkdir()
    text = 'configfile: "config/config.yaml"\n\n' + rules + "\n".join(modules)
    (folder / "workflow/Snakefile").write_text(text)
    (folder / "config/config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))


OWN_RULES = """
rule count:
    input:
        "moved/results/lines/models/kmers/fold0/seed1/scores.parquet",
    output:
        "counted.txt",
    shell:
        "echo $PYTHONPATH > {output}"

rule make_sequences:
    output:
        "made/sequences.txt",
    shell:
        "cp input/sequences.txt {output}"

"""


def test_a_module_with_a_prefix_runs_between_rules_of_its_own(tmp_path):
    write_inputs(tmp_path / "input")
    basewise = module("basewise", ROOT / "Snakefile", prefix="moved")
    write_project(tmp_path, basewise, rules=OWN_RULES, config=one_baseline())
    snakemake(tmp_path, PYTHONPATH="/of/my/own")
    assert (tmp_path / "counted.txt").read_text().endswith("/scripts:/of/my/own\n")
    assert len(pd.read_parquet(tmp_path / "moved/results/lines/examples/examples.parquet")) == 240
    assert not (tmp_path / "results").exists()


def test_no_step_names_the_folder_of_results():
    for script in (ROOT / "scripts").glob("*.py"):
        assert '"results' not in script.read_text(), script


def test_modules_share_a_configuration_and_leave_it_alone(tmp_path):
    demo = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    demo["models"]["shuffled"] = {"control": "attention"}
    modules = [
        module("one", ROOT / "Snakefile", prefix="first"),
        module("two", ROOT / "workflow/Snakefile", prefix="second"),
    ]
    write_project(tmp_path, *modules, config=demo)
    plan = planned(snakemake(tmp_path, "-n", "one_all", "two_all"))
    assert plan["one_simulate_promoters"] == plan["one_write_report"] == 1
    of = {
        name: {rule[4:]: plan[rule] for rule in plan if rule[:3] == name} for name in ("one", "two")
    }
    assert of["one"] == of["two"]


@pytest.mark.slow
def test_two_revisions_in_one_workflow_keep_apart(tmp_path):
    """Each reads the configuration with its own code."""
    write_inputs(tmp_path / "input")
    other = committed(tmp_path / "other")
    study = other / "scripts/basewise/config/study.py"
    study.write_text(study.read_text().replace("else self.seeds\n", "else self.seeds[:1]\n"))
    modules = [
        module("one", ROOT / "Snakefile", prefix="first"),
        module("two", other / "Snakefile", prefix="second"),
    ]
    write_project(tmp_path, *modules, config=one_baseline("input") | {"seeds": [1, 2]})
    plan = planned(snakemake(tmp_path, "-n", "one_all", "two_all"))
    assert (plan["one_fit_baseline"], plan["two_fit_baseline"]) == (2, 1)


@pytest.mark.slow
def test_a_deployed_folder_holds_a_configuration_and_one_module(tmp_path):
    demo = yaml.safe_load((ROOT / "config/config.yaml").read_text())
    write_project(tmp_path, module("", ROOT / "workflow/Snakefile"), config=demo)
    deployed = planned(snakemake(tmp_path, "-n"))
    assert deployed["simulate_promoters"] == deployed["write_report"] == deployed["default"] == 1
    shutil.rmtree(tmp_path / "workflow")
    snakefile = str(ROOT / "workflow/Snakefile")
    assert planned(snakemake(ROOT, "-n", "-s", snakefile, "-d", str(tmp_path))) == deployed


def committed(folder: Path) -> Path:
    """A git repository of the working tree, with a tag."""
    for part in FOLDERS:
        shutil.copytree(ROOT / part, folder / part, ignore=KEPT_OUT)
    shutil.copy(ROOT / "Snakefile", folder)
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "all"], ["tag", "v1"]):
        subprocess.run([*GIT, *command], cwd=folder, check=True)
    return folder


@pytest.mark.slow
def test_a_workflow_fetched_from_a_repository_has_its_library(tmp_path):
    source, cache, folder = committed(tmp_path / "source"), tmp_path / "cache", tmp_path / "project"
    clone = cache / "snakemake/snakemake/source-cache/snakemake-git-cache/github.com/some/where"
    subprocess.run([*GIT, "clone", "-q", "--bare", source, clone], check=True)
    shutil.rmtree(source)
    folder.mkdir()
    write_inputs(folder / "input")
    github = 'github("some/where", path="workflow/Snakefile", tag="v1")'
    write_project(folder, module("", github), config=one_baseline("input"))
    target = "results/lines/examples/examples.parquet"
    snakemake(folder, target, XDG_CACHE_HOME=str(cache))
    assert len(pd.read_parquet(folder / target)) == 240


def test_a_workflow_fetched_from_elsewhere_is_refused(tmp_path):
    handler = partial(SimpleHTTPRequestHandler, directory=ROOT)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/workflow/Snakefile"
    write_project(tmp_path, module("", address), config=one_baseline())
    output = snakemake(tmp_path, "-n", fails=True, no_proxy="127.0.0.1")
    server.shutdown()
    server.server_close()
    assert re.search(OTHER_PLACE, output) and "Traceback" not in output


def test_lint_and_format_through_the_file_that_the_catalog_looks_for():
    output = snakemake(ROOT, "--lint", "-s", "workflow/Snakefile")
    assert "Congratulations" in output
    command = [Path(sys.executable).with_name("snakefmt"), "--check", "workflow/Snakefile"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)


def test_what_the_catalog_reads_is_there():
    usage = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text())["usage"]
    assert set(usage) == {"mandatory-flags", "software-stack-deployment", "report"}
    assert set(usage["mandatory-flags"]) == {"desc", "flags"}
    deployment = usage["software-stack-deployment"]
    assert set(deployment) == {"conda", "apptainer", "apptainer+conda", "report"}
    rules = "".join(file.read_text() for file in (ROOT / "workflow/rules").glob("*.smk"))
    assert deployment["conda"] == ("conda:" in rules)
    assert deployment["apptainer"] == ("container:" in rules)
    assert usage["report"] == deployment["report"] == ("report(" in rules)
    words = (ROOT / "README.md").read_text().lower()
    assert "snakemake" in words and "workflow" in words
    assert (ROOT / "config/README.md").is_file()
