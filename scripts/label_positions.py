from basewise.core.jobs import check_sha256, logged
from basewise.examples.annotations import label_positions, read_features, write_positions
from basewise.sequences.circles import circles_of
from basewise.sequences.genome import read_aliases
from basewise.store.tables import read_examples

with logged(snakemake.log[0], snakemake.wildcards.dataset):
    check_sha256(snakemake.input, snakemake.params.sha256)
    examples = read_examples(snakemake.input.examples)
    aliases = [read_aliases(path) for path in snakemake.input.aliases] or [None]
    classes = snakemake.params.classes
    chroms, circles = examples["chrom"].unique().tolist(), circles_of(examples)
    features = read_features(snakemake.input.features[0], classes, chroms, *aliases, circles)
    labels = label_positions(examples, features, len(classes), snakemake.params.strand)
    names = [snakemake.params.none, *classes]
    write_positions(labels, names, snakemake.output.array, snakemake.output.counts)
