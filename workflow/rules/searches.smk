# What models with `tune` search for: mistakes in it, and what the rules of tuning.smk need to know.

TUNED = [name for name, model in config["models"].items() if "tune" in model]
NOT_SEARCHED = {
    "epochs": "the trials' epochs are `tune: epochs`",
    "patience": "set it in `training`",
    "refit": "set it in `training`",
    "tensorboard": "set it in `training`",
    "loss": "it changes the loss that trials are compared by",
    "focal_gamma": "it changes the loss that trials are compared by",
    "label_smoothing": "it changes the loss that trials are compared by",
    "class_weights": "it changes the loss that trials are compared by",
    "motifs": "they are files",
    **{key: "set it in `training`" for key in DEVICE_KEYS},
}


def searched_architectures():
    """Entries of the architectures that a model with `tune` has."""
    names = {config["models"][model].get("architecture") for model in TUNED}
    return {name: entry for name, entry in ARCHITECTURES.items() if name in names}


def searchable(model):
    """Schemas of what can be searched for a model: settings, and how it is trained."""
    settings = ARCHITECTURES[model["architecture"]]["settings"]
    settings = {**SCHEMA["$defs"]["every_network"]["properties"], **settings}
    training = SCHEMA["properties"]["training"]["properties"]
    return {
        kind: {key: schemas[key] for key in schemas if key not in NOT_SEARCHED}
        for kind, schemas in (("training", training), ("settings", settings))
    }


def search_mistakes(name, model):
    """Mistakes in what a model searches for."""
    schemas = {key: schema for kind in searchable(model).values() for key, schema in kind.items()}
    for key, wanted in model["tune"]["search"].items():
        keys = ["models", name, "tune", "search", key]
        if key in NOT_SEARCHED:
            yield f"{located(keys)}: `{key}` cannot be searched; {NOT_SEARCHED[key]}"
        elif key not in schemas:
            yield f"{located(keys)}: unknown key {key!r}; {nearest(key, schemas)}"
        elif key in {**model, **model.get("training", {})}:
            yield f"{located(keys)}: the model sets `{key}` too; take one of them out"
        else:
            yield from value_mistakes(wanted, schemas[key], keys)


def value_mistakes(wanted, schema, keys):
    """Mistakes in the choices or the range of one setting."""
    if isinstance(wanted, list):
        for index, choice in enumerate(wanted):
            yield from schema_mistakes(choice, schema, *keys, index)
        return
    if schema.get("type") not in ("integer", "number"):
        yield f"{located(keys)}: a range is for numbers; give a list of choices"
        return
    yield from range_mistakes(wanted, keys)
    for end in ("low", "high"):
        yield from schema_mistakes(wanted[end], schema, *keys, end)
    if "step" in wanted:
        yield from schema_mistakes(wanted["step"], {"type": schema["type"]}, *keys, "step")


def range_mistakes(wanted, keys):
    """Mistakes in how the ends of a range go together."""
    low, high = wanted["low"], wanted["high"]
    if low >= high:
        yield f"{located([*keys, 'low'])}: {low} is not below `high`, {high}"
    if wanted.get("log") and low <= 0:
        yield f"{located([*keys, 'log'])}: a range by magnitudes starts above 0, not at {low}"
    if wanted.get("log") and "step" in wanted:
        yield f"{located([*keys, 'step'])}: `step` does not go with `log`; take one out"


def tuning(model, key):
    """What a model's `tune` says, or its default; trials have the epochs of the training."""
    default = SCHEMA["$defs"]["tune"]["properties"][key].get("default")
    return config["models"][model]["tune"].get(key, default)


def search_of(wildcards):
    """Params function: what a model searches for, see search_space.Searched."""
    model = config["models"][wildcards.model]
    kinds = searchable(model)
    return {
        key: {"of": kind, **searched(model["tune"]["search"][key], kinds[kind][key])}
        for kind in kinds
        for key in model["tune"]["search"]
        if key in kinds[kind]
    }


def searched(wanted, schema):
    """Choices, or a range that knows whether it is of whole numbers."""
    if isinstance(wanted, list):
        return {"choices": wanted}
    return {"integer": schema["type"] == "integer", **wanted}


def tuning_plan(wildcards):
    """Params function: how much to search."""
    epochs = tuning(wildcards.model, "epochs") or training_settings(wildcards)["epochs"]
    return [tuning(wildcards.model, "trials"), epochs, tuning(wildcards.model, "jobs")]


def trials_of(wildcards):
    """Params function: how many trials of a model count."""
    return tuning(wildcards.model, "trials")


def tuning_jobs(wildcards):
    """Input function: what the jobs of a search leave."""
    folder = f"results/{wildcards.dataset}/tuning/{wildcards.model}/fold{wildcards.fold}"
    return [f"{folder}/jobs/{job}.json" for job in range(tuning(wildcards.model, "jobs"))]


def tuned_of(wildcards):
    """Input function: the best settings that the search of a model has found, where it has one."""
    folder = f"results/{wildcards.dataset}/tuning/{wildcards.model}/fold{wildcards.fold}"
    return [f"{folder}/best.json"] if wildcards.model in TUNED else []


def tuning_files(*files):
    """Files of the search of every tuned model, of every fold of every dataset."""
    return [
        f"results/{dataset}/tuning/{model}/fold{fold}/{file}"
        for dataset in DATASETS
        for model in models_of(dataset)
        if model in TUNED
        for fold in folds_of(dataset)
        for file in files
    ]


refuse([line for name in TUNED for line in search_mistakes(name, config["models"][name])])
