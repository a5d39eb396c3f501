# The search for settings of models with `tune`, within the train part of each fold.
#
# One or more jobs (tune_<architecture>) add trials to one journal, which Snakemake does not know of:
# it outlives jobs that are killed. Then the tables are written from it, and the figures.

for architecture, needs in searched_architectures().items():

    rule:
        name:
            f"tune_{architecture}"
        input:
            tensors="results/{dataset}/tensors",
            split="results/{dataset}/splits/fold{fold}.tsv",
            audit=ancient("results/{dataset}/leakage/fold{fold}.tsv"),
            motifs=motifs_of,
            covariates=covariates_of,
        output:
            job="results/{dataset}/tuning/{model}/fold{fold}/jobs/{job}.json",
        log:
            f"results/logs/tune_{architecture}/{{dataset}}/{{model}}/fold{{fold}}/{{job}}.log",
        benchmark:
            f"results/benchmarks/tune_{architecture}/{{dataset}}/{{model}}/fold{{fold}}/{{job}}.jsonl"
        wildcard_constraints:
            model=any_of(sorted({*models_with("architecture", architecture)} & {*TUNED})),
            job=r"\d+",
        conda:
            "../../envs/keras.yaml"
        threads: training_threads
        resources:
            mem_mb=scaled(needs["mem_mb"]),
            runtime=scaled(needs["runtime"]),
            gpu=training_cards,
        params:
            architecture=architecture,
            settings=model_settings,
            training=training_settings,
            device=device_settings,
            transform=setting("transform"),
            search=search_of,
            plan=tuning_plan,
            root_seed=config["root_seed"],
            seed=SEEDS[0],
            code=network_code("tune_model", needs),
        message:
            f"Tuning {needs['title']} ({{wildcards.model}}) on the training examples of {{wildcards.dataset}}, fold {{wildcards.fold}}, job {{wildcards.job}}"
        script:
            "../../scripts/tune_model.py"


rule collect_trials:
    input:
        jobs=tuning_jobs,
    output:
        trials="results/{dataset}/tuning/{model}/fold{fold}/trials.tsv",
        best="results/{dataset}/tuning/{model}/fold{fold}/best.json",
        importance="results/{dataset}/tuning/{model}/fold{fold}/importance.tsv",
    log:
        "results/logs/collect_trials/{dataset}/{model}/fold{fold}.log",
    benchmark:
        "results/benchmarks/collect_trials/{dataset}/{model}/fold{fold}.jsonl"
    wildcard_constraints:
        model=any_of(TUNED),
    conda:
        "../../envs/keras.yaml"
    threads: 1
    resources:
        mem_mb=scaled(1000),
        runtime=scaled(10),
    params:
        search=search_of,
        trials=trials_of,
        root_seed=config["root_seed"],
        code=step_code("collect_trials"),
    message:
        "Ranking the trials of {wildcards.model} on {wildcards.dataset}, fold {wildcards.fold}"
    script:
        "../../scripts/collect_trials.py"


rule plot_tuning:
    input:
        trials="results/{dataset}/tuning/{model}/fold{fold}/trials.tsv",
        importance="results/{dataset}/tuning/{model}/fold{fold}/importance.tsv",
    output:
        trials_figure=report(
            "results/{dataset}/tuning/{model}/fold{fold}/trials.svg",
            caption="../report/trials.rst",
            category="{dataset}",
            subcategory="{model}",
            labels={"figure": "trials", "fold": "{fold}"},
        ),
        trials_image="results/{dataset}/tuning/{model}/fold{fold}/trials.png",
        importance_figure=report(
            "results/{dataset}/tuning/{model}/fold{fold}/importance.svg",
            caption="../report/importance.rst",
            category="{dataset}",
            subcategory="{model}",
            labels={"figure": "importance of settings", "fold": "{fold}"},
        ),
        importance_image="results/{dataset}/tuning/{model}/fold{fold}/importance.png",
    log:
        "results/logs/plot_tuning/{dataset}/{model}/fold{fold}.log",
    benchmark:
        "results/benchmarks/plot_tuning/{dataset}/{model}/fold{fold}.jsonl"
    wildcard_constraints:
        model=any_of(TUNED),
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(1000),
        runtime=scaled(10),
    params:
        code=step_code("plot_tuning"),
    message:
        "Drawing the trials of {wildcards.model} on {wildcards.dataset}, fold {wildcards.fold}"
    script:
        "../../scripts/plot_tuning.py"
