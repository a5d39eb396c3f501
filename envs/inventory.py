"""What a run needs: checked against its lock and its licenses, and listed beside the wheel.

``python envs/inventory.py dist`` prints every package with its license and writes the software bill
of materials (CycloneDX) of the wheel in that folder. It asks nobody: all of it stands in the
metadata of what is installed.
"""

import hashlib
import json
import platform
import re
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, NamedTuple

from license_expression import ExpressionError, Licensing
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from pin import requirements

ROOT = Path(__file__).parent.parent
LICENSES = tomllib.loads((ROOT / "envs" / "licenses.toml").read_text(encoding="utf-8"))


class Package(NamedTuple):
    """An installed package, and the packages that it needs here."""

    installed: Distribution
    needs: set[str]


Packages = dict[str, Package]


def needed_by(
    texts: Sequence[str], find: Callable[[str], Distribution] = distribution
) -> tuple[Packages, list[str]]:
    """Packages that requirements need, directly or not, by name; and a line for each unmet one."""
    packages: Packages = {}
    extras: dict[str, set[str]] = {}
    mistakes = []
    pending = [("basewise", "", Requirement(text)) for text in texts]
    while pending:
        asking, extra, wanted = pending.pop()
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": extra}):
            continue

        name = canonicalize_name(wanted.name)
        if asking in packages:
            packages[asking].needs.add(name)
        try:
            packages.setdefault(name, Package(find(name), set()))
        except PackageNotFoundError:
            mistakes.append(f"{asking} needs {wanted}, which is not installed")
            continue

        installed = packages[name].installed
        if not wanted.specifier.contains(installed.version, prereleases=True):
            mistakes.append(f"{asking} needs {wanted}, installed is {installed.version}")
        for asked in {"", *wanted.extras} - extras.setdefault(name, set()):
            extras[name].add(asked)
            pending += [(name, asked, Requirement(text)) for text in installed.requires or []]
    return dict(sorted(packages.items())), mistakes


def license_of(name: str, installed: Distribution) -> str | None:
    """SPDX expression of a package's license; None where it says none, or several things."""
    version, read = LICENSES["read"].get(name, ("", ""))
    if version == installed.version:
        return str(read)
    if expression := installed.metadata.get("License-Expression"):
        return str(expression)

    text = (installed.metadata.get("License") or "").strip().partition("\n")[0]
    classifiers = installed.metadata.get_all("Classifier") or []
    said = [one.rpartition(" :: ")[2] for one in classifiers if one.startswith("License :: ")]
    said += [] if text.startswith("Copyright") else [text]
    known = {LICENSES["names"].get(one, one) for one in said} - {"", "OSI Approved"}
    return known.pop() if len(known) == 1 else None


def is_allowed(expression: str) -> bool:
    """Whether a license may be used, of alternatives any."""

    def allowed(node: Any) -> bool:
        if node.isliteral:
            return str(node) in LICENSES["allowed"]
        return {"AND": all, "OR": any}[node.operator.strip()](map(allowed, node.args))

    try:
        return allowed(Licensing().parse(expression))
    except ExpressionError:
        return False


def mistakes_of(packages: Packages, locked: Mapping[str, str]) -> list[str]:
    """A line for each package that the lock does not name so, or whose license is not allowed."""
    mistakes = []
    for name, (installed, _) in packages.items():
        here = f"{name} {installed.version}"
        pin = locked.get(name, "").partition(" ")[0]
        if pin != f"{name}=={installed.version}":
            mistakes.append(f"{here} is installed, the lock says {pin or 'nothing of it'}")
        known = license_of(name, installed)
        if known is None:
            mistakes.append(
                f"{here}: its license is not clear; read it and add it to licenses.toml"
            )
        elif not is_allowed(known):
            mistakes.append(f"{here}: its license {known} is not allowed in licenses.toml")
    return mistakes


def bill_of_materials(
    project: Mapping[str, Any], wheel: Path, packages: Packages, locked: Mapping[str, str]
) -> dict[str, Any]:
    """CycloneDX 1.6 of a wheel and of what it needs here; the same for the same input."""

    def address(name: str) -> str:
        return f"pkg:pypi/{name}@{packages[name].installed.version}"

    def component(name: str) -> dict[str, Any]:
        version = packages[name].installed.version
        hashes = re.findall(r"sha256:(\w{64})", locked[name])
        return {
            "type": "library",
            "bom-ref": address(name),
            "name": name,
            "version": version,
            "purl": address(name),
            "licenses": [{"expression": license_of(name, packages[name].installed)}],
            "externalReferences": [
                {
                    "type": "distribution",
                    "url": f"https://pypi.org/project/{name}/{version}/",
                    "hashes": [{"alg": "SHA-256", "content": digest} for digest in hashes],
                }
            ],
        }

    name, version = project["name"], project["version"]
    itself = f"pkg:pypi/{name}@{version}"
    direct = {canonicalize_name(Requirement(text).name) for text in project["dependencies"]}
    needs = {itself: direct, **{address(each): packages[each].needs for each in packages}}
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": itself,
                "name": name,
                "version": version,
                "description": project["description"],
                "purl": itself,
                "licenses": [{"expression": project["license"]}],
                "hashes": [
                    {"alg": "SHA-256", "content": hashlib.sha256(wheel.read_bytes()).hexdigest()}
                ],
            },
            "properties": [
                {"name": "python", "value": "{}.{}".format(*sys.version_info)},
                {"name": "platform", "value": f"{sys.platform} {platform.machine()}"},
            ],
        },
        "components": [component(each) for each in packages],
        "dependencies": [
            {"ref": ref, "dependsOn": sorted(map(address, each))} for ref, each in needs.items()
        ],
    }


def main(folder: Path) -> None:
    """Check what is installed; write the bill of materials of the wheel in a folder."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    text = (ROOT / "envs" / "requirements.txt").read_text(encoding="utf-8")
    locked = {line.partition("==")[0]: line for line in requirements(text)}
    packages, mistakes = needed_by(project["dependencies"])
    for name, (installed, _) in packages.items():
        print(f"{name} {installed.version}: {license_of(name, installed)}")
    if mistakes := mistakes + mistakes_of(packages, locked):
        sys.exit("\n".join(f"Error: {mistake}" for mistake in mistakes))

    (wheel,) = folder.glob("*.whl")
    bill = folder / f"{project['name']}-{project['version']}.cdx.json"
    content = bill_of_materials(project, wheel, packages, locked)
    bill.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    print(f"{len(packages)} packages, every license allowed: {bill}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
