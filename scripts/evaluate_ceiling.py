from basewise.core.jobs import check_sha256, logged
from basewise.core.user_tables import read_user_table
from basewise.evaluation.ceiling import measure_ceiling
from basewise.store.parts import fold_file, read_split
from basewise.store.tables import read_examples, write_table

with logged(snakemake.log[0], snakemake.wildcards.dataset):
    check_sha256(snakemake.input, snakemake.params.sha256)
    population = None
    if snakemake.input.population:
        schema = snakemake.params.population_schema
        population = read_user_table(snakemake.input.population[0], schema)
    examples = read_examples(snakemake.input.examples)
    path = fold_file(snakemake.input.splits, snakemake.wildcards.fold)
    split = read_split(path, examples["id"])
    metrics = measure_ceiling(
        examples,
        split.part,
        read_user_table(snakemake.input.scores[0], snakemake.params.scores_schema),
        population,
        dataset=snakemake.wildcards.dataset,
        fold=int(snakemake.wildcards.fold),
        root_seed=snakemake.params.root_seed,
    )
    write_table(metrics, snakemake.output.metrics)
