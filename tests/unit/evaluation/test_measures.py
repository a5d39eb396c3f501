import tracemalloc

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn import metrics as sk

from basewise.evaluation import binary, bootstrap
from basewise.evaluation.binary import areas_of_steps, binary_metrics, weighted_binary_metrics
from basewise.evaluation.bootstrap import draw_weights, replicate
from basewise.evaluation.bounds import measure_bounds
from basewise.evaluation.classes import class_metrics, weighted_class_metrics
from basewise.evaluation.evaluate import evaluate, measure_runs
from basewise.evaluation.headlines import HEADLINES, summary_output
from basewise.evaluation.labels import pooled_labels
from basewise.evaluation.measures import measure
from basewise.evaluation.positions import count_sequences, weighted_position_metrics
from basewise.evaluation.values import value_metrics, weighted_value_metrics
from basewise.store.scores import Run, score_table

CLASSES = ["a", "b", "c"]


def classified(rows=300, classes=3, seed=1):
    """True classes, the last of them rare, and probabilities with ties."""
    generator = np.random.default_rng(seed)
    target = generator.choice(classes, size=rows, p=[0.5, 0.4, 0.1])
    score = generator.gamma(1, size=(rows, classes)) + 1.5 * np.eye(classes)[target]
    share = (score / score.sum(axis=1, keepdims=True)).round(2)
    share[:, 0] += 1 - share.sum(axis=1)
    return target, share


def numbers(rows=300, seed=1):
    generator = np.random.default_rng(seed)
    target = generator.normal(5, 2, size=rows).round(1)
    return target, target + generator.normal(1, 1, size=rows).round(1)


def measured(task, target, score, outputs, *, ids=None, seed=0):
    """Rows of `measure` as a table indexed by output and metric."""
    rows = len(target)
    ids = np.array([f"s{row}" for row in range(rows)]) if ids is None else ids
    table = score_table(ids, np.full(rows, "test"), target, score, outputs, task)
    found = measure(table, task, np.random.default_rng(seed))
    columns = ["output", "metric", "value", "low", "high"]
    return pd.DataFrame(found.rows, columns=columns).set_index(["output", "metric"]), found.left_out


# Several classes.


def test_hand_worked_classes():
    #                  a a a b b c: two a right, one b right, c taken for b
    target = np.array([0, 0, 0, 1, 1, 2])
    predicted = np.array([0, 0, 1, 1, 0, 1])
    values = class_metrics(target, np.eye(3)[predicted] * 0.7 + 0.1, CLASSES)
    assert values["label", "accuracy"] == pytest.approx(3 / 6)
    assert values["label", "balanced_accuracy"] == pytest.approx((2 / 3 + 1 / 2 + 0) / 3)
    assert values["a", "precision"] == pytest.approx(2 / 3)
    assert values["b", "recall"] == pytest.approx(1 / 2)
    assert values["b", "f1"] == pytest.approx(2 * 1 / (2 + 3))
    assert values["label", "macro_f1"] == pytest.approx((2 / 3 + 2 / 5 + 0) / 3)
    # the predictions are worth 3 hits: log(0.8), and 3 misses: log(0.1)
    assert values["label", "log_loss"] == pytest.approx(-np.log([0.8, 0.1]).mean())


def test_values_of_classes_are_scikit_learns():
    target, score = classified()
    values = class_metrics(target, score, CLASSES)
    predicted = score.argmax(axis=1)
    expected = {
        "accuracy": sk.accuracy_score(target, predicted),
        "balanced_accuracy": sk.balanced_accuracy_score(target, predicted),
        "macro_f1": sk.f1_score(target, predicted, average="macro"),
        "mcc": sk.matthews_corrcoef(target, predicted),
        "log_loss": sk.log_loss(target, score),
        "macro_auroc": sk.roc_auc_score(target, score, multi_class="ovr", average="macro"),
        "weighted_auroc": sk.roc_auc_score(target, score, multi_class="ovr", average="weighted"),
        "macro_auprc": sk.average_precision_score(np.eye(3)[target], score, average="macro"),
        "weighted_auprc": sk.average_precision_score(np.eye(3)[target], score, average="weighted"),
        "brier": sk.brier_score_loss(target, score),
    }
    for average in ("macro", "weighted"):
        found = sk.precision_recall_fscore_support(target, predicted, average=average)
        expected |= {f"{average}_precision": found[0], f"{average}_f1": found[2]}
        if average == "weighted":
            assert found[1] == pytest.approx(values["label", "accuracy"])
    for name, value in expected.items():
        assert values["label", name] == pytest.approx(value, rel=1e-9), name
    rest = {name for output, name in values if output == "label"} - set(expected)
    assert rest == {"ece", "macro_specificity", "weighted_specificity"}


