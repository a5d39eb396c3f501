from pathlib import Path

from basewise.core.jobs import logged
from basewise.report.methods import write_methods

with logged(snakemake.log[0]):
    params = {key: value for key, value in snakemake.params.items() if key != "code"}
    methods = Path(snakemake.output.methods)
    write_methods(methods, results=methods.parents[1], **params)
