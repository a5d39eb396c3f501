"""What the comparison of a dataset's models comes to, in words."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import pandas as pd

from basewise.evaluation.headlines import HEADLINES, chance_headline
from basewise.evaluation.rankings import at_chance, of_headline, ranked
from basewise.report.wording import say
from basewise.store.tables import CEILING

LEVEL = 0.05
"""A corrected p below it is a real difference."""

FEWEST_CONTROLS = 2
"""Runs of a negative control that it takes to tell how much its score varies between shuffles."""

KINDS = ("best", "chance", "network", "differences", "ceiling", "leaking")
"""Verdicts in the order of the report; each is a macro of templates/sentences.txt."""

LOWER_IS_BETTER = {
    headline.metric
    for headlines in HEADLINES.values()
    for headline in headlines
    if headline.lower_is_better
}


class Verdict(NamedTuple):
    """A sentence or two in plain text.

    Its kind is best, chance, network, differences, ceiling, leaking, or control.
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

    From `rankings.compare_models` and `paired.paired_tests`.
    """
    facts = _facts(comparison, paired, task, titles or {})
    controls = _controls(comparison, task)
    verdicts = [Verdict(kind, say(kind, facts=facts | {"controls": controls})) for kind in KINDS]
    verdicts += [Verdict("control", say("control", **control)) for control in controls]
    return [verdict for verdict in verdicts if verdict.text]


def finding(row: Any) -> str:
    """What a row of `tables.PAIRED_COLUMNS` says of its model: better, worse, or neither."""
    if row.p_holm < LEVEL:
        higher = row.difference > 0
        return "worse" if higher == (row.metric in LOWER_IS_BETTER) else "better"
    if row.p < LEVEL:
        return "no difference shown after correction for several models"
    return "no difference shown"


def _facts(
    comparison: pd.DataFrame, paired: pd.DataFrame, task: str, titles: Mapping[str, str]
) -> dict[str, Any]:
    """What the verdicts are about; rows of the tables as dicts, None where there is none."""
    headline, best = HEADLINES[task][0], ranked(comparison, task)
    first = _first(best)
    model = first and first["model"]
    network, baseline = (_first(best[best["kind"] == kind]) for kind in ("network", "baseline"))

    deciding = paired[paired["decides"] == 1]
    deciding = deciding.assign(finding=[finding(row) for row in deciding.itertuples()])
    against_first = deciding[deciding["reference"] == model]
    findings = dict(zip(against_first["model"], against_first["finding"], strict=True))
    compared = [other for other in best["model"] if other in findings]
    of_network = deciding[deciding["model"] == (network and network["model"])]

    rows, clean = of_headline(comparison, task), ranked(comparison, task, "test_clean")
    return {
        "measure": headline.title,
        "direction": -1 if headline.lower_is_better else 1,
        "titles": titles,
        "first": first,
        "at_chance": model in at_chance(comparison, task),
        "network": network,
        "baseline": baseline,
        "pair": _first(of_network[of_network["reference"] == (baseline and baseline["model"])]),
        "worse": [other for other in compared if findings[other] == "worse"],
        "alike": [other for other in compared if findings[other] != "worse"],
        "ceiling": _first(rows[rows["kind"] == CEILING]),
        "clean": _first(clean[clean["model"] == model]),
        "clean_first": _first(clean),
    }


def _controls(comparison: pd.DataFrame, task: str) -> list[dict[str, Any]]:
    """Models that learned shuffled labels, and whether they know nothing, as they should."""
    headline = chance_headline(task)
    rows = of_headline(comparison, task, metric=headline.metric)
    controls = rows[rows["kind"] == "control"]
    good = at_chance(controls, task)
    return [
        {
            "measure": headline.title,
            "chance": headline.chance,
            "row": row,
            "at_chance": row["model"] in good,
            "tells": row["runs"] >= FEWEST_CONTROLS,
        }
        for row in controls.to_dict("records")
    ]


def _first(rows: pd.DataFrame) -> dict[str, Any] | None:
    return None if rows.empty else dict(rows.iloc[0])
