# From a bundle and new examples to their scores. No rule of this run needs to have made the bundle.
#
# Input:  results/bundles/, or a bundle from elsewhere; the files that `score` names
# Output: results/scored/<name>/


rule score_sequences:
    input:
        bundle=ask(study.scores.bundle),
        new=ask(study.scores.source),
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
