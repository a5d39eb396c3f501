import csv
import gzip
import re

import pytest

from basewise.core.errors import InputError
from basewise.genotypes.dosage_tables import read_dosages, read_marker_map


def read(folder, text, **options):
    path = folder / "a.csv"
    path.write_bytes(text.encode())
    letters, individuals, markers, _ = read_dosages(path, **options)
    rows = [row.tobytes().decode() for row in letters]
    return dict(zip(individuals["id"], rows, strict=True)), markers["marker"].tolist()


WANTED = {"007": "012", "33-16": "2.0"}


@pytest.mark.parametrize(
    "text",
    [
        "id,m1,m2,m3\n007,0,1,2\n33-16,2,NA,0\n",
        "\ufeffid\tm1\tm2\tm3\r\n007\t0\t1\t2\r\n33-16\t2\t\t0\r\n\r\n",
        "id;m1;m2;m3\n007;0.0;1.0;2.\n33-16;2;-9;0",
        "id m1 m2 m3\n007 0 1   2\n 33-16 2 nan 0\n",
        ",m1,m2,m3\n007,0,1,2\n33-16,2,-,0\n",
        '"","m1","m2","m3"\n"007",0,1,2\n"33-16",2,NA,0\n',
        "m1 m2 m3\n007 0 1 2\n33-16 2 . 0\n",  # write.table of a matrix
        '"m1" "m2" "m3"\n"007" 0 1 2\n"33-16" 2 NA 0\n',
        "# called, 2019\n##\n#id,m1,m2,m3\n007,0,1,2\n# half\n33-16,2,NA,0\n",
        "Taxa\tm1\tm2\tm3\n1\t007\t0\t1\t2\n2\t33-16\t2\tNA\t0\n",  # of a data frame
        "lines\tm1\tm2\tm3\n1\tx\t0\t1\t2\n2\t33-16\t2\tNA\t0\n".replace("x", "B73"),
    ],
)
def test_tables_of_rows(tmp_path, text):
    found, markers = read(tmp_path, text)
    assert {name.replace("B73", "007"): row for name, row in found.items()} == WANTED
    assert markers == ["m1", "m2", "m3"]


@pytest.mark.parametrize(
    "text",
    [
        "marker,007,33-16\nm1,0,2\nm2,1,NA\nm3,2,0\n",
        "007 33-16\nm1 0 2\nm2 1 NA\nm3 2 0\n",
        "marker\t007\t33-16\n1\tm1\t0\t2\n2\tm2\t1\t.\n3\tm3\t2\t0\n",
    ],
)
def test_tables_of_columns(tmp_path, text):
    found, markers = read(tmp_path, text, individuals="columns")
    assert found == WANTED
    assert markers == ["m1", "m2", "m3"]


def test_presence_and_absence(tmp_path):
    assert read(tmp_path, "id,a,b\nx,0,1\ny,1,NA\n")[0] == {"x": "02", "y": "2."}
    assert read(tmp_path, "id,a,b\nx,0,1\ny,1,2\n")[0] == {"x": "01", "y": "12"}


def test_lines_and_repeated_markers(tmp_path):
    (tmp_path / "a.csv").write_text("\nid,m,m#2,m\n\nx,0,2,0\ny,1,1,0\n")
    _, individuals, markers, _ = read_dosages(tmp_path / "a.csv")
    assert individuals["line"].tolist() == [4, 5]
    assert markers["marker"].tolist() == ["m", "m#2", "m#2#2"]
    assert markers["line"].tolist() == [2, 2, 2]


