import pandas as pd

from basewise.core.jobs import logged
from basewise.evaluation.rankings import collect_models, rank_models
from basewise.store.tables import (
    COMPARISON_COLUMNS,
    METRIC_COLUMNS,
    read_table,
    read_tables,
    write_table,
)

with logged(snakemake.log[0]):
    files, out, tasks = snakemake.input.metrics, snakemake.output, snakemake.params.tasks
    nothing = pd.DataFrame(columns=METRIC_COLUMNS)
    write_table(read_tables(files, METRIC_COLUMNS) if files else nothing, out.metrics)
    tables = [read_table(path, COMPARISON_COLUMNS) for path in snakemake.input.comparisons]
    models = collect_models(dict(zip(tasks, tables, strict=True)), tasks)
    write_table(models, out.models)
    write_table(rank_models(models), out.ranks)
