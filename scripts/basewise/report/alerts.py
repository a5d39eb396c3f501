"""What a reader must know before trusting the numbers of a dataset."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from basewise.core.remarks import Remark, sentences
from basewise.core.text import listed
from basewise.evaluation.composition import notable
from basewise.evaluation.headlines import HEADLINES, chance_headline
from basewise.evaluation.paired import COMPARED
from basewise.evaluation.rankings import of_headline, ranked
from basewise.examples.description import ALL
from basewise.report.trainings import lines_of
from basewise.report.verdicts import FEWEST_CONTROLS
from basewise.report.wording import say
from basewise.splits.leakage import ANY, worst_folds
from basewise.store.parts import GROUP
from basewise.store.run_records import RunRecord
from basewise.store.tables import CEILING, MACRO, MICRO, WEIGHTED

RARE = 0.1
"""Share of train below which a class is rare; of many classes half an even share."""

MANY_LOST = 0.05
"""Share of a file's rows that a reader is told of."""

COMPOSITION = "composition_logistic"
"""The baseline that a network has to beat in any case."""

MODEST = (COMPOSITION, "majority", "mean")
"""Baselines that know nothing, by design or where classes are alike in composition."""

CLASS_NAMES = {"0": "class 0", "1": "class 1"}
"""What the classes of a binary task are called where they have no names."""

FEWEST_TEST = 100

FEWEST_JUDGED = 10
"""Test examples below which all may be answered alike, or rightly, by luck."""

NAMED = 5
"""Classes or outputs that a warning names at most."""

FEWEST_OF_CLASS = 10

UNCONVERGED = "it was still improving in the last epoch"


class Alert(NamedTuple):
    """A warning in plain text, names between backticks; `model` is the one it is about, or empty.

    Its level is ``bad``: a score cannot be believed, or is worth nothing; or ``note``: good to
    know.
    """

    level: str
    text: str
    model: str = ""


def alerts(
    *,
    comparison: pd.DataFrame,
    metrics: pd.DataFrame,
    balance: pd.DataFrame,
    losses: pd.DataFrame,
    composition: pd.DataFrame,
    leakage_summary: pd.DataFrame,
    records: Mapping[str, Sequence[RunRecord]],
    task: str,
    alphabet: str,
    remarks: Sequence[Remark] = (),
    class_names: Mapping[str, str] = CLASS_NAMES,
) -> list[Alert]:
    """Gather the warnings about a dataset, the bad ones first.

    From the tables of `rankings.compare_models` and of all its models' runs (no rows where there
    are no models), `description.class_balance`, `examples.losses`, `composition.composition_table`
    and `leakage.summarize`, of one fold or several, and the records of each model's runs.
    `remarks` are what the steps that read the files noticed, `class_names` say what 0 and 1 of a
    binary task are.
    """
    balance = balance.fillna({"class": ALL})
    judged = _judged(comparison, balance, records)
    flat = {} if judged.empty else _flat(metrics, judged["model"].unique(), records, task)
    gathered = [
        *_remarks(remarks),
        *_leakage(leakage_summary),
        *_groups(leakage_summary),
        *_losses(losses),
        *_composition(composition, task),
        *_one_answer(flat, judged, records, task, class_names),
        *_chance(comparison, records, task, skipped=flat),
        *_no_width(judged[~judged["model"].isin(flat)], task),
        *_baseline(comparison, records),
        *_motifs(records, task, alphabet),
        *_related(comparison, leakage_summary, task),
        *_classes(balance, task),
        *_training(records),
    ]
    return sorted(gathered, key=lambda alert: alert.level != "bad")


def _note(sentence: str, model: str = "", **facts: Any) -> Alert:
    return Alert("note", say(sentence, **facts), model)


def _remarks(remarks: Sequence[Remark]) -> Iterator[Alert]:
    """What the logs said of the files, in the same words."""
    for sentence in sentences(remarks):
        yield Alert("bad" if sentence.is_mistake else "note", sentence.text)


def _leakage(summary: pd.DataFrame) -> Iterator[Alert]:
    """The worst fold of each pair of parts that share examples."""
    rows = summary[(summary["kind"] == ANY) & (summary["part"] != summary["other_part"])]
    folds = bool(rows.duplicated(["part", "other_part"]).any())
    for row in worst_folds(rows).itertuples():
        if row.rows:
            level = "bad" if row.part == "test" else "note"
            yield Alert(level, say("leak", row=row, folds=folds))


