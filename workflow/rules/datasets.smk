# What a dataset's entry names, and whether its keys go together: one line a mistake. Fills in the
# defaults of the schema at the end.

from snakemake.utils import validate

SOURCES = ("genome", "sequences", "fasta", "table", "uci", "genotypes")
KEYS_OF_SOURCE = {
    "genome": "regions feature keep window center shift aliases exclude columns overlap features",
    "sequences": "length",
    "fasta": "length",
    "table": "columns length",
    "uci": "length",
    "genotypes": "individuals map filters phenotypes traits covariates columns",
}
NOT_OF_GENOTYPES = ("labels", "negatives", "ceiling")
KEYS_OF_ANY = "description task alphabet labels negatives positive transform split near"
KEYS_OF_ANY += " fail_on_leakage ceiling models"
FILES = ("genome", "regions", "aliases", "sequences", "fasta", "table", "uci", "labels")
FILES += ("genotypes", "map", "phenotypes")
INNER_FILES = {
    "labels": ["file"],
    "overlap": ["files"],
    "features": ["file"],
    "negatives": ["away_from"],
    "split": ["table"],
    "ceiling": ["scores", "population"],
}
ANNOTATION = (".gff", ".gff3", ".gtf")


def named_files(dataset):
    """(keys, path as written) of every input file of a dataset."""
    entry = config["datasets"][dataset]
    named = [((key,), entry[key]) for key in (*FILES, "exclude") if key in entry]
    named = [(keys, value) for keys, value in named if keys != ("labels",) or is_path(value)]
    for key, inner in INNER_FILES.items():
        if isinstance(entry.get(key), dict):
            named += [((key, name), entry[key][name]) for name in inner if name in entry[key]]
    if entry.get("genotypes", "").endswith(".bed"):
        stem = entry["genotypes"].removesuffix(".bed")
        named += [(("genotypes",), stem + suffix) for suffix in (".bim", ".fam")]
    return [pair for keys, value in named for pair in files_in(keys, value)]


def dataset_files(dataset):
    """(keys, path) of every input file of a dataset, environment variables replaced."""
    return [(keys, expanded(path)) for keys, path in named_files(dataset)]


def files_in(keys, value):
    """(keys, path) of a path, a list of paths or names with a path each."""
    if isinstance(value, dict):
        return [((*keys, name), path) for name, path in value.items()]
    return [(keys, path) for path in ([value] if is_path(value) else value)]


def is_path(value):
    return isinstance(value, str)


def source_of(entry):
    """Which of SOURCES a dataset's entry names."""
    return next((key for key in SOURCES if key in entry), None)


def dataset_mistakes(name, entry):
    """Mistakes in one entry of `datasets`."""
    found = [key for key in SOURCES if key in entry]
    if len(found) != 1:
        named = f"names {' and '.join(found)}" if found else "names no source"
        yield name, (), f"{named}; a dataset needs one of {', '.join(SOURCES)}"
        return
    known = {found[0], *KEYS_OF_ANY.split(), *KEYS_OF_SOURCE[found[0]].split()}
    if found[0] == "genotypes":
        known -= set(NOT_OF_GENOTYPES)
        yield from genotype_mistakes(name, entry)
    elif entry.get("alphabet") == "genotype":
        yield name, ("alphabet",), "genotypes are given as `genotypes`"
    for key in [key for key in entry if key not in known]:
        yield name, (key,), f"`{key}` does not go with `{found[0]}`"
    if found[0] == "genome":
        yield from genome_mistakes(name, entry)
    yield from label_mistakes(name, entry, found[0])
    yield from split_mistakes(name, entry)
    yield from model_misfits(name, entry)


