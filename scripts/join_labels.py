from basewise.core.jobs import check_sha256, logged, one_or_named
from basewise.core.workbooks import of_sheet
from basewise.examples.annotations import read_overlaps
from basewise.examples.labels import join_labels, read_label_lines, read_label_table, write_examples
from basewise.sequences.genome import read_aliases
from basewise.store.tables import DROPPED_COLUMNS, read_candidates, read_table

with logged(snakemake.log[0], snakemake.wildcards.dataset):
    check_sha256(snakemake.input, snakemake.params.sha256)
    candidates = read_candidates(snakemake.input.candidates)
    known = frozenset(read_table(snakemake.input.dropped, DROPPED_COLUMNS)["id"])
    task, brought = snakemake.params.task, {}
    for file in snakemake.input.labels:
        path = of_sheet(file, *snakemake.params.sheet)
        if snakemake.params.form == "sequences":
            brought["labels"] = read_label_lines(path, candidates, known, snakemake.params.missing)
        else:
            brought["labels"] = read_label_table(
                path,
                snakemake.params.schema,
                task,
                snakemake.params.columns,
                snakemake.params.missing,
                **snakemake.params.rows,
            )
    if snakemake.input.overlap:
        files = one_or_named(snakemake.input.overlap, snakemake.params.outputs)
        aliases = [read_aliases(path) for path in snakemake.input.aliases]
        brought["overlaps"] = read_overlaps(candidates, files, *aliases, **snakemake.params.overlap)
    reading = snakemake.params.reading
    joined = join_labels(candidates, task, known_dropped=known, **brought, **reading)
    write_examples(joined, **snakemake.output)
