import pandas as pd

from basewise.balance import class_balance
from basewise.parts import read_split
from basewise.steps import logged
from basewise.tables import write_table

with logged(snakemake.log[0]):
    examples = pd.read_parquet(snakemake.input.examples)
    parts = [read_split(path, examples["id"]) for path in snakemake.input.splits]
    write_table(class_balance(examples, parts, snakemake.params.task), snakemake.output.balance)
