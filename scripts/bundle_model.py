from basewise.core.jobs import logged
from basewise.scoring.bundling import Sources, bundle_model
from basewise.store.bundles import write_digest

with logged(snakemake.log[0], snakemake.wildcards.dataset):
    bundle = snakemake.output.bundle
    bundle_model(bundle, Sources(**dict(snakemake.input.items())), **snakemake.params.facts)
    write_digest(bundle, snakemake.output.sha256)
