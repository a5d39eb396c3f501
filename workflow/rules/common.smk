# What the rules share: source files and settings of a dataset, models and their files, what the
# report shows, constraints and growing resources.

DATASETS = list(config["datasets"])
FOLDS = [0]
SEEDS = config["seeds"]
RUNS = [(fold, seed) for fold in FOLDS for seed in SEEDS]


# Files and settings of a dataset, for `input:` and `params:`.


def source(*keys):
    """Input function: the dataset's files at `keys` of its entry; none where it has no such key."""

    def files(wildcards):
        return [path for at, path in dataset_files(wildcards.dataset) if at == keys]

    return files


def setting(*keys):
    """Params function: the value at `keys` of the dataset's entry, or None."""

    def value(wildcards):
        entry = config["datasets"][wildcards.dataset]
        for key in keys:
            entry = (entry or {}).get(key)
        return entry

    return value


def checksums(wildcards):
    """Params function: path to sha256, of the dataset's files that `sources` lists."""
    used = [path for _, path in dataset_files(wildcards.dataset)]
    entries = [entry for entry in config.get("sources", []) if expanded(entry["file"]) in used]
    return {entry["file"]: entry["sha256"] for entry in entries}


def has_labels(wildcards):
    """Params function: whether labels in another file name the regions."""
    return "labels" in config["datasets"][wildcards.dataset]


def is_line_by_line(wildcards):
    """Params function: whether the labels stand one a line, beside sequences that do."""
    return "sequences" in config["datasets"][wildcards.dataset]


def datasets_with(key):
    """Datasets whose entry has a key."""
    return [name for name in DATASETS if key in config["datasets"][name]]


# Models and their files.


def models_of(dataset):
    """Models that run on a dataset."""
    return config["datasets"][dataset].get("models", list(config["models"]))


def models_with(kind, *names):
    """Models that are one of these architectures, or baselines."""
    return [model for model, entry in config["models"].items() if entry.get(kind) in names]


def kind_of(model):
    """The architecture or baseline that a model is."""
    return config["models"][model].get("architecture") or config["models"][model]["baseline"]


def networks_of(dataset):
    """Models of a dataset that are networks."""
    return [model for model in models_of(dataset) if "architecture" in config["models"][model]]


def model_settings(wildcards):
    """Params function: a model's settings, without the name of what it is."""
    model = config["models"][wildcards.model]
    return {key: model[key] for key in model if key not in ("architecture", "baseline")}


def baseline_of(wildcards):
    """Params function: which baseline a model is."""
    return config["models"][wildcards.model]["baseline"]


def baseline_code(wildcards):
    """Params function: digest of the code of a model's baseline."""
    return code_digest("baselines", f"baselines.{BASELINES[baseline_of(wildcards)]['module']}")


def training_settings():
    """How networks are trained; the number of threads is a setting of each architecture."""
    return {key: value for key, value in config["training"].items() if key != "threads"}


def training_threads(needs):
    """Threads of an architecture's training, in TensorFlow and for the scheduler."""
    return config["training"].get("threads", needs["threads"])


def runs_of(file):
    """Input function: a file of every fold and seed of a model."""
    folder = "results/{{dataset}}/models/{{model}}/fold{fold}/seed{seed}/"
    return expand(folder + file, fold=FOLDS, seed=SEEDS)


def run_files(file):
    """A file of every fold and seed of every model of every dataset."""
    pairs = [(dataset, model) for dataset in DATASETS for model in models_of(dataset)]
    path = "results/{}/models/{}/fold{}/seed{}/{}"
    return [
        path.format(*pair, fold, seed, file) for pair in pairs for fold in FOLDS for seed in SEEDS
    ]


def evaluations(file):
    """Input function: an evaluation file of every model of a dataset."""

    def files(wildcards):
        folder = f"results/{wildcards.dataset}/evaluation"
        return [f"{folder}/{model}/{file}" for model in models_of(wildcards.dataset)]

    return files


def ceilings(wildcards):
    """Input function: the ceiling of every fold, where the dataset has one."""
    folds = FOLDS if "ceiling" in config["datasets"][wildcards.dataset] else []
    return [f"results/{wildcards.dataset}/evaluation/ceiling/fold{fold}.tsv" for fold in folds]


# What the report shows.


def report_sources(stage, *files):
    """Files of one stage for every dataset."""
    return [f"results/{dataset}/{stage}/{file}" for dataset in DATASETS for file in files]


def report_evaluations(models, *files):
    """Evaluation files of every dataset and model."""
    pairs = [(dataset, model) for dataset in DATASETS for model in models(dataset)]
    return [
        f"results/{dataset}/evaluation/{model}/{file}" for dataset, model in pairs for file in files
    ]


def titles():
    """Title and citation of every model."""
    entries = {name: {**ARCHITECTURES, **BASELINES}[kind_of(name)] for name in config["models"]}
    return {
        name: {key: entry[key] for key in ("title", "citation")} for name, entry in entries.items()
    }


# Constraints and resources.


def any_of(names):
    """Wildcard constraint that matches these names and nothing else."""
    return "|".join(names) or "(?!)"


def scaled(mem_mb):
    """Resource function: memory that grows with each attempt."""

    def grown(wildcards, attempt):
        return mem_mb * attempt

    return grown


wildcard_constraints:
    dataset=any_of(DATASETS),
    model=any_of(config["models"]),
    fold=r"\d+",
    seed=r"\d+",
