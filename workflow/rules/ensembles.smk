# Ensembles: models that are the mean of others. A member's runs of one fold are averaged, over models
# and seeds; those of other folds have learnt from the fold's test examples.


def member_runs(file):
    """Input function: a file of every run that an ensemble averages in a fold."""

    def files(wildcards):
        folder, fold = f"results/{wildcards.dataset}/models", f"fold{wildcards.fold}"
        members = members_of(wildcards.model)
        return [f"{folder}/{name}/{fold}/seed{seed}/{file}" for name in members for seed in SEEDS]

    return files


def ensemble_entry(model):
    """Title and citation of an ensemble, as the registries give those of other models."""
    seeds = f", {len(SEEDS)} seeds each" * (len(SEEDS) > 1)
    return {
        "title": f"Mean of {', '.join(members_of(model))}{seeds}",
        "citation": (
            "Ensemble: the mean of what several trained models say; B. Lakshminarayanan, "
            'A. Pritzel, C. Blundell, "Simple and scalable predictive uncertainty estimation '
            'using deep ensembles", NeurIPS 30, 2017.'
        ),
    }


rule average_scores:
    input:
        scores=member_runs("scores.parquet"),
        runs=member_runs("run.json"),
    output:
        scores="results/{dataset}/models/{model}/fold{fold}/seed{seed}/scores.parquet",
        run="results/{dataset}/models/{model}/fold{fold}/seed{seed}/run.json",
    log:
        "results/logs/average_scores/{dataset}/{model}/fold{fold}/seed{seed}.log",
    benchmark:
        "results/benchmarks/average_scores/{dataset}/{model}/fold{fold}/seed{seed}.jsonl"
    wildcard_constraints:
        model=any_of(ENSEMBLES),
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(2000),
        runtime=10,
    params:
        code=code_digest("ensembles"),
    message:
        "Averaging the members of {wildcards.model} on {wildcards.dataset}, fold {wildcards.fold}"
    script:
        "../../scripts/average_scores.py"
