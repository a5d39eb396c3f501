from basewise.core.jobs import logged
from basewise.evaluation.evaluate import evaluate
from basewise.evaluation.figure_tables import predicted_values, residual_histogram
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
    beside = dict(groups=groups_of(splits), leaking=leaking, transform=params.transform)
    evaluation = evaluate(
        runs, **names, task=task, root_seed=params.root_seed, **beside, **params.evaluation
    )
    print(evaluation.summary.to_string(index=False, max_rows=100))
    write_table(evaluation.metrics, out.metrics)
    write_table(evaluation.summary, out.summary)
    write_parquet(evaluation.replicates, out.replicates)
    write_table(predicted_values(runs), out.predicted)
    write_table(residual_histogram(runs), out.residuals)
    tensors = open_tensors(source.tensors, memory=0)
    write_table(worst_errors(runs, task, read_examples(source.examples), tensors), out.errors)
