import numpy as np
import pandas as pd
import pytest

from basewise.core.errors import InputError
from basewise.examples.from_regions import extract_regions
from basewise.sequences.background import background_tiles, choose_background
from basewise.sequences.composition import gc_content
from basewise.sequences.genome import open_genome

REB1 = {"column": 4, "equals": "Reb1"}


def tiles_with(gc):
    starts = np.arange(len(gc)) * 10
    return pd.DataFrame({"chrom": "I", "start": starts, "end": starts + 10, "gc": gc})


def test_tiles_avoid_blocked_intervals_unknown_bases_and_each_other():
    letters = np.frombuffer(b"ACGTACGTAC" * 20, dtype=np.uint8).copy()
    letters[150] = ord("N")
    blocked = pd.DataFrame({"chrom": ["I", "II"], "start": [40, 0], "end": [61, 200]})
    firsts = set()
    for seed in range(10):
        tiles = background_tiles(letters, "I", 10, blocked, np.random.default_rng(seed))
        firsts.add(tiles["start"].iloc[0])
        every = range(tiles["start"].iloc[0] % 10, 191, 10)
        free = [s for s in every if (s + 10 <= 40 or s >= 61) and not s <= 150 < s + 10]
        assert tiles["start"].tolist() == free
        assert (tiles["end"] - tiles["start"] == 10).all()
        np.testing.assert_array_equal(
            tiles["gc"], [gc_content(letters[start : start + 10]) for start in free]
        )
    assert len(firsts) > 3


def test_too_little_background_is_an_error():
    with pytest.raises(InputError, match="5 background windows, 6 are needed; lower `ratio` or"):
        choose_background(
            tiles_with([0.5] * 5), np.full(3, 0.5), 2, "none", np.random.default_rng()
        )


def test_gc_that_cannot_be_matched_is_an_error():
    with pytest.raises(
        InputError, match="3 windows with GC 0.60 to 0.62 are needed, the genome can give 0;"
    ):
        choose_background(tiles_with([0.3] * 9), np.full(3, 0.6), 1, "gc", np.random.default_rng(1))


def test_few_positives_can_be_matched():
    """Rounding in the bins of a small set is no lack of background."""
    generator = np.random.default_rng(2)
    tiles = tiles_with(generator.normal(0.4, 0.06, 900).round(3))
    positives = generator.normal(0.4, 0.06, 20).round(3)
    assert len(choose_background(tiles, positives, 0.5, "gc", generator)) == 10


@pytest.mark.parametrize("ratio", [0.5, 1, 3])
def test_gc_is_matched_and_without_matching_it_is_not(ratio):
    generator = np.random.default_rng(2)
    tiles = tiles_with(generator.integers(20, 61, 20_000) / 100)
    positives = generator.integers(40, 61, 600) / 100
    edges = np.arange(0, 1.04, 0.02) - 1e-9
    wanted = np.histogram(positives, edges)[0] / 600
    matched = choose_background(tiles, positives, ratio, "gc", generator)
    assert len(matched) == 600 * ratio
    assert matched["start"].is_monotonic_increasing
    assert matched["start"].is_unique
    np.testing.assert_allclose(
        np.histogram(matched["gc"], edges)[0] / len(matched), wanted, atol=0.002
    )
    plain = choose_background(tiles, positives, ratio, "none", generator)
    assert abs(plain["gc"].mean() - 0.4) < 0.02 < 0.08 < matched["gc"].mean() - 0.4


@pytest.mark.parametrize("distance", [0, 40])
def test_background_stays_off_the_regions_themselves(tmp_path, distance):
    """A region wider than its window, and one whose window is dropped, block all they cover."""
    genome, regions = tmp_path / "genome.fa", tmp_path / "regions.bed"
    genome.write_text(">I\n" + "ACGT" * 500 + "\n>II\n" + "ACGT" * 500 + "\n")
    regions.write_text("I\t100\t1100\nI\t1980\t2000\n")
    (tmp_path / "off.bed").write_text("I\t1380\t1381\n")
    (tmp_path / "never.bed").write_text("I\t1600\t1601\n")
    for seed in range(20):
        extraction = extract_regions(
            genome,
            regions,
            window=50,
            negatives={"ratio": 6, "match": "none", "distance": distance},
            away_from=[tmp_path / "off.bed"],
            exclude=[tmp_path / "never.bed"],
            generator=np.random.default_rng(seed),
        )
        table = extraction.candidates
        background = table[table["background"]]
        assert (len(background), len(extraction.dropped)) == (6, 1)
        starts = background["start"].to_numpy()
        for first, last, kept in (
            (100, 1100, distance),
            (1980, 2000, distance),
            (1380, 1381, distance),
            (1600, 1601, 0),
        ):
            assert ((starts + 50 <= first - kept) | (starts >= last + kept)).all()
        assert set(background["chrom"]) == set(background["group"]) == {"I"}
        assert set(background["source"]) == {"genome.fa"}
        assert background["line"].isna().all()
        assert table["id"].is_unique


def test_reb1_background_on_the_yeast_genome(data):
    folder = data / "yeast_chipexo"
    peaks = folder / "derived" / "tf_peaks.ensembl_names.bed"
    genome = folder / "Saccharomyces_cerevisiae.R64-1-1.dna.toplevel.fa.gz"

    def extract(seed):
        return extract_regions(
            genome,
            peaks,
            window=200,
            keep=REB1,
            negatives={"ratio": 1, "match": "gc", "distance": 100},
            away_from=[peaks],
            generator=np.random.default_rng(seed),
        )

    extraction = extract(1)
    table = extraction.candidates
    positive = ~table["background"].to_numpy()
    assert (positive.sum(), (~positive).sum()) == (1078, 1078)
    pd.testing.assert_frame_equal(extract(1).candidates, table)
    assert extract(2).candidates["id"].tolist() != table["id"].tolist()
    background = table[~positive]
    every_peak = pd.read_csv(peaks, sep="\t", header=None)
    for chrom, windows in background.groupby("chrom"):
        sites = every_peak[every_peak[0] == chrom][1].to_numpy()
        starts = windows["start"].to_numpy(int)
        assert np.abs(starts[:, None] + 100 - sites).min() >= 200
        assert np.diff(starts).min() >= 200
    with open_genome(genome) as opened:
        for row, letters in zip(
            background[:50].itertuples(), extraction.letters[~positive][:50], strict=True
        ):
            assert letters.tobytes() == opened.letters(row.chrom)[row.start : row.end].tobytes()
    gc = gc_content(extraction.letters)
    np.testing.assert_allclose(table["gc"], gc)
    bins = np.floor(gc / 0.02 + 1e-9)
    for level in np.unique(bins):
        share = [np.mean(bins[of] == level) for of in (positive, ~positive)]
        assert abs(share[0] - share[1]) <= 0.02
