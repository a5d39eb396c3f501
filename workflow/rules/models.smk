# What a model is made of, for `params:` and `input:` of the rules that train.

DEVICE_KEYS = ("backend", "threads", "precision", "deterministic", "require_gpu", "cards")


def model_settings(wildcards):
    """Params function: a model's settings, without the name of what it is."""
    model = config["models"][wildcards.model]
    others = ("architecture", "baseline", "training", "motifs", "tune", "control")
    return {key: model[key] for key in model if key not in others}


def control_of(wildcards):
    """Params function: the model whose negative control this one is, or None."""
    return config["models"][wildcards.model].get("control")


def kind_of(model):
    """What a model is: network, baseline, mixed (an ensemble of both) or control."""
    if "control" in config["models"][model]:
        return "control"
    found = {"architecture" in config["models"][member] for member in members_of(model)}
    return "mixed" if len(found) > 1 else "network" if found == {True} else "baseline"


def kinds(wildcards):
    """Params function: what each model of a dataset is."""
    return {model: kind_of(model) for model in models_of(wildcards.dataset)}


def reference_of(wildcards):
    """Params function: the model that others are tested against as well, GBLUP; or None."""
    models = set(models_of(wildcards.dataset)) & set(models_with("baseline", "gblup"))
    return next((model for model in sorted(models) if kind_of(model) == "baseline"), None)


def motifs_of(wildcards):
    """Input function: the files of motifs that a model names."""
    return [user_file(path) for path in motif_files(config["models"][wildcards.model])]


def baseline_of(wildcards):
    """Params function: which baseline a model is."""
    return config["models"][wildcards.model]["baseline"]


def asked_training(model):
    """How to train a network, and on what; what the user asks for beats what was published."""
    entry = registry_entry(model)
    published = {"backend": BACKEND, "threads": entry["threads"], **entry.get("training", {})}
    own = config["models"][model].get("training", {})
    return {**config["training"], **published, **ASKED_TRAINING, **own}


def training_settings(wildcards):
    """Params function: how a network is trained."""
    asked = asked_training(wildcards.model)
    return {key: value for key, value in asked.items() if key not in DEVICE_KEYS}


def device_settings(wildcards):
    """Params function: what a network computes on, as `device.prepare` takes it."""
    asked = asked_training(wildcards.model)
    return {key: asked[key] for key in DEVICE_KEYS}


def cpu_settings(wildcards):
    """Params function: the same for a step that uses a trained network on the CPU."""
    return {**device_settings(wildcards), "require_gpu": False, "cards": 1}


def training_threads(wildcards):
    """Threads function: as many as a network computes with."""
    return device_settings(wildcards)["threads"]


def training_cards(wildcards):
    """Resource function: GPUs of a training."""
    return registry_entry(wildcards.model)["gpu"] * device_settings(wildcards)["cards"]


def card_mistakes(name):
    """Several cards under JAX, where Keras divides no uneven last batch; none, and one required."""
    asked = asked_training(name) if "architecture" in config["models"][name] else {}
    cards = asked.get("cards", 1)
    own = "cards" in config["models"][name].get("training", {})
    place = located([*["models", name] * own, "training", "cards"])
    if cards > 1 and asked["backend"] == "jax":
        yield f"{place}: {cards} cards need `backend: tensorflow`, {name!r} has jax"
    if cards == 0 and asked["require_gpu"]:
        yield f"{place}: 0 cards, and {name!r} has `require_gpu: true`; take one of them out"


def warmup_mistakes(name):
    """A warm-up that the schedule does not have, or that takes all epochs."""
    asked = asked_training(name) if "architecture" in config["models"][name] else {}
    warm, schedule = asked.get("warmup_epochs", 0), asked.get("schedule")
    own = "warmup_epochs" in config["models"][name].get("training", {})
    place = located([*(["models", name] if own else []), "training", "warmup_epochs"])
    if warm and schedule not in ("cosine", "constant"):
        yield f"{place}: goes with `schedule: cosine` or `constant`, not {schedule}"
    elif warm and warm >= asked["epochs"]:
        yield f"{place}: {warm} epochs of warm-up leave none of the {asked['epochs']} epochs"


def titles():
    """Title and citation of every model."""
    entries = {
        name: ensemble_entry(name) if name in ENSEMBLES else registry_entry(name)
        for name in config["models"]
    }
    shuffled = {
        name: ", on shuffled labels" * ("control" in config["models"][name]) for name in entries
    }
    return {
        name: {"title": entry["title"] + shuffled[name], "citation": entry["citation"]}
        for name, entry in entries.items()
    }


# Ensembles.


def member_runs(file):
    """Input function: a file of every run that an ensemble averages in a fold."""

    def files(wildcards):
        folder, fold = f"results/{wildcards.dataset}/models", f"fold{wildcards.fold}"
        members = members_of(wildcards.model)
        return [f"{folder}/{name}/{fold}/seed{seed}/{file}" for name in members for seed in SEEDS]

    return files


def ensemble_entry(model):
    """Title and citation of an ensemble, as the registries give those of other models."""
    seeds = f", {len(SEEDS)} seeds each" * (len(SEEDS) > 1)
    return {
        "title": f"Mean of {', '.join(members_of(model))}{seeds}",
        "citation": (
            "Ensemble: the mean of what several trained models say; B. Lakshminarayanan, "
            'A. Pritzel, C. Blundell, "Simple and scalable predictive uncertainty estimation '
            'using deep ensembles", NeurIPS 30, 2017.'
        ),
    }
