"""A results folder with made-up numbers, for tests of the report: every kind of file."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from basewise.evaluation.headlines import HEADLINES
from basewise.store.manifest import write_manifest
from basewise.store.receipts import writing
from basewise.store.run_records import RunRecord, write_run
from basewise.store.tables import COMPOSITION_COLUMNS, EXAMPLE_COLUMNS, write_parquet, write_table

TASKS = ("binary", "multiclass", "multilabel", "regression", "per_position")
OUTPUTS = {
    "binary": ["label"],
    "multiclass": ["exon", "intron", "<img src=x onerror=alert(9)>"],
    "multilabel": [f"factor{number}" for number in range(8)],
    "regression": ["height"],
    "per_position": ["none", "gene"],
}
CLASSES = ("multiclass", "per_position")
KINDS = ("network", "network", "baseline", "control")
GRID = np.linspace(0, 1, 101)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="120">{}</svg>'


class Made(NamedTuple):
    """Arguments of `write_report` beside the path, and the scores of each dataset and model."""

    arguments: dict
    scores: dict


def make_results(
    folder, datasets=None, models=4, seeds=2, epochs=20, letters=200, marks=20, names=()
):
    """Write results of these datasets (name to task) and as many models and seeds, or these."""
    generator = np.random.default_rng(1)
    datasets = datasets or {task: task for task in TASKS}
    names = names or [f"model{number:02}" for number in range(models)]
    names = {name: KINDS[number % len(KINDS)] for number, name in enumerate(names)}
    scores = {}
    for dataset, task in datasets.items():
        make_data(folder / dataset, dataset, task, marks)
        for model, kind in names.items():
            place = folder / dataset / "evaluation" / model
            place.mkdir(parents=True)
            scores[dataset, model] = make_model(place, task, generator, letters)
            make_runs(folder / dataset / "models" / model, (dataset, model), kind, range(seeds))
            if kind == "network":
                make_learning(place, range(seeds), epochs, generator)
        make_comparison(folder / dataset / "evaluation", dataset, task, names, generator, marks)
    make_above(folder, datasets, names, generator, marks)
    config = {
        "datasets": {
            name: {
                "task": task,
                "alphabet": "dna",
                "description": f"Made <script>alert({index})</script> & co",
            }
            for index, (name, task) in enumerate(datasets.items())
        },
        "models": {
            name: {"baseline" if kind == "baseline" else "architecture": "x"}
            for name, kind in names.items()
        },
        "training": {"epochs": epochs},
    }
    arguments = {
        "results": folder,
        "models": {dataset: list(names) for dataset in datasets},
        "titles": {name: {"title": f"The {name}", "citation": f"Who {name}"} for name in names},
        "classes": dict.fromkeys(datasets),
        "folds": {dataset: [0] for dataset in datasets},
        "seeds": list(range(seeds)),
        "config": config,
    }
    return Made(arguments, scores)


def save(rows, columns, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    write_table(pd.DataFrame(rows, columns=columns), path)


def picture(path, marks):
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(f'<rect x="{n % 60 * 5}" y="60" width="4" height="40"/>' for n in range(marks))
    with writing(path) as unfinished:
        unfinished.write_text(SVG.format(text))


def make_data(folder, dataset, task, marks):
    n = 300
    (folder / "examples").mkdir(parents=True)
    examples = pd.DataFrame(
        {
            "id": [f"e{row}" for row in range(n)],
            "source": ["peaks.bed"] * 200 + ["more.bed"] * 100,
            "start": range(n),
            "original_length": [180] * 40 + [200] * 260,
            "gc": np.linspace(0.2, 0.6, n),
            "background": [False] * n,
        }
    )
    examples = examples.reindex(columns=EXAMPLE_COLUMNS)
    write_parquet(examples, folder / "examples/examples.parquet")
    columns = ["id", "source", "line", "reason"]
    save(
        [("x", "peaks.bed", 7, "leaves the <b>chromosome</b>")],
        columns,
        folder / "extract/dropped.tsv",
    )
    save([], columns, folder / "examples/dropped.tsv")
    manifest = {"outputs": OUTPUTS[task], "length": 200, "alphabet": "dna", "task": task}
    (folder / "tensors").mkdir()
    write_manifest(folder / "tensors/manifest.json", manifest)
    kinds = ("exact", "near", "any")
    pairs = [("validation", "train"), ("test", "train"), ("test", "validation")]
    pairs += [(part, part) for part in ("train", "validation", "test")]
    leaks = [
        (kind, *pair, int(pair == ("test", "train")), 60, 0) for kind in kinds for pair in pairs
    ]
    columns = ["kind", "part", "other_part", "rows", "total", "conflicts"]
    save(leaks, columns, folder / "leakage/fold0.summary.tsv")
    counts = [(0, part, "", n) for part, n in (("train", 200), ("validation", 40), ("test", 60))]
    if task == "binary":
        counts += [(0, part, name, 20) for part, *_ in (c[1:] for c in counts) for name in "01"]
    save(counts, ["fold", "part", "class", "count"], folder / "evaluation/balance.tsv")
    compared = [("gc", "1", 100, 100, 0.5, 0.4, 0.72, 0.66, 0.78)] if task == "binary" else []
    save(compared, COMPOSITION_COLUMNS, folder / "evaluation/composition.tsv")
    for name in ("distributions", "split", "comparison"):
        picture(folder / f"evaluation/{name}.svg", marks)


def made_run(names=("d", "m", 0, 1), **facts):
    return RunRecord(*names, **facts)


def make_runs(folder, names, kind, seeds):
    facts = {"parameters": 203_233, "seconds": 5.13, "device": "CPU, 1 thread, float32"}
    facts |= {"peak_memory_mb": 812, "examples_per_second": 950.5}
    if kind == "baseline":
        facts |= {"baseline": "x"}
    else:
        facts |= {"architecture": "x", "epochs": 20, "best_epoch": 12, "training": {"epochs": 50}}
        facts |= {"warnings": ["loss 0.5 <i>rose</i>; lower `learning_rate`"]}
    for seed in seeds:
        write_run(folder / f"fold0/seed{seed}/run.json", made_run((*names, 0, seed), **facts), [])


def make_learning(folder, seeds, epochs, generator):
    rows = [
        (0, seed, epoch, 0.7 + generator.random() / 50, 0.7 / epoch, 0.6, 0.8 / epoch, 0.001)
        for seed in seeds
        for epoch in range(1, epochs + 1)
    ]
    columns = ["fold", "seed", "epoch", "accuracy", "loss", "val_accuracy", "val_loss"]
    table = pd.DataFrame(rows, columns=[*columns, "learning_rate"])
    table["chosen"] = (table["epoch"] == epochs - 3).astype(int)
    write_table(table, folder / "learning.tsv")


def make_model(folder, task, generator, letters):
    """Files of one model; returns truth and score of each output, shape (400,) each."""
    outputs = OUTPUTS[task]
    make_errors(folder / "errors.tsv", task, generator, letters)
    make_summary(folder / "summary.tsv", folder.name, task, generator)
    if task == "regression":
        return make_values(folder, outputs, generator)
    truth = {name: generator.integers(0, 2, 400) for name in outputs}
    score = {name: generator.beta(2 + 2 * truth[name], 4 - 2 * truth[name]) for name in outputs}
    make_scores(folder, truth, score)
    labels = ["label"] if task in CLASSES else outputs
    make_curves(folder, outputs, labels)
    if task in ("binary", "multilabel"):
        rules = {"max_f1": 0.37, "max_mcc": 0.4512, "fixed_precision": 0.8, "fixed_recall": 0.1}
        rows = [
            (0, seed, name, rule, value)
            for seed in (0, 1)
            for name in outputs
            for rule, value in rules.items()
        ]
        save(rows, ["fold", "seed", "output", "rule", "threshold"], folder / "thresholds.tsv")
    kinds = outputs if task in CLASSES else "01"
    rows = [(output, a, b, 50 if a == b else 9) for output in labels for a in kinds for b in kinds]
    save(rows, ["output", "true", "predicted", "count"], folder / "confusion.tsv")
    return truth, score


def make_scores(folder, truth, score):
    """Histograms of 100 bins, each without its lower and with its upper edge."""
    rows = []
    for name in truth:
        bins = np.clip(np.ceil(score[name] * 100).astype(int) - 1, 0, 99)
        for label in (0, 1):
            counts = np.bincount(bins[truth[name] == label], minlength=100)
            rows += [(name, label, b / 100, (b + 1) / 100, count) for b, count in enumerate(counts)]
    save(rows, ["output", "class", "low", "high", "count"], folder / "scores.tsv")


def make_curves(folder, outputs, labels):
    true_rate, precision = GRID**0.4, 1 - GRID / 2
    roc = [
        (name, x, y, 0.98 * y, y) for name in outputs for x, y in zip(GRID, true_rate, strict=True)
    ]
    columns = ["output", "false_positive_rate", "true_positive_rate", "low", "high"]
    save(roc, columns, folder / "roc.tsv")
    pairs = list(zip(GRID, precision, strict=True))
    curve = [(name, x, y, 0.9 * y, y, 0.5) for name in outputs for x, y in pairs]
    columns = ["output", "recall", "precision", "low", "high", "prevalence"]
    save(curve, columns, folder / "precision_recall.tsv")
    rows = [
        (name, method, low, low + 0.1, 40, low + 0.05, low + 0.02, low, low + 0.1)
        for name in labels
        for method in ("raw", "temperature", "isotonic")
        for low in np.arange(10) / 10
    ]
    columns = [
        "output",
        "method",
        "low",
        "high",
        "count",
        "score",
        "share",
        "share_low",
        "share_high",
    ]
    save(rows, columns, folder / "calibration.tsv")


def make_values(folder, outputs, generator):
    target = generator.normal(size=400)
    score = target + generator.normal(size=400)
    rows = zip(outputs * 400, target, score, strict=True)
    save(rows, ["output", "target", "score"], folder / "predicted.tsv")
    counts, edges = np.histogram(score - target, 40)
    rows = zip(outputs * 40, edges[:-1], edges[1:], counts, strict=True)
    save(rows, ["output", "low", "high", "count"], folder / "residuals.tsv")
    return {outputs[0]: target}, {outputs[0]: score}


def make_errors(path, task, generator, letters):
    columns = ["rank", "id", "place", "true", "predicted", "score", "loss", "sequence"]
    sequences = ["".join(generator.choice(list("ACGT"), letters)) for _ in range(20)]
    rows = [
        (rank, f"e{rank}", f"chr1:{rank}00-{rank}90(+)", 0, 1, 0.9876, 3.2, sequence)
        for rank, sequence in enumerate(sequences, 1)
    ]
    save(rows, columns, path)


def summary_rows(model, task, generator):
    names = [headline.metric for headline in HEADLINES[task]]
    names += [
        "recall",
        "precision",
        "specificity",
        "log_loss",
        "ece",
        "ece_temperature",
        "ece_isotonic",
    ]
    labels = {"multilabel": "macro", "regression": OUTPUTS[task][0]}
    measures = {labels.get(task, "label"): names}
    for output in OUTPUTS[task]:
        measures.setdefault(output, ["auroc", "auprc", "brier"] if task in CLASSES else names)
    for part in ("test", "test_clean"):
        for output, own in measures.items():
            for name in dict.fromkeys(own):
                value = generator.uniform(0.5, 0.95)
                yield (
                    model,
                    part,
                    output,
                    name,
                    value,
                    value - 0.03,
                    value + 0.03,
                    0.01,
                    2,
                    "example",
                )


SUMMARY = ["model", "part", "output", "metric", "value", "low", "high", "spread", "runs", "unit"]


def make_summary(path, model, task, generator):
    save(list(summary_rows(model, task, generator)), SUMMARY, path)


def make_comparison(folder, dataset, task, names, generator, marks):
    tables = []
    for model, kind in names.items():
        table = pd.read_csv(folder / model / "summary.tsv", sep="\t")
        table.insert(1, "kind", kind)
        tables.append(table)
    comparison = pd.concat(tables)
    write_table(comparison, folder / "comparison.tsv")
    own = comparison[comparison["part"] == "test"].assign(dataset=dataset, fold=0, seed=0)
    columns = [
        "dataset",
        "model",
        "fold",
        "seed",
        "part",
        "output",
        "metric",
        "value",
        "low",
        "high",
    ]
    write_table(own[columns], folder / "metrics.tsv")
    label = own["output"].iloc[0]
    metric = HEADLINES[task][0].metric
    rows = [
        (
            model,
            "model02",
            against,
            test,
            label,
            metric,
            0.02,
            -0.01,
            0.05,
            0.04,
            0.06,
            1,
            int(test == "bootstrap"),
        )
        for model, kind in names.items()
        if kind == "network"
        for against in ("best baseline", "best model")
        for test in ("bootstrap", "delong")
    ]
    columns = ["model", "reference", "against", "test", "output", "metric", "difference"]
    save(rows, [*columns, "low", "high", "p", "p_holm", "folds", "decides"], folder / "paired.tsv")


def make_above(folder, datasets, names, generator, marks):
    rows = []
    for dataset, task in datasets.items():
        first = HEADLINES[task][0]
        for model, kind in names.items():
            value = generator.uniform(0.5, 0.95)
            ends = (value - 0.03, value + 0.03, 0.5, 2)
            rows.append((dataset, task, model, kind, first.metric, first.title, 0, value, *ends))
    columns = ["dataset", "task", "model", "kind", "metric", "title", "lower_is_better", "value"]
    save(rows, [*columns, "low", "high", "chance", "runs"], folder / "comparison/models.tsv")
    rows = [(model, 1.5, 1, 2, len(datasets), 1, 0.04) for model in names]
    columns = ["model", "rank", "low", "high", "datasets", "critical_difference", "p"]
    save(rows, columns, folder / "comparison/ranks.tsv")
    for name in ("forest", "ranks"):
        picture(folder / f"comparison/{name}.svg", marks)
    place = Path(folder) / "provenance"
    save(
        [(name, "a.fa", 99, "ab" * 32) for name in datasets],
        ["dataset", "file", "bytes", "sha256"],
        place / "inputs.tsv",
    )
    save(
        [("python", "3.11"), ("git commit", "abc")], ["package", "version"], place / "software.tsv"
    )
    columns = ["rule", "jobs", "wall_seconds", "cpu_seconds", "max_rss_mb"]
    save([("train_x", 4, 100.5, 90.1, 800)], columns, place / "times.tsv")
    columns = ["time", "command", "snakemake"]
    save([("2026-01-02T03:04:05Z", "snakemake --cores 2", "9.1")], columns, place / "commands.tsv")
    with writing(place / "methods.md") as unfinished:
        unfinished.write_text("We trained *models*.\n\n1. Who et al. 2020.\n")
