# What the examples of a dataset look like.
#
# Input:  examples/examples.parquet, splits/
# Output: evaluation/  class balance, distributions, what tells the classes apart, and where the parts lie


rule describe_examples:
    input:
        examples="results/{dataset}/examples/examples.parquet",
        splits="results/{dataset}/splits",
        markers=ask(study.datasets.markers),
    output:
        balance="results/{dataset}/evaluation/balance.tsv",
        distributions="results/{dataset}/evaluation/distributions.tsv",
        composition="results/{dataset}/evaluation/composition.tsv",
        split="results/{dataset}/evaluation/split.tsv",
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
        folds=ask(study.datasets.folds),
        entry=ask(study.datasets.settings, "task", "alphabet", "length"),
        code=step_code("describe_examples"),
    message:
        "Counting the examples of {wildcards.dataset}"
    script:
        "../../scripts/describe_examples.py"
