"""What a run needs: met, of the lock's versions, under licenses that allow use, and listed."""

import json
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from importlib.resources import files

import pytest
from inventory import bill_of_materials, is_allowed, license_of, mistakes_of, needed_by
from jsonschema import Draft7Validator
from pin import requirements
from referencing import Registry, Resource
from support import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCK = (ROOT / "envs" / "requirements.txt").read_text()
LOCKED = {line.partition("==")[0]: line for line in requirements(LOCK)}


@pytest.fixture
def install(tmp_path):
    """Writes the metadata of packages, and returns what looks them up."""

    def install(**packages):
        for name, lines in packages.items():
            folder = tmp_path / f"{name}-1.0.dist-info"
            folder.mkdir()
            head = f"Metadata-Version: 2.4\nName: {name}\nVersion: 1.0\n"
            (folder / "METADATA").write_text(head + "".join(f"{line}\n" for line in lines))

        def find(name):
            if name in packages:
                return Distribution.at(tmp_path / f"{name}-1.0.dist-info")
            raise PackageNotFoundError(name)

        return find

    return install


def test_what_a_run_needs_is_met_and_licensed():
    packages, unmet = needed_by(PROJECT["dependencies"])
    assert unmet + mistakes_of(packages, LOCKED) == []
    assert {"tensorflow", "numpy", "snakemake", "docutils"} <= set(packages)
    assert license_of("numpy", distribution("numpy")).startswith("BSD-3-Clause AND ")


CLASSIFIER = "Classifier: License :: OSI Approved :: "
GPL_3 = f"{CLASSIFIER}GNU General Public License v3 (GPLv3)"


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["License-Expression: GPL-3.0-or-later"], "GPL-3.0-or-later"),
        (["License-Expression: MIT AND GPL-2.0-only"], "MIT AND GPL-2.0-only"),
        (["License-Expression: AGPL-3.0-only"], "AGPL-3.0-only"),
        (["License: GPLv3"], "GPLv3"),
        ([GPL_3], "GNU General Public License v3 (GPLv3)"),
        (["License: MIT", GPL_3], "is not clear"),
        ([f"{CLASSIFIER}BSD License", GPL_3], "is not clear"),
        (["License: see the file"], "see the file"),
        ([], "is not clear"),
        (["License-Expression: MIT"], None),
        (["License-Expression: GPL-3.0-only OR MIT"], None),
        (["License: Copyright (c) 2020 A", f"{CLASSIFIER}MIT License"], None),
        (["License: BSD-3-Clause", f"{CLASSIFIER}BSD License"], None),
    ],
)
def test_a_license_that_is_not_allowed_is_refused_however_deep(install, lines, told):
    find = install(outer=["License-Expression: MIT", "Requires-Dist: inner"], inner=lines)
    packages, unmet = needed_by(["outer"], find)
    assert not unmet and list(packages) == ["inner", "outer"]
    said = mistakes_of(packages, {name: f"{name}==1.0 --hash" for name in packages})
    assert len(said) == (told is not None)
    assert all(line.startswith(f"inner 1.0: its license {told}") for line in said)


def test_a_license_that_was_read_holds_for_its_version_alone(install):
    read = distribution("docutils")
    assert is_allowed(license_of("docutils", read))
    lines = [f"Classifier: {one}" for one in read.metadata.get_all("Classifier")]
    find = install(docutils=lines)
    assert license_of("docutils", find("docutils")) is None


def test_what_is_unmet_or_of_another_version_than_the_lock_is_told(install):
    needs = ["Requires-Dist: c>=2", "Requires-Dist: d", 'Requires-Dist: e; extra == "x"']
    find = install(a=["License: MIT", *needs], c=["License: MIT"])
    packages, unmet = needed_by(["a"], find)
    assert sorted(unmet) == [
        "a needs c>=2, installed is 1.0",
        "a needs d, which is not installed",
    ]
    assert mistakes_of(packages, {"a": "a==1.0 --hash", "c": "c==2.0 --hash"}) == [
        "c 1.0 is installed, the lock says c==2.0"
    ]
    assert 'a needs e; extra == "x", which is not installed' in needed_by(["a[x]"], find)[1]


def test_the_bill_of_materials_keeps_the_schema_and_lists_all(tmp_path):
    wheel = tmp_path / "some.whl"
    wheel.write_bytes(b"wheel")
    packages, _ = needed_by(PROJECT["dependencies"])
    bill = bill_of_materials(PROJECT, wheel, packages, LOCKED)
    check_bill(bill)
    assert {one["name"] for one in bill["components"]} == set(packages)
    refs = [one["bom-ref"] for one in bill["components"]]
    needs = {one["ref"]: one["dependsOn"] for one in bill["dependencies"]}
    assert set(needs) - {"pkg:pypi/basewise@0.1.0"} == set(refs)
    assert {ref for each in needs.values() for ref in each} == set(refs)


def check_bill(bill):
    """The published schema of CycloneDX holds, and every reference in it leads somewhere."""
    schemas = files("cyclonedx.schema") / "_res"
    known = {
        path.name.replace(".SNAPSHOT", ""): json.loads(path.read_text())
        for path in schemas.iterdir()
        if path.name.endswith(".json")
    }
    known = {f"http://cyclonedx.org/schema/{name}": schema for name, schema in known.items()}
    registry = Registry().with_resources(
        (schema.get("$id", name), Resource.from_contents(schema)) for name, schema in known.items()
    )
    schema = known["http://cyclonedx.org/schema/bom-1.6.schema.json"]
    validator = Draft7Validator(schema, registry=registry)
    assert [error.message for error in validator.iter_errors(bill)] == []
    broken = {**bill, "components": [{"type": "library"}]}
    assert not validator.is_valid(broken)


@pytest.mark.slow
def test_the_wheel_is_built_the_same_twice_with_its_bill_beside_it(tmp_path):
    def build(folder):
        for command in (["hatchling", "build", "-t", "wheel", "-d"], ["envs/inventory.py"]):
            run = [sys.executable, *(["-m"] if command[0] == "hatchling" else []), *command]
            subprocess.run([*run, folder], cwd=ROOT, check=True, stdout=subprocess.PIPE)
        return {path.name: path.read_bytes() for path in folder.iterdir()}

    one, other = build(tmp_path / "one"), build(tmp_path / "other")
    assert one == other
    assert set(one) == {"basewise-0.1.0-py3-none-any.whl", "basewise-0.1.0.cdx.json"}
    check_bill(json.loads(one["basewise-0.1.0.cdx.json"]))
    library = ROOT / "scripts" / "basewise"
    with zipfile.ZipFile(tmp_path / "one" / "basewise-0.1.0-py3-none-any.whl") as wheel:
        inside = {name for name in wheel.namelist() if ".dist-info/" not in name}
    tracked = {
        path.relative_to(library.parent).as_posix()
        for path in library.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert inside == tracked
