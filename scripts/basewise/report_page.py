"""The HTML page of the report: templates, scripts and data in one file that nothing can reach into.

The page carries a content security policy: only the two scripts written here run, by their
checksums, and nothing is fetched, whatever names and texts the user's files hold.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import vl_convert
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from basewise.report_json import packed

__all__ = ["TEMPLATES", "page_id", "render_page"]

TEMPLATES = Path(__file__).parent / "templates"
SCRIPTS = ("data.js", "figures.js", "tables.js", "start.js")


def page_id(*names: str) -> str:
    """The id of what belongs to a dataset, or to a model of it; no name holds a point.

    Parameters
    ----------
    names
        The dataset; the model, or nothing; what it is, such as data.
    """
    return ".".join(("d", *names))


def render_page(values: Mapping[str, Any]) -> str:
    """The page, from what its templates are to show; every text is escaped."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"code": _code, "packed": packed}
    environment.globals["page_id"] = page_id
    charts = vl_convert.javascript_bundle()  # type: ignore[call-arg]  # its stub is too strict
    scripts = {"charts": charts, "behaviour": "\n".join(map(_text, SCRIPTS))}
    return environment.get_template("report.html").render(
        values,
        style=Markup(_text("style.css")),  # noqa: S704 ours
        scripts={name: Markup(text) for name, text in scripts.items()},  # noqa: S704 ours
        policy=_policy(scripts),
    )


def _policy(scripts: Mapping[str, str]) -> str:
    digests = [hashlib.sha256(text.encode("utf-8")).digest() for text in scripts.values()]
    allowed = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def _text(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _code(text: str) -> Markup:
    """Escape a text and set what stands between backticks as code."""
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 escaped
