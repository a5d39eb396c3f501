# Gathers everything: one HTML file, and tables that MultiQC shows beside those of other tools.


rule write_report:
    input:
        examples=files_of(
            study.datasets.names, "examples", "examples.parquet", "dropped.tsv", "remarks.tsv"
        ),
        dropped=files_of(study.datasets.names, "extract", "dropped.tsv"),
        tensors=expand("results/{dataset}/tensors", dataset=study.datasets.names),
        balance=files_of(study.datasets.names, "evaluation", "balance.tsv", "composition.tsv"),
        regions=files_of(study.datasets.having("genome"), "extract", "files.tsv"),
        positions=files_of(study.datasets.having("features"), "examples", "positions.tsv"),
        leakage=expand("results/{dataset}/leakage", dataset=study.datasets.names),
        comparisons=files_of(
            study.measured,
            "evaluation",
            *("metrics.tsv", "comparison.tsv", "comparison.svg", "paired.tsv"),
        ),
        all_datasets=expand(
            "results/comparison/{file}",
            file=["models.tsv", "forest.svg", "ranks.tsv", "ranks.svg"],
        ),
        examined=files_of(
            study.datasets.names,
            "evaluation",
            *("distributions.svg", "split.svg"),
        ),
        targets=files_of(study.datasets.regressions, "evaluation", "targets.svg"),
        classified=evaluations_of(
            study.datasets.classified,
            study.models_of,
            *("summary.tsv", "thresholds.tsv", "calibration.tsv", "confusion.tsv", "scores.tsv"),
            *("roc.tsv", "precision_recall.tsv", "errors.tsv"),
        ),
        predicted=evaluations_of(
            study.datasets.regressions,
            study.models_of,
            *("summary.tsv", "predicted.tsv", "residuals.tsv", "errors.tsv"),
        ),
        learning=evaluations_of(study.datasets.names, study.of_networks, "learning.tsv"),
        embedding=evaluations_of(study.datasets.names, study.of_autoencoders, "embedding.svg"),
        filters=files_of(
            study.datasets.having("genotypes"), "extract", "filters.tsv", "remarks.tsv"
        ),
        splits=expand("results/{dataset}/splits", dataset=study.datasets.names),
        markers=evaluations_of(
            study.datasets.names, study.of_marker_networks, "markers.tsv", "markers.svg"
        ),
        tuning=study.all_searches("trials.tsv", "trials.svg", "importance.svg"),
        runs=study.all_runs("run.json"),
        provenance=expand(
            "results/provenance/{file}",
            file=["inputs.tsv", "software.tsv", "times.tsv", "methods.md"],
        ),
    output:
        report="results/report.html",
        models="results/multiqc/basewise_models_mqc.tsv",
        data="results/multiqc/basewise_data_mqc.tsv",
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
        config=study.config,
        models=study.runs_on,
        tasks=study.tasks,
        measured=study.measured,
        titles=study.models.titles(),
        classes={name: study.datasets.class_names(name) for name in study.datasets.names},
        folds=study.folds,
        seeds=study.seeds,
        code=step_code("write_report", files=sorted((LIBRARY / "report" / "templates").iterdir())),
    message:
        "Writing the report, and tables for MultiQC"
    script:
        "../../scripts/write_report.py"
