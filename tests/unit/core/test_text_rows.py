import pytest

from basewise.core.text_rows import separator, titles_at, titles_of


@pytest.mark.parametrize(
    ("titles", "row", "sign"),
    [
        ("a\tb, c;d", "1\t2", "\t"),
        ("a,b", "1,2;3", ","),
        ("line;yield, t/ha;height", "1;5.09;100", ";"),
        ("line;yield, t/ha;height", "1;5,09;100", ";"),  # both fit
        ("line,terms (GO;KEGG),x", "1,2;3,4", ","),
        ('"a\tb";"c, d"', "1;2", ";"),
        ('"a ""b"", c";d', "1;2", ";"),
        ('"m 1" "m, 2"', '"x" 0 1', None),
        ("m1,a;m2,b", "x;0;1", ";"),  # R gives no title to names
        ("a", "1,5", None),
        ("a,b;c", "", ","),
    ],
)
def test_the_separator_stands_outside_of_quotes_and_cuts_rows_as_titles(titles, row, sign):
    assert separator(titles, row) == sign


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        (["id,label", "a,0"], 0),
        (["# yields in t/ha, of 2019", "id,label", "a,0"], 1),
        (["#made by hand", "##", "id\tlabel", "a\t0"], 2),
        (["#chrom\tstart", "I\t5"], 0),
        (["# sequenceName\talias", "I\tchrI"], 0),
        (["## v2", "#id,label", "a,0"], 1),
        (["#id,label", "#a,0"], 0),  # no line is without
        (["#note"], 0),
        ([], 0),
    ],
)
def test_titles_stand_below_the_comments_or_in_the_last_of_them(lines, place):
    assert titles_at(lines) == place


def test_titles_of_a_first_line():
    assert titles_of('\ufeff"","a, b","c"\n'.encode()) == ["a, b", "c"]
    assert titles_of(b"rs# alleles") == ["rs#", "alleles"]
