# Makes the input files of the demo (config/config.yaml). Nothing here runs for your own data.


rule simulate_promoters:
    output:
        sequences="results/demo/promoters/sequences.txt",
        labels="results/demo/promoters/labels.txt",
        ceiling="results/demo/promoters/ceiling.tsv",
        population="results/demo/promoters/population.tsv",
        motifs="results/demo/promoters/motifs.jaspar",
    log:
        "results/logs/simulate_promoters.log",
    benchmark:
        "results/benchmarks/simulate_promoters.jsonl"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(1000),
        runtime=scaled(10),
    params:
        code=step_code("simulate_promoters"),
    message:
        "Simulating 10,000 promoters and backgrounds of 200 bp, and their Bayes ceiling"
    script:
        "../../scripts/simulate_promoters.py"


rule simulate_peaks:
    output:
        genome="results/demo/peaks/genome.fa",
        regions="results/demo/peaks/peaks.bed",
        labels="results/demo/peaks/labels.tsv",
        motifs="results/demo/peaks/motifs.jaspar",
        new="results/demo/peaks/new.fa",
    log:
        "results/logs/simulate_peaks.log",
    benchmark:
        "results/benchmarks/simulate_peaks.jsonl"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(1000),
        runtime=scaled(10),
    params:
        root_seed=study.root_seed,
        code=step_code("simulate_peaks"),
    message:
        "Simulating a genome of 1 Mb with peaks, half of them around a planted motif"
    script:
        "../../scripts/simulate_peaks.py"
