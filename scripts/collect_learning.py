from basewise.core.jobs import logged
from basewise.store.run_records import learning_curves
from basewise.store.tables import write_table

with logged(snakemake.log[0]):
    curves = learning_curves(snakemake.params.runs, snakemake.input.history)
    write_table(curves, snakemake.output.learning)
