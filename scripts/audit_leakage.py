import pandas as pd

from basewise.core.files import replacing
from basewise.core.jobs import logged
from basewise.examples.encoding import example_letters
from basewise.splits.leakage import audit_folds, check_leakage, summarize, worst_folds
from basewise.store.parts import GROUP, fold_file, read_split
from basewise.store.tables import read_examples, write_table

with logged(snakemake.log[0], snakemake.wildcards.dataset):
    params, summaries = snakemake.params, []
    examples = read_examples(snakemake.input.examples)
    groups = examples["group"] if params.grouped else None
    splits = [fold_file(snakemake.input.splits, fold) for fold in params.folds]
    parts = [read_split(path, examples["id"]).part for path in splits]
    letters = example_letters(snakemake.input.letters, examples)
    looked_for = {"alphabet": params.alphabet, "grouped": params.grouped, **params.near}
    audited = audit_folds(letters, examples, parts, **looked_for)
    with replacing(snakemake.output.leakage) as folder:
        folder.mkdir()
        for fold, part, leaks in zip(params.folds, parts, audited, strict=True):
            summaries.append(summarize(leaks, part, alphabet=params.alphabet, groups=groups))
            print(f"Fold {fold}", summaries[-1].to_string(index=False), sep="\n")
            if params.fail:
                between = leaks[(leaks["part"] != leaks["other_part"]) & (leaks["kind"] != GROUP)]
                print(between.to_string(index=False, max_rows=200))
            write_table(leaks, fold_file(folder, fold))
            write_table(summaries[-1], fold_file(folder, fold).with_suffix(".summary.tsv"))
        if params.fail:
            check_leakage(worst_folds(pd.concat(summaries)))
