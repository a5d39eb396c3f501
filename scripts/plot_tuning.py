from basewise.drawing import save_figure
from basewise.steps import logged
from basewise.tables import read_table
from basewise.tuning_figures import importance_figure, search_figure

with logged(snakemake.log[0]):
    where = f"{snakemake.wildcards.model} on {snakemake.wildcards.dataset}"
    figure = search_figure(read_table(snakemake.input.trials))
    text = f"Loss of each trial of {where}"
    save_figure(figure.properties(description=text), snakemake.output.trials_figure)
    figure = importance_figure(read_table(snakemake.input.importance))
    text = f"How much each setting of {where} mattered"
    save_figure(figure.properties(description=text), snakemake.output.importance_figure)
