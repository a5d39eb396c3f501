"""The HTML page of the report: templates, scripts and data in one file that nothing can reach into.

The page carries a content security policy: only the two scripts written here run, by their
checksums, and nothing is fetched, whatever names and texts the user's files hold. Its data
are JSON, packed so that they are short and safe to stand in HTML.
"""

import base64
import hashlib
import json
import re
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import vl_convert
from markupsafe import Markup, escape

from basewise.report.wording import TEMPLATES, templates

DIGITS = 4
"""Significant digits of a number in the page; the tables on disk have all."""


def packed(value: Any) -> str:
    """JSON in zlib's format and base64, which holds no character that HTML could take for its own.

    data.js unpacks it.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode("utf-8"), 9)).decode("ascii")


def columnar(table: pd.DataFrame) -> dict[str, Any]:
    """A table column by column, numbers to four digits, a constant column as one value.

    ``rows``, the number of rows, and ``columns``, name to list or single value; None is unknown.
    """
    return {"rows": len(table), "columns": {str(name): _column(table[name]) for name in table}}


def page_table(table: pd.DataFrame, columns: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """A table that the page shows, one row a row, with how each of its columns is shown.

    A column has a ``title``; ``of``, that of `table`; ``kind``, what report.js makes of it: text,
    number, p, interval (of ``of``, low, high), long (may be shortened), link (to the id in the
    column ``place``).
    """
    extra = {"interval": ("low", "high"), "link": ("place",)}
    used = {name for c in columns for name in (c["of"], *extra.get(c["kind"], ()))}
    return {"titles": [dict(column) for column in columns], **columnar(table[sorted(used)])}


def _column(values: pd.Series) -> Any:
    cells = [_cell(value) for value in values.tolist()]
    same = len(cells) > 1 and all(cell == cells[0] for cell in cells)
    return cells[0] if same else cells


def _cell(value: Any) -> Any:
    if pd.isna(value):
        return None
    if isinstance(value, float):
        short = float(f"{value:.{DIGITS}g}")
        return int(short) if short.is_integer() and abs(short) < 1e15 else short
    return value


SCRIPTS = ("data.js", "figures.js", "tables.js", "start.js")


def page_id(*names: str) -> str:
    """The id of what belongs to a dataset, or to a model of it, as data; no name holds a point."""
    return ".".join(("d", *names))


def render_page(values: Mapping[str, Any]) -> str:
    """The page, from what its templates are to show; every text is escaped."""
    environment = templates(html=True)
    environment.filters |= {"code": _code, "packed": packed}
    environment.globals["page_id"] = page_id
    charts = vl_convert.javascript_bundle()  # type: ignore[call-arg]  # its stub is too strict
    scripts = {"charts": charts, "behavior": "\n".join(map(_text, SCRIPTS))}

    return environment.get_template("report.html").render(
        values,
        style=Markup(_text("style.css")),  # noqa: S704 ours
        scripts={name: Markup(text) for name, text in scripts.items()},  # noqa: S704 ours
        policy=_policy(scripts),
    )


def render_plain_page(name: str, values: Mapping[str, Any]) -> str:
    """A page that runs no script, from the template of this name; every text is escaped."""
    environment = templates(html=True)
    environment.filters |= {"code": _code}
    return environment.get_template(name).render(
        values,
        style=Markup(_text("style.css")),  # noqa: S704 ours
        policy="default-src 'none'; style-src 'unsafe-inline'; img-src data:",
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
