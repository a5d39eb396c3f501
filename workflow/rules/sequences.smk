# From a dataset's source files to its final list of examples.
#
# Input:  the files that the dataset names in the configuration
# Output: extract/   one FASTA record a candidate, and the rows that are none, with the reason
#         examples/  candidates joined with their labels


rule extract_regions:
    input:
        genome=source("genome"),
        regions=source("regions"),
        away_from=source("negatives", "away_from"),
    output:
        fasta="results/{dataset}/extract/sequences.fa",
        candidates="results/{dataset}/extract/candidates.parquet",
        dropped="results/{dataset}/extract/dropped.tsv",
    log:
        "results/logs/extract_regions/{dataset}.log",
    benchmark:
        "results/benchmarks/extract_regions/{dataset}.jsonl"
    wildcard_constraints:
        dataset=any_of(datasets_with("genome")),
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(4000),
        runtime=60,
    params:
        window=setting("window"),
        keep=setting("keep"),
        negatives=setting("negatives"),
        named=has_labels,
        root_seed=config["root_seed"],
        sha256=checksums,
        code=code_digest("from_regions", "seeds"),
    message:
        "Cutting windows of {params.window} bp around the regions of {wildcards.dataset}"
    script:
        "../../scripts/extract_regions.py"


rule extract_lines:
    input:
        sequences=source("sequences"),
    output:
        fasta="results/{dataset}/extract/sequences.fa",
        candidates="results/{dataset}/extract/candidates.parquet",
        dropped="results/{dataset}/extract/dropped.tsv",
    log:
        "results/logs/extract_lines/{dataset}.log",
    benchmark:
        "results/benchmarks/extract_lines/{dataset}.jsonl"
    wildcard_constraints:
        dataset=any_of(datasets_with("sequences")),
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(4000),
        runtime=60,
    params:
        sha256=checksums,
        code=code_digest("from_lines"),
    message:
        "Reading the sequences of {wildcards.dataset}, one a line"
    script:
        "../../scripts/extract_lines.py"


rule join_labels:
    input:
        fasta="results/{dataset}/extract/sequences.fa",
        candidates="results/{dataset}/extract/candidates.parquet",
        dropped="results/{dataset}/extract/dropped.tsv",
        labels=source("labels"),
    output:
        examples="results/{dataset}/examples/examples.parquet",
        dropped="results/{dataset}/examples/dropped.tsv",
    log:
        "results/logs/join_labels/{dataset}.log",
    benchmark:
        "results/benchmarks/join_labels/{dataset}.jsonl"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(4000),
        runtime=30,
    params:
        one_a_line=is_line_by_line,
        sha256=checksums,
        schema=load_schema("labels"),
        code=code_digest("labels", "sequences", "user_tables"),
    message:
        "Joining the sequences of {wildcards.dataset} with their labels"
    script:
        "../../scripts/join_labels.py"
