"""What is wrong with a file or a configuration is said in one line, and nothing is left behind."""

import gzip

import numpy as np
import pytest
from support import refused, small_config


def changed(*keys, value):
    config = small_config()
    place = config
    for key in keys[:-1]:
        place = place.setdefault(key, {})
    if value is None:
        del place[keys[-1]]
    else:
        place[keys[-1]] = value
    return config


def line_of(path, keys):
    """The line of a key, found by going down the indented text."""
    depth = 0
    for number, text in enumerate(path.read_text().splitlines(), start=1):
        if text.startswith(f"{'  ' * depth}{keys[depth]}:"):
            depth += 1
            if depth == len(keys):
                return number
    raise KeyError(keys)


@pytest.mark.parametrize(
    ("keys", "value", "line"),
    [
        (
            ("datasets", "peaks", "keeps"),
            {"column": 4, "equals": 1},
            "datasets.peaks.keeps: unknown key 'keeps'; did you mean 'keep'?",
        ),
        (
            ("models", "conv1d", "architecture"),
            "conv1",
            "models.conv1d.architecture: unknown architecture 'conv1'; did you mean 'conv1d'?",
        ),
        (
            ("models", "kmers", "baseline"),
            "kmer",
            "models.kmers.baseline: unknown baseline 'kmer'; did you mean 'kmer_ridge'?",
        ),
        (
            ("models", "conv1d", "filter"),
            4,
            "models.conv1d.filter: unknown key 'filter'; did you mean 'filters'?",
        ),
        (
            ("models", "conv1d", "filters"),
            0,
            "models.conv1d.filters: 0 is less than the minimum of 1",
        ),
        (
            ("models", "attention", "training"),
            {"learningrate": 0.1},
            "models.attention.training.learningrate: unknown key 'learningrate'; did you mean "
            "'learning_rate'?",
        ),
        (
            ("models", "attention", "adapt"),
            "yes",
            "models.attention.adapt: 'yes' is unknown; there are auto, error",
        ),
        (
            ("models", "attention"),
            {"architecture": "dnn_pwm", "motifs": ["input/motifs.meme"]},
            "models.attention.motifs: no such file: input/motifs.meme; "
            "correct the path, or put the file there",
        ),
        (
            ("models", "conv1d"),
            {"architecture": "basset"},
            "datasets.peaks.models: 'conv1d' does not fit; it takes tasks binary, multiclass, "
            "multilabel, regression and alphabets dna, rna, protein, "
            "genotype, from 168 letters "
            "(`adapt: auto` takes fewer)",
        ),
        (
            ("datasets", "lines", "task"),
            "binery",
            "datasets.lines.task: 'binery' is unknown; did you mean 'binary'?",
        ),
        (
            ("datasets", "peaks", "models"),
            ["conv2d"],
            "datasets.peaks.models: unknown model 'conv2d'; did you mean 'conv1d'?",
        ),
        (
            ("datasets", "lines", "labels"),
            "input/label.txt",
            "datasets.lines.labels: no such file: input/label.txt; "
            "correct the path, or put the file there",
        ),
        (("datasets", "peaks", "window"), None, "datasets.peaks: `genome` needs `window`"),
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
            None,
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
            ("datasets", "peaks", "exclude"),
            "input/peaks.bed",
            "datasets.peaks.exclude: 'input/peaks.bed' must be a list, such as [a, b]",
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
        (
            ("datasets", "peaks", "split"),
            {"method": "chromosome"},
            "datasets.peaks.split: a split by chromosome needs `validation` and `test`, lists of "
            "chromosomes, or `folds`",
        ),
        (
            ("training", "learning_rate"),
            "1e-3",
            "training.learning_rate: must be a number above 0; YAML takes 1e-3 for text, write "
            "0.001 or 1.0e-3",
        ),
        (
            ("evaluation", "precison"),
            0.8,
            "evaluation.precison: unknown key 'precison'; did you mean 'precision'?",
        ),
        (
            ("evaluation", "recall"),
            90,
            "evaluation.recall: must be a number between 0 and 1, such as 0.9",
        ),
        (
            ("models", "shuffled", "control"),
            "kmer",
            "models.shuffled.control: unknown model 'kmer'; did you mean 'kmers'?",
        ),
        (
            ("models", "shuffled"),
            {"control": "kmers", "largest_k": 3},
            "models.shuffled.largest_k: a control has the settings of its model; take `largest_k` "
            "out",
        ),
        (
            ("training", "epochs"),
            "many",
            "training.epochs: 'many' must be a whole number",
        ),
    ],
    ids=lambda value: ".".join(value) if isinstance(value, tuple) else None,
)
def test_a_wrong_configuration_is_refused_before_any_job(workflow, keys, value, line):
    lines = refused(workflow, changed(*keys, value=value))
    place = line.split(": ")[0].split(".")
    number = line_of(workflow.folder / "test.yaml", place)
    assert lines == [f"Error: test.yaml:{number}: {line}"]
    assert not (workflow.folder / "results").exists()


