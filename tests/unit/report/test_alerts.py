import numpy as np
import pandas as pd
import pytest
from made_results import made_run, make_results

from basewise.core.remarks import CODES, PARTNERS, Remark
from basewise.evaluation.evaluate import evaluate
from basewise.evaluation.rankings import compare_models
from basewise.examples.description import class_balance
from basewise.report.alerts import alerts
from basewise.report.examples import losses as table_of_losses
from basewise.store.scores import Run
from basewise.store.tables import (
    BALANCE_COLUMNS,
    COMPARISON_COLUMNS,
    COMPOSITION_COLUMNS,
    DROPPED_COLUMNS,
    METRIC_COLUMNS,
    read_table,
    write_table,
)

LEAKAGE = ["kind", "part", "other_part", "rows", "total", "conflicts"]


def comparison(*rows, unit="example"):
    """Of model, kind, low and high."""
    table = pd.DataFrame(rows, columns=["model", "kind", "low", "high"])
    table = table.assign(part="test", output="label", metric="auroc", spread=np.nan, runs=1)
    value = (table["low"] + table["high"]) / 2
    return table.assign(value=value, unit=unit)[COMPARISON_COLUMNS]


def runs_of(*rows):
    """Of model, fold, metric, output, value, low and high: measures of single runs on test."""
    columns = ["model", "fold", "metric", "output", "value", "low", "high"]
    table = pd.DataFrame(rows, columns=columns).assign(dataset="d", seed=1, part="test")
    return table[METRIC_COLUMNS]


def leakage(*rows):
    """Of part, other part, rows and total."""
    return pd.DataFrame([("any", *row, 0) for row in rows], columns=LEAKAGE)


def losses(*rows):
    return pd.DataFrame(rows, columns=["source", "reason", "count", "total"])


def composition(*rows):
    """Of variable, class, means, and auroc with its interval."""
    named = ["variable", "class", "mean", "mean_of_others", "auroc", "low", "high"]
    return pd.DataFrame(rows, columns=named).reindex(columns=COMPOSITION_COLUMNS)


def balance(train, test, tmp_path):
    """Of the number of examples in each class, as the file holds it."""
    counts = [*train, *test]
    label = [str(name) for part in (train, test) for name, n in enumerate(part) for _ in range(n)]
    part = np.repeat(["train", "test"], [sum(train), sum(test)])
    examples = pd.DataFrame({"target.label": label})
    assert len(examples) == sum(counts)
    write_table(class_balance(examples, [part], "multiclass"), tmp_path / "balance.tsv")
    return read_table(tmp_path / "balance.tsv", BALANCE_COLUMNS)


CLASSES = (("a", 0.7), ("b", 0.9), ("c", 0.65), ("d", 0.6))
GOOD = ("net", "network", 0.7, 0.8)
KMERS = ("kmers", "baseline", 0.7, 0.8)


@pytest.fixture
def found(tmp_path):
    """Alerts as level, text and model, of a sound dataset with one thing changed."""

    def gather(**changed):
        given = {
            "comparison": comparison(GOOD, KMERS),
            "metrics": runs_of(),
            "balance": balance((100, 100), (60, 60), tmp_path),
            "losses": losses(),
            "composition": composition(),
            "leakage_summary": leakage(("test", "train", 0, 120), ("test", "test", 0, 120)),
            "records": {"net": [made_run(best_epoch=3, epochs=9, training={"epochs": 20})]},
            "task": "binary",
            "alphabet": "rna",
        }
        return [tuple(alert) for alert in alerts(**given | changed)]

    return gather


def test_a_sound_dataset_has_none(found):
    assert found() == []


def test_what_the_steps_noticed_of_the_files(found):
    lost = Remark(PARTNERS, "p.csv", "lines have no phenotype in p.csv", 9, 60, "a, b, c")
    code = Remark(CODES, "p.csv", "EarHT", 2, 60, "-999")
    (first, second) = found(remarks=[lost, code])
    assert first[0] == "bad" and "-999 looks like a code" in first[1]
    assert second == ("note", "9 of 60 lines have no phenotype in p.csv (a, b, c).", "")
    ((level, text, _),) = found(remarks=[lost._replace(guess="leading zeros ('01' and '1')")])
    assert level == "bad" and text.endswith("Do they differ by leading zeros ('01' and '1')?")


