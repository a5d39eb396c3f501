from basewise.core.jobs import logged
from basewise.evaluation.comparisons import collect_models, rank_models
from basewise.figures.comparisons import forest_figure, ranks_figure
from basewise.figures.drawing import save_figure
from basewise.store.tables import COMPARISON_COLUMNS, read_table, write_table

with logged(snakemake.log[0]):
    tasks, out = snakemake.params.tasks, snakemake.output
    tables = [read_table(path, COMPARISON_COLUMNS) for path in snakemake.input.comparisons]
    models = collect_models(dict(zip(tasks, tables, strict=True)), tasks)
    ranks = rank_models(models)
    write_table(models, out.models)
    write_table(ranks, out.ranks)
    text = "The models of every dataset on test, with 95 % intervals"
    forest = forest_figure(models).properties(description=text)
    save_figure(forest, out.forest, out.forest_picture)
    text = "Average rank of the models over the datasets, with critical differences"
    average = ranks_figure(ranks).properties(description=text)
    save_figure(average, out.ranks_figure, out.ranks_picture)
