# The code that a step runs, as a digest for its params: Snakemake does not see an edit of an imported
# module. It is worked out when a job of the rule is planned, from what the script reaches.

import importlib.util


def load_code():
    """The module of the library that reads code, of this checkout even where another one is installed."""
    name = f"basewise_code_{abs(hash(LIBRARY))}"
    spec = importlib.util.spec_from_file_location(name, LIBRARY / "config" / "code.py")
    loaded = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


CODE = load_code().Code(ROOT / "scripts")


def step_code(step, files=()):
    """Params function: digest of the code that a step reaches, and of files beside the library."""

    def code(wildcards):
        return CODE.digest(step, files=files)

    return code


def network_code(step, needs):
    """Params function: the same for a step that builds an architecture of the registry."""
    own = f"architectures.{needs['module']}:{needs['function']}"
    entries = filter(None, [own, needs.get("features"), needs.get("pretraining")])
    defaults = {key: schema["default"] for key, schema in needs["settings"].items()}
    entries, settings = list(entries), (needs.get("steps"), defaults)

    def code(wildcards):
        return CODE.digest(step, *entries, settings=settings)

    return code


def baseline_code(wildcards):
    """Params function: digest of the code of a model's baseline."""
    needs = BASELINES[baseline_of(wildcards)]
    functions = dict.fromkeys([needs["function"], *needs.get("functions", {}).values()])
    entries = [f"baselines.{needs['module']}:{function}" for function in functions]
    defaults = {key: schema["default"] for key, schema in needs["settings"].items()}
    return CODE.digest("fit_baseline", *entries, settings=defaults)