def genome_mistakes(name, entry):
    for key in ("regions", "window"):
        if key not in entry:
            yield name, (), f"`genome` needs `{key}`"
    regions = [path for keys, path in dataset_files(name) if keys[0] == "regions"]
    annotation = [path.removesuffix(".gz").endswith(ANNOTATION) for path in regions]
    if any(annotation) and "feature" not in entry:
        yield name, ("regions",), "a GFF or GTF file needs `feature`, the type of line to take"
    if any(annotation) and "labels" in entry and "id" not in entry.get("columns", {}):
        yield name, ("labels",), "labels of GFF and GTF features join on `columns: {id: ...}`"
    if "feature" in entry and not all(annotation):
        yield name, ("feature",), "`feature` goes with GFF and GTF files only"
    if entry.get("alphabet", "dna") == "protein":
        yield name, ("alphabet",), "a genome has no proteins; give the sequences as `fasta`"


def genotype_mistakes(name, entry):
    for key in ("phenotypes", "traits"):
        if key not in entry:
            yield name, (), f"`genotypes` needs `{key}`"
    if entry["alphabet"] != "genotype":
        yield name, ("alphabet",), "`alphabet` does not go with `genotypes`; take it out"
    if entry["task"] in ("binary", "multiclass") and len(entry.get("traits", [])) > 1:
        yield name, ("traits",), f"`task: {entry['task']}` takes one trait"
    if "covariates" in entry and entry["task"] != "regression":
        yield name, ("covariates",), "`covariates` go with `task: regression`"
    if "k" in entry.get("near", {}):
        yield name, ("near", "k"), "genotypes are compared marker by marker; take `k` out"
    named = [*entry.get("traits", []), *entry.get("covariates", [])]
    for column in {column for column in named if named.count(column) > 1}:
        yield name, ("covariates",), f"{column!r} cannot be both a trait and a covariate"


def label_mistakes(name, entry, source):
    """Labels come from one place, and must suit the task."""
    task, method = entry["task"], entry.get("negatives", {}).get("method", "none")
    brings = [key for key in ("labels", "overlap", "features", "phenotypes") if key in entry]
    if isinstance(entry.get(source), dict) and source == "fasta":
        brings.append("fasta")
    if isinstance(entry.get("regions"), dict):
        brings.append("regions")
    if "label" in entry.get("columns", {}) or (source == "table" and "labels" not in entry):
        brings.append("columns")
    if source == "uci":
        brings.append("uci")
    if len(brings) > 1:
        yield name, (brings[0],), f"labels come from {' and from '.join(brings)}; name one"
    if not brings and source != "genotypes" and (method == "none" or task != "binary"):
        yield name, (), "nothing brings labels; the manual lists what can (config/README.md)"
    if ("features" in entry) != (task == "per_position"):
        yield name, ("task",), "`features` and `task: per_position` go together"
    several = [place.get("label") for place in (entry.get("columns", {}), labels_of(entry))]
    if task in ("binary", "multiclass") and any(isinstance(names, list) for names in several):
        yield name, ("task",), f"`task: {task}` takes one label, not a list"
    if {"fasta", "regions"} & set(brings) and task not in ("binary", "multiclass"):
        yield name, ("task",), "one file a class gives labels for binary and multiclass tasks"
    if "overlap" in entry and task != "multilabel":
        yield name, ("task",), "`overlap` gives labels for `task: multilabel`"
    if "overlap" in entry:
        yield from overlap_mistakes(name, entry["overlap"], entry.get("window", 0))
    features = entry.get("features", {"classes": {}})
    classes = features["classes"]
    if len(set(classes.values())) < len(classes) or features.get("none") in classes:
        yield name, ("features",), "each class needs a feature, and a name, of its own"
    if method == "genome" and source != "genome":
        yield name, ("negatives", "method"), "`method: genome` needs a genome; `shuffle` does not"
    if method != "none" and task in ("regression", "per_position"):
        yield name, ("negatives",), f"`task: {task}` has no negatives"
    if method == "shuffle" and entry.get("alphabet", "dna") == "protein":
        yield name, ("negatives", "method"), "shuffling keeps dinucleotides; proteins have none"
    if "positive" in entry and task != "binary":
        yield name, ("positive",), "`positive` goes with `task: binary`"
    if "transform" in entry and task != "regression":
        yield name, ("transform",), "`transform` goes with `task: regression`"


