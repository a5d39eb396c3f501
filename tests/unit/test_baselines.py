import numpy as np
import pytest
import skops.io
from sklearn.metrics import roc_auc_score
from support import schema

from basewise import baselines
from basewise.alphabet import encode
from basewise.errors import InputError
from basewise.from_lines import extract_lines
from basewise.labels import read_label_lines
from basewise.splits import split_random


def test_kmers_find_the_primers_motif(data, tmp_path):
    """The set's own README measures 99.8 % for logistic regression on k-mers."""
    onehot = encode(extract_lines(data / "primer" / "sequences.txt").letters)
    table = read_label_lines(data / "primer" / "labels.txt", schema("labels"), 2000)
    labels = table["label"].astype(np.int8).to_numpy()
    part = split_random(labels, 0.15, 0.25, 42)
    fitted = baselines.fit("kmer_logistic", onehot, labels[:, None], part, seed=1)
    test = part == "test"
    assert roc_auc_score(labels[test], fitted.score[test, 0]) > 0.995
    skops.io.dump(fitted.estimator, tmp_path / "model.skops")
    skops.io.load(tmp_path / "model.skops", trusted=[])


def test_unknown_baseline_is_named():
    with pytest.raises(InputError, match="unknown baseline 'kmer_svm'; there are kmer_logistic"):
        baselines.fit("kmer_svm", None, None, None, seed=1)
