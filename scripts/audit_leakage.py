from basewise.core.files import replacing
from basewise.core.jobs import logged
from basewise.examples.encoding import example_letters
from basewise.splits.leakage import audit_folds, check_leakage, summarise
from basewise.store.parts import fold_file, read_split
from basewise.store.tables import read_examples, write_table

with logged(snakemake.log[0], snakemake.wildcards.dataset):
    params = snakemake.params
    examples = read_examples(snakemake.input.examples)
    looked_for = {"alphabet": params.alphabet, "grouped": params.grouped}
    parts = [
        read_split(fold_file(snakemake.input.splits, fold), examples["id"]).part
        for fold in params.folds
    ]
    letters = example_letters(snakemake.input.letters, examples)
    with replacing(snakemake.output.leakage) as folder:
        folder.mkdir()
        audited = audit_folds(letters, examples, parts, **looked_for, **params.near)
        for fold, part, leaks in zip(params.folds, parts, audited, strict=True):
            summary = summarise(leaks, part, **looked_for)
            print(f"Fold {fold}", summary.to_string(index=False), sep="\n")
            if params.fail:
                print(
                    leaks[leaks["part"] != leaks["other_part"]].to_string(index=False, max_rows=200)
                )
                check_leakage(summary)
            path = fold_file(folder, fold)
            write_table(leaks, path)
            write_table(summary, path.with_suffix(".summary.tsv"))
