from basewise import device
from basewise.steps import logged

with logged(snakemake.log[0], snakemake.wildcards.dataset):
    used = device.prepare(threads=snakemake.params.threads, gpu=snakemake.resources.get("gpu", 0))
    from basewise.networks import train_and_save

    train_and_save(
        snakemake.input.tensors,
        snakemake.input.split,
        dict(snakemake.output),
        architecture=snakemake.params.architecture,
        settings=snakemake.params.settings,
        motifs=snakemake.input.motifs,
        training=snakemake.params.training,
        transform=snakemake.params.transform,
        covariates=next(iter(snakemake.input.covariates), None),
        root_seed=snakemake.params.root_seed,
        run=dict(snakemake.wildcards),
        device=used,
        memory_mb=snakemake.resources.mem_mb,
    )