@pytest.mark.parametrize(
    ("models", "text"),
    [
        (
            {"both": {"ensemble": ["conv1d", "kmers"]}, "x": {"control": "both"}},
            "an ensemble; name",
        ),
        ({"y": {"control": "kmers"}, "x": {"control": "y"}}, "a control itself; name the model"),
        (
            {"y": {"control": "kmers"}, "x": {"ensemble": ["y", "kmers"]}},
            "a negative control; take",
        ),
    ],
)
def test_a_control_is_of_one_model_and_counts_for_no_other(workflow, models, text):
    config = small_config()
    config["models"] |= models
    (line,) = refused(workflow, config, "-n")
    assert f"is {text}" in line


def test_a_key_that_stands_twice_is_refused(workflow):
    configfile = workflow.write_config(small_config())
    text = (workflow.folder / configfile).read_text()
    (workflow.folder / configfile).write_text(text.replace("  peaks:", "  lines:"))
    done = workflow.snakemake("-n", "--configfile", configfile)
    assert done.returncode != 0
    assert "datasets.lines: the key 'lines' stands twice; rename or join them" in done.stderr


def test_a_misspelt_key_that_is_needed_gives_one_line(workflow):
    config = small_config()
    config["datasets"]["peaks"]["widnow"] = config["datasets"]["peaks"].pop("window")
    (line,) = refused(workflow, config)
    assert line.endswith("datasets.peaks.widnow: unknown key 'widnow'; did you mean 'window'?")


@pytest.mark.parametrize("name", ["../x", "logs", 1, True])
def test_a_name_that_cannot_be_a_folder_is_refused(workflow, name):
    config = small_config()
    config["datasets"][name] = config["datasets"].pop("lines")
    (line,) = refused(workflow, config)
    assert "a dataset's name starts with a letter" in line


def test_a_model_cannot_be_called_ceiling(workflow):
    config = small_config()
    config["models"]["ceiling"] = {"baseline": "kmer_logistic"}
    (line,) = refused(workflow, config)
    assert "is not ceiling" in line


def test_a_model_that_does_not_fit_is_refused_where_it_is_named(workflow):
    config = changed("datasets", "peaks", "models", value=["kmers"])
    config["datasets"]["peaks"]["alphabet"] = "rna"
    (line,) = refused(workflow, config)
    assert line.endswith(
        "'kmers' does not fit; it takes tasks binary, multiclass, multilabel and alphabets dna"
    )


def test_leakage_stops_before_training_where_it_is_asked_to(workflow):
    lines = (workflow.folder / "input/sequences.txt").read_text().splitlines()
    (workflow.folder / "input/sequences.txt").write_text("\n".join(lines[60:180] * 2))
    labels = (workflow.folder / "input/labels.txt").read_text().split()
    (workflow.folder / "input/labels.txt").write_text("\n".join(labels[60:180] * 2))
    config = changed("datasets", "lines", "fail_on_leakage", value=True)
    run = "results/lines/models/kmers/fold0/seed1/scores.parquet"
    (line,) = set(refused(workflow, config, run))
    assert "Error: dataset lines: examples leak between the parts: exact " in line
    assert not (workflow.folder / run).exists()


