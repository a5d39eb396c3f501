from basewise.figures import save_svg
from basewise.steps import logged
from basewise.tables import read_table
from basewise.tuning_figures import importance_figure, search_figure

with logged(snakemake.log[0]):
    trials = read_table(snakemake.input.trials)
    save_svg(search_figure(trials), snakemake.output.trials_figure)
    importance = read_table(snakemake.input.importance)
    save_svg(importance_figure(importance), snakemake.output.importance_figure)
