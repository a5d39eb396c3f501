import keras
import numpy as np
import pytest

from basewise.architectures import build
from basewise.sequences.alphabet import encode

SMALL = {"filters": 4, "kernel_sizes": [5], "dense_units": 3}
SEQUENCES = ["".join(row) for row in np.random.default_rng(1).choice(list("ACGT"), (6, 40))]


def scores_of(model, sequences):
    return np.asarray(model(encode(sequences), training=False))


def test_padding_has_no_weight():
    keras.utils.set_random_seed(2)
    short = build("multiscale_attention_v2", length=40, **SMALL)
    padded = build("multiscale_attention_v2", length=60, **SMALL)
    padded.set_weights(short.get_weights())
    expected = scores_of(short, SEQUENCES)
    found = scores_of(padded, [f"{sequence}{'-' * 20}" for sequence in SEQUENCES])
    np.testing.assert_allclose(found, expected, atol=1e-6)
    unknown = scores_of(padded, [f"{sequence}{'N' * 20}" for sequence in SEQUENCES])
    assert np.abs(unknown - expected).max() > 1e-6


@pytest.mark.parametrize(("window", "windows"), [(0, 1), (10, 4), (16, 3)])
def test_what_is_pooled_is_a_soft_count_of_matches(window, windows):
    """log(1 + the sum of exp(scale * match + bias)) over the best match of two positions."""
    model = build("multiscale_attention_v2", length=40, window=window, **SMALL)
    (norm,) = [la for la in model.layers if isinstance(la, keras.layers.BatchNormalization)]
    pooled = keras.Model(model.input, norm.input)
    kernel, bias, scale, shift = model.get_weights()[:4]
    signal = np.pad(encode(SEQUENCES).astype(float), ((0, 0), (2, 2), (0, 0)))
    places = np.stack([signal[:, start : start + 5] for start in range(40)], axis=1)
    match = np.einsum("nlkc,kcf->nlf", places, kernel) + bias
    score = match.reshape(6, 20, 2, 4).max(axis=2) * scale[0, :, 0] + shift
    width = window // 2 or 20
    parts = [score[:, at : at + width] for at in range(0, 20, width)]
    assert len(parts) == windows
    expected = np.concatenate([np.log1p(np.exp(part).sum(axis=1)) for part in parts], axis=1)
    found = scores_of(pooled, SEQUENCES)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
