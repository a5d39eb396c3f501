# The search for settings of models with `tune`, within the train part of each fold.
#
# One or more jobs (tune_<architecture>) add trials to one journal, which Snakemake does not know of:
# it outlives jobs that are killed. Then the tables are written from it.

for architecture, needs in study.searches.architectures().items():

    rule:
        name:
            f"tune_{architecture}"
        input:
            tensors="results/{dataset}/tensors",
            splits="results/{dataset}/splits",
            audit=ancient("results/{dataset}/leakage"),
            motifs=ask(study.models.motifs),
            own_code=ask(study.models.own_code),
            covariates=ask(study.datasets.covariates),
        output:
            job="results/{dataset}/tuning/{model}/fold{fold}/jobs/{job}.json",
        log:
            f"results/logs/tune_{architecture}/{{dataset}}/{{model}}/fold{{fold}}/{{job}}.log",
        benchmark:
            f"results/benchmarks/tune_{architecture}/{{dataset}}/{{model}}/fold{{fold}}/{{job}}.jsonl"
        wildcard_constraints:
            model=any_of(study.searches.of_architecture(architecture)),
            job=r"\d+",
        conda:
            "../../envs/keras.yaml"
        threads: ask(study.training.threads)
        resources:
            mem_mb=scaled(needs["mem_mb"]),
            runtime=scaled(needs["runtime"]),
            gpu=ask(study.training.cards),
        params:
            architecture=ask(study.models.architecture),
            settings=ask(study.models.settings),
            training=ask(study.training.settings),
            device=ask(study.training.device),
            transform=ask(study.datasets.setting, "transform"),
            search=ask(study.searches.space),
            plan=ask(study.searches.plan),
            root_seed=study.root_seed,
            seed=study.seeds[0],
            contents=fingerprints,
            code=model_code("tune_model"),
        message:
            f"Tuning {needs['title']} ({{wildcards.model}}) on the training examples of {{wildcards.dataset}}, fold {{wildcards.fold}}, job {{wildcards.job}}"
        script:
            "../../scripts/tune_model.py"


rule collect_trials:
    input:
        jobs=ask(study.search_results),
    output:
        trials="results/{dataset}/tuning/{model}/fold{fold}/trials.tsv",
        best="results/{dataset}/tuning/{model}/fold{fold}/best.json",
        importance="results/{dataset}/tuning/{model}/fold{fold}/importance.tsv",
    log:
        "results/logs/collect_trials/{dataset}/{model}/fold{fold}.log",
    benchmark:
        "results/benchmarks/collect_trials/{dataset}/{model}/fold{fold}.jsonl"
    wildcard_constraints:
        model=any_of(study.models.tuned),
    conda:
        "../../envs/keras.yaml"
    threads: 1
    resources:
        mem_mb=scaled(1000),
        runtime=scaled(10),
    params:
        search=ask(study.searches.space),
        trials=ask(study.searches.trials),
        root_seed=study.root_seed,
        code=step_code("collect_trials"),
    message:
        "Ranking the trials of {wildcards.model} on {wildcards.dataset}, fold {wildcards.fold}"
    script:
        "../../scripts/collect_trials.py"
