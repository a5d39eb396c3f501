import numpy as np
import pandas as pd
import pytest

from basewise.core.errors import InputError
from basewise.examples.annotations import read_overlaps
from basewise.sequences.genome import read_aliases


def windows(*spans):
    table = pd.DataFrame(spans, columns=["chrom", "start", "end"])
    return table.astype({"start": "Int64", "end": "Int64"})


@pytest.fixture
def peaks(tmp_path):
    """Writes spans as a BED file."""

    def peaks(*spans, name="peaks.bed"):
        path = tmp_path / name
        path.write_text("".join(f"{chrom}\t{start}\t{end}\n" for chrom, start, end in spans))
        return path

    return peaks


def overlaps(table, path, **settings):
    found = read_overlaps(table, {"y": path}, **settings)
    assert list(found.columns) == ["target.y"]
    assert found.index.equals(table.index)
    return "".join(found["target.y"])


def test_intervals_that_only_meet_do_not_overlap(peaks):
    table = windows(("II", 0, 10), ("I", 10, 20), ("I", 20, 30), ("I", 0, 10))
    assert overlaps(table, peaks(("I", 5, 20))) == "0101"


def test_intervals_of_a_file_count_together_and_once(peaks):
    table = windows(("I", 0, 10))
    path = peaks(("I", 0, 3), ("I", 2, 4), ("I", 2, 4), ("I", 8, 50))
    assert [overlaps(table, path, bases=bases) for bases in (6, 7)] == ["1", "0"]


def test_only_the_middle_counts(peaks):
    table = windows(("I", 100, 200))
    for site, found in ((139, "0"), (140, "1"), (159, "1"), (160, "0")):
        assert overlaps(table, peaks(("I", site, site + 1)), within=20) == found
    assert overlaps(table, peaks(("I", 150, 151)), within=1) == "1"


def test_a_sequence_without_a_place_overlaps_nothing(peaks):
    table = windows(("I", 0, 10), ("I", pd.NA, pd.NA), ("I", 0, 10))
    assert overlaps(table, peaks(("I", 0, 5))) == "101"


def test_any_overlap_equals_counting_bases(peaks):
    generator = np.random.default_rng(8)
    starts = generator.integers(400, size=300)
    table = windows(*[("I" * (1 + start % 2), start, start + 40) for start in starts.tolist()])
    spans = [
        (str(generator.choice(["I", "II"])), start, start + int(generator.integers(1, 25)))
        for start in generator.integers(440, size=12).tolist()
    ]
    covered = {(chrom, base) for chrom, start, end in spans for base in range(start, end)}
    for bases, within in ((1, None), (15, None), (5, 11), (4, 10)):
        inner = within or 40
        expected = ""
        for chrom, start, _ in table.itertuples(index=False):
            first = start + 20 - inner // 2
            count = sum((chrom, base) in covered for base in range(first, first + inner))
            expected += str(int(count >= bases))
        assert overlaps(table, peaks(*spans), bases=bases, within=within) == expected
        assert {"0", "1"} == set(expected)


def test_a_file_of_other_chromosomes_is_an_error(peaks, tmp_path):
    path = peaks(("chr1", 0, 5))
    with pytest.raises(
        InputError, match="peaks.bed: has chromosomes chr1, none of which is among I; give"
    ):
        overlaps(windows(("I", 0, 10)), path)
    (tmp_path / "alias.tsv").write_text("chr1\tI\n")
    aliases = read_aliases(tmp_path / "alias.tsv")
    assert overlaps(windows(("I", 0, 10)), path, aliases=aliases) == "1"


def test_the_table_of_twenty_factors_is_reproduced(data):
    folder = data / "yeast_chipexo"
    bins = pd.read_csv(folder / "derived" / "bins200_multilabel.tsv.gz", sep="\t")
    factors = bins.columns[4:]
    files = {factor: folder / "peaks_original" / f"{factor}_CX.bed" for factor in factors}
    found = read_overlaps(bins, files, read_aliases(folder / "chrom_alias.tsv"))
    assert found.columns.tolist() == [f"target.{factor}" for factor in factors]
    assert found.shape == (8466, 20)
    np.testing.assert_array_equal(found.astype(int), bins[factors])
