import pandas as pd

from basewise.core.jobs import logged
from basewise.evaluation.comparisons import compare_models
from basewise.evaluation.matched import read_matched
from basewise.evaluation.paired import paired_tests
from basewise.store.parts import fold_file, read_groups
from basewise.store.tables import CEILING, read_tables, write_table

with logged(snakemake.log[0]):
    task, kinds, out = snakemake.params.task, snakemake.params.kinds, snakemake.output
    metrics = read_tables([*snakemake.input.metrics, *snakemake.input.ceiling])
    summaries = read_tables(snakemake.input.summaries)
    comparison = compare_models(summaries, metrics[metrics["model"] == CEILING], kinds)
    replicates = dict(zip(kinds, map(pd.read_parquet, snakemake.input.replicates), strict=True))
    related = comparison["unit"].str.contains("group").any()
    splits = [fold_file(snakemake.input.splits, fold) for fold in snakemake.params.folds]
    groups = read_groups(splits) if related else None
    scores = read_matched(snakemake.params.runs, snakemake.input.scores, task, groups)
    named = snakemake.params.reference
    paired = paired_tests(metrics, replicates, scores, task=task, kinds=kinds, named=named)
    print(paired[paired["decides"] == 1].to_csv(sep="\t", index=False))
    write_table(metrics, out.metrics)
    write_table(comparison, out.comparison)
    write_table(paired, out.paired)