def test_a_class_is_a_binary_task_against_the_others():
    target, score = classified()
    values = class_metrics(target, score, CLASSES)
    called = score.argmax(axis=1) == 2
    assert values["c", "specificity"] == sk.recall_score(target == 2, called, pos_label=0)
    assert values["c", "mcc"] == pytest.approx(sk.matthews_corrcoef(target == 2, called))
    own = binary_metrics((target == 2).astype(int), score[:, 2])
    for name in ("auroc", "auprc", "brier", "log_loss", "ece"):
        assert values["c", name] == pytest.approx(own[name], rel=1e-9), name


@pytest.mark.parametrize("lacking", [None, 2])
def test_weighted_classes_count_copies(lacking):
    """Also where a class is missing: it is left out of the averages in both forms."""
    target, score = classified(80)
    copies = np.random.default_rng(2).integers(0, 4, size=80)
    if lacking is not None:
        target[target == lacking] = 0
    repeated = class_metrics(np.repeat(target, copies), np.repeat(score, copies, axis=0), CLASSES)
    weighted = weighted_class_metrics(target, score, CLASSES, copies[None].astype(float))
    assert set(weighted) == set(repeated)
    assert ("c", "recall") in repeated or lacking == 2
    for name, value in repeated.items():
        assert weighted[name][0] == pytest.approx(value, rel=1e-9), name


def test_a_class_that_a_resample_lacks_does_not_lower_its_averages():
    target, score = classified(80)
    without = (target != 2).astype(float)
    found = weighted_class_metrics(target, score, CLASSES, np.stack([without, np.ones(80)]))
    rest = class_metrics(target[target != 2], score[target != 2], CLASSES)
    assert np.isnan(found["c", "recall"][0]) and np.isnan(found["c", "auroc"][0])
    for name, value in rest.items():
        assert found[name][0] == pytest.approx(value, rel=1e-9), name


def test_a_class_of_nobody_is_left_out_and_named():
    target, score = classified()
    target[target == 2] = 1
    table, left_out = measured("multiclass", target[:, None], score, CLASSES)
    assert left_out == ["c"]
    assert set(table.index.get_level_values("output")) == {"label", "a", "b"}
    recalls = table.loc[("a", "recall"), "value"], table.loc[("b", "recall"), "value"]
    assert table.loc[("label", "balanced_accuracy"), "value"] == pytest.approx(np.mean(recalls))


# Numbers.


def test_values_of_numbers_are_those_of_scipy():
    target, score = numbers()
    values = value_metrics(target, score)
    error = score - target
    assert values["pearson"] == pytest.approx(np.corrcoef(target, score)[0, 1])
    assert values["spearman"] == pytest.approx(
        np.corrcoef(stats.rankdata(target), stats.rankdata(score))[0, 1]
    )
    assert values["rmse"] == pytest.approx(np.sqrt((error**2).mean()))
    assert values["mae"] == pytest.approx(np.abs(error).mean())
    assert values["r2"] == pytest.approx(1 - (error**2).mean() / target.var())


def test_weighted_numbers_count_copies():
    """Ties and copies share their rank; values far from 0 keep their digits."""
    target, score = numbers(60)
    target, score = target + 1e6, score + 1e6
    copies = np.random.default_rng(2).integers(0, 4, size=(5, 60))
    weighted = weighted_value_metrics(target, score, copies.astype(float))
    for row, times in enumerate(copies):
        repeated = value_metrics(np.repeat(target, times), np.repeat(score, times))
        for name, value in repeated.items():
            assert weighted[name][row] == pytest.approx(value, rel=1e-6), name


