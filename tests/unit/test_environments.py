"""What is installed where: lock, conda environments and images hold the same versions."""

import ast
import json
import re
import subprocess
import sys
import tomllib
from functools import cache
from importlib.metadata import distribution, packages_distributions
from pathlib import Path

import pytest
import yaml
from inventory import needed_by
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from pin import requirements
from support import FOLDERS, ROOT

ENVS = ROOT / "envs"
LIBRARY = ROOT / "scripts" / "basewise"
ENVIRONMENTS = ["analysis", "keras"]

# Files that import modules by name: the registry, and its keys that hold the names.
BY_NAME = {
    "basewise/architectures/__init__.py": ("architectures", ("module", "features", "pretraining")),
    "basewise/baselines/__init__.py": ("baselines", ("module",)),
}
ASKED_BY = {"TensorBoard": "tensorboard"}
"""Packages that Keras imports when it is asked for this."""


@cache
def locked(name: str = "requirements.txt") -> dict[str, str]:
    """Package to what the lock says of it: version, marker, hashes."""
    text = (ENVS / name).read_text()
    return {line.partition("==")[0]: line for line in requirements(text)}


def installed_by_pip(environment: str) -> dict[str, str]:
    content = yaml.safe_load((ENVS / f"{environment}.yaml").read_text())
    assert content["dependencies"][:2] == ["python=3.11", "pip"]
    return {pin.partition("==")[0]: pin for pin in content["dependencies"][2]["pip"]}


def named(environment: str) -> set[str]:
    return set((ENVS / f"{environment}.in").read_text().split())


@cache
def registered(file: Path) -> list[str]:
    """Modules that a file imports by the names in the registries."""
    kind, keys = BY_NAME.get(str(file.relative_to(ROOT / "scripts")), ("", ()))
    entries = yaml.safe_load((LIBRARY / kind / "registry.yaml").read_text()) if kind else {}
    named = {(key, entry[key]) for entry in entries.values() for key in keys if key in entry}
    return sorted(
        f"basewise.{kind}.{name}" if key == "module" else f"basewise.{name.partition(':')[0]}"
        for key, name in named
    )


@cache
def imports(file: Path) -> tuple[set[str], list[str]]:
    """Packages that a file imports, inside functions too, and modules of the library."""
    packages, modules = set(), []
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            packages.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level:
            package = ".".join(file.relative_to(LIBRARY.parent).parent.parts)
            modules += [package, f"{package}.{node.module}"]
        elif isinstance(node, ast.ImportFrom) and node.module.partition(".")[0] == "basewise":
            modules += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.ImportFrom):
            packages.add(node.module.partition(".")[0])
        elif isinstance(node, ast.Attribute) and node.attr in ASKED_BY:
            packages.add(ASKED_BY[node.attr])
    packages -= sys.stdlib_module_names
    return {distributions()[name] for name in packages}, modules


def module_file(name: str) -> Path | None:
    """File of a module of the library, None for anything else."""
    base = (ROOT / "scripts").joinpath(*name.split("."))
    return next(
        (file for file in (base.with_suffix(".py"), base / "__init__.py") if file.is_file()), None
    )


@cache
def distributions() -> dict[str, str]:
    found = packages_distributions().items()
    return {module: canonicalize_name(packages[0]) for module, packages in found}


def packages_of(step: str) -> set[str]:
    """Packages that a step imports, or a module of the library that it can reach."""
    pending, packages = [ROOT / "scripts" / f"{step}.py"], set()
    seen = {ROOT / "scripts/basewise/__init__.py"}  # steps do not go in by the front door
    while pending:
        file = pending.pop()
        if file in seen:
            continue
        seen.add(file)
        found, modules = imports(file)
        packages |= found
        pending += filter(None, map(module_file, [*modules, *registered(file)]))
    return packages


