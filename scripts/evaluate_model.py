from basewise import curves, figures
from basewise.evaluation import measure_runs
from basewise.runs import read_runs
from basewise.steps import logged
from basewise.tables import write_table

with logged(snakemake.log[0]):
    runs = list(read_runs(snakemake.params.runs, snakemake.input.scores))
    names = dict(dataset=snakemake.wildcards.dataset, model=snakemake.wildcards.model)
    metrics = measure_runs(runs, **names, root_seed=snakemake.params.root_seed)
    confusion = curves.confusion_counts(runs)
    histogram = curves.score_histogram(runs)
    roc = curves.roc_points(runs)
    precision_recall = curves.precision_recall_points(runs)
    out = snakemake.output
    write_table(metrics, out.metrics)
    write_table(confusion, out.confusion)
    write_table(histogram, out.distribution)
    write_table(roc, out.roc)
    write_table(precision_recall, out.precision_recall)
    figures.save_svg(figures.confusion_figure(confusion), out.confusion_figure)
    figures.save_svg(figures.score_figure(histogram), out.distribution_figure)
    figures.save_svg(figures.roc_figure(roc), out.roc_figure)
    figures.save_svg(figures.precision_recall_figure(precision_recall), out.precision_recall_figure)
