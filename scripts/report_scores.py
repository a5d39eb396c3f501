from basewise.core.jobs import logged
from basewise.report.scored import write_score_page

with logged(snakemake.log[0]):
    source, params = snakemake.input, snakemake.params
    write_score_page(
        dict(snakemake.output),
        name=snakemake.wildcards.scored,
        scores=source.scores,
        bundle=source.bundle,
        source=params.source,
    )