@cache
def steps() -> list[tuple[str, str]]:
    """Environment and step of every rule."""
    rules = "".join(file.read_text() for file in (ROOT / "workflow" / "rules").glob("*.smk"))
    found = re.findall(r'envs/(\w+)\.yaml".*?scripts/(\w+)\.py"', rules, re.S)
    assert len(found) == len(list((ROOT / "scripts").glob("*.py")))
    return found


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_an_environment_names_what_its_steps_import_and_nothing_else(environment):
    wanted = {
        package: step
        for inside, step in steps()
        if inside == environment
        for package in packages_of(step)
    }
    missing = {
        package: step for package, step in wanted.items() if package not in named(environment)
    }
    assert missing == {}
    assert named(environment) - set(wanted) == set()


def test_files_that_import_by_name_are_known():
    files = [file for file in LIBRARY.rglob("*.py") if " import_module\n" in file.read_text()]
    assert {str(file.relative_to(ROOT / "scripts")) for file in files} == set(BY_NAME)
    assert all(registered(file) for file in files)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_conda_environments_are_a_part_of_the_lock(environment):
    def parts(requirement):
        return requirement.split()[0], set(re.findall(r"sha256:\w{64}", requirement))

    pins = installed_by_pip(environment)
    assert named(environment) <= set(pins)
    for package, pin in pins.items():
        assert parts(pin) == parts(locked()[package])
        assert parts(pin)[1], "pip asks for hashes of all or none"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_conda_environments_leave_no_package_for_pip_to_choose(environment):
    pins = installed_by_pip(environment)
    here = [name for name, pin in pins.items() if applies(requirement_of(pin))]
    assert len(here) > 30
    for package in here:
        for needed in map(Requirement, distribution(package).requires or []):
            assert not applies(needed) or canonicalize_name(needed.name) in pins, (package, needed)


def requirement_of(line: str) -> Requirement:
    """What a line of a lock asks for, without its hashes."""
    return Requirement(line.partition(" --hash")[0])


def applies(requirement: Requirement) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": ""})


def test_what_the_environments_name_is_in_the_project():
    text = (ROOT / "pyproject.toml").read_text()
    needed = text.partition("dependencies = [")[2].partition("]\n\n")[0]
    assert set.union(*map(named, ENVIRONMENTS)) <= set(re.findall(r'^ +"([\w-]+)"', needed, re.M))


def test_the_gpu_libraries_come_on_top_of_the_lock():
    gpu = locked("requirements-gpu.txt")
    common = set(gpu) & set(locked())
    assert {"tensorflow", "keras", "jax", "jaxlib", "numpy"} <= common
    assert [name for name in common if gpu[name].split()[0] != locked()[name].split()[0]] == []
    added = [name for name in gpu if name not in common]
    assert added and all(name.startswith(("nvidia-", "jax-cuda12-")) for name in added)


def test_what_a_run_needs_brings_no_tool_of_development():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    here = {
        name: {package for package, line in locked(name).items() if applies(requirement_of(line))}
        for name in ("requirements.txt", "requirements-dev.txt")
    }
    needed = [*project["project"]["dependencies"], *groups["build"]]
    assert here["requirements.txt"] == set(needed_by(needed)[0])
    assert here["requirements-dev.txt"] == set(needed_by(groups["dev"])[0])


def test_both_locks_hold_one_version_of_a_package():
    common = set(locked()) & set(locked("requirements-dev.txt"))
    assert "packaging" in common
    assert all(locked()[name] == locked("requirements-dev.txt")[name] for name in common)


def test_executors_of_profiles_are_in_the_lock():
    profiles = (ROOT / "profiles").glob("*/profile.yaml")
    executors = {yaml.safe_load(file.read_text()).get("executor") for file in profiles} - {None}
    assert executors == {"slurm"}
    assert {f"snakemake-executor-plugin-{name}" for name in executors} <= set(locked())


