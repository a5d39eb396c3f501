from basewise.core.jobs import check_sha256, logged, one_or_named
from basewise.core.seeds import generator
from basewise.examples.candidates import add_shuffled, write_extraction
from basewise.examples.from_regions import extract_regions

with logged(snakemake.log[0], snakemake.wildcards.dataset):
    check_sha256(snakemake.input, snakemake.params.sha256)
    draws = generator(snakemake.params.root_seed, snakemake.wildcards.dataset, "negatives")
    negatives = snakemake.params.negatives or {"method": "none"}
    extraction = extract_regions(
        snakemake.input.genome[0],
        one_or_named(snakemake.input.regions, snakemake.params.classes),
        columns=snakemake.params.columns,
        aliases_path=next(iter(snakemake.input.aliases), None),
        exclude=snakemake.input.exclude,
        negatives=negatives if negatives["method"] == "genome" else None,
        away_from=snakemake.input.away_from,
        generator=draws,
        **snakemake.params.cutting,
    )
    if negatives["method"] == "shuffle":
        extraction = add_shuffled(extraction, negatives["ratio"], draws)
    write_extraction(extraction, **snakemake.output)
