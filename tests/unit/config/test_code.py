"""What a digest of code covers, and what it does not."""

import ast
import re
from pathlib import Path
from textwrap import dedent

import pytest
from support import ROOT

from basewise.config.catalog import read_catalog
from basewise.config.code import Code, Definition

SCRIPTS = ROOT / "scripts"
STEPS = sorted(path.stem for path in SCRIPTS.glob("*.py"))

FILES = {
    "train.py": """
        from basewise.first import start
        with open(snakemake.log[0]) as stream:
            start(snakemake.input)
    """,
    "report.py": """
        from basewise.words import title
        title()
    """,
    "basewise/__init__.py": "",
    "basewise/first.py": """
        from functools import partial
        from basewise import second
        from basewise.words import title as heading

        def start(paths):
            work = partial(second.middle, paths)
            return heading(), work()
    """,
    "basewise/second.py": """
        import numpy as np
        from basewise.third import Deepest, decorated

        STEP = 3
        TABLE = {"step": STEP}

        def middle(paths, size=TABLE):
            @decorated
            def inner(path):
                return Deepest(path).read()
            return [inner(path) for path in paths]

        def neighbor():
            return np.zeros(STEP)
    """,
    "basewise/third.py": '''
        """Classes."""
        from functools import cache

        LIMIT = 10

        def decorated(function):
            def wrapped(path):
                return function(path)
            return wrapped

        class Base:
            limit = LIMIT

        class Deepest(Base):
            """A docstring."""
            def __init__(self, path: str) -> None:
                self.path = path
            def read(self):
                return helper(self.path)

        @cache
        def helper(path):
            # a comment
            return len(path)

        def unused():
            return helper("")
    ''',
    "basewise/words.py": """
        def title():
            return "A title"

        def other():
            return title()
    """,
}


