import pandas as pd

from basewise.labels import join_labels, read_label_lines, write_examples
from basewise.sequences import read_fasta
from basewise.steps import check_sha256, logged
from basewise.user_tables import read_user_table

with logged(snakemake.log[0]):
    check_sha256(snakemake.input.labels, snakemake.params.sha256)
    candidates = pd.read_parquet(snakemake.input.candidates)
    _, letters = read_fasta(snakemake.input.fasta)
    joined = {}
    for path in snakemake.input.labels:
        read = read_label_lines if snakemake.params.one_a_line else read_user_table
        joined = {"labels": read(path, snakemake.params.schema), "labels_path": path}
    already = pd.read_csv(snakemake.input.dropped, sep="\t", dtype={"id": str})["id"]
    examples = join_labels(candidates, letters, known_dropped=frozenset(already), **joined)
    write_examples(examples, **snakemake.output)