@pytest.mark.parametrize("constant", [0.1, 1e6 + 0.1])
def test_a_constant_prediction_has_no_correlation(constant):
    target, _ = numbers(50)
    table, _ = measured("regression", target[:, None], np.full((50, 1), constant), ["level"])
    for metric in ("pearson", "spearman"):
        assert table.loc[("level", metric)].tolist() == [0, 0, 0]
    assert table.loc[("level", "r2"), "value"] <= 0


def test_pearsons_interval_is_fishers():
    """Of normal variables: tanh(atanh(r) +- 1.96 / sqrt(n - 3))."""
    generator = np.random.default_rng(3)
    target = generator.normal(size=1000)
    score = 0.6 * target + 0.8 * generator.normal(size=1000)
    table, _ = measured("regression", target[:, None], score[:, None], ["level"])
    value, low, high = table.loc[("level", "pearson")]
    expected = np.tanh(np.arctanh(value) + np.array([-1.96, 1.96]) / np.sqrt(997))
    assert [low, high] == pytest.approx(expected, abs=0.01)


def test_a_number_that_is_not_known_does_not_count():
    """Each output by the rows that have it; resamples of all rows, as of the known ones alone."""
    target, score = numbers()
    truth = np.stack([target, target**2], axis=1)
    truth[:250, 1] = np.nan
    table, left_out = measured("regression", truth, np.stack([score, score], axis=1), ["a", "b"])
    assert left_out == []
    expected = value_metrics(truth[250:, 1], score[250:].astype(np.float32).astype(float))
    for metric, value in expected.items():
        assert table.loc[("b", metric), "value"] == pytest.approx(value), metric
    alone, _ = measured("regression", truth[250:, 1:], score[250:, None], ["b"], seed=5)
    for metric in ("pearson", "rmse"):
        bounds = table.loc[("b", metric), ["low", "high"]]
        width = bounds["high"] - bounds["low"]
        assert bounds.tolist() == pytest.approx(
            alone.loc[("b", metric), ["low", "high"]].tolist(), abs=0.15 * width
        )


def test_resamples_without_a_known_number_do_not_count_for_it(monkeypatch):
    """Also where a small chunk of resamples has none throughout."""
    monkeypatch.setattr(bootstrap, "CHUNK", 60)
    target, score = numbers(60)
    truth = np.stack([target, np.full(60, np.nan), np.full(60, np.nan)], axis=1)
    truth[7, 1] = score[7] + 2
    scores = np.repeat(score[:, None], 3, axis=1)
    table, left_out = measured("regression", truth, scores, ["a", "b", "c"])
    assert left_out == ["c"]
    assert table.loc[("b", "rmse")].tolist() == pytest.approx([2, 2, 2], rel=1e-6)
    own = [table.loc[(name, "mae"), "value"] for name in ("a", "b")]
    assert table.loc[("macro", "mae"), "value"] == pytest.approx(np.mean(own))
    none, left_out = measured("regression", truth[:, 2:], scores[:, 2:], ["c"])
    assert none.empty and left_out == ["c"]


def test_several_numbers_have_means_and_one_has_not():
    target, score = numbers()
    both = np.stack([target, target**2], axis=1), np.stack([score, score], axis=1)
    table, _ = measured("regression", *both, ["day", "night"])
    for metric in ("pearson", "rmse"):
        own = table.loc[("day", metric), "value"], table.loc[("night", metric), "value"]
        assert table.loc[("macro", metric), "value"] == pytest.approx(np.mean(own))
    alone, _ = measured("regression", target[:, None], score[:, None], ["day"])
    assert set(alone.index.get_level_values("output")) == {"day"}


# Several labels.


def labeled(rows=400, seed=4):
    generator = np.random.default_rng(seed)
    target = (generator.random((rows, 3)) < [0.5, 0.2, 0.02]).astype(int)
    score = 1 / (1 + np.exp(-generator.normal(2 * target - 1)))
    return target, score


