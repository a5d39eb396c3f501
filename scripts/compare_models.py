from basewise.evaluation import compare_models, compare_with
from basewise.figures import comparison_figure, save_svg
from basewise.headlines import HEADLINES
from basewise.steps import logged
from basewise.tables import read_tables, write_table

with logged(snakemake.log[0]):
    metrics = read_tables([*snakemake.input.metrics, *snakemake.input.ceiling])
    comparison = compare_models(metrics, snakemake.params.task)
    write_table(metrics, snakemake.output.metrics)
    write_table(comparison, snakemake.output.comparison)
    paired = compare_with(metrics, snakemake.params.reference, snakemake.params.task)
    write_table(paired, snakemake.output.paired)
    figure = comparison_figure(comparison, HEADLINES[snakemake.params.task][0])
    save_svg(figure, snakemake.output.figure)
