import numpy as np
import pandas as pd
import pytest

from basewise.composition import gc_content
from basewise.errors import InputError
from basewise.from_regions import extract_regions
from basewise.negatives import background_tiles, choose_background

REB1 = {"column": 4, "equals": "Reb1"}


def test_gc_content_counts_known_bases_only():
    letters = np.frombuffer(b"ACGTGGNNSSAAWWWW", dtype=np.uint8).reshape(4, 4)
    assert gc_content(letters).tolist() == [0.5, 1.0, 0.5, 0.0]


def test_tiles_avoid_blocked_intervals_unknown_bases_and_each_other():
    letters = np.frombuffer(b"ACGTACGTAC" * 20, dtype=np.uint8).copy()
    letters[150] = ord("N")
    blocked = pd.DataFrame({"chrom": ["I", "II"], "start": [40, 0], "end": [61, 200]})
    tiles = background_tiles(letters, "I", 10, blocked, np.random.default_rng(3))
    covered = np.concatenate(
        [np.arange(s, e) for s, e in zip(tiles["start"], tiles["end"], strict=True)]
    )
    assert len(set(covered)) == len(covered)
    assert not set(covered) & (set(range(40, 61)) | {150})
    assert covered.max() < 200
    assert len(tiles) >= 19 - 4 - 1


def test_too_little_background_is_an_error():
    tiles = pd.DataFrame({"chrom": "I", "start": range(5), "end": range(1, 6), "gc": 0.5})
    with pytest.raises(InputError, match="5 background windows, 6 are needed"):
        choose_background(tiles, np.full(3, 0.5), 2, "none", np.random.default_rng(1))


def test_gc_that_cannot_be_matched_is_an_error():
    tiles = pd.DataFrame({"chrom": "I", "start": range(9), "end": range(1, 10), "gc": 0.3})
    with pytest.raises(
        InputError, match="3 windows with GC 0.60 to 0.62 are needed, the genome can give 0;"
    ):
        choose_background(tiles, np.full(3, 0.6), 1, "gc", np.random.default_rng(1))


def test_few_positives_can_be_matched():
    """Rounding in the bins of a small set is no lack of background."""
    generator = np.random.default_rng(2)
    tiles = pd.DataFrame({"chrom": "I", "start": range(900), "end": 1})
    tiles["gc"] = generator.normal(0.4, 0.06, 900).round(3)
    positives = generator.normal(0.4, 0.06, 20).round(3)
    assert len(choose_background(tiles, positives, 0.5, "gc", generator)) == 10


def test_reb1_background_on_the_yeast_genome(data):
    folder = data / "yeast_chipexo"
    peaks = folder / "derived" / "tf_peaks.ensembl_names.bed"
    genome = folder / "Saccharomyces_cerevisiae.R64-1-1.dna.toplevel.fa.gz"

    def extract():
        return extract_regions(
            genome,
            peaks,
            window=200,
            keep=REB1,
            negatives={"ratio": 1, "match": "gc", "distance": 100},
            away_from=[peaks],
            generator=np.random.default_rng(1),
        )

    extraction = extract()
    table = extraction.candidates
    assert table["label"].value_counts().to_dict() == {"1": 1078, "0": 1078}
    pd.testing.assert_frame_equal(extract().candidates, table)
    background = table[table["label"] == "0"]
    every_peak = pd.read_csv(peaks, sep="\t", header=None)
    for chrom, windows in background.groupby("chrom"):
        sites = every_peak[every_peak[0] == chrom][1].to_numpy()
        gaps = np.abs(windows["start"].to_numpy(int)[:, None] + 100 - sites)
        assert gaps.min() >= 200
    gc = gc_content(extraction.letters)
    bins = np.floor(gc / 0.02 + 1e-9)
    for level in np.unique(bins):
        share = [np.mean(bins[table["label"] == label] == level) for label in "01"]
        assert abs(share[0] - share[1]) <= 0.02
