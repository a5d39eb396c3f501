"""Configurations that a test changes in one place, and what is said about them."""

import copy
from pathlib import Path

import yaml
from support import ROOT, small_config

from basewise.config.catalog import read_catalog
from basewise.config.reading import Reading, read_study

CATALOG = read_catalog(ROOT)
DROPPED = object()
"""Value of a key that is taken out."""


def changed(*keys, value, config=None):
    """The small configuration with another value at `keys`; DROPPED takes the key out."""
    config = copy.deepcopy(config or small_config())
    place = config
    for key in keys[:-1]:
        place = place.setdefault(key, {})
    if value is DROPPED:
        del place[keys[-1]]
    else:
        place[keys[-1]] = value
    return config


def read(config: dict | str, asked: dict | None = None, **options) -> Reading:
    """Write a configuration to test.yaml, and read it as the workflow does.

    `asked` stands for what Snakemake makes of that file and of others.
    """
    text = config if isinstance(config, str) else yaml.safe_dump(config, sort_keys=False)
    Path("test.yaml").write_text(text)
    asked = asked or yaml.safe_load(text)
    return read_study(asked, CATALOG, files=["test.yaml"], **options)


def line_of(keys: list[str]) -> int:
    """Line of a key of test.yaml, found by going down the indented text."""
    depth = 0
    for number, text in enumerate(Path("test.yaml").read_text().splitlines(), start=1):
        if text.startswith(f"{'  ' * depth}{keys[depth]}:"):
            depth += 1
            if depth == len(keys):
                return number
    raise KeyError(keys)


def check_told(keys, value, line):
    """The small configuration with `value` at `keys` is answered with `line` and its place."""
    mistakes = read(changed(*keys, value=value)).mistakes
    place = line.split(": ")[0].split(".")
    assert mistakes == [f"test.yaml:{line_of(place)}: {line}"]


def ids(value):
    """Names of cases: the keys that they change."""
    return ".".join(value) if isinstance(value, tuple) else None
