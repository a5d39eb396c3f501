from basewise.core.jobs import logged
from basewise.examples.encoding import example_letters
from basewise.splits.leakage import audit, check_leakage, summarise
from basewise.store.parts import read_split
from basewise.store.tables import read_examples, write_table

with logged(snakemake.log[0], snakemake.wildcards.dataset):
    examples = read_examples(snakemake.input.examples)
    part = read_split(snakemake.input.split, examples["id"]).part
    leaks = audit(
        example_letters(snakemake.input.letters, examples),
        examples,
        part,
        alphabet=snakemake.params.alphabet,
        grouped=snakemake.params.grouped,
        **snakemake.params.near,
    )
    summary = summarise(
        leaks, part, alphabet=snakemake.params.alphabet, grouped=snakemake.params.grouped
    )
    print(summary.to_string(index=False))
    if snakemake.params.fail:
        print(leaks[leaks["part"] != leaks["other_part"]].to_string(index=False, max_rows=200))
        check_leakage(summary)
    write_table(leaks, snakemake.output.leakage)
    write_table(summary, snakemake.output.summary)
