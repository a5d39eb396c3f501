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


def test_tiles_avoid_blocked_intervals_and_each_other():
    letters = np.frombuffer(b"ACGTACGTAC" * 20, dtype=np.uint8).copy()
    letters[150] = ord("N")
    blocked = pd.DataFrame({"chrom": ["I", "II"], "start": [40, 0], "end": [61, 200]})
    firsts = set()
    for seed in range(10):
        tiles = background_tiles(letters, "I", 10, blocked, np.random.default_rng(seed))
        firsts.add(tiles["start"].iloc[0])
        every = range(tiles["start"].iloc[0] % 10, 191, 10)
        free = [s for s in every if s + 10 <= 40 or s >= 61]
        assert tiles["start"].tolist() == free
        assert (tiles["end"] - tiles["start"] == 10).all()
        assert tiles.loc[tiles["unknown"] > 0, "start"].tolist() == [
            s for s in free if 140 < s <= 150
        ]
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
        InputError,
        match=r"3 windows with GC 0.60 to 0.62 are needed, the genome can give 0; lower `ratio` or "
        r"`distance`, raise `max_unknown` \(7 windows hold too many .*\), or set `match: none`",
    ):
        choose_background(
            tiles_with([0.3] * 9), np.full(3, 0.6), 1, "gc", np.random.default_rng(1), left_out=7
        )


def masked(tmp_path, blank):
    """Random bases in which each third block of 40 is N; regions on it, `blank` on nothing else."""
    letters = np.random.default_rng(4).choice(list("ACGT"), 12_000)
    letters.reshape(-1, 40)[::3] = "N"
    (tmp_path / "genome.fa").write_text(">I\n" + "".join(letters) + "\n")
    # 10 bases into the N, none, and all
    starts = [*range(1230, 2400, 120), *range(40, 640, 120), *range(0, 120 * blank, 120)]
    lines = [f"I\t{start}\t{start + 20}\n" for start in starts]
    (tmp_path / "regions.bed").write_text("".join(lines))
    return tmp_path / "genome.fa", tmp_path / "regions.bed"


@pytest.mark.parametrize(("max_unknown", "kept"), [(0, 5), (0.4, 5), (0.5, 15), (1, 15)])
def test_regions_and_background_have_one_rule_for_unknown_bases(
    tmp_path, capsys, max_unknown, kept
):
    genome, regions = masked(tmp_path, blank=3)
    extraction = extract_regions(
        genome,
        regions,
        window=20,
        negatives={"ratio": 3, "match": "none", "distance": 0, "max_unknown": max_unknown},
        generator=np.random.default_rng(1),
    )
    table = extraction.candidates
    assert (~table["background"]).sum() == kept
    for _, share in table.groupby("background")["unknown"]:
        assert share.max() <= max_unknown and share.max() < 1
    assert table["unknown"].groupby(table["background"]).max().gt(0).all() == (max_unknown > 0.4)

    limit = f"more unknown bases than `max_unknown: {max_unknown:g}` allows"
    reasons = [f"holds {limit}"] * (15 - kept) + ["holds no known base"] * 3
    assert extraction.dropped["reason"].tolist() == reasons
    shares = (extraction.letters == ord("N")).mean(axis=1)
    np.testing.assert_allclose(shares, table["unknown"])
    said = capsys.readouterr().out
    assert f"{18 - kept} of 18 windows of regions hold {limit}; 3 of them hold no known" in said


@pytest.mark.parametrize(("line", "remedy"), [("I\t1230\t1250\n", ", or raise it"), ("", "by N")])
def test_regions_that_are_all_masked_are_refused(tmp_path, line, remedy):
    genome, regions = masked(tmp_path, blank=3)
    regions.write_text("I\t0\t20\nI\t120\t140\n" + line)
    with pytest.raises(InputError, match=f"regions.bed: .*; 2 of them hold no known .*{remedy}$"):
        extract_regions(
            genome,
            regions,
            window=20,
            negatives={"ratio": 1, "match": "gc", "distance": 0, "max_unknown": 0},
            generator=np.random.default_rng(1),
        )


@pytest.mark.parametrize(
    ("genome", "peaks", "unknown", "blank"),
    [("g.fa", "peaks.bed", 233, 57), ("g2.fa", "peaks2.bed", 206, 0)],
)
def test_a_masked_genome_tells_random_regions_from_background_by_nothing(
    data, capsys, genome, peaks, unknown, blank
):
    case = data.parent / "cases" / "c26-hard-masked-genome"
    extraction = extract_regions(
        case / genome,
        case / peaks,
        window=200,
        negatives={"ratio": 1, "match": "gc", "distance": 0, "max_unknown": 0},
        generator=np.random.default_rng(1),
    )
    counts = extraction.candidates["background"].value_counts()
    assert counts.tolist() == [450 - unknown, 450 - unknown]
    assert not extraction.candidates["unknown"].any()
    assert len(extraction.dropped) == unknown
    said = capsys.readouterr().out
    assert f"{unknown} of 450 windows" in said and f"; {blank} of them hold no known base" in said


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
            negatives={"ratio": 6, "match": "none", "distance": distance, "max_unknown": 0},
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
            negatives={"ratio": 1, "match": "gc", "distance": 100, "max_unknown": 0},
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
