# Files and settings of a dataset, for `input:` and `params:`.


def source(*keys):
    """Input function: the dataset's files at `keys` of its entry; none where it has no such key."""

    def files(wildcards):
        named = dataset_files(wildcards.dataset)
        return [user_file(path) for at, path in named if at[: len(keys)] == keys]

    return files


def names_of(*keys):
    """Params function: names of the files at `keys`, where the entry gives them names."""

    def names(wildcards):
        value = setting(*keys)(wildcards)
        return list(value) if isinstance(value, dict) else None

    return names


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


def settings_of(*keys):
    """Params function: the dataset's values at these keys, those that it has."""

    def values(wildcards):
        entry = config["datasets"][wildcards.dataset]
        return {key: entry[key] for key in keys if key in entry}

    return values


def sequence_form(wildcards):
    """Params function: which kind of source a dataset has."""
    return source_of(config["datasets"][wildcards.dataset])


def sequence_source(wildcards):
    """Input function: the files that hold a dataset's sequences."""
    return source(sequence_form(wildcards))(wildcards)


def sequence_names(wildcards):
    """Params function: names of these files, where the entry gives them names."""
    return names_of(sequence_form(wildcards))(wildcards)


def region_columns(wildcards):
    """Params function: columns of the regions; a table of labels joins on column 4."""
    entry = config["datasets"][wildcards.dataset]
    return {**({"id": 4} if "labels" in entry else {}), **entry.get("columns", {})}


def label_files(wildcards):
    """Input function: the file of labels, or of phenotypes."""
    return source("labels")(wildcards) or source("phenotypes")(wildcards)


def label_columns(wildcards):
    """Params function: titles of the columns of the label table."""
    entry = config["datasets"][wildcards.dataset]
    if "phenotypes" in entry:
        lists = {"label": entry["traits"], "covariates": entry.get("covariates", [])}
        titles = {key: [str(title) for title in listed] for key, listed in lists.items()}
        return {"id": None, **entry.get("columns", {}), **titles}
    labels = setting("labels")(wildcards)
    named = labels if isinstance(labels, dict) else {}
    return {key: named[key] for key in ("id", "label") if key in named}


def label_reading(wildcards):
    """Params function: how labels are read as targets; the first of one file a class is 1."""
    entry = config["datasets"][wildcards.dataset]
    classes = names_of(source_of(entry))(wildcards) or names_of("regions")(wildcards) or [None]
    named = {"fasta": classes[0], "genome": classes[0]}.get(source_of(entry))
    positive = entry.get("positive", named) if entry["task"] == "binary" else None
    unit = "individual" if "genotypes" in entry else "sequence"
    return {"positive": positive and str(positive), "transform": entry["transform"], "unit": unit}


def overlap_settings(wildcards):
    """Params function: how much of a window must overlap."""
    overlap = setting("overlap")(wildcards) or {}
    return {key: overlap[key] for key in ("bases", "within") if key in overlap}


def positions_of(wildcards):
    """Input function: the classes of all positions, where the task has them."""
    has_them = "features" in config["datasets"][wildcards.dataset]
    return [f"results/{wildcards.dataset}/examples/positions.npy"] if has_them else []


def position_classes(wildcards):
    """Params function: names of these classes."""
    features = setting("features")(wildcards)
    return features and [features["none"], *features["classes"]]


def letters_of(wildcards):
    """Input function: what `extract` has read: sequences, or genotypes."""
    has_genotypes = "genotypes" in config["datasets"][wildcards.dataset]
    file = "genotypes.npy" if has_genotypes else "sequences.fa"
    return f"results/{wildcards.dataset}/extract/{file}"


def is_by_homology(wildcards):
    return config["datasets"][wildcards.dataset]["split"]["method"] == "homology"


def homology_letters(wildcards):
    """Input function: the sequences or genotypes, where a split needs to compare them."""
    return [letters_of(wildcards)] if is_by_homology(wildcards) else []


def homology_settings(wildcards):
    """Params function: when two sequences are near-identical, where a split needs to know."""
    return setting("near")(wildcards) if is_by_homology(wildcards) else None


def covariates_of(wildcards):
    """Input function: the examples, where covariates stand beside the targets."""
    has_some = "covariates" in config["datasets"][wildcards.dataset]
    return [f"results/{wildcards.dataset}/examples/examples.parquet"] if has_some else []


def has_groups(wildcards):
    """Params function: whether the user has named what belongs together."""
    return "group" in config["datasets"][wildcards.dataset].get("columns", {})


def splits_of(wildcards):
    """Input function: the split of every fold."""
    folder = f"results/{wildcards.dataset}/splits"
    return [f"{folder}/fold{fold}.tsv" for fold in folds_of(wildcards.dataset)]


def audits_of(wildcards):
    """Input function: what stands in two parts, of every fold."""
    folder = f"results/{wildcards.dataset}/leakage"
    return [f"{folder}/fold{fold}.tsv" for fold in folds_of(wildcards.dataset)]


def markers_of(wildcards):
    """Input function: the markers, of genotypes."""
    has_genotypes = "genotypes" in config["datasets"][wildcards.dataset]
    return [f"results/{wildcards.dataset}/extract/markers.tsv"] if has_genotypes else []


def splits_of_runs(wildcards):
    """Input function: the split of every fold and seed of a model."""
    folder = f"results/{wildcards.dataset}/splits"
    return [f"{folder}/fold{fold}.tsv" for fold, _ in runs(wildcards)]


def background_keeps_off(wildcards):
    """Input function: files whose intervals the background keeps away from."""
    entry = config["datasets"][wildcards.dataset]
    drawn = entry.get("negatives", {}).get("method") == "genome"
    labelling = source("overlap", "files")(wildcards) if drawn else []
    return [*source("negatives", "away_from")(wildcards), *labelling]
