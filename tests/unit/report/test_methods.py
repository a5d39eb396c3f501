import re

import pytest

from basewise.core.text import counted, listed
from basewise.evaluation.headlines import HEADLINES
from basewise.report.methods import USUAL, Data, methods_text

TRAINING = {
    "backend": "tensorflow",
    "optimizer": "adam",
    "learning_rate": 0.001,
    "schedule": "plateau",
    "batch_size": 32,
    "epochs": 20,
    "patience": 10,
    "loss": "cross_entropy",
    "refit": False,
}
SOFTWARE = {
    "basewise": "0.1.0",
    "python": "3.11.7",
    "snakemake": "9.27.1",
    "keras": "3.15.1",
    "tensorflow": "2.21.0",
    "jax": "0.10.2",
    "scikit-learn": "1.9.1",
    "git commit": "db1064adfbba860659d1",
    "git state": "clean",
}
KMERS = {"title": "k-mer logistic regression", "citation": "Counts of words.", "training": None}
CONV = {"title": "Conv1D", "citation": "What 2002", "training": TRAINING}
SMALL = Data(
    "peaks",
    {"task": "binary", "split": {"method": "chromosome", "validation": ["chr4"], "test": [5, "X"]}},
    {"rows": 3978, "length": 200, "alphabet": "dna", "outputs": ["label"]},
    0,
    {"train": 2394, "validation": 798, "test": 786},
    [0.0],
    ["example"],
    1,
)
WHEAT = Data(
    "wheat",
    {"task": "regression", "split": {"method": "random"}},
    {"rows": 599, "length": 1279, "alphabet": "genotype", "outputs": ["E1", "E2"]},
    0,
    {"train": 479, "validation": 60, "test": 60},
    [0.0, 0.05, 0.1],
    ["example", "example or group"],
    6,
)
SHUFFLED = Data(
    "rbp",
    {
        "task": "binary",
        "window": 101,
        "center": "midpoint",
        "split": {"method": "homology"},
        "negatives": {"method": "shuffle", "match": "gc"},
    },
    {"rows": 2, "length": 101, "alphabet": "rna", "outputs": ["label"]},
    1,
    {"train": 1, "validation": 1, "test": 0},
    [0.0],
    ["sequence"],
    1,
    windows=1,
)
GENOME = {"method": "genome", "match": "gc", "max_unknown": 0.1}
ONE = {
    "runs": {"peaks": ["conv", "kmers"]},
    "models": {
        "conv": {**CONV, "entry": {"architecture": "conv1d", "filters": [4, 8]}},
        "kmers": {**KMERS, "entry": {"baseline": "kmer_logistic"}},
    },
    "seeds": [1],
    "root_seed": 7,
    "software": SOFTWARE,
}
QUICK = {**TRAINING, "epochs": 1, "batch_size": 1, "loss": "focal", "refit": True}
TUNE = {"search": {"filters": [4, 8], "kernel_size": [3, 5]}, "trials": 1}
SEVERAL = {
    "runs": {"wheat": ["a", "b"], "rbp": ["both"]},
    "models": {
        "a": {**CONV, "entry": {"architecture": "conv1d", "tune": TUNE}},
        "b": {**CONV, "entry": {"architecture": "conv1d"}, "training": QUICK},
        "c": {**CONV, "entry": {"architecture": "conv1d"}},
        "both": {**KMERS, "citation": "Mean 2003", "entry": {"ensemble": ["a", "b"]}},
        "none": {**CONV, "entry": {"architecture": "conv1d", "control": "a"}},
    },
    "seeds": [1, 2],
    "root_seed": 1,
    "software": {**SOFTWARE, "git state": "changed"},
}


def written(*data, **changed):
    """The text, once its sentences are known to be whole and its references to be complete."""
    text = methods_text(data, **changed)
    *paragraphs, references = text.strip().split("\n\n")
    for paragraph in paragraphs:
        assert paragraph.endswith(".") and "\n" not in paragraph
        assert all(re.match("[A-Z]", start) for start in re.split(r"(?<=\.) ", paragraph))
    assert not re.search(r"  | [.,;:)]|\( |[.,;:]{2}|\(\)|\[\]|[{}_]|\bNone\b", "".join(paragraphs))
    numbers = [line.split(". ")[0] for line in references.splitlines()]
    assert list(dict.fromkeys(re.findall(r"\[(\d+)\]", text))) == numbers
    assert numbers == [str(number + 1) for number in range(len(numbers))]
    return text


