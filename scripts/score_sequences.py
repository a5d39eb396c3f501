from basewise.core.jobs import logged
from basewise.scoring.scored_files import NewSequences
from basewise.training import device

with logged(snakemake.log[0]):
    source, out, params = snakemake.input, snakemake.output, snakemake.params
    new = NewSequences(source.bundle, source.new, **params.reading)
    with device.prepare(gpu=0, memory_mb=snakemake.resources.mem_mb, **params.device):
        new.write(out.table, out.columnar)
