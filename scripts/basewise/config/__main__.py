"""`python -m basewise.config FILE...`: says what is wrong with a configuration, starting nothing.

Snakemake reads a file given with `--configfile` before the workflow is there, and names neither
line nor column of a YAML mistake. This does.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .catalog import Entry, read_catalog
from .reading import read_study
from .study import Surroundings
from .yaml_files import read_file

CHECKOUT = Path(__file__).parents[3]


def main(files: Sequence[str]) -> int:
    """Check the configuration that some files make together; return 1 if it is wrong."""
    os.environ.setdefault("BASEWISE_DATA", "resources")
    asked: Entry = {}
    for content in (read_file(file).content for file in files):
        _update(asked, content or {})

    surroundings = Surroundings(os.environ.get("KERAS_BACKEND"))
    catalog = read_catalog(CHECKOUT)
    reading = read_study(asked, catalog, files=files, surroundings=surroundings)
    for mistake in reading.mistakes:
        print(f"Error: {mistake}", file=sys.stderr)
    return 1 if reading.mistakes else 0


def _update(config: Entry, later: Entry) -> None:
    """Let a later file win, key by key, as Snakemake does."""
    for key, value in later.items():
        present: Any = config.get(key)
        if isinstance(present, dict) and isinstance(value, dict):
            _update(present, value)
        else:
            config[key] = value


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["config/config.yaml"]))