def test_a_small_run_word_for_word():
    assert written(SMALL, **ONE).split("\n\n") == [
        "The dataset peaks contains 3,978 DNA sequences of 200 bases, each in one of two classes. "
        "The examples were divided by chromosome (chr4 for validation; 5 and X for testing). This "
        "gave 2,394 training, 798 validation and 786 test examples. An audit looked for copies, "
        "near-identical examples and neighbors in different parts. It found none among the test "
        "examples.",
        "Sequences were one-hot encoded. The network was Conv1D [1] (conv: filters 4 and 8). The "
        "baseline was k-mer logistic regression (kmers). The name kmers stands for counts of "
        "words. The network was trained with Adam on batches of 32 examples (learning rate 0.001, "
        "halved when the validation loss had not fallen for 5 epochs). Training ended after 20 "
        "epochs, or earlier once the validation loss had not fallen for 10 epochs; the weights of "
        "the epoch with the lowest validation loss were kept. Each model was trained once (seed 1, "
        "root seed 7).",
        "Models were ranked by AUROC on the test part; AUPRC, accuracy, balanced accuracy, MCC, F1 "
        "and Brier score are also reported. A score above 0.5 counted as class 1. The 95 % "
        "intervals come from 1,000 bootstrap resamples of the test examples. Each model was "
        "compared with the best baseline and with the best model by a paired bootstrap. The p "
        "values were corrected for the number of models by Holm's method.",
        "The analysis ran in basewise 0.1.0 (commit db1064adfbba) under Snakemake 9.27.1 [2], with "
        "Python 3.11.7, Keras 3.15.1, TensorFlow 2.21.0 and scikit-learn 1.9.1.",
        "1. What 2002\n2. Mölder et al. 2021, Sustainable data analysis with "
        "Snakemake, F1000Research 10:33, doi 10.12688/f1000research.29032.2\n",
    ]


def test_every_model_number_and_reference_appears():
    """Each of a kind is named with what was done to it, and nothing is said of the others."""
    text = written(WHEAT, SHUFFLED, **SEVERAL)
    for fact in (
        *("599 individuals", "1,279 markers", "2 measured values", "at random", "3 blocks"),
        *("479 training, 60 validation and 60 test examples", "10.0 %", "worst fold"),
        *("2 RNA sequences of 101 bases", "around its midpoint", "1 is background"),
        *("dinucleotide counts preserved [1]", "near-identical examples, so that no cluster"),
        *("1 training, 1 validation and 0 test", "Measures are reported with and without"),
        "Sequences and genotypes (AA, Aa, aa, missing) were one-hot encoded.",
        "The networks were Conv1D [2] (a), Conv1D [2] (b) and Conv1D [2] (c).",
        "The ensemble both [3] is the mean of the scores of a and b.",
        "For a, a search of 1 trial within the training part of each fold chose the filters and "
        "kernel size.",
        "As a negative control, none was trained as a [2], but with the labels of the training "
        "part shuffled.",
        "The networks a and c were trained with Adam on batches of 32 examples",
        "The network b was trained with Adam on batches of 1 example (learning rate 0.001, halved "
        "when the validation loss had not fallen for 5 epochs; loss focal). Training ended after "
        "1 epoch, or earlier once the validation loss had not fallen for 10 epochs; the weights of",
        "repeated for as many epochs on the training and validation examples together",
        "Each model was trained 2 times on each fold (seeds 1 and 2, root seed 1).",
        "The dataset wheat was analyzed with a and b. The dataset rbp was analyzed with both.",
        *("with measured values, models were ranked by Pearson r", "A score above 0.5"),
        "1,000 bootstrap resamples of the test examples (wheat), the groups of related test "
        "examples (wheat) or the test sequences (rbp). On wheat, they also include the differences",
        "with the best model by the corrected resampled t-test over folds [4].",
        "(commit db1064adfbba, with changes)",
    ):
        assert fact in text
    names = ["Altschul", "What", "Mean", "Nadeau", "Mölder"]
    assert re.findall(r"^\d\. (\w+)", text, re.M) == names
    assert text.count("repeated for as many epochs") == 1


