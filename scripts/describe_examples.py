import pandas as pd

from basewise.evaluation import class_balance
from basewise.splits import read_split
from basewise.steps import logged, write_table

with logged(snakemake.log[0]):
    examples = pd.read_parquet(snakemake.input.examples)
    part = read_split(snakemake.input.split, examples["id"])
    write_table(class_balance(examples, part), snakemake.output.balance)
