from basewise.extraction import write_extraction
from basewise.from_sequences import extract_sequences
from basewise.seeds import generator
from basewise.shuffling import add_shuffled
from basewise.steps import check_sha256, logged, one_or_named

with logged(snakemake.log[0], snakemake.wildcards.dataset):
    check_sha256(snakemake.input, snakemake.params.sha256)
    files = one_or_named(snakemake.input.sequences, snakemake.params.names)
    extraction = extract_sequences({snakemake.params.form: files}, **snakemake.params.reading)
    negatives = snakemake.params.negatives
    if negatives and negatives["method"] == "shuffle":
        draws = generator(snakemake.params.root_seed, snakemake.wildcards.dataset, "negatives")
        extraction = add_shuffled(extraction, negatives["ratio"], draws)
    write_extraction(extraction, **snakemake.output)
