# From a bundle and new examples to their scores. No rule of this run needs to have made the bundle.
#
# Input:  results/bundles/, or a bundle from elsewhere; the files that `score` names
# Output: results/scored/<name>/  the table, and a page of what it holds


rule score_sequences:
    input:
        bundle=ask(study.scores.bundle),
        new=ask(study.scores.source),
        genome=ask(study.scores.beside, "genome"),
        aliases=ask(study.scores.beside, "aliases"),
        map=ask(study.scores.beside, "map"),
        file_set=ask(study.scores.file_set),
    output:
        table="results/scored/{scored}/scores.tsv",
        columnar="results/scored/{scored}/scores.parquet",
    log:
        "results/logs/score_sequences/{scored}.log",
    benchmark:
        "results/benchmarks/score_sequences/{scored}.jsonl"
    wildcard_constraints:
        scored=any_of(study.scores.entries),
    conda:
        "../../envs/keras.yaml"
    threads: study.scoring_device["threads"]
    resources:
        mem_mb=scaled(4000),
        runtime=scaled(240),
    params:
        reading=ask(study.scores.reading),
        device=study.scoring_device,
        contents=fingerprints,
        code=step_code("score_sequences"),
    message:
        "Scoring new sequences: {wildcards.scored}"
    script:
        "../../scripts/score_sequences.py"


rule report_scores:
    input:
        bundle=ask(study.scores.bundle),
        scores="results/scored/{scored}/scores.parquet",
    output:
        page="results/scored/{scored}/score.html",
        histogram="results/scored/{scored}/histogram.tsv",
        svg="results/scored/{scored}/histogram.svg",
        png="results/scored/{scored}/histogram.png",
    log:
        "results/logs/report_scores/{scored}.log",
    benchmark:
        "results/benchmarks/report_scores/{scored}.jsonl"
    wildcard_constraints:
        scored=any_of(study.scores.entries),
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(2000),
        runtime=scaled(30),
    params:
        source=ask(study.scores.source),
        code=step_code(
            "report_scores",
            files=[
                LIBRARY / "report" / "templates" / name
                for name in ("scored.html", "macros.html", "style.css")
            ],
        ),
    message:
        "Writing the page of the new scores: {wildcards.scored}"
    script:
        "../../scripts/report_scores.py"
