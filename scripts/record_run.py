from pathlib import Path

from basewise.core.jobs import logged
from basewise.provenance.record import input_table, software_table, times_table
from basewise.report.methods import write_methods
from basewise.store.tables import write_table

files, params = snakemake.output, snakemake.params
results = Path(files.times).parents[1]
with logged(snakemake.log[0]):
    write_table(input_table(params.files), files.inputs)
    software = software_table(params.packages, snakemake.input.runs, snakemake=params.snakemake)
    write_table(software, files.software)
    write_table(times_table(results / "benchmarks"), files.times)
    write_methods(files.methods, results=results, **params.described)
