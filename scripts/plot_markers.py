from basewise.core.jobs import logged
from basewise.figures.drawing import save_figure
from basewise.figures.markers import markers_figure
from basewise.store.tables import EFFECT_COLUMNS, read_table

with logged(snakemake.log[0]):
    out, names = snakemake.output, snakemake.wildcards
    table = read_table(snakemake.input.effects, EFFECT_COLUMNS)
    text = f"Markers of {names.dataset} by how much {names.model} reacts to them"
    figure = markers_figure(table).properties(description=text)
    save_figure(figure, out.effects_figure, out.effects_image)
