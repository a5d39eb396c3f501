import pandas as pd

from basewise.core.jobs import logged
from basewise.store.tables import METRIC_COLUMNS, read_tables, write_table

with logged(snakemake.log[0]):
    nothing = pd.DataFrame(columns=METRIC_COLUMNS)
    files = snakemake.input.metrics
    write_table(read_tables(files, METRIC_COLUMNS) if files else nothing, snakemake.output.metrics)
