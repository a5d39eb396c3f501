"""Pairs of options of networks: each trains a tiny network, or is refused in a line."""

import numpy as np
import pytest
from pair_inputs import write_inputs
from pairs import Case, Row, pairs_of

import basewise as bw
from basewise import library
from basewise.core.errors import InputError

pytestmark = pytest.mark.slow

DATA = {
    "binary": ("fasta", "background", "binary", "shuffle", "random", 1, "dna", "pad"),
    "multiclass": ("table", "column", "multiclass", "none", "random", 1, "rna", "pad"),
    "multilabel": ("table", "column", "multilabel", "none", "random", 1, "protein", "any"),
    "regression": ("table", "column", "regression", "none", "random", 1, "dna", "any"),
    "per_position": ("regions", "features", "per_position", "none", "chromosome", 1, "dna", "any"),
    "genotypes": ("genotypes", "phenotypes", "regression", "none", "random", 1, "genotype", "any"),
}
SAID = {
    "regression": {"outputs": 2},
    "per_position": {"strand": "any"},
    "genotypes": {"covariates": True},
}
CASES = {name: Case(Row(*levels), SAID.get(name, {}), name) for name, levels in DATA.items()}
SETTINGS = {
    "warmup_epochs": (0, 1),
    "optimizer": ("adam", "adamw", "rmsprop", "sgd"),
    "schedule": ("plateau", "cosine", "one_cycle", "constant"),
    "reverse_complement": ("none", "augment", "average"),
    "unknown": ("uniform", "zeros"),
    "adapt": ("error", "auto"),
    "loss": ("cross_entropy", "focal"),
    "label_smoothing": (0, 0.1),
    "class_weights": ("none", "balanced"),
    "sampling": ("natural", "balanced"),
    "average_decay": (0, 0.5),
    "clip_norm": (10, 1),
    "shift": (0, 2),
    "refit": (False, True),
}
"""The first value is the plainest, which goes with everything."""
NETWORKS = {
    "per_position": ("conv_birnn", {"filters": 4, "rnn_units": 4}),
    **dict.fromkeys(set(DATA) - {"per_position"}, ("conv1d", {"filters": 4})),
}


def attempts():
    """Settings for each dataset, four times: in each, values that have met least of the rest."""
    seen = set()
    for data in [*DATA] * 4:
        chosen = {"data": data}
        for key, values in SETTINGS.items():
            unseen = {value: len(pairs_of({**chosen, key: value}) - seen) for value in values}
            chosen[key] = max(reversed(values), key=unseen.__getitem__)
        seen |= pairs_of(chosen)
        yield chosen


@pytest.fixture(scope="module")
def splits(tmp_path_factory):
    """The datasets, each with its split."""
    folder = tmp_path_factory.mktemp("networks")
    write_inputs(folder / "input", CASES)
    read = {
        "fasta": bw.read_fasta,
        "table": bw.read_table,
        "regions": bw.read_regions,
        "genotypes": bw.read_genotypes,
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        # Keras runs already, for the tests before
        patch.setattr(library, "_set_up", lambda **wanted: "the device of all tests")
        made = {}
        for name, case in CASES.items():
            keys = {key: value for key, value in case.entry.items() if key != "models"}
            made[name] = bw.split(read[case.row.source](**keys, name=name))
        yield made


def test_every_pair_is_attempted():
    wanted = set()
    for first, second in [("data", key) for key in SETTINGS] + [("optimizer", "schedule")]:
        levels = SETTINGS | {"data": tuple(DATA)}
        wanted |= {((first, a), (second, b)) for a in levels[first] for b in levels[second]}
    assert wanted <= set().union(*map(pairs_of, attempts()))


def test_each_attempt_trains_or_is_refused_in_a_line(splits, subtests):
    """A setting that is refused is told by its name, and the rest goes on without it."""
    for number, settings in enumerate(attempts()):
        with subtests.test(number, **settings):
            data = settings.pop("data")
            network, small = NETWORKS[data]
            while True:
                try:
                    trained = bw.train(splits[data], network, epochs=2, **small, **settings)
                    break
                except InputError as error:
                    (line,) = str(error).splitlines()
                    told = [
                        key
                        for key, values in SETTINGS.items()
                        if key in line and settings[key] != values[0]
                    ]
                    assert told, line
                    settings[told[0]] = SETTINGS[told[0]][0]
            scores = trained.scores.filter(like="score.")
            assert len(scores) and np.isfinite(scores).all(axis=None)
