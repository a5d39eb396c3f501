# From score files to numbers; TensorFlow is not needed here. One job measures several models of a
# dataset, see basewise/config/teams.py.
#
# Input:  models/<model>/fold<n>/seed<n>/scores.parquet
# Output: evaluation/<model>/  measures, and the table behind every figure


for team in teams.measuring(study, "evaluate_classifier", study.datasets.classified):

    rule:
        name:
            team.rule
        input:
            scores=ask(study.of_several, "scores.parquet", team.models),
            splits="results/{dataset}/splits",
            leakage="results/{dataset}/leakage",
            examples="results/{dataset}/examples/examples.parquet",
            tensors="results/{dataset}/tensors",
        output:
            metrics=team.files("metrics.tsv"),
            summary=team.files("summary.tsv"),
            replicates=team.files("replicates.parquet"),
            thresholds=team.files("thresholds.tsv"),
            calibration=team.files("calibration.tsv"),
            confusion=team.files("confusion.tsv"),
            scores=team.files("scores.tsv"),
            roc=team.files("roc.tsv"),
            precision_recall=team.files("precision_recall.tsv"),
            errors=team.files("errors.tsv"),
        log:
            f"results/logs/evaluate_classifier/{{dataset}}/{team.models[0]}.log",
        benchmark:
            f"results/benchmarks/evaluate_classifier/{{dataset}}/{team.models[0]}.jsonl"
        wildcard_constraints:
            dataset=any_of(team.datasets),
        conda:
            "../../envs/analysis.yaml"
        threads: 1
        resources:
            mem_mb=scaled(4000),
            runtime=scaled(60),
        params:
            folds=ask(study.datasets.folds),
            runs=ask(study.runs_of, team.models),
            task=ask(study.datasets.setting, "task"),
            evaluation=study.config["evaluation"],
            root_seed=study.root_seed,
            code=step_code("evaluate_classifier"),
        message:
            f"Measuring {', '.join(team.models)} on {{wildcards.dataset}}"
        script:
            "../../scripts/evaluate_classifier.py"


for team in teams.measuring(study, "evaluate_regression", study.datasets.regressions):

    rule:
        name:
            team.rule
        input:
            scores=ask(study.of_several, "scores.parquet", team.models),
            splits="results/{dataset}/splits",
            leakage="results/{dataset}/leakage",
            examples="results/{dataset}/examples/examples.parquet",
            tensors="results/{dataset}/tensors",
        output:
            metrics=team.files("metrics.tsv"),
            summary=team.files("summary.tsv"),
            replicates=team.files("replicates.parquet"),
            predicted=team.files("predicted.tsv"),
            residuals=team.files("residuals.tsv"),
            errors=team.files("errors.tsv"),
        log:
            f"results/logs/evaluate_regression/{{dataset}}/{team.models[0]}.log",
        benchmark:
            f"results/benchmarks/evaluate_regression/{{dataset}}/{team.models[0]}.jsonl"
        wildcard_constraints:
            dataset=any_of(team.datasets),
        conda:
            "../../envs/analysis.yaml"
        threads: 1
        resources:
            mem_mb=scaled(2000),
            runtime=scaled(60),
        params:
            folds=ask(study.datasets.folds),
            runs=ask(study.runs_of, team.models),
            task=ask(study.datasets.setting, "task"),
            transform=ask(study.datasets.setting, "transform"),
            evaluation=study.config["evaluation"],
            root_seed=study.root_seed,
            code=step_code("evaluate_regression"),
        message:
            f"Measuring {', '.join(team.models)} on {{wildcards.dataset}}"
        script:
            "../../scripts/evaluate_regression.py"
