# From a dataset's source files to its final list of examples.
#
# Input:  the files that the dataset names in the configuration
# Output: extract/   one FASTA record a candidate, and the rows that are none, with the reason
#         examples/  candidates joined with their labels


rule extract_regions:
    input:
        genome=source("genome"),
        regions=source("regions"),
        aliases=source("aliases"),
        exclude=source("exclude"),
        away_from=background_keeps_off,
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
        runtime=scaled(60),
    params:
        cutting=settings_of("window", "center", "shift", "task", "feature", "keep"),
        classes=names_of("regions"),
        columns=region_columns,
        negatives=setting("negatives"),
        root_seed=config["root_seed"],
        sha256=checksums,
        code=step_code("extract_regions"),
    message:
        "Cutting windows around the regions of {wildcards.dataset}"
    script:
        "../../scripts/extract_regions.py"


rule extract_sequences:
    input:
        sequences=sequence_source,
    output:
        fasta="results/{dataset}/extract/sequences.fa",
        candidates="results/{dataset}/extract/candidates.parquet",
        dropped="results/{dataset}/extract/dropped.tsv",
    log:
        "results/logs/extract_sequences/{dataset}.log",
    benchmark:
        "results/benchmarks/extract_sequences/{dataset}.jsonl"
    wildcard_constraints:
        dataset=any_of(datasets_with("sequences", "fasta", "table", "uci")),
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(4000),
        runtime=scaled(60),
    params:
        form=sequence_form,
        names=sequence_names,
        reading=settings_of("alphabet", "task", "columns", "length"),
        negatives=setting("negatives"),
        root_seed=config["root_seed"],
        sha256=checksums,
        code=step_code("extract_sequences"),
    message:
        "Reading the sequences of {wildcards.dataset}"
    script:
        "../../scripts/extract_sequences.py"


rule join_labels:
    input:
        candidates="results/{dataset}/extract/candidates.parquet",
        dropped="results/{dataset}/extract/dropped.tsv",
        labels=label_files,
        overlap=source("overlap", "files"),
        aliases=source("aliases"),
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
        runtime=scaled(30),
    params:
        task=setting("task"),
        form=sequence_form,
        columns=label_columns,
        outputs=names_of("overlap", "files"),
        overlap=overlap_settings,
        reading=label_reading,
        sha256=checksums,
        schema=load_schema("labels"),
        code=step_code("join_labels"),
    message:
        "Joining the sequences of {wildcards.dataset} with their labels"
    script:
        "../../scripts/join_labels.py"


rule label_positions:
    input:
        examples="results/{dataset}/examples/examples.parquet",
        features=source("features", "file"),
        aliases=source("aliases"),
    output:
        array="results/{dataset}/examples/positions.npy",
        counts="results/{dataset}/examples/positions.tsv",
    log:
        "results/logs/label_positions/{dataset}.log",
    benchmark:
        "results/benchmarks/label_positions/{dataset}.jsonl"
    wildcard_constraints:
        dataset=any_of(datasets_with("features")),
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(4000),
        runtime=scaled(30),
    params:
        classes=setting("features", "classes"),
        none=setting("features", "none"),
        strand=setting("features", "strand"),
        sha256=checksums,
        code=step_code("label_positions"),
    message:
        "Giving each base of {wildcards.dataset} its class"
    script:
        "../../scripts/label_positions.py"
