from pathlib import Path

from basewise.core.jobs import logged
from basewise.report.multiqc import write_multiqc

with logged(snakemake.log[0]):
    write_multiqc(
        snakemake.output.models,
        snakemake.output.data,
        results=Path(snakemake.output.models).parents[1],
        tasks=snakemake.params.tasks,
        measured=snakemake.params.measured,
        folds=snakemake.params.folds,
        runs=snakemake.input.runs,
    )
