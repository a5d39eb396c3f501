"""What a reader must know before trusting the numbers of a dataset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from basewise.evaluation.comparisons import of_headline, ranked
from basewise.evaluation.headlines import chance_headline
from basewise.examples.description import ALL
from basewise.report.trainings import lines_of
from basewise.report.verdicts import FEWEST_CONTROLS
from basewise.splits.leakage import ANY, worst_folds
from basewise.store.run_records import RunRecord
from basewise.store.tables import CEILING

RARE = 0.1
"""Share of train below which a class is rare; of many classes half an even share."""

CONSTANT = ("majority", "mean")
"""Baselines that know nothing by design."""

FEWEST_TEST = 100

FEWEST_OF_CLASS = 10

NAMED = 5
"""Classes that are named; of others only the number is given."""

UNCONVERGED = "it was still improving in the last epoch"


class Alert(NamedTuple):
    """A warning.

    Attributes
    ----------
    level
        ``bad``: a score cannot be believed, or is worth nothing. ``note``: good to know.
    text
        Plain text, names between backticks.
    model
        The model it is about, or empty.
    """

    level: str
    text: str
    model: str = ""


def alerts(
    *,
    comparison: pd.DataFrame,
    balance: pd.DataFrame,
    leakage_summary: pd.DataFrame,
    records: Mapping[str, Sequence[RunRecord]],
    task: str,
) -> list[Alert]:
    """Gather the warnings about a dataset, the bad ones first.

    Parameters
    ----------
    comparison
        From `comparisons.compare_models`; no rows where there are no models.
    balance
        From `description.class_balance`.
    leakage_summary
        From `leakage.summarise`, of one fold or several.
    records
        Model to the records of its runs, see `run_records.write_run`.
    task
        As in the configuration.
    """
    found = [
        *_leakage(leakage_summary),
        *_chance(comparison, records, task),
        *_baseline(comparison),
        *_related(comparison, leakage_summary, task),
        *_classes(balance.fillna({"class": ALL}), task),
        *_training(records),
    ]
    return sorted(found, key=lambda alert: alert.level != "bad")


def _leakage(summary: pd.DataFrame) -> list[Alert]:
    """The worst fold of each pair of parts that share examples."""
    rows = summary[(summary["kind"] == ANY) & (summary["part"] != summary["other_part"])]
    folds = " in the worst fold" * bool(rows.duplicated(["part", "other_part"]).any())
    return [
        Alert(
            "bad" if row.part == "test" else "note",
            f"Leakage: {row.rows:,} of {row.total:,} {row.part} examples "
            f"({row.rows / row.total:.1%}) have a copy, a near copy or a neighbour in "
            f"{row.other_part}{folds}.",
        )
        for row in worst_folds(rows).itertuples()
        if row.rows
    ]


def _chance(
    comparison: pd.DataFrame, records: Mapping[str, Sequence[RunRecord]], task: str
) -> list[Alert]:
    """Models that know nothing though they should, and controls that know something."""
    headline = chance_headline(task)
    rows = of_headline(comparison, task, metric=headline.metric)
    found = []
    for row in rows[rows["kind"] != CEILING].itertuples():
        score = f"{headline.title} {row.value:.3f} ({row.low:.3f} to {row.high:.3f})"
        below, above = row.high < headline.chance, row.low > headline.chance
        name = str(row.model)
        if row.kind == "control":
            if not (below or above) or row.runs < FEWEST_CONTROLS:
                continue
            text = "trained on shuffled labels, it should score at chance and does not"
            found.append(Alert("bad", f"{text}: {score}; look for a leak.", name))
        elif not above and not _is_constant(records.get(name, ())):
            place = "worse than chance" if below else "at chance"
            level = "note" if row.kind == "baseline" else "bad"
            found.append(Alert(level, f"it scores {place}: {score}.", name))
    return found


def _is_constant(runs: Sequence[RunRecord]) -> bool:
    """Whether a model says the same of every example, as it is meant to."""
    return any(run.baseline in CONSTANT for run in runs)


def _baseline(comparison: pd.DataFrame) -> list[Alert]:
    """Networks with nothing to beat."""
    kinds = set(comparison.loc[comparison["part"] == "test", "kind"])
    if "network" not in kinds or "baseline" in kinds:
        return []
    return [Alert("note", "No baseline was run, so nothing says whether a network is worth it.")]


def _related(comparison: pd.DataFrame, summary: pd.DataFrame, task: str) -> list[Alert]:
    """Copies within test that were resampled as if they were independent."""
    within = (summary["part"] == "test") & (summary["other_part"] == "test")
    rows = summary[within & (summary["kind"] == ANY)].sort_values("rows", ascending=False)
    drawn = set(ranked(comparison, task)["unit"]) - {"group"}
    if rows.empty or not rows["rows"].iloc[0] or not drawn:
        return []
    worst = rows.iloc[0]
    text = (
        f"{worst['rows']:,} of {worst['total']:,} test examples are copies of others in test, and "
        "intervals count each as new: they are too narrow. Drop the copies, or split by group."
    )
    return [Alert("note", text)]


def _classes(balance: pd.DataFrame, task: str) -> list[Alert]:
    """Rare classes in train, and too little in test to say much."""
    whole = balance[balance["class"] == ALL].set_index(["fold", "part"])["count"]
    fewest = int(whole.xs("test", level="part").min())
    found = []
    if fewest < FEWEST_TEST:
        found.append(Alert("note", f"Only {fewest} test examples: intervals are wide."))
    classes = balance[balance["class"] != ALL]
    if task == "regression" or classes.empty:
        return found
    train = classes[(classes["part"] == "train") & (classes["fold"] == 0)]
    share = train.set_index("class")["count"] / max(whole[0, "train"], 1)
    limit = RARE if task == "multilabel" else min(RARE, 0.5 / len(share))
    rare = share[share < limit].map("{:.1%}".format)
    if len(rare):
        found.append(Alert("note", f"Imbalance: rare in train: {_list(rare)}."))
    counts = classes[classes["part"] == "test"].groupby("class", sort=False)["count"].min()
    few = counts[counts < FEWEST_OF_CLASS].map(str)
    if len(few):
        text = f"Fewer than {FEWEST_OF_CLASS} test examples of a class: {_list(few)}."
        found.append(Alert("note", text))
    return found


def _training(records: Mapping[str, Sequence[RunRecord]]) -> list[Alert]:
    """Runs that might have learnt longer, and what else they warned of."""
    found = []
    for model, runs in records.items():
        late = [
            run.best_epoch
            for run in runs
            if run.best_epoch and run.best_epoch == run.training["epochs"]
        ]
        if late:
            text = f"unconverged: its best epoch is the last one allowed, {late[0]}"
            found.append(Alert("note", f"{text}{_share(len(late), len(runs))}.", model))
        found += [
            Alert("note", f"{line.text}{_share(line.runs, len(runs))}.", model)
            for line in lines_of(runs, "warnings")
            if not line.text.startswith(UNCONVERGED)
        ]
    return found


def _share(some: int, all_runs: int) -> str:
    return f" ({some} of {all_runs} runs)" if all_runs > 1 else ""


def _list(named: pd.Series) -> str:
    first = [f"{name} ({text})" for name, text in named.head(NAMED).items()]
    rest = len(named) - NAMED
    return ", ".join(first) + (f" and {rest} more" if rest > 0 else "")
