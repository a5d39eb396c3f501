from basewise.core.jobs import logged
from basewise.evaluation.curves import curve_points
from basewise.evaluation.evaluate import evaluate
from basewise.evaluation.figure_tables import confusion_counts, score_histogram
from basewise.evaluation.worst_errors import worst_errors
from basewise.figures.writing import write_figures
from basewise.store.parts import groups_of, read_leaking, read_split
from basewise.store.scores import read_runs
from basewise.store.tables import read_examples, write_parquet, write_table

with logged(snakemake.log[0]):
    params, source, out = snakemake.params, snakemake.input, snakemake.output
    names = dict(snakemake.wildcards.items())
    splits, task = list(map(read_split, source.splits)), params.task
    runs = list(read_runs(params.runs, source.scores, splits))
    draws = dict(root_seed=params.root_seed, groups=groups_of(splits))
    leaking = read_leaking(source.leakage)
    found = evaluate(runs, **names, task=task, **draws, leaking=leaking, **params.evaluation)
    curves = curve_points(runs, task, dataset=names["dataset"], **draws)
    write_table(found.metrics, out.metrics)
    write_table(found.summary, out.summary)
    write_table(found.thresholds, out.thresholds)
    write_parquet(found.replicates, out.replicates)
    tables = dict(calibration=found.calibration, **curves._asdict())
    tables |= dict(confusion=confusion_counts(runs, task), scores=score_histogram(runs))
    write_figures(tables, out, **names)
    errors = worst_errors(runs, task, read_examples(source.examples), source.letters)
    write_table(errors, out.errors)
