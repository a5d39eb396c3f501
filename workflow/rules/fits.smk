# What a model is, and which datasets it can take.

INFINITY = float("inf")


def model_misfits(name, entry):
    """Models that do not exist, or that a dataset names and that cannot take it."""
    for model in entry.get("models", []):
        if model not in config["models"]:
            yield name, ("models",), f"unknown model {model!r}; {nearest(model, config['models'])}"
            continue
        for member in [member for member in members_of(model) if not fits(member, entry)]:
            which = f"its member {member!r}" if member != model else "it"
            yield name, ("models",), f"{model!r} does not fit; {which} takes {taken_by(member)}"


def taken_by(model):
    """What a model can take, in the words of a user."""
    kind = registry_entry(model)
    remedy = f", from {shortest(model)} letters (`adapt: auto` takes fewer)"
    takes = f"tasks {', '.join(kind['tasks'])} and alphabets {', '.join(kind['alphabets'])}"
    return takes + remedy * (shortest(model) > 1)


def members_of(model):
    """Models that an ensemble averages; of any other model itself."""
    return config["models"][model].get("ensemble", [model])


def registry_entry(model):
    """What the registry says about the architecture or baseline that a model is."""
    entry = config["models"][model]
    if "architecture" in entry:
        return ARCHITECTURES[entry["architecture"]]
    return BASELINES[entry["baseline"]]


def shortest(model):
    """Letters that a model needs, as far as the registry knows: 1 where its settings decide."""
    settings, kind = config["models"][model], registry_entry(model)
    decided = {"kernel_size", "kernel_sizes", "pool_size", "pool_sizes"} & set(settings)
    adapts = settings.get("adapt") == "auto"
    return 1 if decided or adapts else kind.get("minimum_length", 1)


def fits(model, entry):
    """Whether a model can take a dataset's task, letters and, where it is known, length."""
    kind, settings = registry_entry(model), config["models"][model]
    searched = settings.get("tune", {}).get("search", {})
    strands = settings.get("reverse_complement", "none")
    both_strands = strands != "none" or "reverse_complement" in searched
    one_strand = entry.get("alphabet", "dna") != "dna" or (
        "features" in entry and entry["features"].get("strand", "same") == "same"
    )
    long_enough = entry["task"] == "per_position" or entry.get("window", INFINITY) >= shortest(
        model
    )
    return (
        entry["task"] in kind["tasks"]
        and entry.get("alphabet", "dna") in kind["alphabets"]
        and not (one_strand and both_strands)
        and long_enough
    )


def named_motifs(model):
    """Files of motifs that an entry of `models` names, as written."""
    motifs = model.get("motifs") or []
    return [motifs] if is_path(motifs) else motifs


def motif_files(model):
    """The same, environment variables replaced."""
    return [expanded(path) for path in named_motifs(model)]


def missing_motifs(name):
    """Files of motifs that a model names and that are not there."""
    for path in motif_files(config["models"][name]):
        if not (IS_MODULE or Path(path).is_file()):
            place = located(["models", name, "motifs"])
            yield f"{place}: no such file: {path}; {where_to_get(path)}"
