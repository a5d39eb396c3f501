from basewise.figures import write_figures
from basewise.histories import learning_curves
from basewise.steps import logged

with logged(snakemake.log[0]):
    curves = learning_curves(snakemake.params.runs, snakemake.input.history)
    write_figures({"learning": curves}, snakemake.output, **dict(snakemake.wildcards.items()))
