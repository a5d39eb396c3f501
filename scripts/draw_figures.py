from basewise.core.jobs import logged
from basewise.figures.writing import draw_figures

with logged(snakemake.log[0]):
    options = {name: value for name, value in snakemake.params.items() if name != "code"}
    draw_figures(
        dict(snakemake.input), dict(snakemake.output), dict(snakemake.wildcards), **options
    )
