"""Keys of a dataset that do not go together."""

import pytest
from configs import DROPPED, changed, check_told, ids, read

from basewise.config.dataset_mistakes import says_no


@pytest.mark.parametrize(
    ("keys", "value", "line"),
    [
        (
            ("datasets", "lines", "labels"),
            "input/label.txt",
            "datasets.lines.labels: no such file: input/label.txt; "
            "correct the path, or put the file there",
        ),
        (("datasets", "peaks", "window"), DROPPED, "datasets.peaks: `genome` needs `window`"),
        (
            ("datasets", "peaks", "fasta"),
            "input/genome.fa",
            "datasets.peaks: names genome and fasta; a dataset needs one of genome, sequences, "
            "fasta, table, uci, genotypes",
        ),
        (
            ("datasets", "lines", "window"),
            200,
            "datasets.lines.window: `window` does not go with `sequences`",
        ),
        (
            ("datasets", "lines", "labels"),
            DROPPED,
            "datasets.lines: nothing brings labels; the manual lists what can (config/README.md)",
        ),
        (
            ("datasets", "peaks", "overlap"),
            {"files": {"one": "input/peaks.bed"}},
            "datasets.peaks.task: `overlap` gives labels for `task: multilabel`",
        ),
        (
            ("datasets", "peaks", "regions"),
            "input/genes.gtf",
            "datasets.peaks.regions: a GFF or GTF file needs `feature`, the type of line to take",
        ),
        (
            ("datasets", "lines", "negatives"),
            {"method": "genome"},
            "datasets.lines.negatives.method: `method: genome` needs a genome; `shuffle` does not",
        ),
        (
            ("datasets", "lines", "transform"),
            "log10",
            "datasets.lines.transform: `transform` goes with `task: regression`",
        ),
        (
            ("datasets", "peaks", "split", "table"),
            "input/peaks.bed",
            "datasets.peaks.split.table: `table` has no effect here; take it out",
        ),
        (
            ("datasets", "lines", "split"),
            {"method": "group"},
            "datasets.lines.split: `method: group` needs `columns: {group: ...}`",
        ),
        (
            ("datasets", "lines", "split"),
            {"method": "predefined"},
            "datasets.lines.split: a predefined split needs `table`, or a column `part`",
        ),
    ],
    ids=ids,
)
def test_a_wrong_dataset_is_told_by_key_and_line(keys, value, line):
    check_told(keys, value, line)


def genotypes(**entry) -> dict:
    """A dataset of genotypes."""
    files = {"genotypes": "input/calls.csv", "phenotypes": "input/traits.tsv", "traits": ["y"]}
    return {**files, "task": "regression", **entry}


def genes(**entry) -> dict:
    """A dataset of features of an annotation."""
    files = {"genome": "input/genome.fa", "regions": "input/genes.gtf", "feature": "gene"}
    return {**files, "window": 50, "task": "binary", "negatives": {"method": "genome"}, **entry}


