from basewise.core.jobs import check_sha256, logged, one_or_nested
from basewise.core.seeds import generator
from basewise.core.workbooks import of_sheet
from basewise.examples.candidates import add_shuffled, write_extraction
from basewise.examples.from_sequences import extract_sequences

with logged(snakemake.log[0], snakemake.wildcards.dataset):
    check_sha256(snakemake.input, snakemake.params.sha256)
    paths = [of_sheet(path, *snakemake.params.sheet) for path in snakemake.input.sequences]
    files = one_or_nested(paths, snakemake.params.names)
    extraction = extract_sequences({snakemake.params.form: files}, **snakemake.params.reading)
    negatives = snakemake.params.negatives
    if negatives and negatives["method"] == "shuffle":
        draws = generator(snakemake.params.root_seed, snakemake.wildcards.dataset, "negatives")
        extraction = add_shuffled(extraction, negatives["ratio"], draws)
    write_extraction(extraction, **snakemake.output)
