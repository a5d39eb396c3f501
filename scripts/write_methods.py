from pathlib import Path

from basewise.methods import write_methods
from basewise.steps import logged

with logged(snakemake.log[0]):
    params = {key: value for key, value in snakemake.params.items() if key != "code"}
    methods = Path(snakemake.output.methods)
    write_methods(methods, results=methods.parents[1], **params)
