from basewise.core.jobs import logged
from basewise.core.seeds import derive_seed
from basewise.training.search_results import write_results

names = snakemake.wildcards.dataset, snakemake.wildcards.model, snakemake.wildcards.fold
with logged(snakemake.log[0], snakemake.wildcards.dataset):
    write_results(
        snakemake.input.jobs,
        snakemake.params.search,
        snakemake.params.trials,
        derive_seed(snakemake.params.root_seed, *names, "importance"),
        dict(snakemake.output),
    )
