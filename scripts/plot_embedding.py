from basewise.figures import embedding_figure, save_svg
from basewise.steps import logged
from basewise.tables import read_table

with logged(snakemake.log[0]):
    table = read_table(snakemake.input.embedding)
    save_svg(embedding_figure(table), snakemake.output.embedding_figure)
