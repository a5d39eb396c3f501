"""Habits that a reader relies on, kept by the machine."""

import ast
import re

import pytest
import yaml
from support import ROOT

STEPS = sorted((ROOT / "scripts").glob("*.py"))


@pytest.mark.parametrize("script", STEPS, ids=lambda path: path.stem)
def test_a_step_holds_no_logic(script):
    text = script.read_text()
    functions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    assert not [node for node in ast.walk(ast.parse(text)) if isinstance(node, functions)]


def test_every_step_has_a_rule():
    rules = "".join(file.read_text() for file in (ROOT / "workflow" / "rules").glob("*.smk"))
    assert {path.name for path in STEPS} == set(re.findall(r"scripts/(\w+\.py)", rules))


ROOMS = [
    *("core", "config", "sequences", "genotypes", "store", "examples", "splits", "architectures"),
    *(
        "baselines",
        "training",
        "evaluation",
        "scoring",
        "interpretation",
        "figures",
        "provenance",
        "report",
    ),
]
"""The packages in the order in which the data walks; imports go to earlier ones."""


def test_imports_go_to_earlier_packages_only():
    library = ROOT / "scripts" / "basewise"
    assert {path.parent.name for path in library.glob("*/__init__.py")} == set(ROOMS)
    assert {path.name for path in library.glob("*.py")} == {
        *("__init__.py", "library.py", "shards.py")
    }
    for path in sorted(library.glob("*/*.py")):
        room = ROOMS.index(path.parent.name)
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("basewise."):
                assert ROOMS.index(node.module.split(".")[1]) <= room, (path.name, node.module)


def is_text(node):
    text = isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
    return text or isinstance(node, ast.JoinedStr | ast.List | ast.Tuple)


def is_condition(node):
    asked = isinstance(node, ast.Call) and ast.unparse(node.func) in ("bool", "any", "all")
    negated = isinstance(getattr(node, "op", None), ast.Not)
    return asked or negated or isinstance(node, ast.Compare | ast.BoolOp)


def multiplied_by_conditions(code):
    products = [
        n for n in ast.walk(ast.parse(code)) if isinstance(getattr(n, "op", None), ast.Mult)
    ]
    sides = [(n.left, n.right) for n in products if isinstance(n, ast.BinOp)]
    return [both for both in sides if any(map(is_text, both)) and any(map(is_condition, both))]


def test_no_text_or_list_is_multiplied_by_a_condition():
    for code in ('"s" * (n > 1)', "(not n) * ['x']", 'f"{n}" * bool(n)', "('a',) * (n and m)"):
        assert multiplied_by_conditions(code), code
    assert not multiplied_by_conditions('"-" * before + [0] * len(rows) + str(2 * (n > 1))')
    for path in (ROOT / "scripts").rglob("*.py"):
        assert not multiplied_by_conditions(path.read_text()), path


def test_tests_lie_in_folders_of_the_packages():
    folders = {path.name for path in (ROOT / "tests" / "unit").iterdir() if path.is_dir()}
    assert folders - {"__pycache__"} == set(ROOMS)


def test_rules_files_hold_rules():
    """What needs no Snakemake stands in basewise/config, where it has types and tests."""
    files = {file.stem: file.read_text() for file in (ROOT / "workflow/rules").glob("*.smk")}
    assert [name for name, text in files.items() if not re.search(r"^ *rule\b", text, re.M)] == [
        "setup"
    ]
    assert not [
        name for name, text in files.items() if re.search(r"\blambda\b|^ +run:", text, re.M)
    ]


def test_what_the_pages_link_to_exists():
    pages = [*ROOT.glob("*.md"), *ROOT.glob("*/README.md"), *(ROOT / "docs").glob("*.md")]
    for page in pages:
        for target in re.findall(r"\]\((?!http)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), (page, target)


def keys_of(schema):
    for name, inner in schema.get("properties", {}).items():
        yield name
        yield from keys_of(inner)
        for nested in ("additionalProperties", "items"):
            if isinstance(inner.get(nested), dict):
                yield from keys_of(inner[nested])


def test_the_manual_explains_every_key_and_setting():
    manual = (ROOT / "config" / "README.md").read_text()
    schema = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
    kinds = [schema, *(schema["$defs"][kind] for kind in ("every_network", "tune"))]
    keys = {key for kind in kinds for key in keys_of(kind)}
    for folder in ("architectures", "baselines"):
        registry = (ROOT / "scripts/basewise" / folder / "registry.yaml").read_text()
        for name, entry in yaml.safe_load(registry).items():
            keys |= {name, *entry["settings"]}
            for setting, content in entry["settings"].items():
                assert f"`{setting}` ({content['default']})" in manual
    assert len(keys) > 40
    assert [key for key in sorted(keys) if f"`{key}`" not in manual] == []


def test_every_key_has_a_description():
    def undescribed(schema):
        for name, inner in schema.get("properties", {}).items():
            if "description" not in inner:
                yield name
            yield from undescribed(inner)
            for nested in ("additionalProperties", "items"):
                if isinstance(inner.get(nested), dict):
                    yield from undescribed(inner[nested])

    schema = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
    assert list(undescribed(schema)) == []