def test_the_profiles_in_the_docs_are_yaml_with_a_bucket():
    blocks = re.findall(
        r"^```yaml\n(.*?)^```$", (ROOT / "docs/cluster.md").read_text(), re.M | re.S
    )
    profiles = [profile for profile in map(yaml.safe_load, blocks) if "executor" in profile]
    storage = {one["executor"]: one["default-storage-provider"] for one in profiles}
    assert storage == {"kubernetes": "s3", "aws-batch": "s3", "googlebatch": "gcs"}


@pytest.mark.parametrize("name", [path.name for path in sorted(ENVS.glob("requirements*.txt"))])
def test_a_lock_has_hashes_and_no_addresses(name):
    assert "://" not in (ENVS / name).read_text()
    assert len(locked(name)) > 50
    assert all("--hash=sha256:" in requirement for requirement in locked(name).values())


def instructions(file: str) -> list[tuple[str, list[str]]]:
    """Instructions of a Dockerfile with their words."""
    text = (ROOT / file).read_text().replace("\\\n", " ")
    lines = [line.split() for line in text.splitlines() if line and not line.startswith("#")]
    return [(line[0], line[1:]) for line in lines]


def sections(file: str) -> dict[str, list[str]]:
    """Sections of an Apptainer definition with their lines; the header is the section ''."""
    found, inside = {"": []}, ""
    for line in (ROOT / file).read_text().splitlines():
        if line.startswith("%"):
            inside = line.removeprefix("%")
            assert inside not in found
            found[inside] = []
        elif line and not line.startswith("#"):
            found[inside].append(line.strip())
    return found


KNOWN = {"FROM", "ARG", "COPY", "RUN", "ENV", "USER", "WORKDIR", "CMD"}


def test_the_dockerfile_copies_what_there_is_and_ends_without_root():
    found = instructions("Dockerfile")
    assert found[0] == ("FROM", ["python:3.11-slim-bookworm"])
    assert {instruction for instruction, _ in found} == KNOWN
    by_name = {instruction: words for instruction, words in found}
    assert by_name["USER"][0] not in ("root", "0")
    assert json.loads(" ".join(by_name["CMD"]))[0] == "snakemake"
    copied = [words for instruction, words in found if instruction == "COPY"]
    check_copies([(source, target) for *sources, target in copied for source in sources])
    for instruction, words in found:
        if instruction == "RUN":
            check_shell(" ".join(words))


def test_the_image_is_built_without_what_is_made_here():
    left_out = set((ROOT / ".dockerignore").read_text().split())
    assert {".git", ".venv", "wheelhouse", "results", "**/__pycache__"} <= left_out
    assert left_out.isdisjoint({"Snakefile", *FOLDERS})


def test_the_apptainer_definition_is_the_dockerfiles_image():
    found = sections("envs/apptainer.def")
    image = instructions("Dockerfile")[0][1][0]
    assert found[""] == ["Bootstrap: docker", f"From: {image}"]
    assert set(found) == {"", "arguments", "files", "post", "runscript"}
    check_copies([tuple(line.split()) for line in found["files"]])
    for script in ("post", "runscript"):
        check_shell("\n".join(found[script]))


def check_copies(copies: list[tuple[str, str]]) -> None:
    """What an image holds of the repository is there, and is all that a run needs."""
    assert all((ROOT / source).exists() for source, _ in copies)
    assert {source for source, _ in copies} >= {"Snakefile", *FOLDERS}
    assert all(target.startswith("/opt/basewise/") for _, target in copies)


def check_shell(script: str) -> None:
    """The shell reads it, and every lock it names is one of ours, installed by its hashes."""
    assert subprocess.run(["sh", "-n"], input=script, text=True).returncode == 0
    installs = re.findall(r"pip install (.*?) -r \S*?([\w-]+\.txt)", script)
    assert script.count("pip install") == len(installs)
    assert all("--require-hashes" in options for options, _ in installs)
    assert all((ENVS / lock).exists() for _, lock in installs)
