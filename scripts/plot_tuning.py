from basewise.core.jobs import logged
from basewise.figures.drawing import save_figure
from basewise.figures.training import importance_figure, search_figure
from basewise.store.tables import IMPORTANCE_COLUMNS, TRIAL_COLUMNS, read_table

with logged(snakemake.log[0]):
    out = snakemake.output
    where = f"{snakemake.wildcards.model} on {snakemake.wildcards.dataset}"
    figure = search_figure(read_table(snakemake.input.trials, TRIAL_COLUMNS))
    text = f"Loss of each trial of {where}"
    save_figure(figure.properties(description=text), out.trials_figure, out.trials_image)
    figure = importance_figure(read_table(snakemake.input.importance, IMPORTANCE_COLUMNS))
    text = f"How much each setting of {where} mattered"
    save_figure(figure.properties(description=text), out.importance_figure, out.importance_image)
