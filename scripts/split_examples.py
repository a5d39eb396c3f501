from basewise.core.jobs import check_sha256, logged
from basewise.core.seeds import derive_seed
from basewise.core.user_tables import read_user_table
from basewise.examples.encoding import example_letters
from basewise.splits.similarity import clusters
from basewise.splits.splitting import split_examples
from basewise.store.parts import write_split
from basewise.store.tables import read_examples

with logged(snakemake.log[0], snakemake.wildcards.dataset):
    check_sha256(snakemake.input.table, snakemake.params.sha256)
    examples = read_examples(snakemake.input.examples)
    seed = derive_seed(snakemake.params.root_seed, snakemake.wildcards.dataset, "split")
    settings = {"seed": seed, "fold": int(snakemake.wildcards.fold), **snakemake.params.split}
    if snakemake.input.table:
        settings["table"] = read_user_table(snakemake.input.table[0], snakemake.params.schema)
    if snakemake.input.letters:
        letters = example_letters(snakemake.input.letters[0], examples)
        settings["clusters"] = clusters(letters, snakemake.params.alphabet, **snakemake.params.near)
    part = split_examples(examples, task=snakemake.params.task, **settings)
    write_split(examples, part, snakemake.output.split)
