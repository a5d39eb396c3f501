# From score files to numbers and figures; TensorFlow is not needed here.
#
# Input:  models/<model>/fold<n>/seed<n>/scores.parquet and history.tsv
# Output: evaluation/<model>/  measures, the table behind every figure, and the figure
#         evaluation/          class balance, pictures of the data, ceiling, comparison of the models


rule describe_examples:
    input:
        examples="results/{dataset}/examples/examples.parquet",
        splits=splits_of,
        markers=markers_of,
    output:
        balance="results/{dataset}/evaluation/balance.tsv",
        distributions="results/{dataset}/evaluation/distributions.tsv",
        distributions_figure=report(
            "results/{dataset}/evaluation/distributions.svg",
            caption="../report/distributions.rst",
            category="{dataset}",
            subcategory="data",
            labels={"figure": "what the examples look like"},
        ),
        distributions_image="results/{dataset}/evaluation/distributions.png",
        split="results/{dataset}/evaluation/split.tsv",
        split_figure=report(
            "results/{dataset}/evaluation/split.svg",
            caption="../report/split.rst",
            category="{dataset}",
            subcategory="data",
            labels={"figure": "where the parts lie"},
        ),
        split_image="results/{dataset}/evaluation/split.png",
    log:
        "results/logs/describe_examples/{dataset}.log",
    benchmark:
        "results/benchmarks/describe_examples/{dataset}.jsonl"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(1000),
        runtime=scaled(10),
    params:
        task=setting("task"),
        code=step_code("describe_examples"),
    message:
        "Counting and drawing the examples of {wildcards.dataset}"
    script:
        "../../scripts/describe_examples.py"


rule evaluate_classifier:
    input:
        scores=runs_of("scores.parquet"),
        splits=splits_of,
        leakage=audits_of,
        examples="results/{dataset}/examples/examples.parquet",
        letters=letters_of,
    output:
        metrics="results/{dataset}/evaluation/{model}/metrics.tsv",
        summary="results/{dataset}/evaluation/{model}/summary.tsv",
        replicates="results/{dataset}/evaluation/{model}/replicates.parquet",
        thresholds="results/{dataset}/evaluation/{model}/thresholds.tsv",
        calibration="results/{dataset}/evaluation/{model}/calibration.tsv",
        calibration_figure=report(
            "results/{dataset}/evaluation/{model}/calibration.svg",
            caption="../report/calibration.rst",
            category="{dataset}",
            subcategory="{model}",
            labels={"figure": "calibration"},
        ),
        calibration_image="results/{dataset}/evaluation/{model}/calibration.png",
        confusion="results/{dataset}/evaluation/{model}/confusion.tsv",
        confusion_figure=report(
            "results/{dataset}/evaluation/{model}/confusion.svg",
            caption="../report/confusion.rst",
            category="{dataset}",
            subcategory="{model}",
            labels={"figure": "confusion matrix"},
        ),
        confusion_image="results/{dataset}/evaluation/{model}/confusion.png",
        scores="results/{dataset}/evaluation/{model}/scores.tsv",
        scores_figure=report(
            "results/{dataset}/evaluation/{model}/scores.svg",
            caption="../report/scores.rst",
            category="{dataset}",
            subcategory="{model}",
            labels={"figure": "score distribution"},
        ),
        scores_image="results/{dataset}/evaluation/{model}/scores.png",
        roc="results/{dataset}/evaluation/{model}/roc.tsv",
        roc_figure=report(
            "results/{dataset}/evaluation/{model}/roc.svg",
            caption="../report/roc.rst",
            category="{dataset}",
            subcategory="{model}",
            labels={"figure": "ROC curve"},
        ),
        roc_image="results/{dataset}/evaluation/{model}/roc.png",
        precision_recall="results/{dataset}/evaluation/{model}/precision_recall.tsv",
        precision_recall_figure=report(
            "results/{dataset}/evaluation/{model}/precision_recall.svg",
            caption="../report/precision_recall.rst",
            category="{dataset}",
            subcategory="{model}",
            labels={"figure": "precision-recall curve"},
        ),
        precision_recall_image="results/{dataset}/evaluation/{model}/precision_recall.png",
        errors="results/{dataset}/evaluation/{model}/errors.tsv",
    log:
        "results/logs/evaluate_classifier/{dataset}/{model}.log",
    benchmark:
        "results/benchmarks/evaluate_classifier/{dataset}/{model}.jsonl"
    wildcard_constraints:
        dataset=any_of(CLASSIFIED),
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(4000),
        runtime=scaled(60),
    params:
        runs=runs,
        task=setting("task"),
        evaluation=config["evaluation"],
        root_seed=config["root_seed"],
        code=step_code("evaluate_classifier"),
    message:
        "Measuring {wildcards.model} on {wildcards.dataset}"
    script:
        "../../scripts/evaluate_classifier.py"


