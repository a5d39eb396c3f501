# Ensembles: models that are the mean of others. A member's runs of one fold are averaged, over models
# and seeds; those of other folds have learned from the fold's test examples.


rule average_scores:
    input:
        scores=ask(study.of_members, "scores.parquet"),
        runs=ask(study.of_members, "run.json"),
    output:
        scores="results/{dataset}/models/{model}/fold{fold}/seed{seed}/scores.parquet",
        run="results/{dataset}/models/{model}/fold{fold}/seed{seed}/run.json",
    log:
        "results/logs/average_scores/{dataset}/{model}/fold{fold}/seed{seed}.log",
    benchmark:
        "results/benchmarks/average_scores/{dataset}/{model}/fold{fold}/seed{seed}.jsonl"
    wildcard_constraints:
        model=any_of(study.models.ensembles),
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(2000),
        runtime=scaled(10),
    params:
        code=step_code("average_scores"),
    message:
        "Averaging the members of {wildcards.model} on {wildcards.dataset}, fold {wildcards.fold}"
    script:
        "../../scripts/average_scores.py"
