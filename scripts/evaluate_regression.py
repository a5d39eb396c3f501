from basewise.core.jobs import logged, of_each_model
from basewise.evaluation.evaluate import evaluate
from basewise.evaluation.figure_tables import predicted_values, residual_histogram
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
    beside = dict(leaking=leaking, transform=params.transform, **params.evaluation)

    for model, paths, out in of_each_model(params.runs, source.scores, snakemake.output):
        runs = list(read_runs(params.runs[model], paths, splits))
        evaluation = evaluate(runs, dataset=dataset, model=model, task=task, **draws, **beside)
        print(model, evaluation.summary.to_string(index=False, max_rows=100), sep="\n")
        write_table(evaluation.metrics, out["metrics"])
        write_table(evaluation.summary, out["summary"])
        write_parquet(evaluation.replicates, out["replicates"])
        write_table(predicted_values(runs), out["predicted"])
        write_table(residual_histogram(runs), out["residuals"])
        write_table(worst_errors(runs, task, examples, tensors), out["errors"])
