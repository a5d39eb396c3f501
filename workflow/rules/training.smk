# From tensors and a split to trained models and their scores.
#
# Every architecture of the registry has a rule of its own, train_<architecture>, so that a profile
# can give it resources by name (`set-resources: train_conv1d: mem_mb=4000`). Baselines share one.

refuse(
    [line for name in config["models"] for line in (*card_mistakes(name), *warmup_mistakes(name))]
)


for architecture, needs in ARCHITECTURES.items():

    rule:
        name:
            f"train_{architecture}"
        input:
            tensors="results/{dataset}/tensors",
            split="results/{dataset}/splits/fold{fold}.tsv",
            audit=ancient("results/{dataset}/leakage/fold{fold}.tsv"),
            motifs=motifs_of,
            covariates=covariates_of,
            tuned=tuned_of,
        output:
            model="results/{dataset}/models/{model}/fold{fold}/seed{seed}/model.keras",
            history="results/{dataset}/models/{model}/fold{fold}/seed{seed}/history.tsv",
            scores="results/{dataset}/models/{model}/fold{fold}/seed{seed}/scores.parquet",
            run="results/{dataset}/models/{model}/fold{fold}/seed{seed}/run.json",
        log:
            text=f"results/logs/train_{architecture}/{{dataset}}/{{model}}/fold{{fold}}/seed{{seed}}.log",
            epochs=f"results/logs/train_{architecture}/{{dataset}}/{{model}}/fold{{fold}}/seed{{seed}}.epochs.tsv",
        benchmark:
            f"results/benchmarks/train_{architecture}/{{dataset}}/{{model}}/fold{{fold}}/seed{{seed}}.jsonl"
        wildcard_constraints:
            model=any_of(models_with("architecture", architecture)),
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
            control=control_of,
            training=training_settings,
            transform=setting("transform"),
            device=device_settings,
            root_seed=config["root_seed"],
            code=network_code("train_network", needs),
        message:
            f"Training {needs['title']} ({{wildcards.model}}) on {{wildcards.dataset}}, fold {{wildcards.fold}}, seed {{wildcards.seed}}"
        script:
            "../../scripts/train_network.py"


rule embed_examples:
    input:
        tensors="results/{dataset}/tensors",
        split=first_split,
        model=first_network,
    output:
        embedding="results/{dataset}/evaluation/{model}/embedding.tsv",
    log:
        "results/logs/embed_examples/{dataset}/{model}.log",
    benchmark:
        "results/benchmarks/embed_examples/{dataset}/{model}.jsonl"
    wildcard_constraints:
        model=any_of(AUTOENCODERS),
    conda:
        "../../envs/keras.yaml"
    threads: training_threads
    resources:
        mem_mb=scaled(2000),
        runtime=scaled(30),
    params:
        device=cpu_settings,
        code=step_code("embed_examples"),
    message:
        "Placing examples of {wildcards.dataset} in the latent space of {wildcards.model}"
    script:
        "../../scripts/embed_examples.py"


rule fit_baseline:
    input:
        tensors="results/{dataset}/tensors",
        split="results/{dataset}/splits/fold{fold}.tsv",
        audit=ancient("results/{dataset}/leakage/fold{fold}.tsv"),
        covariates=covariates_of,
    output:
        model="results/{dataset}/models/{model}/fold{fold}/seed{seed}/model.skops",
        scores="results/{dataset}/models/{model}/fold{fold}/seed{seed}/scores.parquet",
        run="results/{dataset}/models/{model}/fold{fold}/seed{seed}/run.json",
    log:
        "results/logs/fit_baseline/{dataset}/{model}/fold{fold}/seed{seed}.log",
    benchmark:
        "results/benchmarks/fit_baseline/{dataset}/{model}/fold{fold}/seed{seed}.jsonl"
    wildcard_constraints:
        model=any_of(models_with("baseline", *BASELINES)),
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(4000),
        runtime=scaled(120),
    params:
        baseline=baseline_of,
        settings=model_settings,
        control=control_of,
        transform=setting("transform"),
        root_seed=config["root_seed"],
        code=baseline_code,
    message:
        "Fitting the baseline {wildcards.model} on {wildcards.dataset}, fold {wildcards.fold}, seed {wildcards.seed}"
    script:
        "../../scripts/fit_baseline.py"