def _groups(summary: pd.DataFrame) -> Iterator[Alert]:
    """Groups of test that train or validation hold too: no leak, but not new to a model."""
    rows = summary[(summary["kind"] == GROUP) & (summary["part"] == "test")]
    for row in worst_folds(rows).itertuples():
        if row.rows:
            yield _note("groups", row=row)


def _losses(table: pd.DataFrame) -> Iterator[Alert]:
    """Files of which many rows are left out for one reason."""
    for row in table[table["count"] > MANY_LOST * table["total"]].itertuples():
        yield _note("lost", row=row)


def _composition(table: pd.DataFrame, task: str) -> Iterator[Alert]:
    """Numbers that tell the classes apart by themselves."""
    for row in notable(table).to_dict("records"):
        level = "bad" if row["alarming"] else "note"
        yield Alert(level, say("composition", row=row, task=task))


def _judged(
    comparison: pd.DataFrame, balance: pd.DataFrame, records: Mapping[str, Sequence[RunRecord]]
) -> pd.DataFrame:
    """Rows on test of models that should tell examples apart, where there are enough of these."""
    tests = balance[(balance["part"] == "test") & (balance["class"] == ALL)]
    modest = [model for model, runs in records.items() if _is_modest(runs)]
    is_judged = comparison["kind"].isin(COMPARED) & ~comparison["model"].isin(modest)
    enough = tests["count"].min() >= FEWEST_JUDGED
    return comparison[is_judged & (comparison["part"] == "test") & enough]


def _flat(
    metrics: pd.DataFrame,
    models: Collection[str],
    records: Mapping[str, Sequence[RunRecord]],
    task: str,
) -> dict[str, list[str]]:
    """Of each model with runs that answer every test example alike: the answer of each such run.

    Their MCC, or Pearson's r, is 0 and so is that of every resample. The answer is the class that
    has all its examples recalled; of a regression it is the outputs whose predictions are alike.
    """
    measure = "pearson" if task == "regression" else "mcc"
    test = metrics[metrics["model"].isin(models) & (metrics["part"] == "test")]
    test = test[~test["output"].isin([MACRO, MICRO, WEIGHTED])]
    answers: dict[str, list[str]] = {}
    for (model, _, _), rows in test.groupby(["model", "fold", "seed"], sort=False):
        measured = rows[rows["metric"] == measure]
        alike = measured[(measured[["value", "low", "high"]] == 0).all(axis=1)]
        if alike.empty or (task != "regression" and len(alike) < len(measured)):
            continue
        recalled = rows[(rows["metric"] == "recall") & (rows["value"] == 1)]["output"]
        named = alike["output"] if task == "regression" else recalled
        answers.setdefault(str(model), []).append(listed(list(named)[:NAMED]))
    return answers


def _one_answer(
    flat: Mapping[str, Sequence[str]],
    judged: pd.DataFrame,
    records: Mapping[str, Sequence[RunRecord]],
    task: str,
    class_names: Mapping[str, str],
) -> Iterator[Alert]:
    """Models that answer every test example alike, in some run."""
    areas = judged[judged["metric"].isin(["auroc", "macro_auroc"])]
    for model, answers in flat.items():
        rows = areas[(areas["model"] == model) & (areas["low"] > 0.5)]
        row = next(rows.itertuples(), None) if task == "binary" else None
        facts = {
            "answers": dict.fromkeys(answers),
            "task": task,
            "class_names": class_names,
            "row": row,
            "is_network": not any(run.baseline for run in records.get(model, ())),
            "some": len(answers),
            "runs": len(records.get(model, answers)),
        }
        yield Alert("bad", say("one_answer", **facts), model)


def _no_width(judged: pd.DataFrame, task: str) -> Iterator[Alert]:
    """Models without a mistake, and headline intervals that no resample has given any width."""
    headline, chance = HEADLINES[task][0], chance_headline(task)
    best = of_headline(judged, task, metric=chance.metric)
    perfect = best[best["value"] == 1]
    if len(perfect):
        yield _note("no_mistake", measure=chance.title, models=list(perfect["model"]))

    for row in of_headline(judged, task).itertuples():
        if row.low == row.high and row.model not in set(perfect["model"]):
            yield Alert("bad", say("no_width", measure=headline.title, row=row), str(row.model))


