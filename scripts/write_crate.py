import shutil
from pathlib import Path

from basewise.core.jobs import logged
from basewise.provenance.checkout import CHECKOUT, write_source
from basewise.provenance.checksums import last_change, output_table
from basewise.provenance.crate import write_crate
from basewise.provenance.record import write_config
from basewise.store.tables import write_table

files, outputs = snakemake.output, snakemake.input.outputs
folder = Path(files.crate).parent
with logged(snakemake.log[0]):
    write_config(snakemake.params.config, files.config)
    write_table(output_table(outputs, snakemake.input.runs, folder.parent), files.outputs)
    write_source(files.source, own_code=snakemake.input.own_code)
    shutil.copyfile(CHECKOUT / "Snakefile", files.workflow)
    write_crate(folder, last_change(outputs))
