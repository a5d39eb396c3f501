# From the examples to what a model reads.
#
# Input:  extract/letters.npy or genotypes.npy, examples/examples.parquet
# Output: tensors/  packed one-hot shards with their manifest
#         splits/   of every fold the part of each example: train, validation, test
#         leakage/  of every fold what stands in two parts


rule encode_tensors:
    input:
        letters=ask(study.datasets.letters),
        examples="results/{dataset}/examples/examples.parquet",
        positions=ask(study.datasets.positions),
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
        runtime=scaled(60),
    params:
        task=ask(study.datasets.setting, "task"),
        alphabet=ask(study.datasets.setting, "alphabet"),
        classes=ask(study.datasets.position_classes),
        code=step_code("encode_tensors"),
    message:
        "One-hot encoding {wildcards.dataset} into packed shards"
    script:
        "../../scripts/encode_tensors.py"


rule split_examples:
    input:
        examples="results/{dataset}/examples/examples.parquet",
        table=ask(study.datasets.files, "split", "table"),
        letters=ask(study.datasets.compared_letters),
        aliases=ask(study.datasets.split_aliases),
    output:
        splits=directory("results/{dataset}/splits"),
    log:
        "results/logs/split_examples/{dataset}.log",
    benchmark:
        "results/benchmarks/split_examples/{dataset}.jsonl"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(8000),
        runtime=scaled(30),
    params:
        folds=ask(study.datasets.folds),
        split=ask(study.datasets.setting, "split"),
        task=ask(study.datasets.setting, "task"),
        alphabet=ask(study.datasets.setting, "alphabet"),
        near=ask(study.datasets.near),
        sha256=ask(study.datasets.checksums),
        root_seed=study.root_seed,
        schema=study.catalog.tables["split"],
        sheet=ask(study.datasets.sheet, "split"),
        contents=fingerprints,
        code=step_code("split_examples"),
    message:
        "Dividing the examples of {wildcards.dataset} into train, validation and test"
    script:
        "../../scripts/split_examples.py"


rule audit_leakage:
    input:
        letters=ask(study.datasets.letters),
        examples="results/{dataset}/examples/examples.parquet",
        splits="results/{dataset}/splits",
    output:
        leakage=directory("results/{dataset}/leakage"),
    log:
        "results/logs/audit_leakage/{dataset}.log",
    benchmark:
        "results/benchmarks/audit_leakage/{dataset}.jsonl"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(8000),
        runtime=scaled(60),
    params:
        folds=ask(study.datasets.folds),
        alphabet=ask(study.datasets.setting, "alphabet"),
        near=ask(study.datasets.setting, "near"),
        grouped=ask(study.datasets.has_groups),
        fail=ask(study.datasets.setting, "fail_on_leakage"),
        code=step_code("audit_leakage"),
    message:
        "Looking for examples of {wildcards.dataset} that stand in two parts of a fold"
    script:
        "../../scripts/audit_leakage.py"
