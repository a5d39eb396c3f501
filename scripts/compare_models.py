from basewise.core.jobs import logged
from basewise.evaluation.paired import paired_tests, read_matched
from basewise.evaluation.rankings import compare_models
from basewise.store.parts import fold_file, groups_of, read_split
from basewise.store.tables import (
    CEILING,
    METRIC_COLUMNS,
    REPLICATE_COLUMNS,
    SUMMARY_COLUMNS,
    read_parquet,
    read_tables,
    write_table,
)

with logged(snakemake.log[0]):
    task, kinds, out = snakemake.params.task, snakemake.params.kinds, snakemake.output
    metrics = read_tables([*snakemake.input.metrics, *snakemake.input.ceiling], METRIC_COLUMNS)
    summaries = read_tables(snakemake.input.summaries, SUMMARY_COLUMNS)
    comparison = compare_models(summaries, metrics[metrics["model"] == CEILING], kinds)
    resampled = [read_parquet(path, REPLICATE_COLUMNS) for path in snakemake.input.replicates]
    replicates = dict(zip(kinds, resampled, strict=True))
    related = comparison["unit"].str.contains("group").any()
    splits = (fold_file(snakemake.input.splits, fold) for fold in snakemake.params.folds)
    groups = groups_of(map(read_split, splits)) if related else None
    scores = read_matched(snakemake.params.runs, snakemake.input.scores, task, groups)
    named = snakemake.params.reference
    paired = paired_tests(metrics, replicates, scores, task=task, kinds=kinds, named=named)
    print(paired[paired["decides"] == 1].to_csv(sep="\t", index=False))
    write_table(metrics, out.metrics)
    write_table(comparison, out.comparison)
    write_table(paired, out.paired)
