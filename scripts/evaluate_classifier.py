from basewise.core.jobs import logged
from basewise.evaluation.curves import curve_points
from basewise.evaluation.evaluate import evaluate
from basewise.evaluation.figure_tables import confusion_counts, score_histogram
from basewise.evaluation.worst_errors import worst_errors
from basewise.store.parts import fold_file, groups_of, read_leaking, read_split
from basewise.store.scores import read_runs
from basewise.store.shards import open_tensors
from basewise.store.tables import read_examples, write_parquet, write_table

with logged(snakemake.log[0]):
    params, source, out = snakemake.params, snakemake.input, snakemake.output
    names = dict(snakemake.wildcards.items())
    splits = [read_split(fold_file(source.splits, fold)) for fold in params.folds]
    leaking = read_leaking([fold_file(source.leakage, fold) for fold in params.folds])
    task = params.task
    runs = list(read_runs(params.runs, source.scores, splits))
    draws = dict(root_seed=params.root_seed, groups=groups_of(splits))
    evaluation = evaluate(runs, **names, task=task, **draws, leaking=leaking, **params.evaluation)
    curves = curve_points(runs, task, dataset=names["dataset"], **draws)
    print(evaluation.summary.to_string(index=False, max_rows=100))
    write_table(evaluation.metrics, out.metrics)
    write_table(evaluation.summary, out.summary)
    write_table(evaluation.thresholds, out.thresholds)
    write_parquet(evaluation.replicates, out.replicates)
    write_table(evaluation.calibration, out.calibration)
    write_table(curves.roc, out.roc)
    write_table(curves.precision_recall, out.precision_recall)
    write_table(confusion_counts(runs, task), out.confusion)
    write_table(score_histogram(runs), out.scores)
    tensors = open_tensors(source.tensors, memory=0)
    write_table(worst_errors(runs, task, read_examples(source.examples), tensors), out.errors)
