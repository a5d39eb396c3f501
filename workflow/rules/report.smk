# Gathers everything: one table of all measures, one HTML file.


rule collect_metrics:
    input:
        metrics=files_of(measured(), "evaluation", "metrics.tsv"),
    output:
        metrics="results/metrics.tsv",
    log:
        "results/logs/collect_metrics.log",
    benchmark:
        "results/benchmarks/collect_metrics.jsonl"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(1000),
        runtime=scaled(10),
    params:
        code=step_code("collect_metrics"),
    message:
        "Collecting the measures of all datasets"
    script:
        "../../scripts/collect_metrics.py"


rule write_report:
    input:
        examples=files_of(DATASETS, "examples", "examples.parquet", "dropped.tsv"),
        dropped=files_of(DATASETS, "extract", "dropped.tsv"),
        tensors=expand("results/{dataset}/tensors", dataset=DATASETS),
        balance=files_of(DATASETS, "evaluation", "balance.tsv"),
        positions=files_of(datasets_with("features"), "examples", "positions.tsv"),
        leakage=fold_files("leakage", ".summary.tsv"),
        comparisons=files_of(
            measured(),
            "evaluation",
            *("metrics.tsv", "comparison.tsv", "comparison.svg", "paired.tsv"),
        ),
        all_datasets=expand(
            "results/comparison/{file}",
            file=["models.tsv", "forest.svg", "ranks.tsv", "ranks.svg"],
        ),
        examined=files_of(
            DATASETS,
            "evaluation",
            *("distributions.tsv", "distributions.svg", "split.tsv", "split.svg"),
        ),
        classified=report_evaluations(
            CLASSIFIED,
            models_of,
            *("summary.tsv", "thresholds.tsv", "calibration.tsv", "confusion.tsv", "scores.tsv"),
            *("roc.tsv", "precision_recall.tsv", "errors.tsv"),
        ),
        predicted=report_evaluations(
            REGRESSIONS,
            models_of,
            *("summary.tsv", "predicted.tsv", "residuals.tsv", "errors.tsv"),
        ),
        learning=report_evaluations(DATASETS, networks_of, "learning.tsv"),
        embedding=report_evaluations(DATASETS, autoencoders_of, "embedding.svg"),
        filters=files_of(datasets_with("genotypes"), "extract", "filters.tsv"),
        markers=report_evaluations(DATASETS, marker_networks_of, "markers.tsv", "markers.svg"),
        tuning=tuning_files("trials.tsv", "trials.svg", "importance.svg"),
        runs=run_files("run.json"),
        provenance=expand(
            "results/provenance/{file}",
            file=["inputs.tsv", "software.tsv", "times.tsv", "methods.md"],
        ),
    output:
        report="results/report.html",
    log:
        "results/logs/write_report.log",
    benchmark:
        "results/benchmarks/write_report.jsonl"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(1000),
        runtime=scaled(10),
    params:
        config=config,
        models={dataset: models_of(dataset) for dataset in DATASETS},
        titles=titles(),
        folds={dataset: folds_of(dataset) for dataset in DATASETS},
        seeds=SEEDS,
        code=step_code("write_report", files=report_templates()),
    message:
        "Writing the report"
    script:
        "../../scripts/write_report.py"