def test_groups_in_two_parts_are_a_note_with_a_remedy(found):
    summary = leakage(("test", "train", 0, 120)).assign(kind="any")
    groups = leakage(("test", "train", 38, 40), ("test", "validation", 0, 40)).assign(kind="group")
    ((level, text, _),) = found(leakage_summary=pd.concat([summary, groups]))
    assert level == "note" and text.startswith("38 of 40 groups of test have examples in train too")
    assert "`split: {method: group}` keeps groups whole" in text


def test_leaks_by_their_worst_fold(found):
    summary = leakage(
        *(("test", "train", 3, 120), ("test", "train", 6, 120)),
        *(("validation", "train", 1, 100), ("train", "train", 5, 500)),
    )
    (bad, note) = found(leakage_summary=summary)
    assert bad[0] == "bad" and "6 of 120 test examples (5.0%) have a copy" in bad[1]
    assert "in train in the worst fold." in bad[1]
    assert note[0] == "note" and "1 of 100 validation examples" in note[1]


def test_a_dataset_that_loses_nothing_has_no_note(found, tmp_path):
    make_results(tmp_path, {"data": "binary"}, models=1)
    nothing = pd.DataFrame(columns=DROPPED_COLUMNS)
    write_table(nothing, tmp_path / "data/extract/dropped.tsv")
    assert found(losses=table_of_losses(tmp_path / "data", {})) == []


def test_files_that_lose_many_rows_for_one_reason(found):
    table = losses(("peaks.bed", "holds no known base", 206, 450), ("peaks.bed", "empty", 22, 450))
    assert [tuple(alert[:2]) for alert in found(losses=table)] == [
        ("note", "206 of 450 rows of peaks.bed (46%) became no example: holds no known base.")
    ]


def test_numbers_that_tell_the_classes_apart_by_themselves(found):
    table = composition(
        ("unknown", "1", 0.18, 0.0, 0.73, 0.71, 0.75),
        ("gc", "1", 0.41, 0.48, 0.33, 0.28, 0.38),
        ("length", "1", 200, 210, 0.4, 0.35, 0.45),
    )
    (bad, note) = found(composition=table)
    assert bad[:2] == (
        "bad",
        "The share of unknown bases (N) alone tells the classes apart: AUROC 0.730 (0.710 to "
        "0.750) on the train part, 0.18 on average against 0.00. A model can score as high by this "
        "number and learn nothing else. Leave out sequences with unknown bases, or take a genome "
        "that is not masked by N.",
    )
    assert note[0] == "note" and "GC content alone tells the classes apart: AUROC 0.670" in note[1]


def test_of_many_classes_the_one_told_best_is_named(found):
    table = composition(
        *(("source", name, np.nan, np.nan, value, value - 0.01, 1) for name, value in CLASSES)
    )
    ((level, text, _),) = found(composition=table, task="multiclass")
    assert level == "bad" and "The source file alone tells b from the other classes: AUROC" in text
    assert "on the train part. It does so for 2 more classes. No model is" in text
    ((_, text, _),) = found(composition=table[:2], task="multilabel")
    assert "alone tells where b is 1:" in text and "for 1 more output. No" in text


def test_copies_within_test_count_unless_groups_are_drawn(found):
    summary = leakage(("test", "test", 30, 120))
    ((level, text, _),) = found(leakage_summary=summary)
    assert level == "note" and text.startswith("30 of 120 test examples are copies")
    assert found(leakage_summary=summary, comparison=comparison(GOOD, KMERS, unit="group")) == []


def test_models_at_chance_and_controls_above_it(found):
    table = comparison(
        GOOD,
        ("weak", "network", 0.48, 0.55),
        ("wrong", "baseline", 0.3, 0.4),
        ("shuffled", "control", 0.48, 0.55),
        ("leak", "control", 0.55, 0.65),
        ("shares", "baseline", 0.5, 0.5),
        ("ceiling", "ceiling", 0.4, 0.6),
    )
    records = {"shares": [made_run(baseline="majority")]}
    once = found(comparison=table, records=records)
    assert {model for *_, model in once} == {"weak", "wrong"}
    several = found(comparison=table.assign(runs=3), records=records)
    texts = {model: (level, text) for level, text, model in several}
    assert texts.keys() == {"weak", "wrong", "leak"}
    assert texts["weak"] == ("bad", "it scores at chance: AUROC 0.515 (0.480 to 0.550).")
    assert (
        texts["wrong"][0] == "note"
        and "worse than chance" in texts["wrong"][1]
        and "should score at" in texts["leak"][1]
    )


def test_networks_with_nothing_to_beat(found):
    assert [text[:20] for _, text, _ in found(comparison=comparison(GOOD))] == [
        "No baseline was run,"
    ]


