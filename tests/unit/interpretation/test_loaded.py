"""Networks that are loaded, as jobs have them: Keras counts names of operations from 0 there."""

import os
import subprocess
import sys
from textwrap import dedent

import keras
import numpy as np
import pytest
from made_networks import random_letters, small

from basewise.interpretation.scales import score_of

CASES = {
    "deepbind": ("multiclass", 3, "average"),
    "dnn_pwm": ("binary", 1, "average"),
    "conv1d": ("multiclass", 3, "none"),
    "multiscale_attention_v2": ("multiclass", 3, "average"),
    "multiscale_attention": ("regression", 1, "average"),
    "dnn_kmer": ("multilabel", 2, "none"),
    "kmer_gcn": ("multiclass", 3, "none"),
}
"""Networks whose own operations have the names of those that scales or strands bring along."""

PROGRAM = dedent("""
    import sys
    import keras, numpy as np
    from basewise.interpretation.incremental import edited_scores_of
    from basewise.interpretation.scales import score_of

    network, task, letters, scores = sys.argv[1:]
    network = keras.saving.load_model(network, compile=False, safe_mode=True)
    letters = np.load(letters)
    np.save(scores, score_of(network, task, "dna")(letters))
    quick = edited_scores_of(network, task, "dna")
    if quick is not None:
        quick(letters[:1])
""")


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_a_network_is_explained_in_a_process_that_loads_it(name, tmp_path):
    task, outputs, strands = CASES[name]
    keras.utils.set_random_seed(1)
    network = small(name, task=task, outputs=outputs, reverse_complement=strands)
    network.save(tmp_path / "m.keras")
    letters = random_letters(4, 60)
    np.save(tmp_path / "letters.npy", letters)

    paths = [str(tmp_path / file) for file in ("m.keras", "letters.npy", "scores.npy")]
    subprocess.run(
        [sys.executable, "-c", PROGRAM, paths[0], task, *paths[1:]],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=True,
    )
    expected = score_of(network, task, "dna")(letters)
    np.testing.assert_allclose(np.load(paths[2]), expected, atol=1e-5)
