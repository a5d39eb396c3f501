from basewise.core.jobs import logged
from basewise.store.run_records import new_run
from basewise.training.ensembles import average_runs

with logged(snakemake.log[0], snakemake.wildcards.dataset):
    average_runs(
        snakemake.input.scores,
        snakemake.input.runs,
        dict(snakemake.output),
        new_run(snakemake.wildcards),
    )
