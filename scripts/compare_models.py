from basewise.evaluation import compare_models
from basewise.figures import comparison_figure, save_svg
from basewise.steps import logged
from basewise.tables import read_tables, write_table

with logged(snakemake.log[0]):
    metrics = read_tables([*snakemake.input.metrics, *snakemake.input.ceiling])
    comparison = compare_models(metrics)
    write_table(metrics, snakemake.output.metrics)
    write_table(comparison, snakemake.output.comparison)
    save_svg(comparison_figure(comparison), snakemake.output.figure)
