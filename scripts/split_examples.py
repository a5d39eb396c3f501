import pandas as pd

from basewise.seeds import derive_seed
from basewise.splits import split_examples, write_split
from basewise.steps import logged

with logged(snakemake.log[0]):
    examples = pd.read_parquet(snakemake.input.examples)
    settings = {"table": path for path in snakemake.input.table}
    seed = derive_seed(snakemake.params.root_seed, snakemake.wildcards.dataset, "split")
    part = split_examples(examples, **{"seed": seed, **snakemake.params.split, **settings})
    write_split(examples, part, snakemake.output.split)