def test_each_label_is_a_binary_task_and_macro_their_mean():
    target, score = labeled()
    table, left_out = measured("multilabel", target, score, CLASSES)
    assert left_out == []
    for number, name in enumerate(CLASSES):
        expected = binary_metrics(target[:, number], score[:, number].astype(np.float32))
        for metric, value in expected.items():
            assert table.loc[(name, metric), "value"] == pytest.approx(value, rel=1e-6)
    for metric in ("auroc", "auprc", "mcc", "f1"):
        own = [table.loc[(name, metric), "value"] for name in CLASSES]
        assert table.loc[("macro", metric), "value"] == pytest.approx(np.mean(own))
    for average in ("micro", "weighted"):
        expected = {
            "f1": sk.f1_score(target, score > 0.5, average=average),
            "auroc": sk.roc_auc_score(target, score, average=average),
            "auprc": sk.average_precision_score(target, score, average=average),
        }
        for metric, value in expected.items():
            assert table.loc[(average, metric), "value"] == pytest.approx(value, rel=1e-6)


def test_averages_of_labels_count_copies():
    target, score = labeled(80)
    labels = {name: (target[:, place], score[:, place]) for place, name in enumerate(CLASSES[:2])}
    copies = np.random.default_rng(2).integers(0, 4, size=80)
    rows = np.repeat(np.arange(80), copies)
    repeated = pooled_labels({name: (t[rows], s[rows]) for name, (t, s) in labels.items()}, 0.5)
    weight = copies[None].astype(float)
    own = {name: weighted_binary_metrics(*pair, weight) for name, pair in labels.items()}
    found = pooled_labels(labels, 0.5).weighted(own, weight)
    assert set(found) == set(repeated.values)
    for name, value in repeated.values.items():
        assert found[name][0] == pytest.approx(value, rel=1e-9), name


def test_a_label_that_nobody_has_is_left_out_of_the_mean_and_named(capsys):
    target, score = labeled()
    target[:, 1] = 0
    ids = np.array([f"s{row}" for row in range(len(target))])
    scores = score_table(ids, np.full(len(ids), "test"), target, score, CLASSES, "multilabel")
    metrics = measure_runs([Run(0, 1, scores)], dataset="d", model="m", task="multilabel")
    assert set(metrics["output"]) == {"a", "c", "macro", "micro", "weighted"}
    own = metrics[metrics["metric"] == "auroc"].set_index("output")["value"]
    assert own["macro"] == pytest.approx((own["a"] + own["c"]) / 2)
    assert "left out b, of which the test part lacks a class" in capsys.readouterr().out


def test_a_rare_label_has_an_interval():
    """Two positives: every seventh resample has none, and does not count for this label."""
    target, score = labeled(60)
    target[:, 2] = 0
    target[:2, 2] = 1
    table, _ = measured("multilabel", target, score, CLASSES)
    assert table.notna().all(axis=None)
    low, high = table.loc[("c", "recall"), ["low", "high"]]
    assert 0 <= low <= high <= 1


def test_outputs_share_their_resamples():
    """Twice the same output: the mean is as uncertain as each, not less."""
    target, score = labeled()
    twice = np.repeat(target[:, :1], 2, axis=1), np.repeat(score[:, :1], 2, axis=1)
    table, _ = measured("multilabel", *twice, ["a", "b"])
    assert table.loc[("macro", "auroc")].tolist() == table.loc[("a", "auroc")].tolist()


def test_averages_of_a_single_label_are_its_own():
    """The other one is 0 throughout."""
    target, score = labeled()
    target[:, 1] = 0
    table, _ = measured("multilabel", target[:, :2], score[:, :2], CLASSES[:2])
    for metric in ("precision", "recall", "f1", "auroc", "auprc"):
        for average in ("micro", "weighted"):
            expected = pytest.approx(table.loc[("a", metric)].tolist(), rel=1e-3)
            assert table.loc[(average, metric)].tolist() == expected, (average, metric)


@pytest.mark.parametrize(("zeros", "ones"), [(26, 9), (4, 2)])
def test_a_perfect_classifier_has_binomial_bounds(zeros, ones):
    """Whose average precision scikit-learn gives as 1 + 2e-16, and as 1 - 2e-16 or 1."""
    target = np.repeat([0, 1], [zeros, ones])[:, None]
    score = np.linspace(0.01, 0.99, len(target))[:, None]
    score[-ones:] = 0.6 + score[-ones:] / 3
    score[:-ones] /= 3
    table, _ = measured("binary", target, score, ["label"])
    low = 0.025 ** (1 / ones)
    assert table.loc[("label", "auprc")].tolist() == [1, pytest.approx(low), 1]
    assert table.loc[("label", "mcc")].tolist() == [1, pytest.approx(2 * low - 1), 1]


