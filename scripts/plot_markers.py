from basewise.core.jobs import logged
from basewise.figures.drawing import save_figure
from basewise.figures.markers import markers_figure
from basewise.store.tables import read_table

with logged(snakemake.log[0]):
    table, out, names = read_table(snakemake.input.effects), snakemake.output, snakemake.wildcards
    text = f"Markers of {names.dataset} by how much {names.model} reacts to them"
    figure = markers_figure(table).properties(description=text)
    save_figure(figure, out.effects_figure, out.effects_image)
