# What a network has learned: its curves, and the latent space of an autoencoder.
#
# Input:  models/<model>/fold<n>/seed<n>/history.tsv and model.keras
# Output: evaluation/<model>/  learning curves and embedding


for team in teams.learning(study, "collect_learning"):

    rule:
        name:
            team.rule
        input:
            history=ask(study.of_several, "history.tsv", team.models),
        output:
            learning=team.files("learning.tsv"),
        log:
            "results/logs/collect_learning/{dataset}.log",
        benchmark:
            "results/benchmarks/collect_learning/{dataset}.jsonl"
        wildcard_constraints:
            dataset=any_of(team.datasets),
        conda:
            "../../envs/analysis.yaml"
        threads: 1
        resources:
            mem_mb=scaled(1000),
            runtime=scaled(10),
        params:
            runs=ask(study.runs_of, team.models),
            code=step_code("collect_learning"),
        message:
            "Collecting the learning curves of {wildcards.dataset}"
        script:
            "../../scripts/collect_learning.py"


rule embed_examples:
    input:
        tensors="results/{dataset}/tensors",
        splits="results/{dataset}/splits",
        model=ask(study.first_network),
    output:
        embedding="results/{dataset}/evaluation/{model}/embedding.tsv",
    log:
        "results/logs/embed_examples/{dataset}/{model}.log",
    benchmark:
        "results/benchmarks/embed_examples/{dataset}/{model}.jsonl"
    wildcard_constraints:
        model=any_of(study.models.autoencoders),
    conda:
        "../../envs/keras.yaml"
    threads: ask(study.training.threads)
    resources:
        mem_mb=scaled(2000),
        runtime=scaled(30),
    params:
        fold=ask(study.first_fold),
        device=ask(study.training.cpu),
        code=step_code("embed_examples"),
    message:
        "Placing examples of {wildcards.dataset} in the latent space of {wildcards.model}"
    script:
        "../../scripts/embed_examples.py"