rule evaluate_regression:
    input:
        scores=runs_of("scores.parquet"),
        splits=splits_of,
        leakage=audits_of,
        examples="results/{dataset}/examples/examples.parquet",
        letters=letters_of,
    output:
        metrics="results/{dataset}/evaluation/{model}/metrics.tsv",
        summary="results/{dataset}/evaluation/{model}/summary.tsv",
        replicates="results/{dataset}/evaluation/{model}/replicates.parquet",
        predicted="results/{dataset}/evaluation/{model}/predicted.tsv",
        predicted_figure=report(
            "results/{dataset}/evaluation/{model}/predicted.svg",
            caption="../report/predicted.rst",
            category="{dataset}",
            subcategory="{model}",
            labels={"figure": "predicted against true"},
        ),
        predicted_image="results/{dataset}/evaluation/{model}/predicted.png",
        residuals="results/{dataset}/evaluation/{model}/residuals.tsv",
        residuals_figure=report(
            "results/{dataset}/evaluation/{model}/residuals.svg",
            caption="../report/residuals.rst",
            category="{dataset}",
            subcategory="{model}",
            labels={"figure": "residuals"},
        ),
        residuals_image="results/{dataset}/evaluation/{model}/residuals.png",
        errors="results/{dataset}/evaluation/{model}/errors.tsv",
    log:
        "results/logs/evaluate_regression/{dataset}/{model}.log",
    benchmark:
        "results/benchmarks/evaluate_regression/{dataset}/{model}.jsonl"
    wildcard_constraints:
        dataset=any_of(REGRESSIONS),
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(2000),
        runtime=scaled(60),
    params:
        runs=runs,
        task=setting("task"),
        evaluation=config["evaluation"],
        root_seed=config["root_seed"],
        code=step_code("evaluate_regression"),
    message:
        "Measuring {wildcards.model} on {wildcards.dataset}"
    script:
        "../../scripts/evaluate_regression.py"


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
        learning_image="results/{dataset}/evaluation/{model}/learning.png",
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
        runtime=scaled(10),
    params:
        runs=runs,
        code=step_code("plot_learning"),
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
        embedding_image="results/{dataset}/evaluation/{model}/embedding.png",
    log:
        "results/logs/plot_embedding/{dataset}/{model}.log",
    benchmark:
        "results/benchmarks/plot_embedding/{dataset}/{model}.jsonl"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(1000),
        runtime=scaled(10),
    params:
        code=step_code("plot_embedding"),
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
        runtime=scaled(10),
    params:
        root_seed=config["root_seed"],
        sha256=checksums,
        scores_schema=load_schema("ceiling"),
        population_schema=load_schema("population"),
        code=step_code("evaluate_ceiling"),
    message:
        "Measuring the best possible classifier of {wildcards.dataset}, fold {wildcards.fold}"
    script:
        "../../scripts/evaluate_ceiling.py"


rule compare_models:
    input:
        metrics=evaluations("metrics.tsv"),
        summaries=evaluations("summary.tsv"),
        replicates=evaluations("replicates.parquet"),
        scores=matched_scores,
        splits=splits_of,
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
        picture="results/{dataset}/evaluation/comparison.png",
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
        task=setting("task"),
        kinds=kinds,
        runs=matched_runs,
        reference=reference_of,
        code=step_code("compare_models"),
    message:
        "Comparing the models of {wildcards.dataset}"
    script:
        "../../scripts/compare_models.py"
