from basewise.ensembles import average_runs
from basewise.steps import logged

with logged(snakemake.log[0], snakemake.wildcards.dataset):
    average_runs(
        snakemake.input.scores,
        snakemake.input.runs,
        dict(snakemake.output),
        dict(snakemake.wildcards),
    )
