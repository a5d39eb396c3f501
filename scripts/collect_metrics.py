import pandas as pd

from basewise.steps import logged
from basewise.tables import METRIC_COLUMNS, read_tables, write_table

with logged(snakemake.log[0]):
    nothing = pd.DataFrame(columns=METRIC_COLUMNS)
    files = snakemake.input.metrics
    write_table(read_tables(files) if files else nothing, snakemake.output.metrics)
