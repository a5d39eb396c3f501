# The code of a model as a digest for `params:`; goes with code_digest.smk.


def baseline_code(wildcards):
    """Params function: digest of the code of a model's baseline."""
    return code_digest(
        "baselines", f"baselines.{study.models.registered(wildcards.model)['module']}"
    )


def network_modules(needs):
    """Modules of an architecture: its own, and what comes before it."""
    own = [f"architectures.{needs['module']}", needs.get("pretraining"), needs.get("features")]
    return list(filter(None, own))


def network_code(needs):
    """Digest of the code of an architecture: its training and its modules."""
    return code_digest("networks", "device", *network_modules(needs))


def report_templates():
    """Files beside the library that the report is made of."""
    names = sorted(path.name for path in (LIBRARY / "templates").iterdir())
    return tuple(f"templates/{name}" for name in names)
