from basewise.evaluation import measure_runs
from basewise.runs import read_runs
from basewise.steps import logged
from basewise.tables import write_table

with logged(snakemake.log[0]):
    metrics = measure_runs(
        read_runs(snakemake.params.runs, snakemake.input.scores),
        dataset=snakemake.wildcards.dataset,
        model=snakemake.wildcards.model,
        task=snakemake.params.task,
        root_seed=snakemake.params.root_seed,
    )
    write_table(metrics, snakemake.output.metrics)