def overlap_mistakes(name, overlap, window):
    within = overlap.get("within", window)
    if within > window:
        yield name, ("overlap", "within"), f"{within} is more than the window of {window}"
    if overlap.get("bases", 1) > within:
        yield name, ("overlap", "bases"), f"{overlap['bases']} is more than the {within} compared"


def labels_of(entry):
    """The mapping under `labels`, where it is one."""
    return entry["labels"] if isinstance(entry.get("labels"), dict) else {}


def useless_keys(entry):
    """Places of keys that mean nothing beside the others."""
    negatives, split = entry.get("negatives", {}), entry.get("split", {})
    if negatives.get("method") != "genome":
        yield from (("negatives", key) for key in ("match", "distance", "away_from"))
    if {"genome", "genotypes"} & set(entry):
        yield from (("columns", key) for key in ("sequence", "part"))
    if "genotypes" in entry:
        yield "columns", "label"
    if "sequences" in entry:
        yield from (("labels", key) for key in ("id", "label"))
    if split.get("method") == "chromosome" and "folds" not in split:
        yield "split", "seed"
    if split.get("method", "random") != "predefined":
        yield "split", "table"
    else:
        yield from (("split", key) for key in ("validation", "test", "seed"))
    if "folds" in split:
        yield from (("split", key) for key in ("validation", "test"))
        yield "columns", "part"


def split_mistakes(name, entry):
    """The split has what its method needs."""
    split, columns = entry.get("split", {}), entry.get("columns", {})
    method = split.get("method", "random")
    if method == "group" and "group" not in columns and "genotypes" not in entry:
        yield name, ("split",), "`method: group` needs `columns: {group: ...}`"
    has_parts = "part" in columns or isinstance(entry.get("table"), dict)
    if method == "predefined" and not has_parts and "table" not in split:
        yield name, ("split",), "a predefined split needs `table`, or a column `part`"
    for key, inner in useless_keys(entry):
        if isinstance(entry.get(key), dict) and inner in entry[key]:
            yield name, (key, inner), f"`{inner}` has no effect here; take it out"
    drawn = entry.get("negatives", {}).get("method", "none") != "none"
    if method == "predefined" and "table" in split and drawn:
        yield name, ("split",), "a table cannot name background; split by another method"
    if method == "chromosome" and "genome" not in entry:
        yield name, ("split",), "`method: chromosome` needs a genome"


def missing_files(name):
    """Input files that are not there."""
    for keys, path in dataset_files(name):
        if set("{}") & set(path):
            yield name, keys, f"{path!r} has braces in its name; rename the file"
        elif not (IS_MODULE or path.startswith("results/") or Path(path).is_file()):
            yield name, keys, f"no such file: {path}; {where_to_get(path)}"


refuse([line for name in config["models"] for line in missing_motifs(name)])
for entry in config["datasets"].values():
    has_parts = isinstance(entry.get("table"), dict) or "part" in entry.get("columns", {})
    if has_parts or "table" in entry.get("split", {}):
        entry.setdefault("split", {}).setdefault("method", "predefined")
    if "genotypes" in entry:
        entry.setdefault("alphabet", "genotype")
        entry.setdefault("near", {}).setdefault("share", 0.95)
    if "genotypes" in entry and entry["task"] == "regression":
        entry.setdefault("transform", "zscore")
mistakes = [
    mistake
    for name, entry in config["datasets"].items()
    for mistake in (*dataset_mistakes(name, entry), *missing_files(name))
]
refuse([f"{located(['datasets', name, *keys])}: {text}" for name, keys, text in mistakes])
ASKED_TRAINING = dict(config.get("training", {}))
validate(config, str(ROOT / "workflow" / "schemas" / "config.schema.yaml"))
