"""An edit runs again exactly what it touches."""

import copy
import os
import shutil
from contextlib import contextmanager

import pytest
from support import Workflow, small_config

SCORING = {
    *("evaluate_classifier", "draw_models", "draw_datasets"),
    "compare_models",
    "compare_datasets",
    "record_run",
    "write_crate",
    "write_report",
}
NETWORK = {"collect_learning", *SCORING}
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
        (("datasets", "peaks", "missing"), [-9], OF_REGIONS),
        (("datasets", "lines", "sheets"), {"labels": "x"}, {*EXAMPLES, *FITTING}),
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
    assert planned["evaluate_classifier"] == planned["draw_models"] == 1


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
                *("draw_examples", "draw_models", "draw_datasets", "write_report"),
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


@contextmanager
def replaced_by_older(*files):
    """Files with other contents and a date of long ago, as `cp -p` and unzip leave them."""
    before = {file: file.read_bytes() for file in files}
    try:
        for file in files:
            file.write_text("other\n")
            os.utime(file, (0, 0))
        yield
    finally:
        for file, content in before.items():
            file.write_bytes(content)
            os.utime(file, (0, 0))


def test_labels_replaced_by_older_ones_are_joined_again(library):
    with replaced_by_older(library.folder / "input/labels.txt"):
        planned = library.planned("test.yaml")
    assert set(planned) == {"join_labels", "encode_tensors", *SPLIT, *FITTING}
    assert planned["join_labels"] == 1


OF_EVERY_KIND = {
    "datasets": {
        "peaks": {
            "genome": "input/genome",
            "regions": "input/regions",
            "aliases": "input/aliases",
            "split": {"method": "chromosome", "validation": ["b"], "test": ["c"]},
            "exclude": ["input/exclude"],
            "labels": "input/labels",
            "window": 50,
            "task": "binary",
            "negatives": {"method": "genome", "away_from": ["input/away_from"]},
        },
        "bins": {
            "genome": "input/bins_genome",
            "regions": "input/bins",
            "window": 50,
            "task": "multilabel",
            "overlap": {"files": {"one": "input/one", "two": "input/two"}},
        },
        "bases": {
            "genome": "input/bases_genome",
            "regions": "input/bases",
            "window": 50,
            "task": "per_position",
            "features": {"file": "input/features", "classes": {"gene": "gene"}},
        },
        "lines": {
            "sequences": "input/sequences",
            "labels": "input/line_labels",
            "task": "binary",
            "ceiling": {"scores": "input/ceiling", "population": "input/population"},
        },
        "files": {
            "fasta": {"yes": "input/yes.fa", "no": "input/no.fa"},
            "task": "binary",
            "split": {"table": "input/parts"},
        },
        "table": {"table": "input/table", "task": "binary"},
        "uci": {"uci": "input/uci", "task": "binary", "positive": "+"},
        "plink": {
            "genotypes": "input/calls.bed",
            "phenotypes": "input/plink_traits",
            "traits": ["y"],
            "task": "regression",
        },
        "dosages": {
            "genotypes": "input/dosages",
            "map": "input/map",
            "phenotypes": "input/traits",
            "traits": ["y"],
            "task": "regression",
        },
    },
    "models": {
        "majority": {"baseline": "majority"},
        "mean": {"baseline": "mean"},
        "pwm": {"architecture": "dnn_pwm", "motifs": ["input/motifs"]},
    },
    "default_baselines": ["motif_scan"],
}
"""Datasets that name a file of every kind, a file each."""

TARGETS = ["tensors", "models", "results/lines/evaluation/ceiling/fold0.tsv"]

