from basewise.core.jobs import logged
from basewise.store.parts import fold_file
from basewise.training import device

resources, params, wildcards = snakemake.resources, snakemake.params, snakemake.wildcards
with (
    logged(snakemake.log[0], wildcards.dataset),
    device.prepare(gpu=device.granted(resources), memory_mb=resources.mem_mb, **params.device),
):
    from basewise.training.search import Plan, tune_and_save

    tune_and_save(
        snakemake.input.tensors,
        fold_file(snakemake.input.splits, wildcards.fold),
        snakemake.output.job,
        architecture=params.architecture,
        settings=params.settings,
        motifs=snakemake.input.motifs,
        covariates=next(iter(snakemake.input.covariates), None),
        training=params.training,
        transform=params.transform,
        search=params.search,
        plan=Plan(*params.plan, job=int(wildcards.job)),
        root_seed=params.root_seed,
        run={**wildcards, "seed": params.seed},
        device_settings=params.device,
        memory_mb=resources.mem_mb,
        code=params.code,
    )