ROW = "id,m1,m2\nx,0,1\ny,2,"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a.csv:1: holds no row under the names of its columns"),
        ("id,m1\n", "a.csv:1: holds no row under the names of its columns"),
        ("id\nx\n", "a.csv:1: must name each column"),
        ("id,m1,\nx,0,\n", "a.csv:1: must name each column"),
        ("x,0,1,0\ny,0,1,2\n", "a.csv:1: must name the columns, and holds values such as '0'"),
        ("id,m1,m2\nx,0\n", "a.csv:2: has 2 columns, the titles are 3"),
        ("id,m1,m2\nx,0,1,2,0\n", "a.csv:2: has 5 columns, the titles are 3"),
        ("id,m1,m2\nx,0,1\ny,0\n", "a.csv:3: has 2 columns, the first row has 3"),
        ("id,m1,m2\nx,0,1\ny,0;1\n", "a.csv:3: has 2 columns, the first row has 3"),
        ("id,m1\nx,0\n0\n", "a.csv:3: has 1 columns, the first row has 2"),
        ("id,m1,m2\nx,0,1\nx,0,2\n", "a.csv:3: individual: the name 'x' stands there twice"),
        ("id,m1,m2\n,0,1\nx,0,2\n", "a.csv:2: individual: has no name"),
        (ROW + '"0\n', "a.csv:3: the quotes of the row do not match"),
        ('id,"m1\nx,0\n', "a.csv:1: the quotes of the row do not match"),
        (ROW + "3\n", "the value '3' of individual 'y' at marker 'm2' is not 0, 1 or 2; ba"),
        (ROW + "1e2\n", "the value '1e2' of individual 'y' at marker 'm2' is not 0, 1 or 2"),
        (ROW + "0.5\n", "is not 0, 1 or 2; round imputed numbers of copies, or give the genotypes"),
        (
            ROW + "0\n#z,0,1\n",
            "a.csv:4: begins with '#' and has the columns of a row; delete the line",
        ),
        (
            "id;m1\nx;0,5\n",
            "is not 0, 1 or 2; a number has a decimal point and no comma: write 0.5",
        ),
        (ROW + "-1\n", "is not 0, 1 or 2; for the coding -1, 0, 1 add 1 to every value"),
        (
            ROW + "AA\n",
            "the value 'AA' of individual 'y' at marker 'm2' is not 0, 1 or 2; write NA",
        ),
        (
            "id,m1,m2\nx,A,H\ny,B,T\n",
            "3: the value 'T' of individual 'y' at marker 'm2' is not A, H or B",
        ),
        (
            "id,m1,m2\nx,AA,AG\ny,AA,H\n",
            "3: the value 'H' of individual 'y' at marker 'm2' is not two of",
        ),
        (
            "id,m1,m2\nx,0,1\ny,2,B\n",
            "3: the value 'B' of individual 'y' at marker 'm2' is not 0, 1 or 2",
        ),
        (
            "v m1 m2\n1 811 0 2\n",
            "the value '811' of individual '1' at marker 'v' is not 0, 1 or 2",
        ),
    ],
)
def test_bad_tables_are_named(tmp_path, text, message):
    with pytest.raises(InputError, match=re.escape(message)):
        read(tmp_path, text)


def test_columns_are_named_in_messages(tmp_path):
    with pytest.raises(InputError, match="'4' of individual 'y' at marker 'm1'"):
        read(tmp_path, "marker,x,y\nm1,0,4\n", individuals="columns")


def test_wheat(data):
    path = data / "wheat599/derived/genotypes.csv.gz"
    letters, individuals, markers, _ = read_dosages(path)
    with gzip.open(path, "rt", newline="") as stream:
        titles, *rows = csv.reader(stream)
    assert letters.shape == (599, 1279)
    assert markers["marker"].tolist() == titles[1:]
    assert individuals["id"].tolist() == [row[0] for row in rows]
    peer = "".join("".join(row[1:]) for row in rows)
    assert letters.tobytes().decode() == peer.replace("1", "2")
    assert set(peer) == {"0", "1"}


@pytest.mark.parametrize("title", ["m1", "id", "Line"])
@pytest.mark.parametrize("missing", ["nan", "NaN", "NA", ".", "-9", ""])
def test_a_first_value_is_no_name_because_of_its_spelling(tmp_path, title, missing):
    path = tmp_path / "x.csv"
    path.write_text(f"{title},m2,m3\ni1,{missing},1,2\ni2,0,2,1\ni3,2,1,0\n")
    letters, individuals, markers, _ = read_dosages(path)
    assert individuals["id"].tolist() == ["i1", "i2", "i3"]
    assert markers["marker"].tolist() == [title, "m2", "m3"]
    assert letters.tobytes().decode() == ".12" + "021" + "210"


