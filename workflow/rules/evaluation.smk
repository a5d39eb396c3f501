# From score files to numbers; TensorFlow is not needed here.
#
# Input:  models/<model>/fold<n>/seed<n>/scores.parquet
# Output: evaluation/<model>/  measures, and the table behind every figure


rule evaluate_classifier:
    input:
        scores=ask(study.of_runs, "scores.parquet"),
        splits="results/{dataset}/splits",
        leakage="results/{dataset}/leakage",
        examples="results/{dataset}/examples/examples.parquet",
        tensors="results/{dataset}/tensors",
    output:
        metrics="results/{dataset}/evaluation/{model}/metrics.tsv",
        summary="results/{dataset}/evaluation/{model}/summary.tsv",
        replicates="results/{dataset}/evaluation/{model}/replicates.parquet",
        thresholds="results/{dataset}/evaluation/{model}/thresholds.tsv",
        calibration="results/{dataset}/evaluation/{model}/calibration.tsv",
        confusion="results/{dataset}/evaluation/{model}/confusion.tsv",
        scores="results/{dataset}/evaluation/{model}/scores.tsv",
        roc="results/{dataset}/evaluation/{model}/roc.tsv",
        precision_recall="results/{dataset}/evaluation/{model}/precision_recall.tsv",
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
        folds=ask(study.datasets.folds),
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
        splits="results/{dataset}/splits",
        leakage="results/{dataset}/leakage",
        examples="results/{dataset}/examples/examples.parquet",
        tensors="results/{dataset}/tensors",
    output:
        metrics="results/{dataset}/evaluation/{model}/metrics.tsv",
        summary="results/{dataset}/evaluation/{model}/summary.tsv",
        replicates="results/{dataset}/evaluation/{model}/replicates.parquet",
        predicted="results/{dataset}/evaluation/{model}/predicted.tsv",
        residuals="results/{dataset}/evaluation/{model}/residuals.tsv",
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
        folds=ask(study.datasets.folds),
        runs=ask(study.runs),
        task=ask(study.datasets.setting, "task"),
        transform=ask(study.datasets.setting, "transform"),
        evaluation=study.config["evaluation"],
        root_seed=study.root_seed,
        code=step_code("evaluate_regression"),
    message:
        "Measuring {wildcards.model} on {wildcards.dataset}"
    script:
        "../../scripts/evaluate_regression.py"
