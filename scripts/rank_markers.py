from basewise.core.jobs import logged
from basewise.store.parts import fold_file
from basewise.training import device

with (
    logged(snakemake.log[0], snakemake.wildcards.dataset),
    device.prepare(gpu=0, memory_mb=snakemake.resources.mem_mb, **snakemake.params.device),
):
    from basewise.evaluation.marker_effects import effects_and_save

    splits = [fold_file(snakemake.input.splits, fold) for fold, _ in snakemake.params.runs]
    effects_and_save(
        snakemake.input.tensors,
        snakemake.input.markers,
        list(zip(splits, snakemake.input.models, snakemake.input.runs, strict=True)),
        snakemake.output.effects,
        own_code=snakemake.input.own_code,
    )
