import numpy as np
import pandas as pd

from basewise.core.files import replacing
from basewise.core.jobs import logged
from basewise.examples.encoding import example_pieces, target_array
from basewise.examples.targets import output_names
from basewise.store.shards import write_tensors

with logged(snakemake.log[0], snakemake.wildcards.dataset):
    examples = pd.read_parquet(snakemake.input.examples)
    task, classes = snakemake.params.task, snakemake.params.classes
    if snakemake.input.positions:
        target = np.load(snakemake.input.positions[0], mmap_mode="r", allow_pickle=False)
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
