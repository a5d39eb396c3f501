from basewise.core.jobs import logged
from basewise.scoring.scored_files import NewExamples
from basewise.training import device

with logged(snakemake.log[0]):
    source, out, params = snakemake.input, snakemake.output, snakemake.params
    beside = {key: source[key][0] for key in ("genome", "aliases", "map") if source[key]}
    new = NewExamples(source.bundle, source.new, **params.reading, **beside)
    with device.prepare(gpu=0, memory_mb=snakemake.resources.mem_mb, **params.device):
        new.write(out.table, out.columnar)
