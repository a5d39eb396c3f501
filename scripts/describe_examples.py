from basewise.core.jobs import logged
from basewise.examples.description import class_balance, distributions, split_counts
from basewise.figures.drawing import save_figure
from basewise.figures.examples import distributions_figure, split_figure
from basewise.store.parts import read_split
from basewise.store.tables import MARKER_TABLE_COLUMNS, read_examples, read_table, write_table

with logged(snakemake.log[0]):
    name, task, out = snakemake.wildcards.dataset, snakemake.params.task, snakemake.output
    examples = read_examples(snakemake.input.examples)
    parts = [read_split(path, examples["id"]).part for path in snakemake.input.splits]
    markers = [read_table(path, MARKER_TABLE_COLUMNS) for path in snakemake.input.markers]
    described, split = distributions(examples, task, markers), split_counts(examples, parts[0])
    write_table(class_balance(examples, parts, task), out.balance)
    write_table(described, out.distributions)
    write_table(split, out.split)
    text = f"Distributions of what describes the examples of {name}"
    figure = distributions_figure(described).properties(description=text)
    save_figure(figure, out.distributions_figure, out.distributions_image)
    text = f"Where the train, validation and test examples of {name} lie"
    figure = split_figure(split).properties(description=text)
    save_figure(figure, out.split_figure, out.split_image)
