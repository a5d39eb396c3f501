from basewise.core.jobs import check_sha256, logged
from basewise.core.workbooks import of_sheet
from basewise.examples.from_genotypes import extract, write_extracted
from basewise.genotypes.reading import read_genotypes

with logged(snakemake.log[0], snakemake.wildcards.dataset):
    check_sha256([*snakemake.input], snakemake.params.sha256)
    path = of_sheet(snakemake.input.genotypes[0], *snakemake.params.sheet)
    maps = [of_sheet(file, *snakemake.params.map_sheet) for file in snakemake.input.map]
    places = next(iter(maps), None)
    genotypes = read_genotypes(path, map=places, **snakemake.params.reading)
    extracted = extract(genotypes, path, places, **snakemake.params.filters)
    write_extracted(extracted, **snakemake.output)
