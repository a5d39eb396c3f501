from basewise.core.files import replacing
from basewise.core.jobs import logged
from basewise.examples.encoding import example_pieces, target_array
from basewise.examples.targets import output_names
from basewise.store.arrays import read_array
from basewise.store.shards import write_tensors
from basewise.store.tables import read_examples

with logged(snakemake.log[0], snakemake.wildcards.dataset):
    examples = read_examples(snakemake.input.examples)
    task, classes = snakemake.params.task, snakemake.params.classes
    if snakemake.input.positions:
        target = read_array(snakemake.input.positions[0], rows=len(examples))
    else:
        target = target_array(examples, task)
    with replacing(snakemake.output.tensors) as folder:
        write_tensors(
            folder,
            example_pieces(snakemake.input.letters, examples, target),
            task=task,
            outputs=classes or output_names(examples, task),
            alphabet=snakemake.params.alphabet,
        )
