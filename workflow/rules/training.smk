# From tensors and a split to trained models and their scores.
#
# Every architecture that the configuration has gets a rule of its own, train_<architecture>, so that
# a profile can give it resources by name (`set-resources: train_conv1d: mem_mb=4000`); a name that no
# rule has does no harm there. Networks of one's own share train_own_network, and baselines one rule.

for architecture, needs in study.models.architectures().items():

    rule:
        name:
            f"train_{architecture}"
        input:
            tensors="results/{dataset}/tensors",
            splits="results/{dataset}/splits",
            audit=ancient("results/{dataset}/leakage"),
            motifs=ask(study.models.motifs),
            own_code=ask(study.models.own_code),
            covariates=ask(study.datasets.covariates),
            tuned=ask(study.best_settings),
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
            model=any_of(study.models.of_kind("architecture", architecture)),
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
            control=ask(study.models.controlled),
            training=ask(study.training.settings),
            transform=ask(study.datasets.setting, "transform"),
            device=ask(study.training.device),
            root_seed=study.root_seed,
            contents=fingerprints,
            code=model_code("train_network"),
        message:
            f"Training {needs['title']} ({{wildcards.model}}) on {{wildcards.dataset}}, fold {{wildcards.fold}}, seed {{wildcards.seed}}"
        script:
            "../../scripts/train_network.py"


rule fit_baseline:
    input:
        tensors="results/{dataset}/tensors",
        splits="results/{dataset}/splits",
        audit=ancient("results/{dataset}/leakage"),
        motifs=ask(study.models.motifs),
        own_code=ask(study.models.own_code),
        covariates=ask(study.datasets.covariates),
    output:
        model="results/{dataset}/models/{model}/fold{fold}/seed{seed}/model.skops",
        scores="results/{dataset}/models/{model}/fold{fold}/seed{seed}/scores.parquet",
        run="results/{dataset}/models/{model}/fold{fold}/seed{seed}/run.json",
    log:
        "results/logs/fit_baseline/{dataset}/{model}/fold{fold}/seed{seed}.log",
    benchmark:
        "results/benchmarks/fit_baseline/{dataset}/{model}/fold{fold}/seed{seed}.jsonl"
    wildcard_constraints:
        model=any_of(study.models.baselines),
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(4000),
        runtime=scaled(120),
    params:
        baseline=ask(study.models.baseline),
        settings=ask(study.models.settings),
        control=ask(study.models.controlled),
        transform=ask(study.datasets.setting, "transform"),
        root_seed=study.root_seed,
        contents=fingerprints,
        code=model_code("fit_baseline"),
    message:
        "Fitting the baseline {wildcards.model} on {wildcards.dataset}, fold {wildcards.fold}, seed {wildcards.seed}"
    script:
        "../../scripts/fit_baseline.py"
