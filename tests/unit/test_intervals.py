import gzip

import pandas as pd
import pytest

from basewise.errors import InputError
from basewise.intervals import centre_windows, check_inside, read_bed


def bed(tmp_path, text):
    path = tmp_path / "peaks.bed"
    path.write_text(text)
    return path


def test_columns_comments_and_line_numbers(tmp_path):
    path = bed(tmp_path, "track name=x\n# c\nI\t5\t9\tp1\t3\t-\n\nII\t0\t1\n")
    expected = pd.DataFrame(
        [("I", 5, 9, "p1", "-", 3, True), ("II", 0, 1, "", ".", 5, True)],
        columns=["chrom", "start", "end", "name", "strand", "line", "kept"],
    )
    pd.testing.assert_frame_equal(read_bed(path), expected)


def test_keep_marks_the_lines_with_that_value(tmp_path):
    path = bed(tmp_path, "I\t5\t6\tReb1\nI\t7\t8\tAbf1\nI\t9\t10\tReb1\n")
    table = read_bed(path, {"column": 4, "equals": "Reb1"})
    assert table["kept"].tolist() == [True, False, True]
    with pytest.raises(InputError, match="holds no region with 'Rap1' in column 4"):
        read_bed(path, {"column": 4, "equals": "Rap1"})
    with pytest.raises(InputError, match=r"peaks.bed:1: has no column 7"):
        read_bed(path, {"column": 7, "equals": "x"})


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("I\t9\t9", "start 9 and end 9 are no interval"),
        ("I\t9\t4", "start 9 and end 4 are no interval"),
        ("I\t-1\t4", "start -1 and end 4 are no interval"),
        ("I\tx\t4", "start 'x' and end '4' must be whole numbers"),
        ("I 3 4", "1 column"),
        ("I\t3\t4\tn\t0\t*", r"strand '\*' must be"),
    ],
)
def test_a_bad_line_is_named(tmp_path, line, message):
    path = bed(tmp_path, f"I\t1\t2\n{line}\n")
    with pytest.raises(InputError, match=rf"peaks.bed:2: .*{message}") as caught:
        read_bed(path)
    assert "\n" not in str(caught.value)


def test_byte_order_mark_windows_line_ends_and_blank_lines(tmp_path):
    path = tmp_path / "peaks.bed"
    path.write_bytes(b"\xef\xbb\xbfI\t5\t9\tp1\r\nI\t6\t9\tp2\r\n\r\n")
    assert read_bed(path)[["chrom", "start", "name"]].to_numpy().tolist() == [
        ["I", 5, "p1"],
        ["I", 6, "p2"],
    ]


def test_missing_and_truncated_files(tmp_path):
    with pytest.raises(InputError, match="none.bed: no such file"):
        read_bed(tmp_path / "none.bed")
    whole = gzip.compress(b"I\t1\t2\n" * 1000)
    (tmp_path / "cut.bed.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="cut.bed.gz: the gzip file is cut short"):
        read_bed(tmp_path / "cut.bed.gz")
    (tmp_path / "damaged.bed.gz").write_bytes(whole[:20] + b"\xff\x00\xff" + whole[23:])
    with pytest.raises(InputError, match="damaged.bed.gz: the gzip file is"):
        read_bed(tmp_path / "damaged.bed.gz")
    (tmp_path / "plain.bed.gz").write_bytes(b"I\t1\t2\n")
    with pytest.raises(InputError, match="not a gzip file"):
        read_bed(tmp_path / "plain.bed.gz")


@pytest.mark.parametrize(
    ("start", "end", "window", "expected"),
    [
        (100, 101, 200, (0, 200)),  # base 100 is the centre of [0, 200)
        (100, 104, 4, (100, 104)),
        (100, 105, 5, (100, 105)),
        (100, 103, 2, (100, 102)),
        (10, 11, 1, (10, 11)),
    ],
)
def test_windows_are_centred(start, end, window, expected):
    regions = pd.DataFrame({"chrom": ["I"], "start": [start], "end": [end]})
    row = centre_windows(regions, window).iloc[0]
    assert (row["start"], row["end"]) == expected


def test_regions_off_the_genome_are_named(tmp_path):
    regions = read_bed(bed(tmp_path, "I\t0\t10\nI\t5\t11\n"))
    check_inside(regions[:1], {"I": 10}, "p.bed", "g.fa")
    with pytest.raises(InputError, match=r"p.bed:2: region I:5-11 ends beyond .* 10 bases in g.fa"):
        check_inside(regions, {"I": 10}, "p.bed", "g.fa")
    with pytest.raises(InputError, match=r"p.bed:1: chromosome 'I' is not in g.fa, .* chr1, chr2;"):
        check_inside(regions, {"chr1": 10, "chr2": 5}, "p.bed", "g.fa")
