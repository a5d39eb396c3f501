"""The templates of the report: facts go in, words come out."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from basewise.core.text import counted, listed

TEMPLATES = Path(__file__).parent / "templates"


@cache
def templates(*, html: bool) -> Environment:
    """The templates for HTML, which escape every text, or those for plain text, which do not."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=html,  # noqa: S701 plain text has nothing to escape
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"counted": counted, "listed": listed}
    return environment


def say(sentence: str, **facts: Any) -> str:
    """Words for some facts, as plain text in one line; empty where there is nothing to say.

    `sentence` is a macro of templates/sentences.txt, and the facts are its arguments.
    """
    sentences = templates(html=False).get_template("sentences.txt").module
    return " ".join(getattr(sentences, sentence)(**facts).split())
