# What the examples of a dataset look like.
#
# Input:  examples/examples.parquet, splits/fold<n>.tsv
# Output: evaluation/  class balance, and pictures of the data and of where the parts lie


rule describe_examples:
    input:
        examples="results/{dataset}/examples/examples.parquet",
        splits=ask(study.of_folds, "splits", ".tsv"),
        markers=ask(study.datasets.markers),
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
        task=ask(study.datasets.setting, "task"),
        code=step_code("describe_examples"),
    message:
        "Counting and drawing the examples of {wildcards.dataset}"
    script:
        "../../scripts/describe_examples.py"