# A class for each base.


def bases(sequences=40, length=30, seed=5, between=0.0):
    """Classes and probabilities of bases; `between`: how much sequences differ in difficulty."""
    generator = np.random.default_rng(seed)
    target = generator.choice(3, size=(sequences, length), p=[0.5, 0.4, 0.1])
    logit = generator.normal(size=(sequences, length, 3)) + 1.2 * np.eye(3)[target]
    logit += between * generator.normal(size=(sequences, 1, 3))
    score = np.exp(logit) / np.exp(logit).sum(axis=2, keepdims=True)
    return target, score


def test_values_of_bases_are_those_of_all_bases():
    target, score = bases()
    table, left_out = measured("per_position", target, score, CLASSES)
    expected = class_metrics(target.ravel(), score.reshape(-1, 3), CLASSES)
    assert left_out == []
    assert set(table.index) == set(expected)
    for name, value in expected.items():
        assert table.loc[name, "value"] == pytest.approx(value, rel=1e-5), name


def test_weighted_sequences_count_copies():
    target, score = bases(12, 10)
    sequence = np.repeat(np.arange(12), 10)
    counts = count_sequences(sequence, target.ravel(), score.reshape(-1, 3), CLASSES)
    copies = np.random.default_rng(6).integers(0, 4, size=12)
    found = weighted_position_metrics(counts, copies[None].astype(float))
    times = np.repeat(copies, 10)
    repeated = class_metrics(
        np.repeat(target.ravel(), times), np.repeat(score.reshape(-1, 3), times, axis=0), CLASSES
    )
    for name, value in repeated.items():
        assert found[name][0] == pytest.approx(value, rel=1e-9), name


def test_a_class_in_one_sequence_has_an_interval(monkeypatch):
    """Also where resamples come in small chunks, some of which lack it throughout."""
    monkeypatch.setattr(bootstrap, "CHUNK", 20)
    target, score = bases(20, 10)
    target[target == 2] = 0
    target[0, :3] = 2
    score[0, :3] = [0.1, 0.1, 0.8]
    table, left_out = measured("per_position", target, score, CLASSES)
    assert left_out == []
    assert table.notna().all(axis=None)
    assert table.loc[("c", "recall")].tolist() == [1, pytest.approx(0.025), 1]


def test_intervals_from_histograms_are_those_of_all_bases():
    """To 2 % of their width, of the same resamples, each base with its own score."""
    target, score = bases(200, 20)
    score = score.astype(np.float32)
    table, _ = measured("per_position", target, score, CLASSES)
    of_base = np.repeat(np.arange(200), 20)
    flat = target.ravel(), score.reshape(-1, 3).astype(float), CLASSES
    exact = replicate(
        lambda weight: weighted_class_metrics(*flat, weight[:, of_base]),
        draw_weights(np.zeros(200), np.random.default_rng(0)),
    )
    for name in (("label", "macro_auroc"), ("label", "macro_auprc"), ("c", "auprc"), ("a", "mcc")):
        value, low, high = table.loc[name]
        units = min((target == place).any(axis=1).sum() for place in range(3))
        bounds = measure_bounds(name[1], value, exact[name], exact[name].std(), units - 1, units)
        assert [low, high] == pytest.approx(bounds, abs=0.02 * (high - low)), name


def test_intervals_of_bases_know_that_a_sequence_holds_together():
    """Of related bases they are as wide as the accuracies of the sequences make them."""
    target, score = bases(200, 50, between=1.5)
    table, _ = measured("per_position", target, score, CLASSES)
    right = (score.argmax(axis=2) == target).mean(axis=1)
    width = table.loc[("label", "accuracy"), "high"] - table.loc[("label", "accuracy"), "low"]
    assert width == pytest.approx(2 * 1.96 * right.std() / np.sqrt(200), rel=0.1)
    of_bases = 2 * 1.96 * np.sqrt(right.mean() * (1 - right.mean()) / target.size)
    assert width > 1.5 * of_bases


