import numpy as np
import pytest
import skops.io
from sklearn.metrics import roc_auc_score

from basewise import baselines
from basewise.alphabet import encode
from basewise.errors import InputError
from basewise.parts import PARTS


def test_kmers_find_the_primers_motif(data, tmp_path):
    """The set's own README measures 99.8 % for logistic regression on k-mers."""
    onehot = encode((data / "primer" / "sequences.txt").read_text().split())
    labels = np.loadtxt(data / "primer" / "labels.txt", dtype=np.int8)
    part = np.random.default_rng(42).choice(PARTS, len(labels), p=[0.64, 0.16, 0.2])
    fitted = baselines.fit("kmer_logistic", onehot, labels[:, None], part, seed=1)
    test = part == "test"
    assert roc_auc_score(labels[test], fitted.score[test, 0]) > 0.995
    skops.io.dump(fitted.estimator, tmp_path / "model.skops")
    skops.io.load(tmp_path / "model.skops", trusted=[])


def test_unknown_baseline_is_named():
    with pytest.raises(InputError, match="unknown baseline 'kmer_svm'; there are kmer_logistic"):
        baselines.fit("kmer_svm", None, None, None, seed=1)
