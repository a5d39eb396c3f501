# What the rules share: folds, models and their files, what the report shows, constraints and growing
# resources.

DATASETS = list(config["datasets"])
SEEDS = config["seeds"]
ENSEMBLES = [name for name, model in config["models"].items() if "ensemble" in model]
# Classes have confusion matrices, ROC curves and so on; numbers have residuals.
REGRESSIONS = [name for name in DATASETS if config["datasets"][name]["task"] == "regression"]
CLASSIFIED = [name for name in DATASETS if name not in REGRESSIONS]


def datasets_with(*keys):
    """Datasets whose entry has one of these keys."""
    return [name for name in DATASETS if set(keys) & set(config["datasets"][name])]


def folds_of(dataset):
    """Folds of a dataset: one, or as many as it is cross-validated with."""
    return list(range(config["datasets"][dataset]["split"].get("folds", 1)))


def seeds_of(model):
    """Seeds of a model's runs; an ensemble averages over all of them and is filed under the first."""
    return SEEDS[:1] if model in ENSEMBLES else SEEDS


def runs(wildcards):
    """Params function: fold and seed of every run of a model."""
    folds, seeds = folds_of(wildcards.dataset), seeds_of(wildcards.model)
    return [(fold, seed) for fold in folds for seed in seeds]


def fold_files(stage, file):
    """A file of every fold of every dataset."""
    return [
        f"results/{dataset}/{stage}/fold{fold}{file}"
        for dataset in DATASETS
        for fold in folds_of(dataset)
    ]


# Models and their files.

AUTOENCODERS = [
    name
    for name, model in config["models"].items()
    if ARCHITECTURES.get(model.get("architecture"), {}).get("pretraining")
]


def models_of(dataset):
    """Models that run on a dataset: those it names, or all that fit it."""
    entry = config["datasets"][dataset]
    fitting = [
        name for name in config["models"] if all(fits(model, entry) for model in members_of(name))
    ]
    return entry.get("models", fitting)


def models_with(kind, *names):
    """Models that are one of these architectures, or baselines."""
    return [model for model, entry in config["models"].items() if entry.get(kind) in names]


def networks_of(dataset):
    """Models of a dataset that are networks."""
    return [model for model in models_of(dataset) if "architecture" in config["models"][model]]


def marker_networks_of(dataset):
    """Models of a dataset whose reaction to each marker is looked at."""
    return networks_of(dataset) if dataset in datasets_with("genotypes") else []


def matched_runs(wildcards):
    """Params function: model, fold and seed of every run whose scores are paired by example."""
    task = config["datasets"][wildcards.dataset]["task"]
    names = models_of(wildcards.dataset) if task in ("binary", "multiclass") else []
    folds = folds_of(wildcards.dataset)
    return [(name, fold, seed) for name in names for fold in folds for seed in seeds_of(name)]


def matched_scores(wildcards):
    """Input function: the scores of `matched_runs`."""
    folder = f"results/{wildcards.dataset}/models"
    runs = matched_runs(wildcards)
    return [f"{folder}/{name}/fold{fold}/seed{seed}/scores.parquet" for name, fold, seed in runs]


def autoencoders_of(dataset):
    """Models of a dataset that have a latent space to look at."""
    return [model for model in networks_of(dataset) if model in AUTOENCODERS]


def runs_of(file):
    """Input function: a file of every fold and seed of a model."""

    def files(wildcards):
        folder = f"results/{wildcards.dataset}/models/{wildcards.model}"
        return [f"{folder}/fold{fold}/seed{seed}/{file}" for fold, seed in runs(wildcards)]

    return files


def first_network(wildcards):
    """Input function: the network of the first fold and seed."""
    return runs_of("model.keras")(wildcards)[0]


def first_split(wildcards):
    """Input function: the split of the first fold."""
    return f"results/{wildcards.dataset}/splits/fold{folds_of(wildcards.dataset)[0]}.tsv"


def run_files(file):
    """A file of every fold and seed of every model of every dataset."""
    return [
        f"results/{dataset}/models/{model}/fold{fold}/seed{seed}/{file}"
        for dataset in DATASETS
        for model in models_of(dataset)
        for fold in folds_of(dataset)
        for seed in seeds_of(model)
    ]


def evaluations(file):
    """Input function: an evaluation file of every model of a dataset."""

    def files(wildcards):
        folder = f"results/{wildcards.dataset}/evaluation"
        return [f"{folder}/{model}/{file}" for model in models_of(wildcards.dataset)]

    return files


def ceilings(wildcards):
    """Input function: the ceiling of every fold, where the dataset has one."""
    has_one = "ceiling" in config["datasets"][wildcards.dataset]
    folds = folds_of(wildcards.dataset) if has_one else []
    return [f"results/{wildcards.dataset}/evaluation/ceiling/fold{fold}.tsv" for fold in folds]


# What the report shows.


def files_of(datasets, stage, *files):
    """Files of one stage of some datasets."""
    return [f"results/{dataset}/{stage}/{file}" for dataset in datasets for file in files]


def measured():
    """Datasets that have a model; the others go as far as tensors and splits."""
    return [dataset for dataset in DATASETS if models_of(dataset)]


def report_evaluations(datasets, models, *files):
    """Evaluation files of every model of some datasets."""
    pairs = [(dataset, model) for dataset in datasets for model in models(dataset)]
    return [
        f"results/{dataset}/evaluation/{model}/{file}" for dataset, model in pairs for file in files
    ]


def report_templates():
    """Files beside the library that the report is made of."""
    names = sorted(path.name for path in (LIBRARY / "report" / "templates").iterdir())
    return tuple(LIBRARY / "report" / "templates" / name for name in names)


# Constraints and resources.


def any_of(names):
    """Wildcard constraint that matches these names and nothing else."""
    return "|".join(names) or "(?!)"


def scaled(amount):
    """Resource function: memory or minutes that grow with each attempt."""

    def grown(wildcards, attempt):
        return amount * attempt

    return grown


# `resources: gpu` of a profile limits the trainings of one machine, not those that a cluster runs.
resource_scopes:
    gpu="local",


wildcard_constraints:
    dataset=any_of(DATASETS),
    model=any_of(config["models"]),
    fold=r"\d+",
    seed=r"\d+",