FLAT = (0.0, 0.0, 0.0)

NAMES = {"0": "background", "1": "bound"}


@pytest.mark.parametrize(
    ("low", "recall", "text"),
    [
        (0.48, 0.0, "it calls every test example background. Its answers are worth nothing"),
        (0.48, 1.0, "it calls every test example bound. Its answers"),
        (0.7, 0.0, "it calls every test example background. Its scores do tell the classes apart"),
    ],
)
def test_a_network_that_says_one_thing_is_a_problem(found, low, recall, text):
    """Its MCC is 0 in every resample. It calls the class whose examples are all recalled."""
    own = [("net", 0, "mcc", "label", *FLAT), ("net", 0, "recall", "label", recall, 0, 1)]
    good = [("kmers", 0, "mcc", "label", 0.5, 0.4, 0.6), ("kmers", 0, "recall", "label", 1, 0, 1)]
    table = comparison(("net", "network", low, 0.8 if low > 0.5 else 0.52), KMERS)
    told = found(metrics=runs_of(*own, *good), comparison=table, class_names=NAMES)
    ((level, said, model),) = told
    assert (level, model) == ("bad", "net") and said.startswith(text)


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (0.1, 0.4, "it calls every test example class 0. Its scores do tell the classes apart"),
        (0.6, 0.9, "it calls every test example class 1. Its scores do tell the classes apart"),
        (0.3, 0.3, "it calls every test example class 0. Its answers are worth nothing"),
        (0.3, 0.7, None),
    ],
)
def test_what_is_measured_of_a_model_that_says_one_thing_is_seen(found, low, high, text):
    """From scores to the warning, as the steps measure."""
    label = np.arange(80) % 2
    score = low + (high - low) * np.clip(0.25 + label / 2 + np.sin(np.arange(80)) / 4, 0, 1)
    parts = [
        pd.DataFrame({"id": [f"{part}{n}" for n in range(80)], "part": part}).assign(
            **{"target.label": label, "score.label": score}
        )
        for part in ("validation", "test")
    ]
    names = {"dataset": "d", "model": "net", "task": "binary"}
    settings = {"groups": {}, "leaking": {}, "precision": 0.9, "recall": 0.9}
    measured = evaluate([Run(0, 1, pd.concat(parts))], **names, root_seed=1, **settings)
    table = compare_models(measured.summary, pd.DataFrame(), {"net": "network"})
    told = found(metrics=measured.metrics, comparison=table)
    bad = [said for level, said, model in told if level == "bad"]
    assert [said.startswith(text) for said in bad] == [True] if text else bad == []


def test_one_seed_of_three_that_says_one_thing_is_counted(found):
    rows = [
        ("net", fold, "mcc", "label", *((0.5, 0.4, 0.6) if fold else FLAT)) for fold in range(3)
    ]
    records = {"net": [made_run()] * 3}
    ((level, text, _),) = found(metrics=runs_of(*rows), records=records)
    assert level == "bad" and "class 0 (1 of 3 runs)." in text


def test_a_baseline_that_says_one_thing_has_no_learning_curves_to_look_at(found):
    rows = [("kmers", 0, "mcc", "label", *FLAT)]
    records = {"kmers": [made_run(baseline="kmer_logistic")]}
    table = comparison(GOOD, ("kmers", "baseline", 0.45, 0.55))
    told = found(metrics=runs_of(*rows), records=records, comparison=table)
    (text,) = (text for level, text, _ in told if level == "bad")
    assert text.endswith("Its answers are worth nothing. Take another model.")


def test_constant_baselines_and_controls_may_say_one_thing(found, tmp_path):
    table = comparison(
        GOOD, KMERS, ("shares", "baseline", 0.5, 0.5), ("shuffled", "control", 0.4, 0.6)
    )
    rows = [(model, 0, "mcc", "label", *FLAT) for model in ("shares", "shuffled")]
    records = {"shares": [made_run(baseline="majority")]}
    assert found(metrics=runs_of(*rows), comparison=table, records=records) == []
    few = balance((100, 100), (5, 4), tmp_path)
    rows = [("net", 0, "mcc", "label", *FLAT)]
    assert not any(level == "bad" for level, *_ in found(metrics=runs_of(*rows), balance=few))


