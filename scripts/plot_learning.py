from basewise.core.jobs import logged
from basewise.figures.writing import write_figures
from basewise.store.run_records import learning_curves

with logged(snakemake.log[0]):
    curves = learning_curves(snakemake.params.runs, snakemake.input.history)
    write_figures({"learning": curves}, snakemake.output, **dict(snakemake.wildcards.items()))
