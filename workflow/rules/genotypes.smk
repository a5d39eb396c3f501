# From a file of genotypes to candidates, as sequences.smk does for DNA; joining with phenotypes and all
# that follows is the same.
#
# Input:  VCF, BCF, PLINK, HapMap or a table of 0, 1 and 2
# Output: extract/  the genotypes after filters, individuals, markers, and what was left out and why


rule extract_genotypes:
    input:
        genotypes=ask(study.datasets.files, "genotypes"),
        map=ask(study.datasets.files, "map"),
    output:
        genotypes="results/{dataset}/extract/genotypes.npy",
        candidates="results/{dataset}/extract/candidates.parquet",
        dropped="results/{dataset}/extract/dropped.tsv",
        markers="results/{dataset}/extract/markers.tsv",
        dropped_markers="results/{dataset}/extract/dropped_markers.tsv",
        filters="results/{dataset}/extract/filters.tsv",
        remarks="results/{dataset}/extract/remarks.tsv",
    log:
        "results/logs/extract_genotypes/{dataset}.log",
    benchmark:
        "results/benchmarks/extract_genotypes/{dataset}.jsonl"
    wildcard_constraints:
        dataset=any_of(study.datasets.having("genotypes")),
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(8000),
        runtime=scaled(60),
    params:
        reading=ask(study.datasets.settings, "individuals", "missing"),
        filters=ask(study.datasets.setting, "filters"),
        sheet=ask(study.datasets.sheet, "genotypes"),
        map_sheet=ask(study.datasets.sheet, "map"),
        sha256=ask(study.datasets.checksums),
        contents=fingerprints,
        code=step_code("extract_genotypes"),
    message:
        "Reading and filtering the genotypes of {wildcards.dataset}"
    script:
        "../../scripts/extract_genotypes.py"


rule rank_markers:
    input:
        tensors="results/{dataset}/tensors",
        markers="results/{dataset}/extract/markers.tsv",
        splits="results/{dataset}/splits",
        models=ask(study.of_runs, "model.keras"),
        own_code=ask(study.models.own_code),
        runs=ask(study.of_runs, "run.json"),
    output:
        effects="results/{dataset}/evaluation/{model}/markers.tsv",
    log:
        "results/logs/rank_markers/{dataset}/{model}.log",
    benchmark:
        "results/benchmarks/rank_markers/{dataset}/{model}.jsonl"
    wildcard_constraints:
        dataset=any_of(study.datasets.having("genotypes")),
        model=any_of(study.models.networks),
    conda:
        "../../envs/keras.yaml"
    threads: ask(study.training.threads)
    resources:
        mem_mb=scaled(4000),
        runtime=scaled(120),
    params:
        runs=ask(study.runs),
        device=ask(study.training.cpu),
        code=step_code("rank_markers"),
    message:
        "Substituting each marker of {wildcards.dataset} in what {wildcards.model} reads"
    script:
        "../../scripts/rank_markers.py"
