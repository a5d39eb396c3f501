"""What the schema of a configuration says of mistakes, and its defaults."""

import copy

import pytest
import yaml
from configs import CATALOG, changed, check_told, ids, read
from snakemake.utils import validate
from support import ROOT, small_config

from basewise.config.schema import filled


@pytest.mark.parametrize(
    ("keys", "value", "line"),
    [
        (
            ("datasets", "peaks", "keeps"),
            {"column": 4, "equals": 1},
            "datasets.peaks.keeps: unknown key 'keeps'; did you mean 'keep'?",
        ),
        (
            ("models", "conv1d", "filter"),
            4,
            "models.conv1d.filter: unknown key 'filter'; did you mean 'filters'?",
        ),
        (
            ("models", "conv1d", "filters"),
            0,
            "models.conv1d.filters: 0 is less than the minimum of 1",
        ),
        (
            ("models", "attention", "training"),
            {"learningrate": 0.1},
            "models.attention.training.learningrate: unknown key 'learningrate'; did you mean "
            "'learning_rate'?",
        ),
        (
            ("models", "attention", "adapt"),
            "yes",
            "models.attention.adapt: 'yes' is unknown; there are auto, error",
        ),
        (
            ("datasets", "lines", "task"),
            "binery",
            "datasets.lines.task: 'binery' is unknown; did you mean 'binary'?",
        ),
        (
            ("datasets", "peaks", "exclude"),
            "input/peaks.bed",
            "datasets.peaks.exclude: 'input/peaks.bed' must be a list, such as [a, b]",
        ),
        (
            ("datasets", "peaks", "split"),
            {"method": "chromosome"},
            "datasets.peaks.split: a split by chromosome needs `validation` and `test`, lists of "
            "chromosomes, or `folds`",
        ),
        (
            ("training", "learning_rate"),
            "1e-3",
            "training.learning_rate: must be a number above 0; YAML takes 1e-3 for text, write "
            "0.001 or 1.0e-3",
        ),
        (
            ("evaluation", "precison"),
            0.8,
            "evaluation.precison: unknown key 'precison'; did you mean 'precision'?",
        ),
        (
            ("evaluation", "recall"),
            90,
            "evaluation.recall: must be a number between 0 and 1, such as 0.9",
        ),
        (
            ("training", "epochs"),
            "many",
            "training.epochs: 'many' must be a whole number",
        ),
    ],
    ids=ids,
)
def test_what_the_schema_does_not_take_is_told_by_key_and_line(keys, value, line):
    check_told(keys, value, line)


def test_a_misspelled_key_that_is_needed_gives_one_line():
    config = small_config()
    config["datasets"]["peaks"]["widnow"] = config["datasets"]["peaks"].pop("window")
    (line,) = read(config).mistakes
    assert line.endswith("datasets.peaks.widnow: unknown key 'widnow'; did you mean 'window'?")


@pytest.mark.parametrize("name", ["../x", "logs", 1, True])
def test_a_name_that_cannot_be_a_folder_is_refused(name):
    config = small_config()
    config["datasets"][name] = config["datasets"].pop("lines")
    (line,) = read(config).mistakes
    assert "a dataset's name starts with a letter" in line


def test_a_model_cannot_be_called_ceiling():
    (line,) = read(changed("models", "ceiling", value={"baseline": "kmer_logistic"})).mistakes
    assert "is not ceiling" in line


def test_text_that_yaml_takes_for_true_is_to_be_quoted():
    (line,) = read(changed("datasets", "lines", "labels", value=True)).mistakes
    assert line.endswith(
        "labels: must be a file, or `file` with `id` and `label`, the titles of its columns"
    )
    (line,) = read(changed("datasets", "lines", "description", value=True)).mistakes
    assert line.endswith("True must be a text; put it in quotes")


def test_a_place_without_a_line_is_named_alone():
    config = changed("training", "epochs", value="many")
    (line,) = read("models: {}", asked=config).mistakes
    assert line == "training.epochs: 'many' must be a whole number"


# Defaults.


def of_dataset(**entry) -> dict:
    """A dataset with its defaults."""
    config = {"datasets": {"a": {"task": "binary", **entry}}, "models": {}}
    return filled(config, CATALOG.schema)["datasets"]["a"]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (
            {},
            {
                "alphabet": "dna",
                "transform": "none",
                "near": {"share": 0.5},
                "split": {"method": "random"},
            },
        ),
        (
            {"genotypes": "a"},
            {"alphabet": "genotype", "near": {"share": 0.95}, "transform": "none"},
        ),
        ({"genotypes": "a", "task": "regression"}, {"transform": "zscore", "task": "regression"}),
        ({"genotypes": "a", "near": {"share": 0.8}}, {"near": {"share": 0.8}}),
        ({"genotypes": "a", "near": {"k": 5}}, {"near": {"k": 5, "share": 0.95}}),
        ({"task": "regression", "transform": "log10"}, {"transform": "log10"}),
        ({"table": "a.csv"}, {"split": {"method": "random"}}),
        (
            {"table": {"train": "a", "validation": "b", "test": "c"}},
            {"split": {"method": "predefined"}},
        ),
        (
            {"fasta": {"train": {"on": "a"}, "test": {"on": "b"}}},
            {"split": {"method": "predefined"}},
        ),
        ({"fasta": {"on": "a", "off": "b"}}, {"split": {"method": "random"}}),
        ({"columns": {"part": "p"}}, {"split": {"method": "predefined"}}),
        ({"split": {"table": "a"}}, {"split": {"table": "a", "method": "predefined"}}),
        (
            {"split": {"table": "a", "method": "group"}},
            {"split": {"table": "a", "method": "group"}},
        ),
        ({"features": {}}, {"features": {"none": "none", "strand": "same"}}),
        ({"filters": {"ld": {"r2": 0.5}}}, {"exclude": [], "shift": 0}),
    ],
)
def test_defaults_depend_on_the_dataset(entry, expected):
    complete = of_dataset(**entry)
    assert {key: complete[key] for key in expected} == expected


def test_defaults_reach_every_depth_and_leave_the_configuration_alone():
    config = {"datasets": {"a": {"task": "binary", "filters": {"ld": {"r2": 0.5}}}}, "models": {}}
    before = copy.deepcopy(config)
    complete = filled(config, CATALOG.schema)
    assert complete["datasets"]["a"]["filters"]["ld"] == {"r2": 0.5, "window": 100}
    assert complete["seeds"] == [1] and complete["training"]["epochs"] == 50
    complete["seeds"].append(2)
    assert config == before and CATALOG.schema["properties"]["seeds"]["default"] == [1]


@pytest.mark.parametrize(
    "file", sorted((ROOT / "config").rglob("*.yaml")), ids=lambda file: file.stem
)
def test_defaults_are_those_that_snakemake_fills_in(file):
    """Beside the defaults with a condition, which Snakemake does not know."""
    config = yaml.safe_load(file.read_text())
    ours = filled(config, CATALOG.schema)
    for entry in config["datasets"].values():
        complete = ours["datasets"][
            next(n for n in config["datasets"] if config["datasets"][n] is entry)
        ]
        entry.setdefault("split", {}).setdefault("method", complete["split"]["method"])
        if "genotypes" in entry:
            entry |= {key: complete[key] for key in ("alphabet", "transform")}
            entry.setdefault("near", {}).setdefault("share", complete["near"]["share"])
    validate(config, str(ROOT / "workflow/schemas/config.schema.yaml"))
    assert ours == config


def test_the_filled_configuration_is_right_too():
    complete = filled(small_config(), CATALOG.schema)
    assert filled(complete, CATALOG.schema) == complete
