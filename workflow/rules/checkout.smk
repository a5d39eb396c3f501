# Where the files of this workflow lie. One that Snakemake fetches, `module: snakefile: github(...)`,
# comes file by file without the library, of which Snakemake does not know; then the whole revision is
# unpacked beside Snakemake's clone, once.

import contextlib
import os
import sys
import tarfile
import tempfile
from pathlib import Path


def checkout_of(source):
    """Folder that holds the whole workflow, from the folder of workflow/rules as Snakemake has it."""
    if hasattr(source, "hosted_repo"):
        return unpacked(source)
    if hasattr(source, "abspath"):
        return Path(str(source)).parents[1]
    sys.exit(f"Error: {source}: take github(), gitlab() or a clone: the steps need all of basewise")


def unpacked(source):
    """Folder of the revision of a repository that Snakemake has cloned."""
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


ROOT = checkout_of(workflow.current_basedir)
LIBRARY = ROOT / "scripts" / "basewise"
# A module of another workflow, whose rules may make files that the configuration names.
MODULE = workflow.modifier
IS_MODULE = not MODULE.is_main_snakefile()


def user_file(path):
    """A file that the configuration names: a module's prefix moves it only where the demo makes it."""
    if not IS_MODULE:
        return path
    return local(MODULE.modify_path(path) if path.startswith("results/demo/") else path)
