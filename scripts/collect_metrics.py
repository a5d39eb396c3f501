from basewise.steps import logged
from basewise.tables import read_tables, write_table

with logged(snakemake.log[0]):
    write_table(read_tables(snakemake.input.metrics), snakemake.output.metrics)
