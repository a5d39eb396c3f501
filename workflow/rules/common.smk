# What the rules share: source files and settings of a dataset, targets, growing resources, and
# the digest of the code that a step runs.

import ast
import hashlib

DATASETS = list(config["datasets"])
FOLDS = [0]
SEEDS = config["seeds"]


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
    """Params function: file name to sha256, of the dataset's files that `sources` lists."""
    listed = {os.path.expandvars(entry["file"]): entry for entry in config.get("sources", [])}
    paths = [path for _, path in dataset_files(wildcards.dataset) if path in listed]
    return {Path(path).name: listed[path]["sha256"] for path in paths}


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


def evaluations(file, models=models_of):
    """Input function: an evaluation file of every model of a dataset."""

    def files(wildcards):
        folder = f"results/{wildcards.dataset}/evaluation"
        return [f"{folder}/{model}/{file}" for model in models(wildcards.dataset)]

    return files


def ceilings(wildcards):
    """Input function: the ceiling of every fold, where the dataset has one."""
    folds = FOLDS if "ceiling" in config["datasets"][wildcards.dataset] else []
    return [f"results/{wildcards.dataset}/evaluation/ceiling/fold{fold}.tsv" for fold in folds]


# Constraints and resources.


def any_of(names):
    """Wildcard constraint that matches these names and nothing else."""
    return "|".join(names) or "(?!)"


def scaled(mem_mb):
    """Resource function: memory that grows with each attempt."""

    def grown(wildcards, attempt):
        return mem_mb * attempt

    return grown


# The code a step runs, so that editing it runs the step again.


def module_file(name):
    """File of a module of the library, None for anything else."""
    base = LIBRARY.joinpath(*name.split("."))
    candidates = (base.with_suffix(".py"), base / "__init__.py")
    return next((file for file in candidates if file.is_file()), None)


def without_docstrings(tree):
    """Drop docstrings and other bare strings; comments are not in the tree."""
    for node in ast.walk(tree):
        if isinstance(getattr(node, "body", None), list):
            code = [line for line in node.body if not is_text(line)]
            node.body = code or [ast.Pass()]
    return tree


def is_text(statement):
    """Whether a statement is nothing but a string."""
    value = getattr(statement, "value", None)
    is_constant = isinstance(statement, ast.Expr) and isinstance(value, ast.Constant)
    return is_constant and isinstance(value.value, str)


def imported(tree):
    """Names that a module imports from the library: modules, and what it takes from them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "basewise":
            inner = node.module.partition(".")[2]
            yield inner
            yield from (f"{inner}.{alias.name}".lstrip(".") for alias in node.names)


def code_digest(*modules, files=()):
    """Digest of library modules, all they import from the library, and files beside them."""
    pending, seen = list(modules), {}
    while pending:
        name = pending.pop()
        file = module_file(name) if name else None
        if file and name not in seen:
            tree = without_docstrings(ast.parse(file.read_text(encoding="utf-8")))
            seen[name] = ast.unparse(tree)
            pending += imported(tree)
    texts = [(LIBRARY / file).read_text(encoding="utf-8") for file in files]
    return hashlib.sha256(repr((sorted(seen.items()), texts)).encode()).hexdigest()[:16]


wildcard_constraints:
    dataset=any_of(DATASETS),
    model=any_of(config["models"]),
    fold=r"\d+",
    seed=r"\d+",
