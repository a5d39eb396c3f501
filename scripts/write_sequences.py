from basewise.core.jobs import logged
from basewise.sequences.fasta import write_fasta
from basewise.store.arrays import read_array
from basewise.store.receipts import writing
from basewise.store.tables import read_candidates

with logged(snakemake.log[0], snakemake.wildcards.dataset):
    ids = read_candidates(snakemake.input.candidates)["id"].tolist()
    with writing(snakemake.output.fasta) as path:
        write_fasta(path, ids, read_array(snakemake.input.letters, rows=len(ids)))
