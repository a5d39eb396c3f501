from basewise.figures import markers_figure, save_svg
from basewise.steps import logged
from basewise.tables import read_table

with logged(snakemake.log[0]):
    table = read_table(snakemake.input.effects)
    save_svg(markers_figure(table), snakemake.output.effects_figure)
