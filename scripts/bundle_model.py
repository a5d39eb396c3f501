from basewise.core.jobs import logged
from basewise.scoring.bundling import Sources, bundle_model
from basewise.store.bundles import write_digest
from basewise.training import device

with logged(snakemake.log[0], snakemake.wildcards.dataset):
    bundle = snakemake.output.bundle
    sources, memory = Sources(**dict(snakemake.input.items())), snakemake.resources.mem_mb
    with device.prepare(gpu=0, memory_mb=memory, threads=snakemake.threads):
        bundle_model(bundle, sources, **snakemake.params.facts)
    write_digest(bundle, snakemake.output.sha256)
