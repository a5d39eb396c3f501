import pandas as pd

from basewise.evaluation import evaluate
from basewise.evaluation_inputs import read_groups, read_leaking
from basewise.figures import write_figures
from basewise.runs import read_runs
from basewise.steps import logged
from basewise.tables import write_parquet, write_table
from basewise.value_tables import predicted_values, residual_histogram
from basewise.worst_errors import worst_errors

with logged(snakemake.log[0]):
    params, source, out = snakemake.params, snakemake.input, snakemake.output
    names = dict(snakemake.wildcards.items())
    runs, task = list(read_runs(params.runs, source.scores)), params.task
    beside = dict(groups=read_groups(source.splits), leaking=read_leaking(source.leakage))
    found = evaluate(
        runs, **names, task=task, root_seed=params.root_seed, **beside, **params.evaluation
    )
    write_table(found.metrics, out.metrics)
    write_table(found.summary, out.summary)
    write_parquet(found.replicates, out.replicates)
    tables = dict(predicted=predicted_values(runs), residuals=residual_histogram(runs))
    write_figures(tables, out, **names)
    errors = worst_errors(runs, task, pd.read_parquet(source.examples), source.letters)
    write_table(errors, out.errors)
