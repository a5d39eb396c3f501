# From a dataset's source files to its final list of examples.
#
# Input:  the files that the dataset names in the configuration
# Output: extract/   letters of the candidates, and the rows that are none, with the reason;
#                    the same letters as FASTA where a command asks for it
#         examples/  candidates joined with their labels


rule extract_regions:
    input:
        genome=ask(study.datasets.files, "genome"),
        regions=ask(study.datasets.files, "regions"),
        aliases=ask(study.datasets.files, "aliases"),
        exclude=ask(study.datasets.files, "exclude"),
        away_from=ask(study.datasets.background_keeps_off),
    output:
        letters="results/{dataset}/extract/letters.npy",
        candidates="results/{dataset}/extract/candidates.parquet",
        dropped="results/{dataset}/extract/dropped.tsv",
        files="results/{dataset}/extract/files.tsv",
    log:
        "results/logs/extract_regions/{dataset}.log",
    benchmark:
        "results/benchmarks/extract_regions/{dataset}.jsonl"
    wildcard_constraints:
        dataset=any_of(study.datasets.having("genome")),
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(4000),
        runtime=scaled(60),
    params:
        cutting=ask(
            study.datasets.settings,
            *("window", "center", "shift", "task", "feature", "regions_format", "keep", "missing"),
            "circular",
        ),
        classes=ask(study.datasets.file_names, "regions"),
        columns=ask(study.datasets.region_columns),
        negatives=ask(study.datasets.setting, "negatives"),
        root_seed=study.root_seed,
        sha256=ask(study.datasets.checksums),
        contents=fingerprints,
        code=step_code("extract_regions"),
    message:
        "Cutting windows around the regions of {wildcards.dataset}"
    script:
        "../../scripts/extract_regions.py"


rule extract_sequences:
    input:
        sequences=ask(study.datasets.sequence_files),
    output:
        letters="results/{dataset}/extract/letters.npy",
        candidates="results/{dataset}/extract/candidates.parquet",
        dropped="results/{dataset}/extract/dropped.tsv",
    log:
        "results/logs/extract_sequences/{dataset}.log",
    benchmark:
        "results/benchmarks/extract_sequences/{dataset}.jsonl"
    wildcard_constraints:
        dataset=any_of(study.datasets.having("sequences", "fasta", "table", "uci")),
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(4000),
        runtime=scaled(60),
    params:
        form=ask(study.datasets.form),
        names=ask(study.datasets.sequence_names),
        sheet=ask(study.datasets.sheet, "table"),
        reading=ask(
            study.datasets.settings,
            *("alphabet", "task", "columns", "keep", "length", "missing"),
        ),
        negatives=ask(study.datasets.setting, "negatives"),
        root_seed=study.root_seed,
        sha256=ask(study.datasets.checksums),
        contents=fingerprints,
        code=step_code("extract_sequences"),
    message:
        "Reading the sequences of {wildcards.dataset}"
    script:
        "../../scripts/extract_sequences.py"


rule write_sequences:
    input:
        letters="results/{dataset}/extract/letters.npy",
        candidates="results/{dataset}/extract/candidates.parquet",
    output:
        fasta="results/{dataset}/extract/sequences.fa",
    log:
        "results/logs/write_sequences/{dataset}.log",
    benchmark:
        "results/benchmarks/write_sequences/{dataset}.jsonl"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(4000),
        runtime=scaled(30),
    params:
        code=step_code("write_sequences"),
    message:
        "Writing the sequences of {wildcards.dataset} as FASTA"
    script:
        "../../scripts/write_sequences.py"


rule join_labels:
    input:
        candidates="results/{dataset}/extract/candidates.parquet",
        dropped="results/{dataset}/extract/dropped.tsv",
        labels=ask(study.datasets.label_files),
        overlap=ask(study.datasets.files, "overlap", "files"),
        aliases=ask(study.datasets.files, "aliases"),
    output:
        examples="results/{dataset}/examples/examples.parquet",
        dropped="results/{dataset}/examples/dropped.tsv",
        remarks="results/{dataset}/examples/remarks.tsv",
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
        task=ask(study.datasets.setting, "task"),
        form=ask(study.datasets.form),
        columns=ask(study.datasets.label_columns),
        sheet=ask(study.datasets.sheet, "labels", "phenotypes"),
        rows=ask(study.datasets.label_rows),
        outputs=ask(study.datasets.file_names, "overlap", "files"),
        overlap=ask(study.datasets.overlap),
        missing=ask(study.datasets.missing_labels),
        reading=ask(study.datasets.label_reading),
        sha256=ask(study.datasets.checksums),
        schema=study.catalog.tables["labels"],
        contents=fingerprints,
        code=step_code("join_labels"),
    message:
        "Joining the sequences of {wildcards.dataset} with their labels"
    script:
        "../../scripts/join_labels.py"


rule label_positions:
    input:
        examples="results/{dataset}/examples/examples.parquet",
        features=ask(study.datasets.files, "features", "file"),
        aliases=ask(study.datasets.files, "aliases"),
    output:
        array="results/{dataset}/examples/positions.npy",
        counts="results/{dataset}/examples/positions.tsv",
    log:
        "results/logs/label_positions/{dataset}.log",
    benchmark:
        "results/benchmarks/label_positions/{dataset}.jsonl"
    wildcard_constraints:
        dataset=any_of(study.datasets.having("features")),
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(4000),
        runtime=scaled(30),
    params:
        classes=ask(study.datasets.setting, "features", "classes"),
        none=ask(study.datasets.setting, "features", "none"),
        strand=ask(study.datasets.setting, "features", "strand"),
        sha256=ask(study.datasets.checksums),
        contents=fingerprints,
        code=step_code("label_positions"),
    message:
        "Giving each base of {wildcards.dataset} its class"
    script:
        "../../scripts/label_positions.py"
