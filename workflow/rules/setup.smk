# Finds the checkout, reads the configuration and refuses a wrong one before any job starts; what all
# rules share. The only file without a rule; what needs no Snakemake stands in basewise/config.

import atexit
import contextlib
import functools
import gc
import hashlib
import importlib.util
import os
import sys
import tarfile
import tempfile
from pathlib import Path


def checkout_of(source):
    """Folder that holds the whole workflow, from the folder of workflow/rules as Snakemake has it.

    A workflow that Snakemake fetches, `module: snakefile: github(...)`, comes file by file without
    the library, of which Snakemake does not know; then the whole revision is unpacked.
    """
    if hasattr(source, "hosted_repo"):
        return unpacked(source)
    if hasattr(source, "abspath"):
        return Path(str(source)).parents[1]
    sys.exit(f"Error: {source}: take github(), gitlab() or a clone: the steps need all of basewise")


def unpacked(source):
    """Folder of the revision of a repository, beside Snakemake's clone; it is unpacked once."""
    repository = source.hosted_repo.repo
    commit = repository.commit(source.ref).hexsha
    folder = Path(source.cache_path) / "basewise" / commit
    if folder.is_dir():
        return folder

    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        files, archive = Path(scratch, "files"), Path(scratch, "files.tar")
        with open(archive, "wb") as stream:
            repository.archive(stream, commit)
        with tarfile.open(archive) as content:
            content.extractall(files, filter="data")
        # Where another process was faster, its folder stands.
        with contextlib.suppress(OSError):
            files.rename(folder)
    return folder


def config_module(name):
    """A module of basewise.config of this checkout.

    The package has a name of its own for each checkout: two revisions that are modules of one
    workflow must not take each other's from sys.modules, nor that of an installed basewise.
    """
    folder = LIBRARY / "config"
    package = f"basewise_config_{hashlib.sha256(bytes(folder)).hexdigest()[:16]}"
    if package not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            package, folder / "__init__.py", submodule_search_locations=[str(folder)]
        )
        sys.modules[package] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[package])
    return importlib.import_module(f"{package}.{name}")


def user_file(path):
    """A file that the configuration names: a module's prefix moves it only where the demo makes it."""
    if not IS_MODULE:
        return path
    return local(MODULE.modify_path(path) if path.startswith("results/demo/") else path)


@functools.cache
def is_made(path):
    """Whether a rule makes a file, one of basewise or of a workflow that has it as a module."""
    return any(rule.is_producer(path) for rule in workflow.rules)


def fingerprints(wildcards, **job):
    """Params function: what the inputs of a job hold that no rule makes, the user's files.

    Snakemake itself takes a file for unchanged that was replaced by an older one. It records nothing
    of params functions that take `input` by that name: what follows from names of files.
    """
    return {path: fingerprint(path) for path in job["input"] if not is_made(path)}


def refuse(mistakes):
    """Stop with one line a mistake; warn where the command runs nothing, such as --unlock."""
    if not mistakes:
        return
    if not reading.plans_no_run(sys.argv):
        sys.exit("\n".join(f"Error: {mistake}" for mistake in mistakes))
    print("\n".join(f"Warning: {mistake}" for mistake in mistakes), file=sys.stderr)


def scaled(amount):
    """Resource function: memory or minutes that grow with each attempt."""

    def grown(wildcards, attempt):
        return amount * attempt

    return grown


ROOT = checkout_of(workflow.current_basedir)
LIBRARY = ROOT / "scripts" / "basewise"
# A module of another workflow, whose rules may make files that the configuration names.
MODULE = workflow.modifier
IS_MODULE = not MODULE.is_main_snakefile()

# Example configurations name their files below $BASEWISE_DATA.
os.environ.setdefault("BASEWISE_DATA", "resources")
# Steps run the library of this checkout, even where another one is installed.
inherited = os.environ.get("PYTHONPATH", "") if IS_MODULE else ""
os.environ.update(PYTHONPATH=os.pathsep.join(filter(None, [str(ROOT / "scripts"), inherited])))
# Nor do they look for modules in the folder of their script, or that they work in: a work folder may
# come from a stranger.
os.environ.update(PYTHONSAFEPATH="1")
# What computes where the configuration does not say. A job that runs elsewhere gets it too.
if "KERAS_BACKEND" in os.environ:

    envvars:
        "KERAS_BACKEND",


reading, records, plan = map(config_module, ("reading", "records", "study"))
failures, company, teams = map(config_module, ("failures", "company", "teams"))
ask, any_of, files_of, evaluations_of = plan.ask, plan.any_of, plan.files_of, plan.evaluations_of
fingerprint = config_module("inputs").fingerprint

# A configuration given with --configfile stands alone; without one the demo runs. basewise reads
# that file before Snakemake does, which names neither line nor column of a mistake in YAML.
CONFIGFILES = workflow.configfiles
if not CONFIGFILES and not MODULE.skip_configfile:
    CONFIGFILES = ["config/config.yaml"]
    if reading.is_readable(*CONFIGFILES):

        configfile: "config/config.yaml"


study, mistakes = reading.read_study(
    config,
    config_module("catalog").read_catalog(ROOT),
    files=CONFIGFILES,
    surroundings=plan.Surroundings(os.environ.get("KERAS_BACKEND"), user_file),
    looks_for_files=not IS_MODULE,
)
refuse(mistakes)

# Snakemake does not see an edit of what a script imports.
code = config_module("code").Code(ROOT / "scripts")
drawings = config_module("figures").drawings(study)
digests = config_module("digests").Digests(code, study)
step_code, model_code = digests.step, digests.model
# At its end Python would look for cycles in all that was read, four times: a third of a dry run.
atexit.register(gc.freeze)


# `resources: gpu` of a profile limits the trainings of one machine, not those that a cluster runs.
resource_scopes:
    gpu="local",


wildcard_constraints:
    dataset=any_of(study.datasets.names),
    model=any_of(study.models.entries),
    fold=r"\d+",
    seed=r"\d+",
