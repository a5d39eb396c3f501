from basewise.core.jobs import announce, logged
from basewise.store.parts import fold_file
from basewise.store.run_records import new_run
from basewise.training import device

run, params, memory_mb = snakemake.wildcards, snakemake.params, snakemake.resources.mem_mb
job = {"gpu": device.granted(snakemake.resources), "memory_mb": memory_mb}
with logged(snakemake.log.text, run.dataset), device.prepare(**job, **params.device) as used:
    from basewise.training.run import train_and_save

    announce(f"{run.model} on {run.dataset}, fold {run.fold}, seed {run.seed}: {used}")
    train_and_save(
        snakemake.input.tensors,
        fold_file(snakemake.input.splits, run.fold),
        dict(snakemake.output),
        new_run(
            run,
            architecture=params.architecture,
            settings=params.settings,
            control=params.control,
            training=params.training,
            device=used,
        ),
        motifs=snakemake.input.motifs,
        transform=params.transform,
        covariates=next(iter(snakemake.input.covariates), None),
        tuned=next(iter(snakemake.input.tuned), None),
        root_seed=params.root_seed,
        device_settings=params.device,
        memory_mb=memory_mb,
        code=params.code,
        table=snakemake.log.epochs,
    )
