from pathlib import Path

from basewise.core.jobs import logged
from basewise.report.writing import write_report

with logged(snakemake.log[0]):
    write_report(
        snakemake.output.report,
        results=Path(snakemake.output.report).parent,
        models=snakemake.params.models,
        titles=snakemake.params.titles,
        classes=snakemake.params.classes,
        folds=snakemake.params.folds,
        seeds=snakemake.params.seeds,
        config=snakemake.params.config,
    )
