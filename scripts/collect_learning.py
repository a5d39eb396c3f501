from basewise.core.jobs import logged, of_each_model
from basewise.store.run_records import learning_curves
from basewise.store.tables import write_table

with logged(snakemake.log[0]):
    runs, histories = snakemake.params.runs, snakemake.input.history
    for model, paths, out in of_each_model(runs, histories, snakemake.output):
        write_table(learning_curves(runs[model], paths), out["learning"])
