"""Networks of one's own in a configuration: settings held against a signature that nobody runs."""

import pytest
from configs import changed, check_told, ids, read
from own_code import CONV1D

from basewise.config.own_code import signature_of
from basewise.config.records import named_sources

MINE = {"file": "input/my_network.py", "function": "build"}


@pytest.fixture
def network(folder):
    """A file whose first line would end any Python that ran it."""
    (folder / "input/my_network.py").write_text(f"raise SystemExit('I ran')\n{CONV1D}")


def mine(**settings):
    return changed("models", "conv1d", value={"architecture": MINE, **settings})


def test_settings_are_the_parameters_of_the_function(network):
    study, mistakes = read(mine(filters=4, dropout=0.1, reverse_complement="average"))
    assert mistakes == []
    models = study.models
    assert models.architecture("conv1d") == "input/my_network.py:build"
    assert models.settings("conv1d")["filters"] == 4
    assert models.own_code("conv1d") == ["input/my_network.py"]
    assert models.own_code("attention") == models.own_code("kmers") == []
    assert list(models.architectures()) == ["multiscale_attention", "own_network"]
    assert models.of_kind("architecture", "own_network") == ["conv1d"]
    assert models.titles()["conv1d"]["title"] == "Own my_network.py:build"


def test_the_file_is_a_source_of_the_datasets_that_it_trains_on(network):
    files = {path for _, path, _ in named_sources(read(mine()).study)}
    assert "input/my_network.py" in files


def test_a_control_and_a_search_are_as_for_any_network(network):
    config = mine(tune={"trials": 2, "search": {"filters": [2, 4], "learning_rate": [0.1, 0.2]}})
    config["models"]["shuffled"] = {"control": "conv1d"}
    study, mistakes = read(config)
    assert mistakes == []
    assert study.models.own_code("shuffled") == ["input/my_network.py"]
    assert list(study.searches.architectures()) == ["own_network"]
    assert study.searches.of_architecture("own_network") == ["conv1d"]
    (line,) = read(mine(tune={"search": {"filter": [2, 4]}})).mistakes
    assert line.endswith("unknown key 'filter'; did you mean 'filters'?")


@pytest.mark.parametrize(
    ("keys", "value", "line"),
    [
        (("filter",), 3, "filter: unknown key 'filter'; did you mean 'filters'?"),
        (("filters",), 0.5, "filters: 0.5 must be a whole number"),
        (("dropout",), "a", "dropout: 'a' must be a number"),
        (("length",), 5, "length: unknown key 'length'; there are adapt, "),
        (("adapt",), "auto", "adapt: the function gets `length` and adapts itself; take `adapt` "),
        (("motifs",), ["a.meme"], "motifs: unknown key 'motifs'"),
    ],
    ids=ids,
)
def test_a_wrong_setting_is_told(network, keys, value, line):
    (mistake,) = read(mine(**{keys[0]: value})).mistakes
    assert line in mistake


@pytest.mark.parametrize(
    ("architecture", "line"),
    [
        (
            {"file": "input/mine.py", "function": "build"},
            "no such file: input/mine.py; correct the path, or put the file there",
        ),
        (
            {"file": "input/my_network.py", "function": "built"},
            "input/my_network.py has no function 'built' at its top level; "
            "there are: build, positions",
        ),
        (
            {"file": "input/table.csv", "function": "build"},
            "'input/table.csv' is no Python file; its name has to end in .py",
        ),
        (
            {"file": "input/{a}.py", "function": "build"},
            "'input/{a}.py' has braces in its name; rename the file",
        ),
    ],
)
def test_a_file_that_is_none_is_told(network, architecture, line):
    config = changed("models", "conv1d", value={"architecture": architecture})
    (mistake,) = read(config).mistakes
    assert mistake.endswith(f"models.conv1d.architecture: {line}")
    lenient = read(config, looks_for_files=False)
    assert lenient.mistakes == []


@pytest.mark.parametrize("architecture", [{"file": "input/my_network.py"}, 3])
def test_a_network_is_a_name_or_a_function_of_a_file(network, architecture):
    check_told(
        ("models", "conv1d"),
        {"architecture": architecture},
        "models.conv1d.architecture: must be a name, or {file: my_network.py, function: build}",
    )


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("def build(:", "is no Python: invalid syntax in line 1"),
        ("def build(a, **more): 0", "build takes *, ** or / parameters; name each setting"),
        ("def build(a, /): 0", "build takes *, ** or / parameters; name each setting"),
        ("def build(tune): 0", "build has a parameter `tune`, which is a key of basewise; rename"),
        ("x = 'a\0b'", "is no Python: "),
        ("class A:\n    def build(self): 0", "has no function 'build' at its top level; there are"),
    ],
)
def test_a_signature_that_has_no_settings_is_told(network, folder, code, line):
    (folder / "input/my_network.py").write_text(code)
    (mistake,) = read(mine()).mistakes
    assert line in mistake
    assert "\0" not in mistake


def test_a_parameter_without_a_default_is_needed(network, folder):
    (folder / "input/my_network.py").write_text("def build(length, width, depth=2): 0")
    (line,) = read(mine(depth=3)).mistakes
    assert line.endswith("conv1d: my_network.py:build needs `width`: a parameter of build")
    assert read(mine(width=3)).mistakes == []


def test_a_baseline_has_features_and_the_parameters_of_its_function(folder):
    (folder / "input/b.py").write_text("def make(task, seed, number=3): 0")
    entry = {"baseline": {"file": "input/b.py", "function": "make"}, "features": "kmers"}
    study, mistakes = read(changed("models", "kmers", value={**entry, "k": 4, "number": 5}))
    assert mistakes == []
    assert study.models.baseline("kmers") == "input/b.py:make"
    assert study.models.own_code("kmers") == ["input/b.py"]
    assert study.models.settings("kmers") == {"features": "kmers", "k": 4, "number": 5}
    assert "protein" not in study.models.registered("kmers")["alphabets"]
    assert list(study.models.architectures()) == ["conv1d", "multiscale_attention"]
    (line,) = read(changed("models", "kmers", value={**entry, "numbers": 5})).mistakes
    assert line.endswith("unknown key 'numbers'; did you mean 'number'?")


def test_annotations_and_defaults_say_what_a_setting_is(folder):
    (folder / "a.py").write_text(
        "def build(a, b: float = 1, c=WIDTH, d=2, e=True, f='x', g=(1, 2), h=None, *, "
        "i: list[int], j: int | None = None): 0"
    )
    settings, required, about = signature_of("a.py:build", "architecture")
    types = {name: schema.get("type") for name, schema in settings.items()}
    assert types == {
        **{"a": None, "b": "number", "c": None, "d": "integer", "e": "boolean", "f": "string"},
        **{"g": "array", "h": None, "i": "array", "j": None},
    }
    assert (required, about) == (["a", "i"], "")
