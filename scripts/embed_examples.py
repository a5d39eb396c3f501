from basewise.core.jobs import logged
from basewise.store.parts import fold_file
from basewise.training import device

with (
    logged(snakemake.log[0], snakemake.wildcards.dataset),
    device.prepare(gpu=0, memory_mb=snakemake.resources.mem_mb, **snakemake.params.device),
):
    from basewise.training.autoencoder import embed_and_save

    embed_and_save(
        snakemake.input.tensors,
        fold_file(snakemake.input.splits, snakemake.params.fold),
        snakemake.input.model,
        snakemake.output.embedding,
    )
