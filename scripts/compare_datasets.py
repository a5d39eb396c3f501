from basewise.core.jobs import logged
from basewise.evaluation.rankings import collect_models, rank_models
from basewise.store.tables import COMPARISON_COLUMNS, read_table, write_table

with logged(snakemake.log[0]):
    tasks = snakemake.params.tasks
    tables = [read_table(path, COMPARISON_COLUMNS) for path in snakemake.input.comparisons]
    models = collect_models(dict(zip(tasks, tables, strict=True)), tasks)
    write_table(models, snakemake.output.models)
    write_table(rank_models(models), snakemake.output.ranks)
