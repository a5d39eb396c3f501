"""Scores of new sequences by every baseline, from its bundle alone."""

import numpy as np
import pandas as pd
import pytest
from made_bundles import TARGETS, make_bundle, make_results, parts_of

from basewise import baselines
from basewise.core.errors import InputError
from basewise.examples.from_sequences import fit_length
from basewise.scoring.checking import check_bundle
from basewise.scoring.predictors import load_predictor
from basewise.scoring.scored_files import NewExamples
from basewise.sequences.alphabet import letters_of

LETTERS = {"dna": "ACGT", "rna": "ACGU", "protein": "ACDEFGHIKLMNPQRSTVWY"}
SETTINGS = {
    "kmer_logistic": {"largest_k": 3},
    "kmer_ridge": {"largest_k": 4},
    "gradient_boosting": {"largest_k": 2, "learning_rate": 0.3},
    "gapped_kmer_svm": {"word_length": 5, "informative": 3},
}
QUICK = {"kmer_logistic-binary-dna", "onehot_ridge-regression-dna", "majority-multiclass-protein"}
"""One of each kind of features; together the others take a minute."""
OF_SEQUENCES = [
    pytest.param(
        *(name, task, alphabet),
        marks=[] if f"{name}-{task}-{alphabet}" in QUICK else pytest.mark.slow,
    )
    for name, entry in baselines.registry().items()
    for alphabet in LETTERS
    if alphabet in entry["alphabets"]
    for task in TARGETS
    if task in entry["tasks"]
]


def made_sequences(alphabet, rows=120, length=60):
    """Sequences of up to 60 letters; some hold unknown ones, and one nothing else."""
    draws = np.random.default_rng(3)
    unknown = "X" if alphabet == "protein" else "N"
    texts = ["".join(draws.choice(list(LETTERS[alphabet]), length)) for _ in range(rows)]
    texts = [text[: length - row % 3] for row, text in enumerate(texts)]
    texts[::10] = [text[:20] + unknown + text[21:] for text in texts[::10]]
    texts[11] = unknown * length
    return texts


@pytest.mark.parametrize(("name", "task", "alphabet"), OF_SEQUENCES)
def test_scores_of_the_test_part_are_those_of_the_training(name, task, alphabet, tmp_path):
    motifs = tmp_path / "motifs.jaspar"
    motifs.write_text(">m1 one\n1 0 0\n1 0 1\n7 9 8\n1 1 1\n>m2 two\n8 8\n1 1\n0 0\n1 1\n")
    settings = {"motifs": [str(motifs)]} if name == "motif_scan" else SETTINGS.get(name, {})
    texts = made_sequences(alphabet)
    as_dna = [text.replace("U", "T") if alphabet == "rna" else text for text in texts]
    letters = letters_of([fit_length(text, 60, "left") for text in as_dna])
    sources = make_results(
        tmp_path, task, [(0, 1), (1, 1)], alphabet, letters, model=name, **settings
    )
    motifs.unlink()
    make_bundle(tmp_path / "b.zip", sources, length={"policy": "pad", "side": "left"})

    path = tmp_path / "new.fa"
    path.write_text("".join(f">e{row}\n{text}\n" for row, text in enumerate(texts)))
    table = NewExamples(tmp_path / "b.zip", path, form="sequences").table().set_index("id")
    assert (table["reason"] == "").all()
    runs = [pd.read_parquet(file).set_index("id") for file in sources.scores]
    tested = np.flatnonzero((parts_of(tmp_path, 0) == "test") & (parts_of(tmp_path, 1) == "test"))
    tested = [f"e{row}" for row in tested]
    assert "e11" in tested
    for output in TARGETS[task][0]:
        expected = np.mean([run[f"score.{output}"][tested] for run in runs], axis=0)
        tolerance = 1e-6 * (700 if task == "regression" else 1)
        np.testing.assert_allclose(table[f"score.{output}"][tested], expected, atol=tolerance)


def test_an_estimator_of_another_baseline_is_refused(tmp_path):
    sources = make_results(tmp_path, runs=[(0, 1)], model="gapped_kmer_svm")
    make_bundle(tmp_path / "b.zip", sources)
    checked = check_bundle(tmp_path / "b.zip")
    (run,) = checked.contract.runs
    for name in ("kmer_logistic", "motif_scan"):
        other = checked._replace(contract=checked.contract._replace(name=name))
        with pytest.raises(InputError, match=f"model.skops' is no fitted {name}"):
            load_predictor(other, run)
