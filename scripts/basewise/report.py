"""The report: everything a run found, in one HTML file that opens offline."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from basewise import __version__
from basewise.report_data import describe_data
from basewise.report_models import describe_models
from basewise.report_runs import read_records
from basewise.report_tuning import describe_tuning
from basewise.steps import replacing

__all__ = ["write_report"]


def write_report(
    path: str | Path,
    *,
    results: str | Path,
    models: Mapping[str, Sequence[str]],
    titles: Mapping[str, Mapping[str, str]],
    folds: Mapping[str, Sequence[int]],
    seeds: Sequence[int],
    config: Mapping[str, Any],
) -> None:
    """Write the report of a whole run.

    Parameters
    ----------
    path
        The HTML file.
    results
        Folder of the results, laid out as docs/spec.md says.
    models
        Dataset to its models, in the order to show.
    titles
        Model to the title and citation of what it is.
    folds
        Dataset to its folds.
    seeds
        Replicates of every fold; an ensemble has the first alone.
    config
        The configuration as run.
    """
    folder = Path(results)
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["code"] = _code
    html = environment.get_template("report.html").render(
        version=__version__,
        datasets=[
            _dataset(folder / name, name, names, titles, folds[name], seeds, config)
            for name, names in models.items()
        ],
        config=yaml.safe_dump(dict(config), sort_keys=False, allow_unicode=True),
        citations=sorted({titles[name]["citation"] for names in models.values() for name in names}),
    )
    with replacing(path) as unfinished:
        unfinished.write_text(html, encoding="utf-8")


def _code(text: str) -> Markup:
    """Escape a text and set what stands between backticks as code."""
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 escaped


def _dataset(
    folder: Path,
    name: str,
    models: Sequence[str],
    titles: Mapping[str, Mapping[str, str]],
    folds: Sequence[int],
    seeds: Sequence[int],
    config: Mapping[str, Any],
) -> dict[str, Any]:
    entry = config["datasets"][name]
    data = describe_data(folder, name, entry, folds)
    own_seeds = {
        model: seeds[:1] if "ensemble" in config["models"][model] else seeds for model in models
    }
    records = read_records(folder / "models", own_seeds, folds)
    return {
        **data,
        "tuning": describe_tuning(folder, models, config["models"], folds),
        "runs": [run for runs in records.values() for run in runs],
        "results": describe_models(folder, entry["task"], titles, records, data["outputs"])
        if models
        else None,
    }
