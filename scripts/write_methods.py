from basewise.methods import write_methods
from basewise.steps import logged

with logged(snakemake.log[0]):
    params = {key: value for key, value in snakemake.params.items() if key != "code"}
    write_methods(snakemake.output.methods, results="results", **params)
