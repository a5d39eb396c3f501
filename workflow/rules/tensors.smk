# From the examples to what a model reads.
#
# Input:  extract/sequences.fa, examples/examples.parquet
# Output: tensors/  packed one-hot shards with their manifest
#         splits/   the part of each example: train, validation, test


rule encode_tensors:
    input:
        fasta="results/{dataset}/extract/sequences.fa",
        examples="results/{dataset}/examples/examples.parquet",
    output:
        tensors=directory("results/{dataset}/tensors"),
    log:
        "results/logs/encode_tensors/{dataset}.log",
    benchmark:
        "results/benchmarks/encode_tensors/{dataset}.jsonl"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(4000),
        runtime=60,
    params:
        code=code_digest("shards", "sequences", "tables"),
    message:
        "One-hot encoding the sequences of {wildcards.dataset} into packed shards"
    script:
        "../../scripts/encode_tensors.py"


rule split_examples:
    input:
        examples="results/{dataset}/examples/examples.parquet",
        table=source("split", "table"),
    output:
        split="results/{dataset}/splits/fold{fold}.tsv",
    log:
        "results/logs/split_examples/{dataset}/fold{fold}.log",
    benchmark:
        "results/benchmarks/split_examples/{dataset}/fold{fold}.jsonl"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(2000),
        runtime=30,
    params:
        split=setting("split"),
        sha256=checksums,
        root_seed=config["root_seed"],
        schema=load_schema("split"),
        code=code_digest("splits", "parts", "seeds", "user_tables"),
    message:
        "Dividing the examples of {wildcards.dataset} into train, validation and test"
    script:
        "../../scripts/split_examples.py"
