"""YAML that cannot be read is named by line and column, before Snakemake sees it."""

import json
from pathlib import Path

import pytest
import yaml
from configs import changed, read
from support import ROOT, small_config

from basewise.config.__main__ import main
from basewise.config.mistakes import Places, nearest
from basewise.config.reading import is_readable
from basewise.config.yaml_files import read_file, repeated_keys


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a:\n  b: 1\n c: 2\n", ":3:2: this line does not continue what stands above; check its"),
        ("a:\n\tb: 1\n", ":2:1: a tab; indent with spaces"),
        ("a: 1\n\tb: 1\n", ":2:1: a tab; indent with spaces"),
        ("a: 1\nb: c: 2\n", ":2:5: a second `:` in one line, or a line indented too far"),
        ("a: [1, 2\nb: 3\n", ":1:4: a list `[` is not closed, or a comma is missing"),
        ("a: [1, 2", ":1:4: a list `[` is not closed, or a comma is missing"),
        ("a:\n  b: {c: 1\nd: 3\n", ":2:6: a `{` is not closed, or a comma is missing"),
        ("a: 'x\nb: 1\n", ":1:4: a quote is not closed"),
        ('a: "x\n', ":1:4: a quote is not closed"),
        ("a: 1\nb\nc: 2\n", ":3:1: a `:` is missing behind a key, here or in the line above"),
        ("a: - b\n", ":1:4: a `-` cannot begin a list here; write it in a line of its own"),
        ("a:\n  - b\n  c: 1\n", ":3:3: this line does not continue the list above"),
        ("a: 1\n---\nb: 2\n", ":2:1: a second document begins; take the line `---` out"),
        ("a: @x\n", ":1:4: text cannot begin with @; put it in quotes"),
        ("a: `x`\n", ":1:4: text cannot begin with `; put it in quotes"),
        ('a: "C:\\data"\n', ":1:7: `\\` has a meaning in double quotes; use single ones"),
        ("a: *x\n", ":1:4: an alias `*` without its anchor `&`; put text with * in quotes"),
        ("a: 1\n? [b]\n: 2\n", ":2:3: a list or a mapping cannot be a key; put it in quotes"),
        ("a: !file x\n", ":1:4: tags (`!`) are not taken; put text with ! in quotes"),
        ("a: !!python/tuple [1]\n", ":1:4: tags (`!`) are not taken; put text with ! in quotes"),
        ("a: 2026-13-45\n", ":1:4: month must be in 1..12"),
        ("a: x\0y\n", ": unacceptable character"),
        ("", ": is empty; it needs `datasets` and `models`"),
        ("# nothing yet\n", ": is empty; it needs `datasets` and `models`"),
        ("- a\n- b\n", ":1: holds a list; it must begin with keys, such as `datasets:`"),
        ("just words\n", ":1: holds a single value; it must begin with keys, such as"),
    ],
)
def test_what_is_no_yaml_is_told_in_one_line(text, told):
    Path("a.yaml").write_text(text)
    (line,) = read_file("a.yaml").mistakes
    assert line.startswith(f"a.yaml{told}")
    assert "\n" not in line
    assert not is_readable("a.yaml")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: " + "[" * 51 + "]" * 51, ":1: is nested deeper than 50 levels"),
        ("a: " + "{b: " * 1000 + "1" + "}" * 1000, ":1: is nested deeper than 50 levels"),
        ("a: 1\nb: &b [*b]\n", ":2: the alias *b stands inside its own anchor"),
        (
            "x0: &x0 [1, 1]\n"
            + "".join(f"x{i}: &x{i} [{', '.join([f'*x{i - 1}'] * 10)}]\n" for i in range(1, 7)),
            ":6: stands for more than 100,000 values",
        ),
        ("a: x\n" * 200_001, ": has more than 1,000,000 bytes"),
        ("[" * 100_000, ":1: is nested deeper than 50 levels"),
    ],
    ids=["deep list", "deep mapping", "itself", "aliases", "large", "not closed"],
)
def test_a_small_text_cannot_stand_for_much(text, told):
    Path("a.yaml").write_text(text)
    (line,) = read_file("a.yaml").mistakes
    assert line.startswith(f"a.yaml{told}") and len(line) < 200


@pytest.mark.parametrize("name", ["deep1000", "selfref", "known7"])
def test_bombs_of_others_are_one_short_line(data, name):
    (line,) = read_file(data.parent / f"cases/f07-yaml-bombs/{name}.yaml").mistakes
    assert len(line) < 200


def test_aliases_may_be_used():
    Path("a.yaml").write_text("a: &a {b: [1, 2]}\nc: *a\nd: {<<: *a}\n")
    assert read_file("a.yaml").content["d"] == {"b": [1, 2]}


@pytest.mark.parametrize(
    "name", ["peaks\n", "peaks/..", "a" * 101, "peaks\x1b[2K", "Logs", "MultiQC"]
)
def test_names_become_paths_and_are_plain_letters(name):
    config = small_config()
    config["datasets"][name] = config["datasets"].pop("peaks")
    (line,) = read(config).mistakes
    assert "a dataset's name starts with a letter" in line
    assert line.isprintable()