def _chance(
    comparison: pd.DataFrame,
    records: Mapping[str, Sequence[RunRecord]],
    task: str,
    skipped: Collection[str],
) -> Iterator[Alert]:
    """Models that know nothing though they should, and controls that know something."""
    headline = chance_headline(task)
    rows = of_headline(comparison, task, metric=headline.metric)
    for row in rows[(rows["kind"] != CEILING) & ~rows["model"].isin(skipped)].itertuples():
        model, facts = str(row.model), {"measure": headline.title, "row": row}
        below, above = row.high < headline.chance, row.low > headline.chance

        if row.kind == "control":
            if (below or above) and row.runs >= FEWEST_CONTROLS:
                yield Alert("bad", say("control_off_chance", **facts), model)
        elif not above and not _is_modest(records.get(model, ())):
            level = "note" if row.kind == "baseline" else "bad"
            yield Alert(level, say("at_chance", **facts, below=below), model)


def _is_modest(runs: Sequence[RunRecord]) -> bool:
    """Whether nobody is to worry about a model that says the same of every example."""
    return any(run.baseline in MODEST for run in runs)


def _baseline(
    comparison: pd.DataFrame, records: Mapping[str, Sequence[RunRecord]]
) -> Iterator[Alert]:
    """Networks with nothing to beat but what composition tells."""
    tested = comparison[comparison["part"] == "test"]
    baselines = set(tested.loc[tested["kind"] == "baseline", "model"])
    composed = {
        model for model, runs in records.items() if any(run.baseline == COMPOSITION for run in runs)
    }
    if "network" in set(tested["kind"]) and baselines <= composed:
        yield _note("no_baseline", weak=sorted(baselines))


def _motifs(
    records: Mapping[str, Sequence[RunRecord]], task: str, alphabet: str
) -> Iterator[Alert]:
    """Models of DNA of which none has been told what is known of binding."""
    has_motifs = any(run.motifs for runs in records.values() for run in runs)
    if records and alphabet == "dna" and task != "per_position" and not has_motifs:
        yield _note("no_motifs")


def _related(comparison: pd.DataFrame, summary: pd.DataFrame, task: str) -> Iterator[Alert]:
    """Copies within test that were resampled as if they were independent."""
    within = (summary["part"] == "test") & (summary["other_part"] == "test")
    rows = summary[within & (summary["kind"] == ANY)].nlargest(1, "rows")
    drawn = set(ranked(comparison, task)["unit"]) - {"group"}
    if drawn and rows["rows"].any():
        yield _note("copies_in_test", rows=rows["rows"].iloc[0], total=rows["total"].iloc[0])


def _classes(balance: pd.DataFrame, task: str) -> Iterator[Alert]:
    """Rare classes in train, and too little in test to say much."""
    whole = balance[balance["class"] == ALL].set_index(["fold", "part"])["count"]
    fewest = int(whole.xs("test", level="part").min())
    if fewest < FEWEST_TEST:
        yield _note("few_test_examples", count=fewest)
    classes = balance[balance["class"] != ALL]
    if task == "regression" or classes.empty:
        return

    train = classes[(classes["part"] == "train") & (classes["fold"] == 0)]
    share = train.set_index("class")["count"] / max(whole[0, "train"], 1)
    # of many classes an even share is itself below the limit
    rare = share[share < (RARE if task == "multilabel" else min(RARE, 0.5 / len(share)))]
    if len(rare):
        yield _note("rare_classes", shares=rare.to_dict())

    counts = classes[classes["part"] == "test"].groupby("class", sort=False)["count"].min()
    small = counts[counts < FEWEST_OF_CLASS]
    if len(small):
        yield _note("small_classes", counts=small.to_dict(), fewest=FEWEST_OF_CLASS)


def _training(records: Mapping[str, Sequence[RunRecord]]) -> Iterator[Alert]:
    """Runs that might have learned longer, and what else they warned of."""
    for model, runs in records.items():
        late = [
            run.best_epoch
            for run in runs
            if run.best_epoch and run.best_epoch == run.training["epochs"]
        ]
        if late:
            yield _note("unconverged", model, epoch=late[0], some=len(late), runs=len(runs))
        for line in lines_of(runs, "warnings"):
            if not line.text.startswith(UNCONVERGED):
                yield _note("warned", model, text=line.text, some=line.runs, runs=len(runs))