def test_training_that_diverges_is_named_and_leaves_nothing(workflow):
    config = changed("training", "learning_rate", value=1e30)
    run = "results/lines/models/conv1d/fold0/seed1"
    (line,) = set(refused(workflow, config, f"{run}/scores.parquet"))
    assert line.startswith("Error: dataset lines: the training of conv1d diverged")
    assert not list((workflow.folder / run).glob("*"))


def test_a_missing_example_file_is_answered_with_where_to_get_it(workflow):
    done = workflow.snakemake(
        "-n", "--configfile", "config/examples/primer.yaml", BASEWISE_DATA="x"
    )
    assert done.returncode != 0
    lines = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert len(lines) == 2
    assert (
        "no such file: x/primer/sequences.txt; get it from https://github.com/abidlabs" in lines[0]
    )
    assert "set BASEWISE_DATA" in lines[0]


BAD_FILES = {
    "wrong chromosome names": (
        "peaks.bed",
        b"I\t5\t9\tpeak1\t1\n",
        "input/peaks.bed:1: chromosome 'I' is not in genome.fa, which has chr1, chr2, chr3; "
        "give both files the same names, or a table of `aliases`",
    ),
    "end before start": (
        "peaks.bed",
        b"chr1\t500\t600\tpeak1\t1\nchr1\t900\t900\tpeak2\t1\n",
        "input/peaks.bed:2: start 900 and end 900 are no interval; BED starts at 0 and ends after "
        "the last base, so end is greater than start",
    ),
    "beyond the chromosome": (
        "peaks.bed",
        b"chr1\t19990\t20001\tpeak1\t1\n",
        "input/peaks.bed:1: region chr1:19990-20001 ends beyond the chromosome, which has 20000 "
        "bases in genome.fa; is this the right assembly?",
    ),
    "one class only": (
        "labels.txt",
        b"1\n" * 240,
        "input/labels.txt: all 240 examples have label 1; two classes are needed (label some rows "
        "0 and some 1, or draw `negatives`)",
    ),
    "a label line too few": (
        "labels.txt",
        b"0\n1\n" * 119,
        "input/labels.txt:239: has 238 labels for 240 sequences; line n labels the sequence of "
        "line n",
    ),
    "truncated gzip": (
        "genome.fa.gz",
        gzip.compress(b">chr1\n" + np.random.default_rng(1).bytes(5000))[:2000],
        "input/genome.fa.gz: the gzip file is cut short; fetch or copy it again",
    ),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_bad_file_is_named_and_nothing_half_written_stays(workflow, case):
    name, content, message = BAD_FILES[case]
    (workflow.folder / "input" / name).write_bytes(content)
    config = small_config()
    if name == "genome.fa.gz":
        config["datasets"]["peaks"]["genome"] = "input/genome.fa.gz"
    dataset = "lines" if name == "labels.txt" else "peaks"
    target = f"results/{dataset}/examples/examples.parquet"
    lines = refused(workflow, config, target)
    assert set(lines) == {f"Error: {message}"}
    assert not (workflow.folder / target).exists()
    assert not list((workflow.folder / "results").rglob(".unfinished*"))


def test_rows_without_a_partner_are_listed_line_by_line(workflow):
    """A label without a sequence, and a sequence without a label."""
    config = small_config()
    peaks = config["datasets"]["peaks"]
    del peaks["negatives"], peaks["keep"]
    peaks["labels"] = "input/labels.tsv"
    bed = (workflow.folder / "input/peaks.bed").read_text()
    names = [line.split("\t")[3] for line in bed.splitlines()]
    labels = "".join(f"{name}\t{row % 2}\n" for row, name in enumerate(names[:-1]))
    (workflow.folder / "input/labels.tsv").write_text(f"id\tlabel\n{labels}nobody\t1\n")
    target = "results/peaks/examples/dropped.tsv"
    done = workflow.snakemake(target, "--configfile", workflow.write_config(config))
    assert done.returncode == 0, done.stderr
    assert (workflow.folder / target).read_text().splitlines()[1:] == [
        f"{names[-1]}\tpeaks.bed\t{len(names)}\tno label in labels.tsv",
        f"nobody\tlabels.tsv\t{len(names) + 1}\tlabel without a sequence",
    ]
