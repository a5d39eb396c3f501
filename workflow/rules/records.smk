# What a run leaves on record beside its results: helper functions for provenance.smk.

import csv
import shlex
from datetime import datetime, timezone

from snakemake import __version__ as SNAKEMAKE

COMMANDS = Path("results/provenance/commands.tsv")


def source_files():
    """(dataset, path as written) of every file of the user's, motifs of its models included."""
    return [
        (dataset, path)
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


def required_packages():
    """Names of the packages that the steps are built on."""
    environments = [load_yaml(ROOT / "envs" / f"{name}.yaml") for name in ("analysis", "keras")]
    pins = [pin for content in environments for pin in content["dependencies"][-1]["pip"]]
    return sorted({pin.partition("==")[0] for pin in pins})


def record_command():
    """Add the command that starts a run to the record of this results folder."""
    is_new = not COMMANDS.exists()
    COMMANDS.parent.mkdir(parents=True, exist_ok=True)
    now = datetime.now(timezone.utc).isoformat(timespec="seconds")
    command = shlex.join(["snakemake", *sys.argv[1:]])
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