def test_a_single_class_has_no_areas():
    target, score = bases(10, 10)
    table, left_out = measured("per_position", np.zeros_like(target), score, CLASSES)
    assert left_out == ["b", "c"]
    assert ("label", "accuracy") in table.index
    assert not {"auroc", "macro_auroc"} & set(table.index.get_level_values("metric"))


# Every task.


@pytest.mark.parametrize("task", ["multiclass", "per_position"])
def test_the_same_score_for_all_is_chance(task):
    target = bases()[0] if task == "per_position" else classified()[0][:, None]
    score = np.broadcast_to([0.5, 0.3, 0.2], (*target.shape, 3))
    table, _ = measured(task, target, score if task == "per_position" else score[:, 0], CLASSES)
    assert table.loc[("label", "macro_auroc")].tolist() == [0.5, 0.5, 0.5]
    assert table.loc[("label", "mcc")].tolist() == [0, 0, 0]
    assert table.loc[("label", "balanced_accuracy"), "value"] == pytest.approx(1 / 3)
    shares = np.bincount(target.ravel()) / target.size
    assert table.loc[("label", "macro_auprc"), "value"] == pytest.approx(shares.mean())


def small(task):
    if task == "regression":
        target, score = numbers(60)
        return target[:, None], score[:, None], ["level"]
    if task == "binary":
        target, score = labeled(60)
        return target[:, :1], score[:, :1], ["label"]
    if task == "per_position":
        return *bases(20, 10), CLASSES
    target, score = labeled(100) if task == "multilabel" else classified(60)
    return target if task == "multilabel" else target[:, None], score, CLASSES


@pytest.mark.parametrize("task", list(HEADLINES))
def test_the_comparison_holds_the_headlines_of_the_task(task):
    target, score, outputs = small(task)
    ids = np.array([f"s{row}" for row in range(len(target))])
    part = np.where(np.arange(len(ids)) % 2, "test", "validation")
    scores = score_table(ids, part, target, score, outputs, task)
    settings = dict(dataset="d", model="m", task=task, root_seed=3)
    settings |= dict(groups={0: None}, leaking={0: set()})
    runs = [Run(0, 1, scores), Run(0, 2, scores)]
    found = evaluate(runs, **settings)
    summary = found.summary
    whole = summary[summary["output"] == summary_output(task, summary["output"].unique())]
    assert not whole["metric"].duplicated().any()
    headlines = {headline.metric for headline in HEADLINES[task]}
    assert headlines <= set(whole["metric"]) and headlines == set(found.replicates["metric"])
    assert set(summary["runs"]) == {2}
    bounded = summary[summary["low"].notna()]
    assert (bounded["low"] <= bounded["value"]).all() and (
        bounded["value"] <= bounded["high"]
    ).all()
    for one, other in zip(found, evaluate(runs, **settings), strict=True):
        pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_memory_grows_with_the_classes_and_not_with_their_square():
    """A matrix of confusions for each resample of 300 classes took 36 MB here."""
    classes, rows, resamples = 300, 600, 50
    target = np.arange(rows) % classes
    score = np.random.default_rng(1).dirichlet(np.ones(classes), rows)
    weight = np.ones((resamples, rows))
    names = [f"c{place}" for place in range(classes)]

    tracemalloc.start()
    try:
        weighted_class_metrics(target, score, names, weight)
        assert tracemalloc.get_traced_memory()[1] < 16e6
    finally:
        tracemalloc.stop()


def test_areas_of_a_rare_class_take_steps_by_its_scores(monkeypatch):
    steps = []

    def counted(true, false):
        steps.append(true.shape[1])
        return areas_of_steps(true, false)

    monkeypatch.setattr(binary, "areas_of_steps", counted)
    score = np.random.default_rng(1).random(1000)
    positive = np.arange(1000) % 100 == 0
    auroc, auprc = binary.areas(score, positive, np.ones((1, 1000)))
    assert steps == [2 * 10 + 1]
    assert auroc == pytest.approx(sk.roc_auc_score(positive, score))
    assert auprc == pytest.approx(sk.average_precision_score(positive, score))
