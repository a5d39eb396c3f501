import re

from basewise.core.text import counted, listed
from basewise.report.methods import methods_text
from basewise.report.methods_data import Data

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
)


def test_one_of_each_word_for_word():
    text = methods_text(
        [SMALL],
        runs={"peaks": ["conv", "kmers"]},
        models={
            "conv": {**CONV, "entry": {"architecture": "conv1d", "filters": [4, 8]}},
            "kmers": {**KMERS, "entry": {"baseline": "kmer_logistic"}},
        },
        seeds=[1],
        root_seed=7,
        software=SOFTWARE,
    )
    assert text.split("\n\n") == [
        "The dataset peaks has 3,978 DNA sequences of 200 bases, each in one of two classes. They "
        "were divided by chromosome (chr4 for validation, 5 and X for test) into 2,394 training, "
        "798 validation and 786 test examples. An audit for copies, near-identical examples and "
        "neighbours in two parts found none among the test examples.",
        "Sequences were one-hot encoded. The network was Conv1D [1] (conv, filters 4 and 8). The "
        "baseline was k-mer logistic regression (kmers). The model kmers is counts of words. The "
        "network was trained with Adam (learning rate 0.001, halved when the validation loss had "
        "not fallen for 5 epochs) on batches of 32 examples for at most 20 epochs, until the "
        "validation loss had not fallen for 10 epochs; the weights of the epoch with the lowest "
        "validation loss were kept. Each model was trained once (seed 1, root seed 7).",
        "Models were ranked by AUROC on the test part; AUPRC, accuracy, balanced accuracy, MCC, F1 "
        "and Brier score are given too. A score above 0.5 was taken for class 1. Intervals hold "
        "95 % and come from 1,000 bootstrap resamples of the test examples. Each model was "
        "compared with the best baseline and with the best model by a paired bootstrap, with "
        "Holm's correction for the number of models.",
        "Everything ran in basewise 0.1.0 (commit db1064adfbba) under Snakemake 9.27.1 [2], with "
        "Python 3.11.7, Keras 3.15.1, TensorFlow 2.21.0 and scikit-learn 1.9.1.",
        "1. What 2002\n2. Mölder et al. 2021, Sustainable data analysis with "
        "Snakemake, F1000Research 10:33, doi 10.12688/f1000research.29032.2\n",
    ]


def test_several_of_everything():
    quick = {**TRAINING, "epochs": 1, "batch_size": 1, "loss": "focal", "refit": True}
    tune = {"search": {"filters": [4, 8]}, "trials": 1}
    models = {
        "a": {**CONV, "entry": {"architecture": "conv1d", "tune": tune}},
        "b": {**CONV, "entry": {"architecture": "conv1d"}, "training": quick},
        "c": {**CONV, "entry": {"architecture": "conv1d"}},
        "both": {**KMERS, "citation": "Mean 2003", "entry": {"ensemble": ["a", "b"]}},
        "none": {**CONV, "entry": {"architecture": "conv1d", "control": "a"}},
    }
    text = methods_text(
        [WHEAT, SHUFFLED],
        runs={"wheat": ["a", "b"], "rbp": ["both"]},
        models=models,
        seeds=[1, 2],
        root_seed=1,
        software={**SOFTWARE, "git state": "changed"},
    )
    for words in (
        "599 individuals with genotypes at 1,279 markers, each with 2 measured values.",
        "They were divided at random into 3 blocks for cross-validation; each was the test",
        "in two parts of a fold found for 10.0 % of the test examples of the worst fold a partner "
        "in training or validation; measures are given with and without these.",
        "resamples of the test examples (wheat), the groups of related test examples (wheat) or "
        "the test sequences (rbp) and, on wheat, from the differences among the runs of a model.",
        "2 RNA sequences of 101 bases",
        "Of them, 1 is background: sequences shuffled with their dinucleotide counts kept [1].",
        "no cluster being in two parts, into 1 training, 1 validation and 0 test",
        "Sequences and genotypes (AA, Aa, aa, missing) were one-hot encoded.",
        "The networks were Conv1D [2] (a), Conv1D [2] (b) and Conv1D [2] (c).",
        "For a, filters were searched for within the training part of each fold (1 trial).",
        "The ensemble both [3] is the mean of the scores of a and b.",
        "As a negative control, none was trained as a, with the labels of the training part shuf",
        "The networks a and c were trained with Adam",
        "The network b was trained with Adam (learning rate 0.001, halved when the validation loss "
        "had not fallen for 5 epochs, loss focal) on batches of 1 example for at most 1 epoch,",
        "Each model was trained 2 times on each fold (seeds 1 and 2, root seed 1).",
        "On wheat a and b ran. On rbp both ran.",
        "Values: models were ranked by Pearson r",
        "with the best model by the corrected resampled t-test over folds [4], with Holm's",
        "(commit db1064adfbba, with changes)",
    ):
        assert words in text
    references = re.findall(r"^(\d)\. (\w+)", text, re.M)
    names = ["Altschul", "What", "Mean", "Nadeau", "Mölder"]
    assert references == [(str(number), name) for number, name in enumerate(names, start=1)]
    assert not re.search(r"  |\.\.|\[\]|\bNone\b", text)


def test_numbers_and_lists():
    assert [listed("abc"[:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]
    assert counted(1, "fold") == "1 fold"
    assert counted(2000, "epoch") == "2,000 epochs"
