from basewise.core.jobs import logged
from basewise.evaluation.composition import composition_table
from basewise.examples.description import class_balance, distributions, split_counts
from basewise.store.parts import fold_file, read_split
from basewise.store.tables import MARKER_TABLE_COLUMNS, read_examples, read_table, write_table

with logged(snakemake.log[0]):
    entry, out = snakemake.params.entry, snakemake.output
    examples = read_examples(snakemake.input.examples)
    folds = [fold_file(snakemake.input.splits, fold) for fold in snakemake.params.folds]
    parts = [read_split(path, examples["id"]).part for path in folds]
    markers = [read_table(path, MARKER_TABLE_COLUMNS) for path in snakemake.input.markers]
    write_table(class_balance(examples, parts, entry["task"]), out.balance)
    write_table(distributions(examples, entry["task"], markers), out.distributions)
    write_table(composition_table(examples, parts[0], **entry), out.composition)
    write_table(split_counts(examples, parts[0]), out.split)
