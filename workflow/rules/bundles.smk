# From trained models to files that are complete in themselves.
#
# Input:  the results of a model: its runs, what was measured, what it has learned from; of an
#         ensemble the bundles of its members
# Output: results/bundles/<dataset>.<model>.zip, and its checksum


rule bundle_model:
    input:
        tensors="results/{dataset}/tensors",
        splits="results/{dataset}/splits",
        leakage="results/{dataset}/leakage",
        examples="results/{dataset}/examples/examples.parquet",
        comparison="results/{dataset}/evaluation/comparison.tsv",
        models=ask(study.of_models),
        scores=ask(study.of_runs, "scores.parquet"),
        records=ask(study.of_runs, "run.json"),
        markers=ask(study.datasets.markers),
        members=ask(study.bundles_of_members),
        own_code=ask(study.models.own_code),
    output:
        bundle="results/bundles/{dataset}.{model}.zip",
        sha256="results/bundles/{dataset}.{model}.zip.sha256",
    log:
        "results/logs/bundle_model/{dataset}/{model}.log",
    benchmark:
        "results/benchmarks/bundle_model/{dataset}/{model}.jsonl"
    wildcard_constraints:
        model=any_of(study.models.bundled),
    conda:
        "../../envs/keras.yaml"
    threads: 1
    resources:
        mem_mb=scaled(4000),
        runtime=scaled(30),
    params:
        facts=ask(records.bundled_facts, study),
        code=step_code(
            "bundle_model",
            files=[LIBRARY / "scoring" / "templates" / name for name in ("card.md", "score.py")],
        ),
    message:
        "Bundling {wildcards.model} on {wildcards.dataset}"
    script:
        "../../scripts/bundle_model.py"
