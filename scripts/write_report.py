from pathlib import Path

from basewise.core.jobs import logged
from basewise.report.multiqc import write_multiqc
from basewise.report.writing import write_report

with logged(snakemake.log[0]):
    params, out = snakemake.params, snakemake.output
    results = Path(out.report).parent
    write_report(
        out.report,
        results=results,
        models=params.models,
        titles=params.titles,
        classes=params.classes,
        folds=params.folds,
        seeds=params.seeds,
        config=params.config,
    )
    write_multiqc(
        out.models,
        out.data,
        results=results,
        tasks=params.tasks,
        measured=params.measured,
        folds={dataset: len(folds) for dataset, folds in params.folds.items()},
        runs=snakemake.input.runs,
    )
