# What a model is made of, for `params:` and `input:` of the rules that train.


def model_settings(wildcards):
    """Params function: a model's settings, without the name of what it is."""
    model = config["models"][wildcards.model]
    others = ("architecture", "baseline", "training", "motifs")
    return {key: model[key] for key in model if key not in others}


def motifs_of(wildcards):
    """Input function: the files of motifs that a model names."""
    return motif_files(config["models"][wildcards.model])


def baseline_of(wildcards):
    """Params function: which baseline a model is."""
    return config["models"][wildcards.model]["baseline"]


def baseline_code(wildcards):
    """Params function: digest of the code of a model's baseline."""
    return code_digest("baselines", f"baselines.{BASELINES[baseline_of(wildcards)]['module']}")


def training_settings(wildcards):
    """Params function: how a network is trained; what the user asks for beats what was published."""
    published = registry_entry(wildcards.model).get("training", {})
    own = config["models"][wildcards.model].get("training", {})
    settings = {**config["training"], **published, **ASKED_TRAINING, **own}
    return {key: value for key, value in settings.items() if key != "threads"}


def network_code(needs):
    """Digest of the code of an architecture: its training, its module, and what comes before."""
    own = [f"architectures.{needs['module']}", needs.get("pretraining"), needs.get("features")]
    return code_digest("networks", "device", *filter(None, own))


def training_threads(needs):
    """Threads of an architecture's training, in TensorFlow and for the scheduler."""
    return config["training"].get("threads", needs["threads"])
