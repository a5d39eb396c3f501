"""What the comparison of a dataset's models comes to, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

from basewise.evaluation.comparisons import at_chance, of_headline, ranked
from basewise.evaluation.headlines import HEADLINES, Headline, chance_headline
from basewise.store.tables import CEILING

LEVEL = 0.05
"""A corrected p below it is a real difference."""

FEWEST_CONTROLS = 2
"""Runs of a negative control from which on its interval knows how much shuffling scatters."""

LOWER_IS_BETTER = {
    headline.metric
    for headlines in HEADLINES.values()
    for headline in headlines
    if headline.lower_is_better
}


class Verdict(NamedTuple):
    """A sentence or two.

    Attributes
    ----------
    kind
        best, chance, network, differences, ceiling, leaking, or control.
    text
        Plain text.
    """

    kind: str
    text: str


def verdict_lines(
    comparison: pd.DataFrame,
    paired: pd.DataFrame,
    task: str,
    titles: Mapping[str, str] | None = None,
) -> list[Verdict]:
    """Say in words what is best, what is really better, and what to make of it.

    Parameters
    ----------
    comparison
        From `comparisons.compare_models`.
    paired
        From `paired.paired_tests`.
    task
        As in the configuration.
    titles
        Model to the title of what it is.
    """
    headline, best = HEADLINES[task][0], ranked(comparison, task)
    controls = [Verdict("control", text) for text in _controls(comparison, task)]
    if best.empty:
        text = (
            "There are only negative controls; without the model itself nothing can be compared."
            if controls
            else f"{headline.title} is not defined on the test part, which lacks a class or all "
            "values."
        )
        return [Verdict("best", text), *controls]
    deciding = paired[paired["decides"] == 1]
    named = {model: _named(model, titles or {}) for model in comparison["model"].unique()}
    first = best["model"].iloc[0]
    lines = [
        ("best", f"The best model is {named[first]}: {_score(best, headline)}."),
        ("chance", "No model is better than chance." * (first in at_chance(comparison, task))),
        ("network", _network(best, deciding, headline, named)),
        ("differences", _differences(best, deciding)),
        ("ceiling", _ceiling(best, comparison, task)),
        ("leaking", _leaking(best, ranked(comparison, task, "test_clean"), headline)),
    ]
    return [Verdict(kind, text) for kind, text in lines if text] + controls


def finding(row: Any) -> str:
    """What a row of `tables.PAIRED_COLUMNS` says of its model: better, worse, or neither."""
    if row.p_holm < LEVEL:
        higher = row.difference > 0
        return "worse" if higher == (row.metric in LOWER_IS_BETTER) else "better"
    if row.p < LEVEL:
        return "no difference shown after correction for several models"
    return "no difference shown"


def _network(
    best: pd.DataFrame, deciding: pd.DataFrame, headline: Headline, named: Mapping[str, str]
) -> str:
    """How the best network stands against the best baseline."""
    networks, baselines = (best[best["kind"] == kind] for kind in ("network", "baseline"))
    if networks.empty or baselines.empty:
        return ""
    network, baseline = networks["model"].iloc[0], baselines["model"].iloc[0]
    pair = (deciding["model"] == network) & (deciding["reference"] == baseline)
    values = f"{_score(networks, headline)} against {_score(baselines, headline, short=True)}"
    subject, other = f"The best network, {named[network]},", f"the best baseline, {named[baseline]}"
    if not pair.any():
        return f"{subject} was not tested against {other}: {values}."
    row = next(deciding[pair].itertuples())
    found = finding(row)
    varies = pd.notna(row.low)
    interval = f"{row.low:.3f} to {row.high:.3f}" if varies else "the same in every resample"
    text = (
        f"{values}; difference {row.difference:+.3f} ({interval}), "
        f"{_p(row.p_holm)}{' after correction' * (row.p_holm != row.p)}"
    )
    if found == "better":
        return f"{subject} beats {other}: {text}."
    if found == "worse":
        return f"{subject} does not beat {other}; it is worse: {text}."
    ahead = row.difference != 0 and (row.difference < 0) == headline.lower_is_better
    if ahead:
        return f"{subject} is ahead of {other}, but this may be chance: {text}."
    return f"{subject} does not beat {other}: {text}."


def _differences(best: pd.DataFrame, deciding: pd.DataFrame) -> str:
    """Which models are really worse than the best one."""
    first = best["model"].iloc[0]
    rows = list(deciding[deciding["reference"] == first].itertuples())
    findings = {str(row.model): finding(row) for row in rows}
    worse = [model for model in best["model"] if findings.get(model) == "worse"]
    alike = [model for model in best["model"] if model in findings and model not in worse]
    texts = [f"Really worse than {first}: {', '.join(worse)}."] * bool(worse)
    texts += [f"Not told apart from {first} by these data: {', '.join(alike)}."] * bool(alike)
    return " ".join(texts)


def _ceiling(best: pd.DataFrame, comparison: pd.DataFrame, task: str) -> str:
    """How far the best model is from what is possible."""
    headline, rows = HEADLINES[task][0], of_headline(comparison, task)
    ceiling = rows[rows["kind"] == CEILING]
    if ceiling.empty:
        return ""
    model, value = best["model"].iloc[0], float(best["value"].iloc[0])
    gap = abs(float(ceiling["value"].iloc[0]) - value)
    ahead = (value < ceiling["value"].iloc[0]) == headline.lower_is_better
    place = "reaches it" if ahead or not gap else f"is {gap:.3f} away from it"
    return f"The best possible classifier has {_score(ceiling, headline)}; {model} {place}."


def _leaking(best: pd.DataFrame, clean: pd.DataFrame, headline: Headline) -> str:
    """What becomes of the best model without the leaking test rows."""
    model = best["model"].iloc[0]
    own = clean[clean["model"] == model]
    if own.empty:
        return ""
    text = (
        f"Without the test rows that leak, {model} has {_score(own, headline)}, "
        f"with them {best['value'].iloc[0]:.3f}."
    )
    if clean["model"].iloc[0] == model:
        return text
    other = clean["model"].iloc[0]
    return f"{text} The best model is then {other}, {_score(clean, headline, short=True)}."


def _controls(comparison: pd.DataFrame, task: str) -> list[str]:
    """Whether models that learnt shuffled labels know nothing, as they should."""
    headline = chance_headline(task)
    rows = of_headline(comparison, task, metric=headline.metric)
    controls = rows[rows["kind"] == "control"]
    good = at_chance(controls, task)
    texts = []
    for model in controls["model"]:
        own = controls[controls["model"] == model]
        subject = f"The negative control {model}, trained on shuffled labels,"
        score = _score(own, headline)
        if model in good:
            text = f"{subject} scores at chance: {score}."
        elif own["runs"].iloc[0] < FEWEST_CONTROLS:
            text = (
                f"{subject} scores {score}. One run cannot tell: shuffled labels agree with the "
                "true ones more or less by luck. Give it more `seeds`."
            )
        else:
            text = (
                f"{subject} does NOT score at chance, which is {headline.chance:g}: {score}. "
                "Something about the test examples is known in training; find out what before "
                "trusting any score here."
            )
        texts.append(text)
    return texts


def _score(rows: pd.DataFrame, headline: Headline, short: bool = False) -> str:
    row = rows.iloc[0]
    interval = f"{row['value']:.3f} ({row['low']:.3f} to {row['high']:.3f})"
    return interval if short else f"{headline.title} {interval}"


def _named(model: str, titles: Mapping[str, str]) -> str:
    return f"{model} ({titles[model]})" if model in titles else model


def _p(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