def test_names_that_are_numbers_stay_names(tmp_path):
    """As R writes a table with row numbers before a column of names."""
    path = tmp_path / "x.csv"
    path.write_text('"id","m1","m2"\n"1",301,0,1\n"2",2,1,1\n"3",1,2,0\n')
    _, individuals, markers, _ = read_dosages(path)
    assert individuals["id"].tolist() == ["301", "2", "1"]
    assert markers["marker"].tolist() == ["m1", "m2"]


def test_comments_do_not_tell_how_rows_are_made(tmp_path):
    """A word of one is no name of an individual, a quote in one opens nothing."""
    path = tmp_path / "x.txt"
    path.write_text('m1 m2 m3\n# in "95\ni1 0 1 2\ni2 NA 2 1\n# a comment\n')
    letters, individuals, markers, _ = read_dosages(path)
    assert individuals["id"].tolist() == ["i1", "i2"]
    assert markers["marker"].tolist() == ["m1", "m2", "m3"]
    assert letters.tobytes().decode() == "012" + ".21"


@pytest.mark.parametrize("position", ["2147483648", "9" * 40])
def test_a_position_beyond_all_chromosomes_is_refused(tmp_path, position):
    path = tmp_path / "map.csv"
    path.write_text(f"marker,chrom,pos\nm1,1,7\nm2,1,{position}\n")
    with pytest.raises(InputError, match=rf"map.csv:3: position {position} lies beyond"):
        read_marker_map(path)


@pytest.mark.parametrize(
    "text",
    [
        "id,m1,m2,m3\n007,A,H,B\n33-16,B,-,A\n",
        "m1 m2 m3\n007 A H B\n33-16 B C A\n",
        "Taxa\tm1\tm2\tm3\n1\t007\tA\tH\tB\n2\t33-16\tB\tNA\tA\n",
    ],
)
def test_letters_of_a_cross(tmp_path, text):
    """As R/qtl writes them; C is not AA, and no more is known."""
    assert read(tmp_path, text) == (WANTED, ["m1", "m2", "m3"])
    table = read_dosages(tmp_path / "a.csv").markers
    assert table[["A", "a"]].to_numpy().tolist() == [["A", "B"]] * 3


@pytest.mark.parametrize(
    ("text", "individuals"),
    [
        ("id,m1,m2,m3,m4,m5\n007,CC,AG,TT,AA,AC\n33-16,TT,NN,CC,AA,GG\nx,CT,GA,AN,NA,CC\n", "rows"),
        (
            "id\tm1\tm2\tm3\tm4\tm5\n007\tC/C\tA/G\tT/T\tA/A\tA|C\n"
            "33-16\tT/T\tN/N\tC/C\tA/A\tG/G\nx\tC/T\tG/A\tA/N\t-\tC/C\n",
            "rows",
        ),
        (
            "marker,007,33-16,x\nm1,CC,TT,CT\nm2,AG,NN,GA\nm3,TT,CC,AN\nm4,AA,AA,NA\nm5,AC,GG,CC\n",
            "columns",
        ),
    ],
)
def test_pairs_of_bases(tmp_path, text, individuals):
    """A is the first allele in sort order; m5 has three."""
    genotypes, markers = read(tmp_path, text, individuals=individuals)
    assert genotypes == {"007": "0120", "33-16": "2.00", "x": "11.."}
    assert markers == ["m1", "m2", "m3", "m4"]
    read_again = read_dosages(tmp_path / "a.csv", individuals=individuals)
    alleles = read_again.markers[["A", "a"]].fillna("")
    assert alleles.to_numpy().tolist() == [["C", "T"], ["A", "G"], ["C", "T"], ["A", ""]]
    (dropped,) = read_again.dropped.to_dict("records")
    assert (dropped["marker"], dropped["reason"]) == ("m5", "has the alleles A/C/G, more than two")


def test_alleles_of_an_array(tmp_path):
    """A and B are alleles there; a marker with another base besides has three."""
    text = "id,m1,m2,m3\n007,AA,AB,BB\n33-16,BB,--,AA\n"
    assert read(tmp_path, text) == (WANTED, ["m1", "m2", "m3"])
    text = "id,m1,m2\nx,AA,AB\ny,BB,AC\n"
    assert read(tmp_path, text) == ({"x": "0", "y": "2"}, ["m1"])