def test_names_that_differ_in_capitals_alone_are_refused():
    config = small_config()
    config["models"]["CONV1D"] = config["models"]["conv1d"]
    (line,) = read(config).mistakes
    assert ("models.CONV1D: differs from conv1d in capitals alone") in line


def test_what_is_not_utf8_is_told_by_its_place():
    Path("a.yaml").write_bytes("a: 1\nb: é\n".encode("latin-1"))
    assert read_file("a.yaml").mistakes == ["a.yaml:2:4: not UTF-8 (byte 0xe9); save it as UTF-8"]


def test_a_file_that_is_not_there_is_told():
    (line,) = read_file("config/config.yaml").mistakes
    assert line == "config/config.yaml: no such file; write it, or name yours with --configfile"
    (line,) = read_file("input").mistakes
    assert line == "input: is a directory; name another file with --configfile"


@pytest.mark.parametrize(("words", "is_yaml"), [("peaks", True), ("peaks \U0001f9ec", False)])
def test_json_is_read_as_snakemake_reads_it(words, is_yaml):
    """YAML takes no pair of surrogates, as JSON writes a letter beyond 16 bits."""
    config = changed("datasets", "peaks", "description", value=words)
    Path("a.yaml").write_text(json.dumps(config, indent="\t"))
    file = read_file("a.yaml")
    assert (file.mistakes, file.content) == ([], config)
    assert (file.node is not None) == is_yaml


def test_a_byte_order_mark_is_no_mistake():
    Path("a.yaml").write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert read_file("a.yaml").content == {"a": 1}


def test_a_key_that_stands_twice_is_refused():
    text = yaml.safe_dump(small_config(), sort_keys=False).replace("  peaks:", "  lines:")
    assert read(text).mistakes == [
        "test.yaml:6: datasets.lines: the key 'lines' stands twice; rename or join them"
    ]
    told = read("models: {a: {x: 1, x: 2}}\nsources: [{from: a}, {from: b, from: c}]\n").mistakes
    assert [line.split(": ")[1] for line in told] == ["models.a.x", "sources.1.from"]


def test_aliases_are_followed_once():
    levels = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30))
    text = f"a0: &a0 {{x: 1, x: 2}}\n{levels}b: &b [*b]\n"
    (mistake,) = repeated_keys(yaml.compose(text))
    assert mistake.keys == ("a0", "x")


def test_a_key_may_replace_one_that_is_merged():
    Path("a.yaml").write_text("a: &a {b: 1, c: 2}\nd: {<<: *a, b: 3}\ne: {<<: *a, b: 4, b: 5}\n")
    file = read_file("a.yaml")
    assert file.content["d"] == {"b": 3, "c": 2}
    assert [mistake.keys for mistake in file.repeated] == [("e", "b")]


def test_the_last_file_that_sets_a_key_is_named():
    nodes = {
        name: yaml.compose(text) for name, text in {"a": "x: {y: [1, 2]}", "b": "\nx: 1"}.items()
    }
    places = Places(nodes)
    assert places.of(("x",)) == "b:2: x"
    assert places.of(("x", "y", 1)) == "a:1: x.y.1"
    assert places.of(("z",)) == "z"
    assert places.of(()) == "b:1: the configuration"


def test_the_nearest_word_is_hinted_at_or_all_are():
    assert nearest("binery", ["multiclass", "binary"]) == "did you mean 'binary'?"
    assert nearest("q", ["b", "a"]) == "there are a, b"


def test_a_configuration_can_be_checked_without_snakemake(capsys, monkeypatch):
    read(small_config())
    assert main(["test.yaml"]) == 0
    Path("more.yaml").write_text("training:\n  epochs: many\n")
    assert main(["test.yaml", "more.yaml"]) == 1
    line = "Error: more.yaml:2: training.epochs: 'many' must be a whole number\n"
    assert capsys.readouterr().err == line
    Path("more.yaml").write_text("training:\n  epochs: [1\n")
    assert main(["test.yaml", "more.yaml"]) == 1
    assert capsys.readouterr().err.startswith("Error: more.yaml:2:11: a list `[` is not closed")


def test_a_template_of_snakemake_is_refused_by_the_check_in_front(capsys):
    """Snakemake runs what stands in one; the check reads it as data."""
    definitions = "__definitions__:\n  - open('ran', 'w')\n"
    Path("test.yaml").write_text("__use_yte__: true\n" + definitions + "?open('ran', 'w'): 1\n")
    assert main(["test.yaml"]) == 1
    errors = capsys.readouterr().err
    assert "test.yaml:1: __use_yte__: unknown key '__use_yte__'" in errors
    assert not Path("ran").exists()


def test_the_demo_is_right(monkeypatch):
    monkeypatch.chdir(ROOT)
    assert main(["config/config.yaml"]) == 0


def test_a_wrong_backend_of_the_environment_is_told():
    from basewise.config.study import Surroundings

    (line,) = read(small_config(), surroundings=Surroundings("torch")).mistakes
    assert line == "KERAS_BACKEND is 'torch'; unset it, or set it to tensorflow or jax"
    assert read(changed("seeds", value=[1]), surroundings=Surroundings("jax")).mistakes == []
