"""What a run leaves on record: its configuration, its files, its methods and the command."""

import os
import re
import shlex
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .catalog import Entry
from .inputs import motif_files, own_files
from .mistakes import printable
from .study import Study, files_of
from .yaml_files import expanded

DESCRIBED = ("task", "window", "center", "negatives", "split", "near")
"""Keys of a dataset that the text on methods speaks of."""
FOLDERS = ("tensors", "splits", "leakage")
"""Stages of a dataset that are one output each."""
DEMO = "results/demo/"
"""Folder of input files that the workflow makes itself."""
HARMLESS = (
    "--cores -c --jobs -j --local-cores --max-threads --set-threads "
    "--configfile --configfiles --config -C --snakefile -s "
    "--directory -d --profile --workflow-profile --executor -e "
    "--dry-run --dryrun -n --quiet -q --printshellcmds -p --verbose "
    "--forceall -F --force -f --forcerun -R --until -U "
    "--omit-from -O --rerun-triggers --rerun-incomplete --ri "
    "--keep-going -k --keep-incomplete --ki --retries -T --touch -t "
    "--resources --res --set-resources --default-resources --default-res "
    "--groups --group-components --scheduler --latency-wait -w --nolock "
    "--software-deployment-method --sdm --deployment --use-conda --notemp "
    "--conda-prefix --apptainer-prefix --report --unlock --lint --summary "
    "--seconds-between-status-checks --max-jobs-per-second --shared-fs-usage --"
)
"""Options whose values are harmless; of all others, also of plugins, only the name is kept."""
SHOWN = frozenset(HARMLESS.split())


def named_sources(study: Study) -> list[tuple[str, str, str]]:
    """(dataset, path as written, where it lies) of every file of the user's, also of models."""
    placed = study.surroundings.placed
    return [
        (dataset, path, str(placed(path)))
        for dataset in study.datasets.names
        for path in dict.fromkeys([*study.datasets.written(dataset), *_model_files(dataset, study)])
    ]


def source_paths(study: Study) -> list[Any]:
    """Paths of these files, each once."""
    paths = sorted({expanded(path) for _, _, path in named_sources(study)})
    return [study.surroundings.placed(path) for path in paths]


def final_files(study: Study) -> list[str]:
    """What a run is for, beside its pictures."""
    above = (
        "report.html metrics.tsv multiqc/basewise_models_mqc.tsv provenance/ro-crate-metadata.json"
    )
    of_datasets = [f"results/{file}" for file in above.split()] if study.datasets.names else []
    return [*of_datasets, *study.named_bundles, *study.scores.files]


def promised_files(study: Study) -> list[str]:
    """What every run of a configuration makes byte for byte."""
    names = study.datasets.names
    named = [path for name in names for path in study.datasets.written(name)]
    return [
        *dict.fromkeys(path for path in named if path.startswith(DEMO)),
        *files_of(names, "extract", "dropped.tsv"),
        *files_of(names, "examples", "examples.parquet", "dropped.tsv"),
        *(f"results/{name}/{stage}" for stage in FOLDERS for name in names),
        *study.all_runs("scores.parquet"),
        *study.of_baselines("model.skops"),
        *files_of(study.measured, "evaluation", "comparison.tsv", "paired.tsv"),
        "results/comparison/models.tsv",
        "results/metrics.tsv",
    ]


def recorded_config(study: Study) -> Entry:
    """Return the configuration as written, with what computes where it is silent.

    Not with its defaults: read again they would count as the user's wish, and beat what an
    architecture was published with.
    """
    backend = study.surroundings.backend
    if backend is None:
        return study.asked
    return {**study.asked, "training": {"backend": backend, **study.asked.get("training", {})}}


def described(study: Study) -> Entry:
    """What the methods say of a study, from its configuration."""
    return {
        "datasets": described_datasets(study),
        "runs": study.runs_on,
        "models": described_models(study),
        "folds": {dataset: len(folds) for dataset, folds in study.folds.items()},
        "seeds": study.seeds,
        "root_seed": study.root_seed,
    }


def described_datasets(study: Study) -> dict[str, Entry]:
    """What the methods say of each dataset, from its entry in the configuration."""
    datasets = study.datasets
    return {name: datasets.settings(*DESCRIBED, dataset=name) for name in datasets.names}


def described_models(study: Study) -> dict[str, Entry]:
    """What the methods say of each model: its entry, its registry's, how it is trained."""
    titles, networks = study.models.titles(), study.models.networks
    in_use = _models_in_use(study)
    return {
        model: {
            **titles[model],
            "entry": {key: value for key, value in entry.items() if key != "training"},
            "training": study.training.whole(model) if model in networks else None,
        }
        for model, entry in study.models.entries.items()
        if model in in_use
    }


def bundled_facts(study: Study, *, dataset: str, model: str) -> Entry:
    """What the bundle of a model says of it and of its data, from the configuration."""
    keys = ("description", "length", "window", "center", "shift", "near")
    used = study.datasets.written(dataset)
    return {
        "dataset": study.datasets.settings(*keys, dataset=dataset),
        "title": study.models.titles()[model]["title"],
        "classes": study.datasets.class_names(dataset),
        "files_used": [source for source in study.datasets.sources if source["file"] in used],
        **study.config["evaluation"],
    }


def required_packages(checkout: Path) -> list[str]:
    """Names of the packages that the steps are built on."""
    lists = [checkout / "envs" / f"{name}.in" for name in ("analysis", "keras")]
    return sorted({name for file in lists for name in file.read_text(encoding="utf-8").split()})


def record_command(words: Sequence[str], version: str, table: Path) -> None:
    """Add the command that starts a run, and Snakemake's version, to a table of commands."""
    if table.is_symlink():
        # In a folder that came from someone else it may lead to any file of the user's.
        table.unlink()
    is_new = not table.exists()
    table.parent.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC).isoformat(timespec="seconds")

    with open(table, "a", encoding="utf-8") as stream:
        if is_new:
            stream.write("time\tcommand\tsnakemake\n")
        # Without CSV's quotes: they would undo those of the shell. No cell begins with one.
        stream.write(f"{now}\t{published(['snakemake', *words])}\t{version}\n")


def published(words: Sequence[str]) -> str:
    """Return a command line with the values of known options, and with ~ for one's home."""
    shown, option = [], ""
    for word in words:
        if word.startswith("-"):
            option, equals, _ = word.partition("=")
            shown.append(word if option in SHOWN or not equals else f"{option}=***")
        else:
            shown.append(word if not option or option in SHOWN else "***")

    home = re.escape(os.path.expanduser("~").rstrip(os.sep)) or "(?!)"
    line = re.sub(rf"(?<![^\s=:,'\"]){home}(?=[/\s:,'\"]|$)", "~", shlex.join(shown))
    return printable(line)


def _models_in_use(study: Study) -> set[str]:
    """Models that run on any dataset, and the members of those that are ensembles."""
    named = {model for models in study.runs_on.values() for model in models}
    return named | {member for model in named for member in study.models.members(model)}


def _model_files(dataset: str, study: Study) -> list[str]:
    """Motifs and code, as written, that models of a dataset name, or members of ensembles."""
    models = study.models
    members = [
        models.entries[member] for name in study.runs_on[dataset] for member in models.members(name)
    ]
    return [path for member in members for path in (*motif_files(member), *own_files(member))]
