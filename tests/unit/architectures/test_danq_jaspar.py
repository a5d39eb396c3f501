import keras
import numpy as np
import pytest

from basewise.architectures import build
from basewise.core.errors import InputError
from basewise.sequences.motifs import read_motifs

MOTIFS = "".join(
    f">M{number} m{number}\n" + "".join(f"{' '.join(map(str, row))}\n" for row in counts)
    for number, counts in enumerate(np.random.default_rng(1).integers(1, 50, (40, 4, 6)))
)


@pytest.fixture
def motifs(tmp_path):
    path = tmp_path / "motifs.txt"
    path.write_text(MOTIFS)
    return str(path)


def kernel_and_bias(**settings):
    model = build(
        "danq_jaspar",
        length=60,
        kernel_size=15,
        pool_size=2,
        rnn_units=2,
        dense_units=2,
        **settings,
    )
    return model.get_weights()[:2]


def starts_of(pattern, kernel):
    """Where a motif stands in a filter."""
    places = range(len(kernel) - len(pattern) + 1)
    return [s for s in places if np.allclose(kernel[s : s + len(pattern)], pattern, atol=1e-6)]


def test_filters_start_as_motifs(motifs):
    keras.utils.set_random_seed(1)
    kernel, bias = kernel_and_bias(filters=50, motifs=motifs)
    starts = []
    for number, motif in enumerate(read_motifs(motifs)):
        [start] = starts_of(motif.probabilities - 0.25, kernel[:, :, number])
        around = np.delete(kernel[:, :, number], range(start, start + 6), axis=0)
        assert 0 < np.abs(around).min() < np.abs(around).max() <= 0.05
        starts.append(start)
    assert set(starts) == {3, 4, 5, 6}
    assert -1 <= bias[:40].min() < -0.8 < -0.2 < bias[:40].max() <= 0
    assert np.abs(kernel[:, :, 40:]).max() <= 0.05
    assert not bias[40:].any()


def test_filters_of_both_strands(motifs):
    kernel, bias = kernel_and_bias(filters=80, motifs=motifs, motif_strands="both")
    for number, motif in enumerate(read_motifs(motifs)):
        turned = motif.probabilities[::-1, ::-1] - 0.25
        assert len(starts_of(turned, kernel[:, :, 40 + number])) == 1
    assert (bias < 0).all()


def test_the_seed_decides_where_motifs_lie(motifs):
    draws = []
    for seed in (1, 1, 2):
        keras.utils.set_random_seed(seed)
        draws.append(kernel_and_bias(filters=50, motifs=motifs))
    for first, second, third in zip(*draws, strict=True):
        np.testing.assert_array_equal(first, second)
        assert (first != third).any()


def test_motifs_that_do_not_fit(motifs):
    message = "the motif M0 m0 needs filters of 12 bases, not 11; raise `kernel_size`"
    with pytest.raises(InputError, match=message):
        build("danq_jaspar", length=60, filters=50, kernel_size=11, motifs=motifs)
    with pytest.raises(InputError, match="80 motifs do not fit 79 filters; raise `filters`"):
        build("danq_jaspar", length=60, filters=79, motifs=motifs, motif_strands="both")
    build("danq_jaspar", length=60, filters=40, kernel_size=12, motifs=motifs)


def test_a_collection_of_the_field_fits_as_published(data):
    path = str(data / "motifs" / "JASPAR2018_CORE_vertebrates.txt")
    bias = build("danq_jaspar", length=60, motifs=path).get_weights()[1]
    assert np.count_nonzero(bias) == 579
