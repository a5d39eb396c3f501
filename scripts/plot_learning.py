from basewise.core.jobs import logged
from basewise.evaluation.figure_tables import learning_curves
from basewise.figures.writing import write_figures

with logged(snakemake.log[0]):
    curves = learning_curves(snakemake.params.runs, snakemake.input.history)
    write_figures({"learning": curves}, snakemake.output, **dict(snakemake.wildcards.items()))
