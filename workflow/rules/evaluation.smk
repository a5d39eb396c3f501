# From score files to numbers and figures; TensorFlow is not needed here.
#
# Input:  models/<model>/fold<n>/seed<n>/scores.parquet
# Output: evaluation/<model>/  measures, the table behind every figure, and the figure


rule evaluate_classifier:
    input:
        scores=ask(study.of_runs, "scores.parquet"),
        splits=ask(study.of_folds, "splits", ".tsv"),
        leakage=ask(study.of_folds, "leakage", ".tsv"),
        examples="results/{dataset}/examples/examples.parquet",
        letters=ask(study.datasets.letters),
    output:
        metrics="results/{dataset}/evaluation/{model}/metrics.tsv",
        summary="results/{dataset}/evaluation/{model}/summary.tsv",
        replicates="results/{dataset}/evaluation/{model}/replicates.parquet",
        thresholds="results/{dataset}/evaluation/{model}/thresholds.tsv",
        calibration="results/{dataset}/evaluation/{model}/calibration.tsv",
        calibration_figure=report(
            "results/{dataset}/evaluation/{model}/calibration.svg",
            caption="../report/calibration.rst",
            category="{dataset}",
            subcategory="{model}",
            labels={"figure": "calibration"},
        ),
        calibration_image="results/{dataset}/evaluation/{model}/calibration.png",
        confusion="results/{dataset}/evaluation/{model}/confusion.tsv",
        confusion_figure=report(
            "results/{dataset}/evaluation/{model}/confusion.svg",
            caption="../report/confusion.rst",
            category="{dataset}",
            subcategory="{model}",
            labels={"figure": "confusion matrix"},
        ),
        confusion_image="results/{dataset}/evaluation/{model}/confusion.png",
        scores="results/{dataset}/evaluation/{model}/scores.tsv",
        scores_figure=report(
            "results/{dataset}/evaluation/{model}/scores.svg",
            caption="../report/scores.rst",
            category="{dataset}",
            subcategory="{model}",
            labels={"figure": "score distribution"},
        ),
        scores_image="results/{dataset}/evaluation/{model}/scores.png",
        roc="results/{dataset}/evaluation/{model}/roc.tsv",
        roc_figure=report(
            "results/{dataset}/evaluation/{model}/roc.svg",
            caption="../report/roc.rst",
            category="{dataset}",
            subcategory="{model}",
            labels={"figure": "ROC curve"},
        ),
        roc_image="results/{dataset}/evaluation/{model}/roc.png",
        precision_recall="results/{dataset}/evaluation/{model}/precision_recall.tsv",
        precision_recall_figure=report(
            "results/{dataset}/evaluation/{model}/precision_recall.svg",
            caption="../report/precision_recall.rst",
            category="{dataset}",
            subcategory="{model}",
            labels={"figure": "precision-recall curve"},
        ),
        precision_recall_image="results/{dataset}/evaluation/{model}/precision_recall.png",
        errors="results/{dataset}/evaluation/{model}/errors.tsv",
    log:
        "results/logs/evaluate_classifier/{dataset}/{model}.log",
    benchmark:
        "results/benchmarks/evaluate_classifier/{dataset}/{model}.jsonl"
    wildcard_constraints:
        dataset=any_of(study.datasets.classified),
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(4000),
        runtime=scaled(60),
    params:
        runs=ask(study.runs),
        task=ask(study.datasets.setting, "task"),
        evaluation=study.config["evaluation"],
        root_seed=study.root_seed,
        code=step_code("evaluate_classifier"),
    message:
        "Measuring {wildcards.model} on {wildcards.dataset}"
    script:
        "../../scripts/evaluate_classifier.py"


rule evaluate_regression:
    input:
        scores=ask(study.of_runs, "scores.parquet"),
        splits=ask(study.of_folds, "splits", ".tsv"),
        leakage=ask(study.of_folds, "leakage", ".tsv"),
        examples="results/{dataset}/examples/examples.parquet",
        letters=ask(study.datasets.letters),
    output:
        metrics="results/{dataset}/evaluation/{model}/metrics.tsv",
        summary="results/{dataset}/evaluation/{model}/summary.tsv",
        replicates="results/{dataset}/evaluation/{model}/replicates.parquet",
        predicted="results/{dataset}/evaluation/{model}/predicted.tsv",
        predicted_figure=report(
            "results/{dataset}/evaluation/{model}/predicted.svg",
            caption="../report/predicted.rst",
            category="{dataset}",
            subcategory="{model}",
            labels={"figure": "predicted against true"},
        ),
        predicted_image="results/{dataset}/evaluation/{model}/predicted.png",
        residuals="results/{dataset}/evaluation/{model}/residuals.tsv",
        residuals_figure=report(
            "results/{dataset}/evaluation/{model}/residuals.svg",
            caption="../report/residuals.rst",
            category="{dataset}",
            subcategory="{model}",
            labels={"figure": "residuals"},
        ),
        residuals_image="results/{dataset}/evaluation/{model}/residuals.png",
        errors="results/{dataset}/evaluation/{model}/errors.tsv",
    log:
        "results/logs/evaluate_regression/{dataset}/{model}.log",
    benchmark:
        "results/benchmarks/evaluate_regression/{dataset}/{model}.jsonl"
    wildcard_constraints:
        dataset=any_of(study.datasets.regressions),
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(2000),
        runtime=scaled(60),
    params:
        runs=ask(study.runs),
        task=ask(study.datasets.setting, "task"),
        evaluation=study.config["evaluation"],
        root_seed=study.root_seed,
        code=step_code("evaluate_regression"),
    message:
        "Measuring {wildcards.model} on {wildcards.dataset}"
    script:
        "../../scripts/evaluate_regression.py"
