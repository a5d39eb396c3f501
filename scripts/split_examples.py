from basewise.core.files import replacing
from basewise.core.jobs import check_sha256, logged
from basewise.core.remarks import tell
from basewise.core.seeds import derive_seed
from basewise.core.user_tables import read_user_table
from basewise.core.workbooks import of_sheet
from basewise.examples.encoding import example_letters
from basewise.sequences.genome import read_aliases
from basewise.splits.predefined import unused_rows
from basewise.splits.similarity import clusters
from basewise.splits.splitting import drawn_validation, split_examples
from basewise.store.parts import fold_file, write_split
from basewise.store.tables import read_examples, write_remarks

with logged(snakemake.log[0], snakemake.wildcards.dataset):
    params = snakemake.params
    check_sha256([*snakemake.input.table, *snakemake.input.aliases], params.sha256)
    examples = read_examples(snakemake.input.examples)
    seed = derive_seed(params.root_seed, snakemake.wildcards.dataset, "split")
    remarks, settings = [], {"task": params.task, "seed": seed, **params.split}
    for file in snakemake.input.table:
        path = of_sheet(file, *params.sheet)
        settings["table"] = read_user_table(path, params.schema)
        remarks = unused_rows(examples["id"], settings["table"], path)
        tell(remarks)
    if snakemake.input.letters:
        letters = example_letters(snakemake.input.letters[0], examples)
        settings["clusters"] = clusters(letters, params.alphabet, **params.near)
    for path in snakemake.input.aliases:
        settings["aliases"] = read_aliases(path)
    with replacing(snakemake.output.splits) as folder:
        folder.mkdir()
        for fold in params.folds:
            print(f"Fold {fold}")
            part = split_examples(examples, fold=fold, **settings)
            write_split(examples, part, fold_file(folder, fold))
        drawn = drawn_validation(examples, part, **settings)
        tell(drawn)
        write_remarks([*remarks, *drawn], folder / "remarks.tsv")
