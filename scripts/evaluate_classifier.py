from basewise.core.jobs import logged, of_each_model
from basewise.evaluation.curves import curve_points
from basewise.evaluation.evaluate import evaluate
from basewise.evaluation.figure_tables import confusion_counts, score_histogram
from basewise.evaluation.worst_errors import worst_errors
from basewise.store.parts import fold_file, groups_of, read_leaking, read_split
from basewise.store.scores import read_runs
from basewise.store.shards import open_tensors
from basewise.store.tables import read_examples, write_parquet, write_table

with logged(snakemake.log[0]):
    params, source = snakemake.params, snakemake.input
    dataset, task = snakemake.wildcards.dataset, params.task
    splits = [read_split(fold_file(source.splits, fold)) for fold in params.folds]
    leaking = read_leaking([fold_file(source.leakage, fold) for fold in params.folds])
    examples, tensors = read_examples(source.examples), open_tensors(source.tensors, memory=0)
    draws = dict(root_seed=params.root_seed, groups=groups_of(splits))
    beside = dict(leaking=leaking, **params.evaluation)

    for model, paths, out in of_each_model(params.runs, source.scores, snakemake.output):
        runs = list(read_runs(params.runs[model], paths, splits))
        evaluation = evaluate(runs, dataset=dataset, model=model, task=task, **draws, **beside)
        curves = curve_points(runs, task, dataset=dataset, **draws)
        print(model, evaluation.summary.to_string(index=False, max_rows=100), sep="\n")
        write_table(evaluation.metrics, out["metrics"])
        write_table(evaluation.summary, out["summary"])
        write_table(evaluation.thresholds, out["thresholds"])
        write_parquet(evaluation.replicates, out["replicates"])
        write_table(evaluation.calibration, out["calibration"])
        write_table(curves.roc, out["roc"])
        write_table(curves.precision_recall, out["precision_recall"])
        write_table(confusion_counts(runs, task), out["confusion"])
        write_table(score_histogram(runs), out["scores"])
        write_table(worst_errors(runs, task, examples, tensors), out["errors"])
