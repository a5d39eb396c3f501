"""An edit runs again exactly what it touches."""

import copy
import shutil

import pytest
from support import Workflow, small_config

SCORING = {
    *("evaluate_classifier", "draw_classifier", "draw_comparison", "draw_datasets"),
    "compare_models",
    "compare_datasets",
    "collect_metrics",
    "record_run",
    "write_crate",
    "write_methods",
    "write_multiqc",
    "write_report",
}
NETWORK = {"collect_learning", "draw_learning", *SCORING}
FITTING = {"train_conv1d", "train_multiscale_attention", "fit_baseline", *NETWORK}
SPLIT = {"split_examples", "audit_leakage", "describe_examples", "draw_examples"}
EXAMPLES = {"encode_tensors", "join_labels", *SPLIT}
EVERYTHING = {"extract_sequences", "extract_regions", *EXAMPLES, *FITTING}
OF_REGIONS = EVERYTHING - {"extract_sequences", "train_multiscale_attention"}


def edited(*keys, value):
    config = copy.deepcopy(small_config())
    place = config
    for key in keys[:-1]:
        place = place.setdefault(key, {})
    place[keys[-1]] = value
    return config


def test_a_second_run_does_nothing(finished):
    assert finished.planned("test.yaml") == {}


@pytest.mark.parametrize(
    ("keys", "value", "rules"),
    [
        (("training", "epochs"), 3, {"train_conv1d", "train_multiscale_attention", *NETWORK}),
        (("training", "threads"), 2, {"train_conv1d", "train_multiscale_attention", *NETWORK}),
        (("training", "backend"), "jax", {"train_conv1d", "train_multiscale_attention", *NETWORK}),
        (
            ("models", "conv1d", "training"),
            {"precision": "mixed_float16"},
            {"train_conv1d", *NETWORK},
        ),
        (("models", "conv1d", "filters"), 5, {"train_conv1d", *NETWORK}),
        (("models", "conv1d", "training"), {"learning_rate": 0.01}, {"train_conv1d", *NETWORK}),
        (("models", "attention", "unknown"), "zeros", {"train_multiscale_attention", *NETWORK}),
        (("models", "kmers", "largest_k"), 2, {"fit_baseline", *SCORING}),
        (("datasets", "peaks", "description"), "new words", {"write_crate", "write_report"}),
        (("evaluation", "precision"), 0.8, SCORING),
        (
            ("datasets", "lines", "split", "validation"),
            0.2,
            {*SPLIT, *FITTING},
        ),
        (
            ("datasets", "peaks", "window"),
            50,
            OF_REGIONS,
        ),
        (
            ("datasets", "peaks", "negatives", "distance"),
            10,
            OF_REGIONS,
        ),
        (("datasets", "lines", "near"), {"share": 0.6}, {"audit_leakage", *SCORING}),
        (("seeds",), [1, 2, 3], FITTING),
    ],
    ids=lambda value: ".".join(value) if isinstance(value, tuple) else None,
)
def test_an_edited_key_runs_the_rules_it_touches(finished, keys, value, rules):
    configfile = finished.write_config(edited(*keys, value=value), "edited.yaml")
    assert set(finished.planned(configfile)) == rules


def test_a_key_of_one_dataset_leaves_the_other_alone(finished):
    config = edited("datasets", "lines", "split", "validation", value=0.2)
    planned = finished.planned(finished.write_config(config, "edited.yaml"))
    assert planned["split_examples"] == 1
    assert planned["evaluate_classifier"] == 3


@pytest.fixture(scope="module")
def library(finished, tmp_path_factory):
    """A finished working copy whose library may be edited."""
    folder = tmp_path_factory.mktemp("edited") / "copy"
    shutil.copytree(finished.folder, folder)
    return Workflow(folder)


@pytest.mark.parametrize(
    ("module", "before", "after", "rules"),
    [
        ("sequences/alphabet.py", "def pack(", "# a comment\ndef pack(", set()),
        ("sequences/alphabet.py", '"""Pack one-hot rows to bits:', '"""Pack:', set()),
        (
            # three imports below the training; what compares sequences does not pack
            "sequences/alphabet.py",
            "np.packbits(onehot.reshape(len(onehot), -1), axis=1)",
            "np.packbits(onehot.reshape(len(onehot), -1), axis=-1)",
            {"encode_tensors", *FITTING},
        ),
        (
            "architectures/multiscale_attention.py",
            "layers.Dropout(0.2)",
            "layers.Dropout(0.1)",
            {"train_multiscale_attention", *NETWORK},
        ),
        (
            "architectures/multiscale_attention.py",
            "def multi",
            "def other(): pass\n\n\ndef multi",
            set(),
        ),
        (
            "architectures/registry.yaml",
            "default: [3, 7, 15, 25]",
            "default: [3, 7, 15]",
            {"train_multiscale_attention", *NETWORK},
        ),
        (
            "architectures/ends.py",
            "axis=1",
            "axis=-1",
            {"train_conv1d", "train_multiscale_attention", *NETWORK},
        ),
        ("baselines/linear.py", "max_iter=1000", "max_iter=999", {"fit_baseline", *SCORING}),
        ("sequences/background.py", "GC_BIN = 0.02", "GC_BIN = 0.04", OF_REGIONS),
        ("report/figures.py", '"Score less true value"', '"Residuals"', {"write_report"}),
        ("report/templates/report.html", "<h1>", "<h1 >", {"write_report"}),
        ("evaluation/bootstrap.py", "0.025", "0.05", SCORING),
        (
            # a color measures nothing again
            "figures/drawing.py",
            '"#0072B2"',
            '"#0072B1"',
            {
                *("draw_examples", "draw_learning", "draw_classifier", "draw_comparison"),
                *("draw_datasets", "write_report"),
            },
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value else None,
)
def test_an_edited_module_runs_its_steps(library, module, before, after, rules):
    path = library.folder / "scripts" / "basewise" / module
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))
    try:
        planned = set(library.planned("test.yaml"))
    finally:
        path.write_text(text)
    assert planned == rules


def test_a_function_that_moves_to_another_module_runs_nothing(library):
    sequences = library.folder / "scripts/basewise/sequences"
    user = library.folder / "scripts/basewise/examples/from_regions.py"
    texts = {path: path.read_text() for path in (sequences / "intervals.py", user)}
    rest, definition, function = texts[sequences / "intervals.py"].partition("def cut_windows(")
    assert definition and "    cut_windows,\n" in texts[user]
    windows = sequences / "windows.py"
    windows.write_text(f"import numpy as np\nimport pandas as pd\n\n\n{definition}{function}")
    (sequences / "intervals.py").write_text(rest)
    moved = "from basewise.sequences.windows import cut_windows\nfrom basewise.store.tables"
    other = texts[user].replace("    cut_windows,\n", "")
    user.write_text(other.replace("from basewise.store.tables", moved, 1))
    try:
        planned = library.planned("test.yaml")
    finally:
        windows.unlink()
        for path, text in texts.items():
            path.write_text(text)
    assert planned == {}
