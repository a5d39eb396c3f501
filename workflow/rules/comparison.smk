# The models of all datasets side by side.


rule compare_datasets:
    input:
        comparisons=files_of(measured(), "evaluation", "comparison.tsv"),
    output:
        models="results/comparison/models.tsv",
        ranks="results/comparison/ranks.tsv",
        forest=report(
            "results/comparison/forest.svg",
            caption="../report/forest.rst",
            category="all datasets",
            labels={"figure": "every model of every dataset"},
        ),
        forest_picture="results/comparison/forest.png",
        ranks_figure=report(
            "results/comparison/ranks.svg",
            caption="../report/ranks.rst",
            category="all datasets",
            labels={"figure": "average ranks"},
        ),
        ranks_picture="results/comparison/ranks.png",
    log:
        "results/logs/compare_datasets.log",
    benchmark:
        "results/benchmarks/compare_datasets.jsonl"
    conda:
        "../../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=scaled(1000),
        runtime=scaled(10),
    params:
        tasks={dataset: config["datasets"][dataset]["task"] for dataset in measured()},
        code=step_code("compare_datasets"),
    message:
        "Comparing the models of all datasets"
    script:
        "../../scripts/compare_datasets.py"
