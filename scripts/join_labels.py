import pandas as pd

from basewise.labels import join_labels, read_label_lines, write_examples
from basewise.sequences import read_fasta
from basewise.steps import check_sha256, logged
from basewise.tables import read_table
from basewise.user_tables import read_user_table

with logged(snakemake.log[0], snakemake.wildcards.dataset):
    check_sha256(snakemake.input.labels, snakemake.params.sha256)
    candidates = pd.read_parquet(snakemake.input.candidates)
    _, letters = read_fasta(snakemake.input.fasta)
    joined = {"known_dropped": frozenset(read_table(snakemake.input.dropped)["id"])}
    for path in snakemake.input.labels:
        joined["labels_path"] = path
        if snakemake.params.one_a_line:
            joined["labels"] = read_label_lines(path, snakemake.params.schema, len(candidates))
        else:
            joined["labels"] = read_user_table(path, snakemake.params.schema)
    write_examples(join_labels(candidates, letters, **joined), **snakemake.output)
