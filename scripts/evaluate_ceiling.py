import pandas as pd

from basewise.ceiling import measure_ceiling
from basewise.parts import read_split
from basewise.steps import logged
from basewise.tables import write_table

with logged(snakemake.log[0]):
    examples = pd.read_parquet(snakemake.input.examples)
    metrics = measure_ceiling(
        examples,
        read_split(snakemake.input.split, examples["id"]),
        snakemake.input.scores[0],
        next(iter(snakemake.input.population), None),
        dataset=snakemake.wildcards.dataset,
        fold=int(snakemake.wildcards.fold),
        root_seed=snakemake.params.root_seed,
    )
    write_table(metrics, snakemake.output.metrics)
