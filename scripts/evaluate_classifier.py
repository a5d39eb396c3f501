import pandas as pd

from basewise.class_tables import confusion_counts, score_histogram
from basewise.curves import curve_points
from basewise.evaluation import evaluate
from basewise.evaluation_inputs import read_groups, read_leaking
from basewise.figures import write_figures
from basewise.runs import read_runs
from basewise.steps import logged
from basewise.tables import write_parquet, write_table
from basewise.worst_errors import worst_errors

with logged(snakemake.log[0]):
    params, source, out = snakemake.params, snakemake.input, snakemake.output
    names = dict(snakemake.wildcards.items())
    runs, task = list(read_runs(params.runs, source.scores)), params.task
    draws = dict(root_seed=params.root_seed, groups=read_groups(source.splits))
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
    errors = worst_errors(runs, task, pd.read_parquet(source.examples), source.letters)
    write_table(errors, out.errors)
