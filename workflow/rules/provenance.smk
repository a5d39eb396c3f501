# What a run was made from and how, to publish with its results.
#
# Output: provenance/  input files, software, times of the rules, the methods as text, checksums of
#                      outputs, the configuration and the code; all of it as a Workflow Run RO-Crate
#         multiqc/     tables that MultiQC shows beside those of other tools


rule record_run:
    input:
        sources=[user_file(path) for path in sorted({expanded(at) for _, _, at in source_files()})],
        runs=run_files("run.json"),
        metrics="results/metrics.tsv",
    output:
        inputs="results/provenance/inputs.tsv",
        software="results/provenance/software.tsv",
        times="results/provenance/times.tsv",
    log:
        "results/logs/record_run.log",
    benchmark:
        "results/benchmarks/record_run.jsonl"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(1000),
        runtime=scaled(30),
    params:
        files=source_files(),
        packages=required_packages(),
        snakemake=SNAKEMAKE,
        code=step_code("record_run"),
    message:
        "Recording input files, software and times"
    script:
        "../../scripts/record_run.py"


rule write_methods:
    input:
        examples=files_of(DATASETS, "examples", "examples.parquet"),
        tensors=files_of(DATASETS, "tensors", ""),
        balance=files_of(DATASETS, "evaluation", "balance.tsv"),
        leakage=fold_files("leakage", ".tsv"),
        comparisons=files_of(measured(), "evaluation", "comparison.tsv"),
        software="results/provenance/software.tsv",
    output:
        methods="results/provenance/methods.md",
    log:
        "results/logs/write_methods.log",
    benchmark:
        "results/benchmarks/write_methods.jsonl"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(1000),
        runtime=scaled(10),
    params:
        datasets=described_datasets(),
        runs={dataset: models_of(dataset) for dataset in DATASETS},
        models=described_models(),
        folds={dataset: len(folds_of(dataset)) for dataset in DATASETS},
        seeds=SEEDS,
        root_seed=config["root_seed"],
        code=step_code("write_methods"),
    message:
        "Writing the methods as text"
    script:
        "../../scripts/write_methods.py"


rule write_crate:
    input:
        outputs=promised_files(),
        runs=run_files("run.json"),
        tables=expand(
            "results/provenance/{file}",
            file=["inputs.tsv", "software.tsv", "times.tsv", "methods.md"],
        ),
    output:
        config="results/provenance/config.yaml",
        outputs="results/provenance/outputs.tsv",
        workflow="results/provenance/Snakefile",
        source="results/provenance/source.zip",
        crate="results/provenance/ro-crate-metadata.json",
    log:
        "results/logs/write_crate.log",
    benchmark:
        "results/benchmarks/write_crate.jsonl"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(1000),
        runtime=scaled(30),
    params:
        config=asked_config(),
        code=step_code("write_crate"),
    message:
        "Recording configuration, code and checksums of the outputs, as a Workflow Run RO-Crate"
    script:
        "../../scripts/write_crate.py"


rule write_multiqc:
    input:
        comparisons=files_of(measured(), "evaluation", "comparison.tsv"),
        runs=run_files("run.json"),
        examples=files_of(DATASETS, "examples", "examples.parquet", "dropped.tsv"),
        dropped=files_of(DATASETS, "extract", "dropped.tsv"),
        balance=files_of(DATASETS, "evaluation", "balance.tsv"),
        leakage=fold_files("leakage", ".tsv"),
    output:
        models="results/multiqc/basewise_models_mqc.tsv",
        data="results/multiqc/basewise_data_mqc.tsv",
    log:
        "results/logs/write_multiqc.log",
    benchmark:
        "results/benchmarks/write_multiqc.jsonl"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(1000),
        runtime=scaled(10),
    params:
        tasks={dataset: config["datasets"][dataset]["task"] for dataset in DATASETS},
        measured=measured(),
        folds={dataset: len(folds_of(dataset)) for dataset in DATASETS},
        code=step_code("write_multiqc"),
    message:
        "Writing tables for MultiQC"
    script:
        "../../scripts/write_multiqc.py"


onstart:
    record_command()


onsuccess:
    print("Finished. Open results/report.html in a browser.")
