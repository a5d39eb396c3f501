import shutil
from pathlib import Path

from basewise.checkout import CHECKOUT
from basewise.checksums import last_change, output_table
from basewise.crate import write_crate
from basewise.provenance import write_config
from basewise.source_archive import write_source
from basewise.steps import logged
from basewise.tables import write_table

files, outputs = snakemake.output, snakemake.input.outputs
folder = Path(files.crate).parent
with logged(snakemake.log[0]):
    write_config(snakemake.params.config, files.config)
    write_table(output_table(outputs, snakemake.input.runs, folder.parent), files.outputs)
    write_source(files.source)
    shutil.copyfile(CHECKOUT / "Snakefile", files.workflow)
    write_crate(folder, last_change(outputs))
