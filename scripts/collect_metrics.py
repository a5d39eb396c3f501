from basewise.evaluation import read_tables
from basewise.steps import logged, write_table

with logged(snakemake.log[0]):
    write_table(read_tables(snakemake.input.metrics), snakemake.output.metrics)