PWM = {"train_dnn_pwm"}
PARTED = {"split_examples", "audit_leakage", "fit_baseline", *PWM}
JOINED = {"join_labels", "encode_tensors", *PARTED}
READ = {"extract_sequences", *JOINED}
CUT = {"extract_regions", *JOINED}
TRAITS = JOINED - PWM
CALLS = {"extract_genotypes", *TRAITS}
REPLACED = {
    "peaks": {
        **dict.fromkeys(["genome", "regions", "aliases", "exclude", "away_from"], CUT),
        "labels": JOINED,
    },
    "bins": {"bins_genome": CUT, "bins": CUT, "one": JOINED},
    "bases": {
        **dict.fromkeys(["bases_genome", "bases"], {"label_positions", *CUT} - PWM),
        "features": {"label_positions", "encode_tensors", "fit_baseline"},
    },
    "lines": {
        "sequences": {"evaluate_ceiling", *READ},
        "line_labels": {"evaluate_ceiling", *JOINED},
        "ceiling": {"evaluate_ceiling"},
        "population": {"evaluate_ceiling"},
    },
    "files": {"yes.fa": READ, "no.fa": READ, "parts": PARTED},
    "table": {"table": READ},
    "uci": {"uci": READ},
    "plink": {
        **dict.fromkeys(["calls.bed", "calls.bim", "calls.fam"], CALLS),
        "plink_traits": TRAITS,
    },
    "dosages": {"dosages": CALLS, "map": CALLS, "traits": TRAITS},
}
"""Files of each dataset, and the rules that each runs again, for this dataset."""

ROUNDS = [
    {dataset: list(files)[turn] for dataset, files in REPLACED.items() if turn < len(files)}
    for turn in range(max(map(len, REPLACED.values())))
]
"""A file of each dataset that has so many: what depends on which is told apart all the same."""

FILES = [name for files in REPLACED.values() for name in files]


@pytest.fixture(scope="module")
def of_every_kind(tmp_path_factory):
    """A copy with empty results that Snakemake takes for made from the files of the user's."""
    made = Workflow.copied_to(tmp_path_factory.mktemp("kinds") / "copy")
    (made.folder / "input").mkdir()
    for name in [*FILES, "two", "motifs"]:
        (made.folder / "input" / name).write_text(f"{name}\n")
    configfile = made.write_config(OF_EVERY_KIND)
    for path, *_ in summary(made):
        output = made.folder / path
        output.parent.mkdir(parents=True, exist_ok=True)
        output.touch() if output.suffix else output.mkdir()
    recorded = made.snakemake("--touch", "--forceall", *TARGETS, "--configfile", configfile)
    assert recorded.returncode == 0, recorded.stdout + recorded.stderr
    return made


def summary(made):
    """Path, date, rule, log, state and plan of every output."""
    done = made.snakemake("--summary", *TARGETS, "--configfile", "test.yaml")
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    return [row for row in rows if row[0].startswith("results/")]


def pending(made):
    """Rules that would run again, of each dataset that has such."""
    rules = {}
    for path, _, rule, *_, plan in summary(made):
        if plan != "no update":
            rules.setdefault(path.split("/")[1], set()).add(rule)
    return rules


@pytest.mark.slow
def test_a_file_that_only_has_another_date_runs_nothing(of_every_kind):
    for name in FILES:
        os.utime(of_every_kind.folder / "input" / name, (0, 0))
    assert pending(of_every_kind) == {}


@pytest.mark.slow
@pytest.mark.parametrize("replaced", ROUNDS, ids=lambda files: "-".join(files.values()))
def test_a_file_replaced_by_an_older_one_runs_what_depends_on_it(of_every_kind, replaced):
    files = [of_every_kind.folder / "input" / name for name in replaced.values()]
    with replaced_by_older(*files):
        rules = pending(of_every_kind)
    assert rules == {dataset: REPLACED[dataset][name] for dataset, name in replaced.items()}


@pytest.mark.slow
def test_motifs_replaced_by_older_ones_train_again(of_every_kind):
    with replaced_by_older(of_every_kind.folder / "input/motifs"):
        rules = pending(of_every_kind)
    trained = {"fit_baseline", *PWM}
    assert rules == dict.fromkeys(["peaks", "bins", "lines", "files", "table", "uci"], trained)
