# What a run leaves on record beside its results: helper functions for provenance.smk.

import csv
import re
import shlex
from datetime import datetime, timezone

from snakemake import __version__ as SNAKEMAKE

COMMANDS = Path("results/provenance/commands.tsv")


def source_files():
    """(dataset, path as written, where it lies) of every file of the user's, with models' motifs."""
    return [
        (dataset, path, str(user_file(path)))
        for dataset in DATASETS
        for path in dict.fromkeys(
            [
                *(path for _, path in named_files(dataset)),
                *motifs_written(dataset),
            ]
        )
    ]


def motifs_written(dataset):
    """Files of motifs, as written, that models of a dataset name, or members of ensembles."""
    members = [member for model in models_of(dataset) for member in members_of(model)]
    return [path for member in members for path in named_motifs(config["models"][member])]


def promised_files():
    """Input function: what every run of a configuration makes byte for byte."""
    named = [path for dataset in DATASETS for _, path in named_files(dataset)]
    return [
        *dict.fromkeys(path for path in named if path.startswith("results/demo/")),
        *files_of(DATASETS, "extract", "dropped.tsv"),
        *files_of(DATASETS, "examples", "examples.parquet", "dropped.tsv"),
        *files_of(DATASETS, "tensors", ""),
        *fold_files("splits", ".tsv"),
        *fold_files("leakage", ".tsv"),
        *run_files("scores.parquet"),
        *files_of(measured(), "evaluation", "comparison.tsv", "paired.tsv"),
        "results/comparison/models.tsv",
        "results/metrics.tsv",
    ]


def asked_config():
    """Params: the configuration before defaults were filled in, and what computes if it is silent."""
    if "KERAS_BACKEND" not in os.environ:
        return ASKED
    return {**ASKED, "training": {"backend": BACKEND, **ASKED.get("training", {})}}


def required_packages():
    """Names of the packages that the steps are built on."""
    lists = [ROOT / "envs" / f"{name}.in" for name in ("analysis", "keras")]
    return sorted({name for file in lists for name in file.read_text(encoding="utf-8").split()})


def published(words):
    """A command line without values of secrets, and with ~ for one's home."""
    shown, is_value = [], False
    for word in words:
        name, equals, _ = word.partition("=")
        is_secret = re.search("key|secret|token|password", name, re.IGNORECASE)
        is_option = word.startswith("-")
        is_value = is_value and not is_option
        hidden = "***" if is_value else f"{name}=***" if is_secret and equals else word
        shown.append(hidden)
        is_value = is_value or bool(is_secret and is_option and not equals)
    home = re.escape(os.path.expanduser("~").rstrip(os.sep)) or "(?!)"
    return re.sub(rf"(?<![^\s=:,'\"]){home}(?=[/\s:,'\"]|$)", "~", shlex.join(shown))


def record_command():
    """Add the command that starts a run to the record of this results folder."""
    is_new = not COMMANDS.exists()
    COMMANDS.parent.mkdir(parents=True, exist_ok=True)
    now = datetime.now(timezone.utc).isoformat(timespec="seconds")
    command = published(["snakemake", *sys.argv[1:]])
    with open(COMMANDS, "a", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter="\t", lineterminator="\n")
        if is_new:
            writer.writerow(["time", "command", "snakemake"])
        writer.writerow([now, command, SNAKEMAKE])


def run_models():
    """Models that run on any dataset, and the members of those that are ensembles."""
    named = [model for dataset in DATASETS for model in models_of(dataset)]
    members = {member for model in named for member in members_of(model)}
    return [model for model in config["models"] if model in {*named, *members}]


def described_datasets():
    """Params: what the methods say of each dataset, from its entry in the configuration."""
    keys = ("task", "window", "center", "negatives", "split", "near")
    return {
        dataset: {key: entry[key] for key in keys if key in entry}
        for dataset, entry in config["datasets"].items()
    }


def described_models():
    """Params: what the methods say of each model: its entry, its registry's, how it is trained."""
    entries, cited = config["models"], titles()
    return {
        model: {
            **cited[model],
            "entry": {key: value for key, value in entries[model].items() if key != "training"},
            "training": asked_training(model) if "architecture" in entries[model] else None,
        }
        for model in run_models()
    }
