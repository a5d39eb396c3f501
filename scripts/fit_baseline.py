from basewise.baselines import fit_and_save
from basewise.core.jobs import logged
from basewise.store.parts import fold_file
from basewise.store.run_records import new_run

with logged(snakemake.log[0], snakemake.wildcards.dataset):
    fit_and_save(
        snakemake.input.tensors,
        fold_file(snakemake.input.splits, snakemake.wildcards.fold),
        dict(snakemake.output),
        new_run(
            snakemake.wildcards,
            baseline=snakemake.params.baseline,
            settings=snakemake.params.settings,
            control=snakemake.params.control,
        ),
        motifs=snakemake.input.motifs,
        transform=snakemake.params.transform,
        covariates=next(iter(snakemake.input.covariates), None),
        root_seed=snakemake.params.root_seed,
    )
