"""Habits that a reader relies on, kept by the machine."""

import ast
import re

import pytest
import yaml
from pin import locked
from support import ROOT

STEPS = sorted((ROOT / "scripts").glob("*.py"))


@pytest.mark.parametrize("script", STEPS, ids=lambda path: path.stem)
def test_a_step_holds_no_logic(script):
    text = script.read_text()
    assert len(text.splitlines()) < 30
    functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    assert not [node for node in ast.walk(ast.parse(text)) if isinstance(node, functions)]


def test_every_step_has_a_rule():
    rules = "".join(file.read_text() for file in (ROOT / "workflow" / "rules").glob("*.smk"))
    assert {path.name for path in STEPS} == set(re.findall(r"scripts/(\w+\.py)", rules))


@pytest.mark.parametrize("name", ["analysis", "keras"])
def test_conda_environments_hold_the_locks_versions(name):
    content = yaml.safe_load((ROOT / "envs" / f"{name}.yaml").read_text())
    versions = locked()
    for pin in content["dependencies"][-1]["pip"]:
        package, version = pin.split("==")
        assert versions[package] == version


def test_the_lock_has_hashes_and_no_addresses():
    text = (ROOT / "envs" / "requirements.txt").read_text()
    assert "://" not in text
    requirements = re.findall(r"^[^\s#].*?(?=^\S|\Z)", text, flags=re.M | re.S)
    assert len(requirements) > 50
    assert all("--hash=sha256:" in requirement for requirement in requirements)


def test_modules_are_small():
    for path in (ROOT / "scripts" / "basewise").rglob("*.py"):
        assert len(path.read_text().splitlines()) <= 300, path