def written(folder: Path, files: dict[str, str]) -> Code:
    """The code of a folder with these files."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Code(folder)


@pytest.fixture
def changed(tmp_path):
    """Steps whose digest changes with an edit of the files: `changed(file, before, after)`."""
    before = written(tmp_path / "before", {name: dedent(text) for name, text in FILES.items()})
    digests = {step: before.digest(step) for step in ("train", "report")}

    def steps(*edits):
        files = {name: dedent(text) for name, text in FILES.items()}
        for file, old, new in edits:
            assert old in files[file], old
            files[file] = files[file].replace(old, new)
        after = written(tmp_path / "after", files)
        return {step for step in digests if after.digest(step) != digests[step]}

    return steps


@pytest.mark.parametrize(
    ("file", "before", "after", "steps"),
    [
        ("basewise/third.py", "len(path)", "len(path) + 1", {"train"}),
        ("basewise/third.py", "LIMIT = 10", "LIMIT = 11", {"train"}),
        ("basewise/third.py", "limit = LIMIT", "limit = 2 * LIMIT", {"train"}),
        ("basewise/third.py", "return function(path)", "return function(path[1:])", {"train"}),
        ("basewise/third.py", "@cache\n", "\n", {"train"}),
        ("basewise/third.py", "class Deepest(Base)", "class Deepest", {"train"}),
        ("basewise/second.py", "STEP = 3", "STEP = 4", {"train"}),
        ("basewise/second.py", "import numpy as np", "import numpy", set()),
        ("basewise/second.py", "np.zeros(STEP)", "np.ones(STEP)", set()),
        ("basewise/words.py", "A title", "Another title", {"train", "report"}),
        ("basewise/words.py", "return title()", "return 'none'", set()),
        ("basewise/third.py", 'return helper("")', 'return helper("a")', set()),
        ("basewise/third.py", "# a comment", "# another comment", set()),
        ("basewise/third.py", "A docstring.", "Another docstring.", set()),
        ("basewise/third.py", "path: str", "path: bytes", set()),
        (
            "basewise/first.py",
            "return heading(), work()",
            "return (\n    heading(),\n    work(),\n)",
            set(),
        ),
        ("basewise/first.py", "work = partial", "later = work = partial", {"train"}),
        ("train.py", "snakemake.input", "snakemake.output", {"train"}),
        ("train.py", "\nwith", "\n# a comment\nwith", set()),
    ],
)
def test_an_edit_changes_the_digests_of_the_steps_that_reach_it(
    changed, file, before, after, steps
):
    assert changed((file, before, after)) == steps


def test_a_definition_may_move_to_another_module(changed):
    moved = "@cache\ndef helper(path):\n    # a comment\n    return len(path)\n"
    assert (
        changed(
            ("basewise/third.py", moved, "from basewise.words import helper\n"),
            ("basewise/third.py", "from functools import cache\n", "\n"),
            (
                "basewise/words.py",
                "\ndef title",
                f"\nfrom functools import cache\n{moved}\ndef title",
            ),
        )
        == set()
    )


def test_a_definition_may_get_another_name(changed):
    assert (
        changed(
            ("basewise/words.py", "def title", "def heading"),
            ("basewise/words.py", "return title()", "return heading()"),
            ("basewise/first.py", "title as heading", "heading"),
            ("report.py", "title", "heading"),
        )
        == set()
    )


def test_how_a_definition_is_imported_does_not_count(changed):
    assert (
        changed(
            (
                "basewise/first.py",
                "from basewise import second\n",
                "from basewise.second import middle\n",
            ),
            ("basewise/first.py", "second.middle", "middle"),
        )
        == set()
    )
    assert (
        changed(
            (
                "basewise/first.py",
                "from basewise import second\n",
                "from . import second as other\n",
            ),
            ("basewise/first.py", "second.middle", "other.middle"),
        )
        == set()
    )
    assert (
        changed(
            ("basewise/first.py", "from basewise import second\n", "\n"),
            (
                "basewise/first.py",
                "work = partial(second.middle, paths)",
                "from basewise import second\n    work = partial(second.middle, paths)",
            ),
        )
        == set()
    )


def digests_of(tmp_path, *texts, step="from basewise.a import f\nf()"):
    """Digest of a step with each of these texts as the module that it imports `f` from."""
    folders = [tmp_path / str(number) for number in range(len(texts))]
    return [
        written(folder, {"step.py": step, "basewise/a.py": text}).digest("step")
        for folder, text in zip(folders, texts, strict=True)
    ]


@pytest.mark.parametrize(
    "text",
    [
        # a local name hides a definition in its own scope only
        "def g(): return {}\ndef f(x=g):\n    g = 1\n    return g",
        "def g(): return {}\ndef f(x):\n    return g([g for g in x])",
        "def g(): return {}\ndef f(): return [g for g in g()]",
        "def g(): return {}\ndef f(x):\n    def h(g): return g\n    return h(g())",
        "def g(): return {}\ndef f(x):\n    return (lambda g: g)(g)",
        "def g(): return {}\ndef f(x):\n    global g\n    g = g()",
        "def g(): return {}\nclass f:\n    g = 1\n    def h(self): return g()",
        # conditions, both branches
        "if {}:\n    from basewise import a as b\nelse:\n    b = 0\ndef g(): return 0\n"
        "def f(): return b.g",
        "try:\n    from fast import g\nexcept ImportError:\n    def g(): return {}\n"
        "def f(): return g()",
        "import sys\nif sys.path:\n    def g(): return 0\nelse:\n    def g(): return {}\n"
        "def f(): return g()",
        # what a module does when it is imported
        "import csv\ncsv.field_size_limit({})\ndef f(): return 0",
        "TABLE = {{}}\nTABLE['a'] = {}\ndef f(): return TABLE",
        "TABLE = []\nfor i in range({}): TABLE.append(i)\ndef f(): return TABLE",
        # patterns, loops, star arguments, several targets
        "def g(): return {}\ndef f(x):\n    match x:\n        case [1, *rest]: return g()\n"
        "        case _: return rest",
        "A, (B, *C) = 1, (2, {})\ndef f(): return C",
        "A = 1\nA = {}\ndef f(): return A",
        "A: int = {}\ndef f(): return A",
        "A = B = {}\ndef f(): return A",
    ],
)
def test_names_are_followed_as_python_follows_them(tmp_path, text):
    first, again, other = digests_of(tmp_path, text.format(1), text.format(1), text.format(2))
    assert first == again
    assert first != other


@pytest.mark.parametrize(
    "text",
    [
        "def g(): return {}\ndef f():\n    g = 1\n    return g",
        "def g(): return {}\ndef f(g): return g",
        "def g(): return {}\ndef f(x): return [g for g in x]",
        "def g(): return {}\ndef f():\n    for g in (): pass\n    return g",
        "def g(): return {}\ndef f():\n    with open('x') as g: return g",
        "def g(): return {}\ndef f():\n    try: pass\n    except ValueError as g: print(g)",
        "def g(): return {}\ndef f(x): return x.g",
        "class G:\n    g = {}\ndef f(x: G) -> G: return x",
        "if __name__ == '__main__':\n    print({})\ndef f(): return 0",
    ],
)
def test_a_name_that_means_something_else_is_not_followed(tmp_path, text):
    first, other = digests_of(tmp_path, text.format(1), text.format(2))
    assert first == other


@pytest.mark.parametrize(
    "change", ["T['a'] = {}", "T.update(a={})", "T |= {{'a': {}}}", "T['a'] = T['b'] = {}"]
)
def test_what_changes_a_value_belongs_to_it(tmp_path, change):
    text = f"T = {{{{}}}}\n{change}\ndef f(): return %s"
    first, other = digests_of(tmp_path / "used", *[(text % "T").format(value) for value in (1, 2)])
    assert first != other
    first, other = digests_of(tmp_path / "not", *[(text % "0").format(value) for value in (1, 2)])
    assert first == other


def test_two_helpers_of_one_name_are_told_apart(tmp_path):
    helpers = "def one(): return 1\ndef two(): return 2\n"
    first, other = digests_of(
        tmp_path,
        helpers + "def f(): return one(), two(), one()",
        helpers + "def f(): return one(), two(), two()",
    )
    assert first != other


def test_functions_may_call_each_other(tmp_path):
    text = "def f(n): return g(n)\ndef g(n): return f(n - {})"
    assert len(set(digests_of(tmp_path, text.format(1), text.format(2)))) == 2


def test_a_module_that_is_passed_on_counts_whole(tmp_path):
    first, other = digests_of(
        tmp_path, "def f(): return 1", "def f(): return 2", step="from basewise import a\nprint(a)"
    )
    assert first != other


def test_entries_of_a_registry_settings_and_files_count(tmp_path):
    files = {"step.py": "print()", "basewise/a.py": "def f(): return 1\ndef g(): return 1"}
    code, page = written(tmp_path, files), tmp_path / "page.html"
    page.write_text("one")
    plain = code.digest("step")
    assert code.digest("step", "a:f") not in (plain, code.digest("step", settings={"a": 1}))
    with_page = code.digest("step", files=[page])
    page.write_text("two")
    assert len({plain, with_page, Code(tmp_path).digest("step", files=[page])}) == 3
    with pytest.raises(LookupError, match="the library has no a:h"):
        code.digest("step", "a:h")
    with pytest.raises(LookupError, match="there is no gone"):
        code.digest("gone")


# The library itself.


@pytest.fixture(scope="module")
def code():
    return Code(SCRIPTS)


def test_every_step_reaches_the_library(code):
    for step in STEPS:
        reached = code.reached(step)
        assert any(definition.module.startswith("basewise.") for definition in reached), step


def test_every_rule_digests_the_code_of_its_own_step():
    rules = "".join(file.read_text() for file in (ROOT / "workflow" / "rules").glob("*.smk"))
    named = re.findall(r'code=\w+_code\(\s*"(\w+)"(?:(?!code=).)*?scripts/(\w+)\.py"', rules, re.S)
    assert [step for step, script in named if step != script] == []
    assert sorted(step for step, _ in named) == STEPS
    assert rules.count("script:") == len(re.findall(r"\bcode=", rules)) == len(STEPS)


def test_what_the_registries_name_exists(code):
    catalog = read_catalog(ROOT)
    models = [{"architecture": name} for name in catalog.architectures]
    models += [{"baseline": name} for name in catalog.baselines]
    for model in models:
        functions, _ = catalog.looked_up(model)
        step = "train_network" if "architecture" in model else "fit_baseline"
        assert len(code.reached(step, *functions)) > len(code.reached(step)), model


def test_what_a_registry_says_of_a_model_counts():
    catalog = read_catalog(ROOT)
    _, settings = catalog.looked_up({"architecture": "multiscale_attention"})
    assert settings == (None, None, {"filters": 64, "kernel_sizes": [3, 7, 15, 25]})
    functions, settings = catalog.looked_up({"architecture": "dnngp"})
    assert functions == ["architectures.dnngp:dnngp", "training.marker_features:fit_features"]
    functions, _ = catalog.looked_up({"baseline": "gradient_boosting"})
    assert functions == [
        "baselines.gradient_boosting:gradient_boosting",
        "baselines.gradient_boosting:gradient_boosting_of_one_strand",
        "baselines.gradient_boosting:gradient_boosting_of_genotypes",
    ]


def test_functions_are_looked_up_at_run_time_in_two_places_only():
    looking = {
        str(path.relative_to(SCRIPTS / "basewise"))
        for path in (SCRIPTS / "basewise").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Name) and node.id in ("import_module", "globals", "exec", "eval")
    }
    registries = {"architectures/__init__.py", "baselines/__init__.py"}
    # the file of the user's own that this runs is an input of the rule
    assert looking == registries | {"core/user_code.py"}


def test_no_step_reaches_the_front_door(code):
    for step in ("train_network", "write_report"):
        reached = {place.module for place in code.reached(step)}
        assert "basewise" in reached and "basewise.library" not in reached


def test_a_network_reaches_the_mean_of_both_strands(code):
    reached = code.reached("train_network", "architectures.conv1d:conv1d")
    assert Definition("basewise.architectures.ends", "both_strands") in reached
    assert not [place for place in reached if place.module == "basewise.architectures.danq"]
