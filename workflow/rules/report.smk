# Gathers everything: one table of all measures, one HTML file.


rule collect_metrics:
    input:
        metrics=expand("results/{dataset}/evaluation/metrics.tsv", dataset=DATASETS),
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
        runtime=10,
    params:
        code=code_digest("tables"),
    message:
        "Collecting the measures of all datasets"
    script:
        "../../scripts/collect_metrics.py"


rule write_report:
    input:
        examples=report_sources("examples", "examples.parquet", "dropped.tsv"),
        dropped=report_sources("extract", "dropped.tsv"),
        comparisons=report_sources(
            "evaluation", "balance.tsv", "metrics.tsv", "comparison.tsv", "comparison.svg"
        ),
        figures=report_evaluations(
            models_of, "confusion.svg", "scores.svg", "roc.svg", "precision_recall.svg"
        ),
        learning=report_evaluations(networks_of, "learning.svg"),
        runs=run_files("run.json"),
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
        runtime=10,
    params:
        config=config,
        models={dataset: models_of(dataset) for dataset in DATASETS},
        titles=titles(),
        runs=RUNS,
        code=code_digest("report", files=["templates/report.html"]),
    message:
        "Writing the report"
    script:
        "../../scripts/write_report.py"
