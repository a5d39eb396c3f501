from basewise.core.jobs import logged
from basewise.figures.drawing import save_figure
from basewise.figures.examples import embedding_figure
from basewise.store.tables import EMBEDDING_COLUMNS, read_table

with logged(snakemake.log[0]):
    out = snakemake.output
    table = read_table(snakemake.input.embedding, EMBEDDING_COLUMNS)
    names = snakemake.wildcards
    text = f"Test examples of {names.dataset} in the latent space of {names.model}"
    figure = embedding_figure(table).properties(description=text)
    save_figure(figure, out.embedding_figure, out.embedding_image)
