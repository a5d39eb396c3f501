import pandas as pd

from basewise.composition import class_balance
from basewise.parts import read_split
from basewise.steps import logged
from basewise.tables import write_table

with logged(snakemake.log[0]):
    examples = pd.read_parquet(snakemake.input.examples)
    part = read_split(snakemake.input.split, examples["id"])
    write_table(class_balance(examples, part), snakemake.output.balance)
