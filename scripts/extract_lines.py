from basewise.extraction import write_extraction
from basewise.from_lines import extract_lines
from basewise.steps import check_sha256, logged

with logged(snakemake.log[0], snakemake.wildcards.dataset):
    check_sha256(snakemake.input, snakemake.params.sha256)
    write_extraction(extract_lines(snakemake.input.sequences[0]), **snakemake.output)