@pytest.mark.parametrize("task", HEADLINES)
@pytest.mark.parametrize("method", ["random", "chromosome", "group", "homology", "predefined"])
@pytest.mark.parametrize("folds", [1, 2, 3])
def test_sentences_are_whole_whatever_the_dataset(task, method, folds):
    entry = {**SMALL.entry, "task": task, "window": 5, "center": "start", "negatives": GENOME}
    entry["split"] = {**SMALL.entry["split"], "method": method}
    manifest = {**SMALL.manifest, "alphabet": "protein", "outputs": ["a", "b", "c"]}
    data = SMALL._replace(entry=entry, manifest=manifest, leaking=[0.0004] * folds, background=12)
    text = written(data, **ONE)
    assert "less than 0.1 % of the test" in text and "amino acids" in text
    assert ("match the GC content" in text) and "12 are background: windows drawn" in text
    assert "Windows of either kind with more than 10 % of unknown bases were left out." in text
    assert (f"{folds} blocks" in text) == (folds > 1) == ("on each fold" in text)
    assert ("3 classes" in text) == (task in ("multiclass", "per_position"))
    assert ("stratified" in text) == (method == "random" and task.startswith(("bi", "multi")))
    assert ("chr4" in text) == (method == "chromosome" and folds == 1)
    assert all(headline.title in text for headline in HEADLINES[task])
    assert ("t-test over folds" in text) == ("Nadeau" in text) == (folds == 3)


@pytest.mark.parametrize(
    ("center", "on_summit", "words"),
    [
        (None, 0, "the window around its midpoint."),
        (None, 5, "the window around its summit."),
        (None, 4, "its summit or, where it has none (1 of 5), around its midpoint."),
        ("end", 0, "the window around its end."),
    ],
)
def test_the_text_says_what_windows_stand_on(center, on_summit, words):
    entry = {**SMALL.entry, "window": 5} | ({"center": center} if center else {})
    assert words in written(SMALL._replace(entry=entry, windows=5, on_summit=on_summit), **ONE)


def test_data_alone_and_models_of_one_kind():
    nothing = {"runs": {"wheat": []}, "models": {}, "seeds": [1], "root_seed": 1}
    text = written(WHEAT._replace(resampled=[], runs=0), **nothing, software=SOFTWARE)
    assert "Genotypes (AA, Aa, aa, missing) were one-hot encoded." in text
    assert not re.search("ranked|compared|trained|intervals|Keras|with and without", text)
    kmers = {**ONE, "runs": {"peaks": ["kmers"]}, "models": {"kmers": ONE["models"]["kmers"]}}
    text = written(SMALL, **kmers)
    assert "network" not in text and "ranked by AUROC" in text and "compared" not in text


@pytest.mark.parametrize("key", USUAL)
def test_a_setting_of_the_training_is_named_where_it_is_unusual(key):
    models = {**ONE["models"], "conv": {**ONE["models"]["conv"], "training": {**TRAINING, key: 3}}}
    assert f"{key.replace('_', ' ')} 3)." in written(SMALL, **{**ONE, "models": models})


@pytest.mark.parametrize(
    ("schedule", "words"),
    [("cosine", "along a cosine"), ("one_cycle", "in one cycle"), ("constant", "constant")],
)
def test_the_learning_rate_is_told_with_its_schedule(schedule, words):
    training = {**TRAINING, "schedule": schedule, "optimizer": "sgd"}
    models = {"conv": {**CONV, "entry": {"architecture": "conv1d"}, "training": training}}
    text = written(SMALL, **{**ONE, "runs": {"peaks": ["conv"]}, "models": models})
    assert "with stochastic gradient descent" in text and f"{words})." in text


def test_libraries_are_those_that_were_used():
    """TensorFlow's is in ONE; no backend is named where nothing trained a network."""
    jax = {**ONE["models"]["conv"], "training": {**TRAINING, "backend": "jax"}}
    text = written(SMALL, **{**ONE, "models": {**ONE["models"], "conv": jax}})
    assert "Python 3.11.7, Keras 3.15.1, JAX 0.10.2 and scikit-learn 1.9.1." in text


def test_numbers_and_lists():
    assert [listed("abc"[:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]
    assert counted(1, "fold") == "1 fold"
    assert counted(2000, "epoch") == "2,000 epochs"
