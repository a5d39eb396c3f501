from basewise.core.jobs import logged
from basewise.figures.writing import draw_figure

with logged(snakemake.log[0]):
    params, files = snakemake.params, snakemake.output
    options = {"classes": params.get("classes"), "task": params.get("task")}
    places = zip(snakemake.input.tables, files.svg, files.png, strict=True)
    for (figure, model), (table, svg, png) in zip(params.pictures, places, strict=True):
        names = {**snakemake.wildcards, "model": model}
        draw_figure(figure, table, svg, png, names, **options)