def test_the_class_that_is_called_is_named(found):
    rows = [("net", 0, "mcc", "label", *FLAT)]
    rows += [("net", 0, "recall", name, float(name == "b"), 0, 1) for name in "abc"]
    told = found(metrics=runs_of(*rows), task="multiclass", comparison=of_classes())
    assert told[0][:2][0] == "bad" and "calls every test example b." in told[0][1]


def of_classes():
    table = comparison(GOOD, KMERS)
    return pd.concat([table.assign(metric=name) for name in ("accuracy", "mcc")])


def test_labels_are_one_answer_only_together(found):
    """A rare label may well be called in no example."""
    labels = [("net", 0, "mcc", name, *FLAT) for name in ("abf1", "reb1")]
    macro = comparison(GOOD, KMERS).assign(output="macro")
    ((level, text, _),) = found(metrics=runs_of(*labels), task="multilabel", comparison=macro)
    assert level == "bad" and "each label alike" in text
    labels[1] = ("net", 0, "mcc", "reb1", 0.4, 0.3, 0.5)
    assert found(metrics=runs_of(*labels), task="multilabel", comparison=macro) == []


def test_numbers_without_spread_name_the_trait(found):
    rows = [("net", 0, "pearson", "height", *FLAT), ("net", 0, "pearson", "yield", 0.5, 0.4, 0.6)]
    table = comparison(GOOD, KMERS).assign(metric="pearson", output="macro")
    ((level, text, _),) = found(metrics=runs_of(*rows), task="regression", comparison=table)
    assert level == "bad" and "predicts the same value for every test example of height:" in text


def test_no_mistake_is_a_note_and_another_interval_without_width_a_problem(found):
    table = comparison(("net", "network", 0.99, 1.0), ("kmers", "baseline", 0.98, 1.0), GOOD)
    table.loc[:1, "value"] = 1.0
    ((level, text, _),) = found(comparison=table)
    assert level == "note" and text.startswith("net and kmers make no mistake on test (AUROC 1.000")
    ((level, text, model),) = found(comparison=comparison(("net", "network", 0.6, 0.6), KMERS))
    assert (level, model) == ("bad", "net")
    assert text.startswith("its interval has no width: every resample of test gives AUROC 0.600.")


@pytest.mark.parametrize(
    ("task", "motifs", "noted"),
    [("binary", [], 1), ("regression", [], 1), ("per_position", [], 0), ("binary", ["a.meme"], 0)],
)
def test_dna_without_motifs_is_told_once_that_a_file_may_help(found, task, motifs, noted):
    records = {"net": [made_run(), made_run()], "pwm": [made_run(motifs=motifs)]}
    notes = found(task=task, records=records, alphabet="dna", comparison=comparison())
    assert [text[:28] for _, text, _ in notes] == ["No model knows binding motif"] * noted


def test_composition_alone_is_little_to_beat(found):
    table = comparison(GOOD, ("shares", "baseline", 0.51, 0.6))
    records = {"shares": [made_run(baseline="composition_logistic")]}
    assert [text for _, text, _ in found(comparison=table, records=records)] == [
        "No baseline but `shares` was run, so nothing shows whether a network is worth its cost."
    ]
    assert found(comparison=pd.concat([table, comparison(KMERS)]), records=records) == []


def test_rare_classes_and_small_test_parts(found, tmp_path):
    texts = [text for _, text, _ in found(balance=balance((95, 5), (90, 9), tmp_path))]
    assert texts == [
        "Only 99 test examples: intervals are wide.",
        "Imbalance: rare in train: 1 (5.0%).",
        "Fewer than 10 test examples of a class: 1 (9).",
    ]
    even = balance((10,) * 20, (10,) * 20, tmp_path)
    assert found(balance=even, task="multiclass", comparison=comparison()) == []
    rare = balance((100,) * 13 + (1,) * 7, (10,) * 20, tmp_path)
    ((_, text, _),) = found(balance=rare, task="multiclass", comparison=comparison())
    assert text.endswith("17 (0.1%) and 2 more.")


def test_unconverged_runs_and_other_warnings(found):
    """What is said of the last epoch is said once; stopping early is no fault."""
    early = made_run(best_epoch=10, epochs=20, training={"epochs": 20})
    late = early._replace(
        best_epoch=20,
        warnings=["it was still improving in the last epoch, 20; raise `epochs`", "it is odd"],
    )
    records = {"net": [early, late], "kmers": [made_run(baseline="kmers")]}
    assert found(records=records) == [
        ("note", "unconverged: its best epoch is the last one allowed, 20 (1 of 2 runs).", "net"),
        ("note", "it is odd (1 of 2 runs).", "net"),
    ]
