# From score files to numbers and figures; TensorFlow is not needed here.
#
# Input:  models/<model>/fold<n>/seed<n>/scores.parquet and history.tsv
# Output: evaluation/<model>/  measures, the table behind every figure, and the figure
#         evaluation/          class balance, ceiling, comparison of the dataset's models


rule describe_examples:
    input:
        examples="results/{dataset}/examples/examples.parquet",
        splits=splits_of,
    output:
        balance="results/{dataset}/evaluation/balance.tsv",
    log:
        "results/logs/describe_examples/{dataset}.log",
    benchmark:
        "results/benchmarks/describe_examples/{dataset}.jsonl"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(1000),
        runtime=10,
    params:
        task=setting("task"),
        code=code_digest("balance", "parts", "tables"),
    message:
        "Counting the classes of {wildcards.dataset} in each part"
    script:
        "../../scripts/describe_examples.py"


rule evaluate_model:
    input:
        scores=runs_of("scores.parquet"),
    output:
        metrics="results/{dataset}/evaluation/{model}/metrics.tsv",
        confusion="results/{dataset}/evaluation/{model}/confusion.tsv",
        confusion_figure=report(
            "results/{dataset}/evaluation/{model}/confusion.svg",
            caption="../report/confusion.rst",
            category="{dataset}",
            subcategory="{model}",
            labels={"figure": "confusion matrix"},
        ),
        distribution="results/{dataset}/evaluation/{model}/scores.tsv",
        distribution_figure=report(
            "results/{dataset}/evaluation/{model}/scores.svg",
            caption="../report/scores.rst",
            category="{dataset}",
            subcategory="{model}",
            labels={"figure": "score distribution"},
        ),
        roc="results/{dataset}/evaluation/{model}/roc.tsv",
        roc_figure=report(
            "results/{dataset}/evaluation/{model}/roc.svg",
            caption="../report/roc.rst",
            category="{dataset}",
            subcategory="{model}",
            labels={"figure": "ROC curve"},
        ),
        precision_recall="results/{dataset}/evaluation/{model}/precision_recall.tsv",
        precision_recall_figure=report(
            "results/{dataset}/evaluation/{model}/precision_recall.svg",
            caption="../report/precision_recall.rst",
            category="{dataset}",
            subcategory="{model}",
            labels={"figure": "precision-recall curve"},
        ),
    log:
        "results/logs/evaluate_model/{dataset}/{model}.log",
    benchmark:
        "results/benchmarks/evaluate_model/{dataset}/{model}.jsonl"
    wildcard_constraints:
        dataset=any_of(BINARY),
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(2000),
        runtime=30,
    params:
        runs=runs,
        root_seed=config["root_seed"],
        code=code_digest("evaluation", "curves", "figures"),
    message:
        "Measuring {wildcards.model} on {wildcards.dataset}"
    script:
        "../../scripts/evaluate_model.py"


rule measure_model:
    input:
        scores=runs_of("scores.parquet"),
    output:
        metrics="results/{dataset}/evaluation/{model}/metrics.tsv",
    log:
        "results/logs/measure_model/{dataset}/{model}.log",
    benchmark:
        "results/benchmarks/measure_model/{dataset}/{model}.jsonl"
    wildcard_constraints:
        dataset=any_of([name for name in DATASETS if name not in BINARY]),
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(4000),
        runtime=60,
    params:
        runs=runs,
        task=setting("task"),
        root_seed=config["root_seed"],
        code=code_digest("evaluation"),
    message:
        "Measuring {wildcards.model} on {wildcards.dataset}"
    script:
        "../../scripts/measure_model.py"


rule plot_learning:
    input:
        history=runs_of("history.tsv"),
    output:
        learning="results/{dataset}/evaluation/{model}/learning.tsv",
        learning_figure=report(
            "results/{dataset}/evaluation/{model}/learning.svg",
            caption="../report/learning.rst",
            category="{dataset}",
            subcategory="{model}",
            labels={"figure": "learning curves"},
        ),
    log:
        "results/logs/plot_learning/{dataset}/{model}.log",
    benchmark:
        "results/benchmarks/plot_learning/{dataset}/{model}.jsonl"
    wildcard_constraints:
        model=any_of(models_with("architecture", *ARCHITECTURES)),
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(1000),
        runtime=10,
    params:
        runs=runs,
        code=code_digest("curves", "figures"),
    message:
        "Drawing the learning curves of {wildcards.model} on {wildcards.dataset}"
    script:
        "../../scripts/plot_learning.py"


rule plot_embedding:
    input:
        embedding="results/{dataset}/evaluation/{model}/embedding.tsv",
    output:
        embedding_figure=report(
            "results/{dataset}/evaluation/{model}/embedding.svg",
            caption="../report/embedding.rst",
            category="{dataset}",
            subcategory="{model}",
            labels={"figure": "latent space"},
        ),
    log:
        "results/logs/plot_embedding/{dataset}/{model}.log",
    benchmark:
        "results/benchmarks/plot_embedding/{dataset}/{model}.jsonl"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(1000),
        runtime=10,
    params:
        code=code_digest("figures", "tables"),
    message:
        "Drawing the latent space of {wildcards.model} on {wildcards.dataset}"
    script:
        "../../scripts/plot_embedding.py"


rule evaluate_ceiling:
    input:
        examples="results/{dataset}/examples/examples.parquet",
        split="results/{dataset}/splits/fold{fold}.tsv",
        scores=source("ceiling", "scores"),
        population=source("ceiling", "population"),
    output:
        metrics="results/{dataset}/evaluation/ceiling/fold{fold}.tsv",
    log:
        "results/logs/evaluate_ceiling/{dataset}/fold{fold}.log",
    benchmark:
        "results/benchmarks/evaluate_ceiling/{dataset}/fold{fold}.jsonl"
    wildcard_constraints:
        dataset=any_of(datasets_with("ceiling")),
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(1000),
        runtime=10,
    params:
        root_seed=config["root_seed"],
        sha256=checksums,
        scores_schema=load_schema("ceiling"),
        population_schema=load_schema("population"),
        code=code_digest("ceiling", "parts", "user_tables"),
    message:
        "Measuring the best possible classifier of {wildcards.dataset}, fold {wildcards.fold}"
    script:
        "../../scripts/evaluate_ceiling.py"


rule compare_models:
    input:
        metrics=evaluations("metrics.tsv"),
        ceiling=ceilings,
    output:
        metrics="results/{dataset}/evaluation/metrics.tsv",
        comparison="results/{dataset}/evaluation/comparison.tsv",
        paired="results/{dataset}/evaluation/paired.tsv",
        figure=report(
            "results/{dataset}/evaluation/comparison.svg",
            caption="../report/comparison.rst",
            category="{dataset}",
            subcategory="all models",
            labels={"figure": "comparison"},
        ),
    log:
        "results/logs/compare_models/{dataset}.log",
    benchmark:
        "results/benchmarks/compare_models/{dataset}.jsonl"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(1000),
        runtime=10,
    params:
        task=setting("task"),
        reference=reference_of,
        code=code_digest("evaluation", "figures"),
    message:
        "Comparing the models of {wildcards.dataset}"
    script:
        "../../scripts/compare_models.py"
