# What a run was made from and how, to publish with its results.
#
# Output: provenance/  input files, software, times of the rules, the methods as text, checksums of
#                      outputs, the configuration and the code; all of it as a Workflow Run RO-Crate

from snakemake import __version__ as SNAKEMAKE


rule record_run:
    input:
        sources=records.source_paths(study),
        runs=study.all_runs("run.json"),
        metrics="results/metrics.tsv",
        examples=files_of(study.datasets.names, "examples", "examples.parquet"),
        regions=files_of(study.datasets.having("genome"), "extract", "files.tsv"),
        tensors=files_of(study.datasets.names, "tensors", ""),
        balance=files_of(study.datasets.names, "evaluation", "balance.tsv"),
        leakage=expand("results/{dataset}/leakage", dataset=study.datasets.names),
        comparisons=files_of(study.measured, "evaluation", "comparison.tsv"),
    output:
        inputs="results/provenance/inputs.tsv",
        software="results/provenance/software.tsv",
        times="results/provenance/times.tsv",
        methods="results/provenance/methods.md",
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
        files=records.named_sources(study),
        packages=records.required_packages(ROOT),
        snakemake=SNAKEMAKE,
        described=records.described(study),
        contents=fingerprints,
        code=step_code("record_run", files=[LIBRARY / "report" / "templates" / "methods.md"]),
    message:
        "Recording input files, software and times, and the methods as text"
    script:
        "../../scripts/record_run.py"


rule write_crate:
    input:
        outputs=records.promised_files(study),
        own_code=study.models.all_own_code,
        runs=study.all_runs("run.json"),
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
        config=records.recorded_config(study),
        contents=fingerprints,
        code=step_code("write_crate"),
    message:
        "Recording configuration, code and checksums of the outputs, as a Workflow Run RO-Crate"
    script:
        "../../scripts/write_crate.py"


onstart:
    company.refuse_company(sys.argv[1:])
    records.record_command(sys.argv[1:], SNAKEMAKE, Path("results/provenance/commands.tsv"))


onerror:
    for line in failures.killed_jobs(log):
        print(line)


onsuccess:
    if study.datasets.names:
        print("Finished. Open results/report.html in a browser.")
