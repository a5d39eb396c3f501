from basewise.curves import learning_curves
from basewise.figures import learning_figure, save_svg
from basewise.steps import logged
from basewise.tables import write_table

with logged(snakemake.log[0]):
    curves = learning_curves(snakemake.params.runs, snakemake.input.history)
    write_table(curves, snakemake.output.learning)
    save_svg(learning_figure(curves), snakemake.output.learning_figure)
