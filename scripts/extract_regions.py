from basewise.extraction import write_extraction
from basewise.from_regions import extract_regions
from basewise.seeds import generator
from basewise.steps import check_sha256, logged

with logged(snakemake.log[0], snakemake.wildcards.dataset):
    check_sha256(snakemake.input, snakemake.params.sha256)
    extraction = extract_regions(
        snakemake.input.genome[0],
        snakemake.input.regions[0],
        window=snakemake.params.window,
        keep=snakemake.params.keep,
        named=snakemake.params.named,
        negatives=snakemake.params.negatives,
        away_from=snakemake.input.away_from,
        generator=generator(snakemake.params.root_seed, snakemake.wildcards.dataset, "negatives"),
    )
    write_extraction(extraction, **snakemake.output)