def published(**parts) -> dict:
    """A dataset of FASTA files of a published split."""
    return {"fasta": parts, "task": "binary", "positive": "on"}


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        (
            {"task": "binary"},
            ": names no source; a dataset needs one of genome, sequences, fasta, table",
        ),
        (genotypes(labels="input/labels.txt"), ".labels: `labels` does not go with `genotypes`"),
        (
            genotypes(alphabet="dna"),
            ".alphabet: `alphabet` does not go with `genotypes`; take it out",
        ),
        (genotypes(task="binary", traits=["y", "z"]), ".traits: `task: binary` takes one trait"),
        (
            genotypes(task="binary", covariates=["z"]),
            ".covariates: `covariates` go with `task: regression`",
        ),
        (genotypes(covariates=["y"]), ".covariates: 'y' cannot be both a trait and a covariate"),
        (
            genotypes(near={"k": 5}),
            ".near.k: genotypes are compared marker by marker; take `k` out",
        ),
        (
            genotypes(columns={"label": "y"}),
            ".columns.label: `label` has no effect here; take it out",
        ),
        (
            genotypes(split={"method": "chromosome", "folds": 3}),
            ".split: `method: chromosome` needs a genome",
        ),
        (
            genes(labels="input/table.csv"),
            ".labels: labels of GFF and GTF features join on `columns: {id: ...}`",
        ),
        (genes(regions="input/peaks.bed"), ".feature: `feature` goes with GFF and GTF files only"),
        (
            genes(alphabet="protein"),
            ".alphabet: a genome has no proteins; give the sequences as `fasta`",
        ),
        (genes(alphabet="genotype"), ".alphabet: genotypes are given as `genotypes`"),
        (genes(columns={"part": 3}), ".columns.part: `part` has no effect here; take it out"),
        (genes(task="per_position"), ".task: `features` and `task: per_position` go together"),
        (
            genes(
                task="per_position",
                negatives={"method": "none"},
                features={"file": "input/genes.gtf", "classes": {"a": "exon", "b": "exon"}},
            ),
            ".features: each class needs a feature, and a name, of its own",
        ),
        (
            genes(
                task="per_position",
                negatives={"method": "none"},
                features={"file": "input/genes.gtf", "classes": {"none": "exon"}},
            ),
            ".features: each class needs a feature, and a name, of its own",
        ),
        (
            genes(task="multilabel", overlap={"files": {"a": "input/peaks.bed"}, "within": 60}),
            ".overlap.within: 60 is more than the window of 50",
        ),
        (
            genes(task="multilabel", overlap={"files": {"a": "input/peaks.bed"}, "bases": 60}),
            ".overlap.bases: 60 is more than the 50 compared",
        ),
        (
            {"fasta": {"a": "input/classes.fa", "b": "input/classes.fa"}, "task": "regression"},
            ".task: one file a class gives labels for binary and multiclass tasks",
        ),
        (
            {
                "fasta": "input/classes.fa",
                "task": "binary",
                "alphabet": "protein",
                "negatives": {"method": "shuffle"},
            },
            ".negatives.method: shuffling keeps dinucleotides; proteins have none",
        ),
        (
            {
                "fasta": "input/classes.fa",
                "task": "binary",
                "negatives": {"method": "shuffle", "distance": 5},
            },
            ".negatives.distance: `distance` has no effect here; take it out",
        ),
        (
            {
                "fasta": {"neg": "input/classes.fa", "promoter": "input/classes.fa"},
                "task": "binary",
            },
            ".fasta: which of the classes neg and promoter is class 1? Say so, for example "
            "`positive: promoter`",
        ),
        (
            {
                "genome": "input/genome.fa",
                "regions": {"enhancer": "input/peaks.bed", "promoter": "input/peaks.bed"},
                "window": 50,
                "task": "binary",
            },
            ".regions: which of the classes enhancer and promoter is class 1? Say so, for example "
            "`positive: enhancer`",
        ),
        (
            {
                "fasta": {"a": "input/classes.fa", "b": "input/classes.fa"},
                "task": "binary",
                "positive": "c",
            },
            ".positive: 'c' is none of the classes a, b",
        ),
        (
            {"table": "input/table.csv", "task": "regression", "positive": "x"},
            ".positive: `positive` goes with `task: binary`",
        ),
        (
            {"table": "input/table.csv", "task": "regression", "negatives": {"method": "shuffle"}},
            ".negatives: `task: regression` has no negatives",
        ),
        (
            {"table": "input/table.csv", "task": "binary", "columns": {"label": ["a", "b"]}},
            ".task: `task: binary` takes one label, not a list",
        ),
        (
            {"uci": "input/table.csv", "task": "binary", "labels": "input/labels.txt"},
            ".labels: labels come from labels and from uci; name one",
        ),
        (
            {"uci": "input/table.csv", "task": "multiclass", "split": {"folds": 3, "test": 0.2}},
            ".split.test: `test` has no effect here; take it out",
        ),
        (
            {
                "fasta": "input/classes.fa",
                "task": "binary",
                "negatives": {"method": "shuffle"},
                "split": {"table": "input/folds.tsv"},
            },
            ".split: a table cannot name background; split by another method",
        ),
        (
            {"table": "input/table.csv", "task": "multiclass", "ceiling": {"scores": "s.csv"}},
            ".ceiling: `ceiling` goes with `task: binary`",
        ),
        (
            genotypes(min_class_size=5),
            ".min_class_size: `min_class_size` goes with `task: multiclass` and `task: multilabel`",
        ),
        (
            genes(drop_classes=["x"]),
            ".drop_classes: `drop_classes` goes with `task: multiclass` and `task: multilabel`",
        ),
        (
            genes(ceiling={"scores": "s.csv"}),
            ".ceiling: its table cannot name background; take `ceiling` out",
        ),
        (
            {
                "table": dict.fromkeys(["train", "validation", "test"], "input/table.csv"),
                "task": "multiclass",
                "split": {"folds": 3},
            },
            ".split: predefined folds need `table`, with the columns id and fold",
        ),
        (
            published(train={"on": "a.fa", "off": "b.fa"}, test={"on": "c.fa"}),
            ".fasta.test: has no file of class off, as other parts do; name the same classes in",
        ),
        (
            published(train={"on": "a.fa", "off": "b.fa"}, test="c.fa"),
            ".fasta.test: must hold classes with a file each, as other parts do",
        ),
        (
            published(train="a.fa", tset="b.fa", test="c.fa"),
            ".fasta.tset: 'tset' is no part of a split; name them train, validation (or dev) and",
        ),
        (
            published(train="a.fa", dev="b.fa", validation="d.fa", test="c.fa"),
            ".fasta.validation: validation and dev are the same part; name one",
        ),
        (
            published(train={"on": "a.fa"}, tests={"on": "c.fa"}),
            ".fasta.train: must be a file; files for parts need both `train` and `test`",
        ),
        (published(train="a.fa", test="c.fa"), ": nothing brings labels"),
        (
            published(train="a.fa", dev="b.fa", test="c.fa") | {"split": {"validation": 0.2}},
            ".split.validation: `validation` has no effect here; take it out",
        ),
        (
            {"table": {"train": "a.csv", "dev": "b.csv"}, "task": "binary"},
            ".table: must be a file, or a file each for train, validation (or dev) and test",
        ),
        (
            {"uci": "input/table.csv", "task": "binary", "alphabet": "protein", "near": {"k": 13}},
            ".near.k: words of proteins have at most 12 letters",
        ),
        (
            genes(exclude=["input/{x}.bed"]),
            ".exclude: 'input/{x}.bed' has braces in its name; rename the file",
        ),
        (
            genes(exclude=["input/a\u200b.bed"]),
            ".exclude: 'input/a\\u200b.bed' has a character that nobody sees; rename the file",
        ),
    ],
)
def test_keys_that_do_not_go_together(entry, line):
    told = read(changed("datasets", "new", value=entry)).mistakes
    assert [text for text in told if f" datasets.new{line}" in text]


