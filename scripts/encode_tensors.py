import pandas as pd

from basewise.sequences import read_fasta
from basewise.shards import write_tensors
from basewise.steps import logged, replacing
from basewise.tables import OUTPUT

with logged(snakemake.log[0], snakemake.wildcards.dataset):
    examples = pd.read_parquet(snakemake.input.examples)
    ids, letters = read_fasta(snakemake.input.fasta)
    rows = pd.Index(ids).get_indexer(examples["id"])
    target = examples[[OUTPUT]].to_numpy()
    with replacing(snakemake.output.tensors) as folder:
        write_tensors(folder, letters[rows], target, examples["id"], [OUTPUT])
