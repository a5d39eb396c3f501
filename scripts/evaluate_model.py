from basewise import evaluation, figures
from basewise.steps import logged, write_table

with logged(snakemake.log[0]):
    runs = evaluation.read_runs(snakemake.params.runs, snakemake.input.scores)
    names = dict(dataset=snakemake.wildcards.dataset, model=snakemake.wildcards.model)
    metrics = evaluation.measure_runs(runs, **names, root_seed=snakemake.params.root_seed)
    confusion = evaluation.confusion_counts(runs)
    histogram = evaluation.score_histogram(runs)
    roc = evaluation.roc_points(runs)
    precision_recall = evaluation.precision_recall_points(runs)
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