def test_a_share_of_a_published_train_part_may_be_drawn():
    entry = published(train={"on": "a.fa", "off": "b.fa"}, test={"on": "c.fa", "off": "d.fa"})
    entry |= {"split": {"validation": 0.2, "seed": 7}}
    assert read(changed("datasets", "new", value=entry), looks_for_files=False).mistakes == []


@pytest.mark.parametrize("name", ["neg", "Negative", "non_promoter", "nonpromoter", "control-1"])
@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_a_first_class_that_says_no_is_not_taken_for_the_positive_one(name, task):
    for names in ((name, "promoter"), ("promoter", name)):
        entry = {"fasta": dict.fromkeys(names, "input/classes.fa"), "task": task}
        mistakes = read(changed("datasets", "new", value=entry)).mistakes
        assert bool(mistakes) == (task == "binary" and names[0] == name)
        if mistakes:
            assert mistakes[0].endswith("`positive: promoter`")
            said = {**entry, "positive": "promoter"}
            assert read(changed("datasets", "new", value=said)).mistakes == []


@pytest.mark.parametrize("name", ["enhancer", "notch1", "bound", "Notum", "unit", "wtap"])
def test_names_that_say_something_say_not_no(name):
    assert not says_no(name)


def test_all_mistakes_of_all_datasets_are_told_at_once():
    config = changed("datasets", "peaks", "window", value=DROPPED)
    config["datasets"]["lines"] |= {"transform": "log10", "labels": "nowhere.txt"}
    told = read(config).mistakes
    assert [line.split(": ")[1] for line in told] == [
        "datasets.lines.transform",
        "datasets.lines.labels",
        "datasets.peaks",
    ]


def test_a_missing_file_is_answered_with_where_to_get_it(monkeypatch):
    source = {
        "file": "$BASEWISE_DATA/x.txt",
        "from": "https://x.org",
        "licence": "CC0",
        "sha256": "0" * 64,
    }
    config = changed("datasets", "lines", "labels", value="$BASEWISE_DATA/x.txt")
    (line,) = read(config | {"sources": [source]}).mistakes
    assert line.endswith(
        "datasets.lines.labels: no such file: resources/x.txt; get it from https://x.org "
        "(licence: CC0), or set BASEWISE_DATA to the folder that holds it"
    )


def test_plink_files_are_three(folder):
    (folder / "input/calls.bed").touch()
    told = read(changed("datasets", "new", value=genotypes(genotypes="input/calls.bed"))).mistakes
    assert ["calls.bim" in told[0], "calls.fam" in told[1], len(told)] == [True, True, 2]


def test_files_that_rules_make_need_not_be_there():
    config = changed("datasets", "lines", "labels", value="results/demo/labels.txt")
    assert read(config).mistakes == []
    config = changed("datasets", "lines", "labels", value="made/labels.txt")
    assert "no such file: made/labels.txt" in read(config).mistakes[0]
    assert read(config, looks_for_files=False).mistakes == []
