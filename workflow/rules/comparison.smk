# All models side by side, beside the best possible one where the data are simulated.
#
# Input:  evaluation/<model>/  of every model
# Output: evaluation/          ceiling, comparison of the models of a dataset
#         results/metrics.tsv, results/comparison/  the models of all datasets


rule evaluate_ceiling:
    input:
        examples="results/{dataset}/examples/examples.parquet",
        splits="results/{dataset}/splits",
        scores=ask(study.datasets.files, "ceiling", "scores"),
        population=ask(study.datasets.files, "ceiling", "population"),
    output:
        metrics="results/{dataset}/evaluation/ceiling/fold{fold}.tsv",
    log:
        "results/logs/evaluate_ceiling/{dataset}/fold{fold}.log",
    benchmark:
        "results/benchmarks/evaluate_ceiling/{dataset}/fold{fold}.jsonl"
    wildcard_constraints:
        dataset=any_of(study.datasets.having("ceiling")),
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(1000),
        runtime=scaled(10),
    params:
        root_seed=study.root_seed,
        sha256=ask(study.datasets.checksums),
        scores_schema=study.catalog.tables["ceiling"],
        population_schema=study.catalog.tables["population"],
        contents=fingerprints,
        code=step_code("evaluate_ceiling"),
    message:
        "Measuring the best possible classifier of {wildcards.dataset}, fold {wildcards.fold}"
    script:
        "../../scripts/evaluate_ceiling.py"


rule compare_models:
    input:
        metrics=ask(study.evaluations, "metrics.tsv"),
        summaries=ask(study.evaluations, "summary.tsv"),
        replicates=ask(study.evaluations, "replicates.parquet"),
        scores=ask(study.matched_scores),
        splits="results/{dataset}/splits",
        ceiling=ask(study.ceilings),
    output:
        metrics="results/{dataset}/evaluation/metrics.tsv",
        comparison="results/{dataset}/evaluation/comparison.tsv",
        paired="results/{dataset}/evaluation/paired.tsv",
    log:
        "results/logs/compare_models/{dataset}.log",
    benchmark:
        "results/benchmarks/compare_models/{dataset}.jsonl"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(2000),
        runtime=scaled(30),
    params:
        folds=ask(study.datasets.folds),
        task=ask(study.datasets.setting, "task"),
        kinds=ask(study.kinds),
        runs=ask(study.matched_runs),
        reference=ask(study.reference),
        code=step_code("compare_models"),
    message:
        "Comparing the models of {wildcards.dataset}"
    script:
        "../../scripts/compare_models.py"


rule compare_datasets:
    input:
        metrics=files_of(study.measured, "evaluation", "metrics.tsv"),
        comparisons=files_of(study.measured, "evaluation", "comparison.tsv"),
    output:
        metrics="results/metrics.tsv",
        models="results/comparison/models.tsv",
        ranks="results/comparison/ranks.tsv",
    log:
        "results/logs/compare_datasets.log",
    benchmark:
        "results/benchmarks/compare_datasets.jsonl"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(1000),
        runtime=scaled(10),
    params:
        tasks={dataset: study.tasks[dataset] for dataset in study.measured},
        code=step_code("compare_datasets"),
    message:
        "Comparing the models of all datasets"
    script:
        "../../scripts/compare_datasets.py"
