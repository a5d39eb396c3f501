import gzip
import re

import numpy as np
import pandas as pd
import pytest
from bed_reader import to_bed

from basewise.core.errors import InputError
from basewise.genotypes.reading import read_genotypes

IDS = ["33-16", "007", "811", "B73"]
LETTERS = ["00020", "10.20", "21210", ".2101"]
"""Of each individual, at m1 (A/C), m2 (C/T), m3 (G/T), m4 (A/G), m5 (A/T)."""

VCF = """\
##fileformat=VCFv4.2
##contig=<ID=1>
##contig=<ID=2>
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t33-16\t007\t811\tB73
1\t100\tm1\tA\tC\t.\t.\t.\tGT\t0/0\t0/1\t1/1\t./.
1\t200\tm2\tC\tT\t.\t.\t.\tGT\t0|0\t0/0\t1|0\t1/1
1\t300\tm3\tG\tT\t.\t.\t.\tGT:DP\t0/0:3\t./.\t1/1:4\t0/1:2
2\t50\tm4\tA\tG\t.\t.\t.\tDP:GT\t5:1|1\t5:1/1\t5:0|1\t5:0/0
2\t60\tm5\tA\tT\t.\t.\t.\tGT\t0\t0/0\t0/0\t0/1
"""

SEVEN = "strand\tassembly#\tcenter\tprotLSID\tassayLSID\tpanelLSID\tQCcode"
TWO_LETTERS = f"""\
rs#\talleles\tchrom\tpos\t{SEVEN}\t33-16\t007\t811\tB73
m1\tA/C\t1\t100\t+\t.\t.\t.\t.\t.\t.\tAA\tCA\tCC\tNN
m2\tT/C\t1\t200\t+\t.\t.\t.\t.\t.\t.\tCC\tCC\tct\tTT
m3\tG/T\t1\t300\t+\t.\t.\t.\t.\t.\t.\tGG\t--\tTT\tGT
m4\tNA\t2\t50\t+\t.\t.\t.\t.\t.\t.\tGG\tGG\tAG\tAA
m5\tA/C/T\t2\t60\t+\t.\t.\t.\t.\t.\t.\tAA\tAA\tAA\tAT
"""
ONE_LETTER = f"""\
rs\talleles\tchrom\tpos\t{SEVEN}\t33-16\t007\t811\tB73
m1\tC/A\t1\t100\t+\t.\t.\t.\t.\t.\t.\tA\tM\tC\tN
m2\tC/T\t1\t200\t+\t.\t.\t.\t.\t.\t.\tC\tC\tY\tT
m3\tG/T\t1\t300\t+\t.\t.\t.\t.\t.\t.\tG\t-\tT\tK
m4\tA/G\t2\t50\t+\t.\t.\t.\t.\t.\t.\tG\tG\tr\tA
m5\tA/T\t2\t60\t+\t.\t.\t.\t.\t.\t.\tA\tA\tA\tW
"""
ROWS = """\
id,m1,m2,m3,m4,m5
33-16,0,0,0,2,0
007,1,0,NA,2,0
811,2,1,2,1,0
B73,,2,1,0,1
"""
COLUMNS = """\
marker 33-16 007 811 B73
m1 0 1 2 -9
m2 0.0 0.0 1.0 2.0
m3 0 NaN 2 1
m4 2 2 1 0
m5 0 0 0 1
"""
MAP = "BP,Chr,SNP\n300,1,m3\n200,1,m2\n100,1,m1\n50,2,m4\n60,2,m5\n7,7,m0\n"


def write_text(text, name):
    def write(folder):
        (folder / "map.csv").write_text(MAP)
        path = folder / name
        packed = gzip.compress(text.encode()) if name.endswith(".gz") else text.encode()
        path.write_bytes(packed)
        return path

    return write


def write_plink(alleles):
    """Files of PLINK in which the first allele of each marker is A1."""

    def write(folder):
        letters = np.array([list(row) for row in LETTERS])
        copies = np.select([letters == str(number) for number in range(3)], range(3), -127)
        major = np.array([pair[0] < pair[1] for pair in alleles])
        copies = np.where(major & (copies >= 0), 2 - copies, copies)
        properties = {
            "fid": IDS,
            "iid": IDS,
            "sid": ["m1", "m2", "m3", "m4", "m5"],
            "chromosome": ["1", "1", "1", "2", "2"],
            "bp_position": [100, 200, 300, 50, 60],
            "allele_1": [first for first, _ in alleles],
            "allele_2": [second for _, second in alleles],
        }
        to_bed(folder / "a.bed", copies.astype(np.int8), properties=properties)
        return folder / "a.bed"

    return write


@pytest.mark.parametrize(
    ("write", "options"),
    [
        (write_text(VCF, "a.vcf"), {}),
        (write_text(VCF, "a.vcf.gz"), {}),
        (write_text(VCF, "variants.txt"), {}),
        (write_plink(["AC", "CT", "GT", "AG", "AT"]), {}),
        (write_plink(["CA", "TC", "GT", "GA", "AT"]), {}),
        (write_text(TWO_LETTERS, "a.hmp.txt"), {}),
        (write_text(TWO_LETTERS.replace("\n", "\r\n"), "a.txt.gz"), {}),
        (write_text(ONE_LETTER, "a.hapmap"), {}),
        (write_text(ROWS, "a.csv"), {"map": "map.csv"}),
        (write_text(COLUMNS, "a.txt.gz"), {"individuals": "columns", "map": "map.csv"}),
    ],
)
def test_all_formats_give_the_same(tmp_path, write, options):
    path = write(tmp_path)
    if "map" in options:
        options = {**options, "map": tmp_path / options["map"]}
    letters, individuals, markers, dropped = read_genotypes(path, **options)
    assert [row.tobytes().decode() for row in letters] == LETTERS
    assert letters.flags.c_contiguous and letters.dtype == np.uint8
    assert individuals["id"].tolist() == IDS
    assert individuals["group"].isna().all()
    assert markers["marker"].tolist() == ["m1", "m2", "m3", "m4", "m5"]
    assert markers["chrom"].tolist() == ["1", "1", "1", "2", "2"]
    assert markers["position"].tolist() == [100, 200, 300, 50, 60]
    if "map" in options:
        assert markers[["A", "a"]].isna().all(axis=None)
    else:
        assert (markers["A"] + markers["a"]).tolist() == ["AC", "CT", "GT", "AG", "AT"]
    assert dropped.columns.tolist() == ["marker", "source", "line", "reason"]
    assert dropped.empty


def test_markers_that_the_map_lacks_have_no_place(tmp_path):
    path = write_text(ROWS, "a.csv")(tmp_path)
    places = tmp_path / "places.tsv"
    places.write_text("Name\tposition\tCHROMOSOME\nm2\t0\tX\nm5\t7\tNA\n")
    markers = read_genotypes(path, map=places).markers
    assert markers["chrom"].fillna("?").tolist() == ["?", "X", "?", "?", "?"]
    assert markers["position"].fillna(-1).tolist() == [-1, -1, -1, -1, 7]


@pytest.mark.parametrize(
    ("places", "message"),
    [
        (
            "marker,chrom\nm1,1\n",
            "map.csv:1: has no column 'position' or 'pos' or 'bp'; its columns are",
        ),
        ("id,chr,bp\nx1,1,5\n", "map.csv: has none of the 5 markers, such as 'm1'"),
        ("id,chr,bp\nm1,1,5\nm1,1,5\n", "map.csv:3: the marker 'm1' stands on an earlier line"),
        ("id,chr,bp\nm1,1,1e6\n", "map.csv:2: position '1e6' must be a whole number"),
    ],
)
def test_bad_maps_are_named(tmp_path, places, message):
    path = write_text(ROWS, "a.csv")(tmp_path)
    (tmp_path / "map.csv").write_text(places)
    with pytest.raises(InputError, match=re.escape(message)):
        read_genotypes(path, map=tmp_path / "map.csv")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.bim", b"", "a.bim: is one of three PLINK files; name the .bed"),
        ("a.hmp.txt", ROWS.encode(), "a.hmp.txt:1: is no HapMap text"),
        (
            "a.csv.gz",
            gzip.compress(ROWS.encode(), mtime=0)[:-9],
            "a.csv.gz: the gzip file is cut short",
        ),
        ("a.csv", None, "a.csv: no such file"),
        ("a.vcf", None, "a.vcf: no such file"),
        ("a.bcf", None, "a.bcf: no such file"),
        ("a.bed", None, "a.bed: no such file"),
        ("a.csv", b"\xff\xfe\x00", "a.csv"),
    ],
)
def test_files_that_are_not_what_they_are_called(tmp_path, name, content, message):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=re.escape(message)):
        read_genotypes(tmp_path / name)


def test_a_map_is_for_tables(tmp_path):
    path = write_text(VCF, "a.vcf")(tmp_path)
    with pytest.raises(InputError, match="brings the places of its markers; leave out `map`"):
        read_genotypes(path, map=tmp_path / "map.csv")


def test_hapmap_and_numbers_of_maize_agree(data):
    hapmap = read_genotypes(data / "maize281/mdp_genotype_test.hmp.txt.gz")
    numbers = read_genotypes(
        data / "maize281/mdp_numeric.txt.gz", map=data / "maize281/mdp_SNP_information.txt"
    )
    assert numbers.letters.shape == (281, 3093)
    assert hapmap.dropped[["marker", "line"]].to_numpy().tolist() == [["PZB00063.1", 425]]
    kept = ~numbers.markers["marker"].isin(hapmap.dropped["marker"]).to_numpy()
    columns = ["marker", "chrom", "position"]
    peer = numbers.markers.loc[kept, columns].reset_index(drop=True)
    assert hapmap.markers[columns].equals(peer)
    rows = pd.Index(numbers.individuals["id"]).get_indexer(hapmap.individuals["id"])
    assert sorted(rows) == list(range(281))
    assert {"33-16", "4226"} <= set(hapmap.individuals["id"])
    known = hapmap.letters != ord(".")
    found = hapmap.letters.astype(int) - ord("0")
    other = numbers.letters[rows][:, kept].astype(int) - ord("0")
    same = ((found == other) | ~known).all(axis=0)
    turned = ((found == 2 - other) | ~known).all(axis=0)
    # the numbers call the one homozygote and the heterozygote 0 and 2 where the other is not found
    both = (found == 0).any(axis=0) & (found == 2).any(axis=0)
    assert both.sum() > 2800
    assert (same | turned)[both].all()
    # of the marker dropped, 25 genotypes are missing and 3 heterozygous
    assert (~known).sum() == 31_411 - 25
    assert (found == 1).sum() == 9_622 - 3


def quoted(text):
    """Every value in quotes, but for whole numbers, as R writes a table."""
    rows = [line.split("\t") for line in text.splitlines()]
    return "".join(
        "\t".join(value if value.isdigit() and at else f'"{value}"' for value in row) + "\n"
        for at, row in enumerate(rows)
    )


def numbered(text):
    """The same with numbers of the rows, and no title above them."""
    titles, *rows = quoted(text).splitlines()
    return "\n".join([titles, *(f'"{at}"\t{row}' for at, row in enumerate(rows, 1))]) + "\n"


@pytest.mark.parametrize("name", ["a.hmp.txt", "a.txt", "a.csv"])
@pytest.mark.parametrize(
    "changed",
    [
        quoted,
        numbered,
        lambda text: '""\t' + numbered(text),
        lambda text: text.replace("rs#", "rs."),
        lambda text: text.replace("\t", ","),
        lambda text: text.replace("\t", " "),
        lambda text: quoted(text).replace("\t", ","),
        lambda text: quoted(text).replace("\t", "  "),
        lambda text: "\ufeff" + text,
    ],
)
def test_hapmap_as_r_writes_it_is_the_plain_one(tmp_path, name, changed):
    plain = read_genotypes(write_text(TWO_LETTERS, "plain.hmp.txt")(tmp_path))
    other = read_genotypes(write_text(changed(TWO_LETTERS), name)(tmp_path))
    assert other.letters.tolist() == plain.letters.tolist()
    pd.testing.assert_frame_equal(other.markers, plain.markers)
    assert other.individuals["id"].tolist() == IDS


def test_a_blank_in_a_quoted_name_is_of_the_name(tmp_path):
    text = quoted(TWO_LETTERS.replace("B73", "CML 103")).replace("\t", " ")
    assert read_genotypes(write_text(text, "a.txt")(tmp_path)).individuals["id"][3] == "CML 103"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", VCF.encode()),
        ("a", gzip.compress(VCF.encode(), mtime=0)),
        ("a.vcf", gzip.compress(VCF.encode(), mtime=0)),
        ("a.VCF.GZ", gzip.compress(VCF.encode(), mtime=0)),
    ],
)
def test_vcf_is_known_by_its_first_line(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    assert read_genotypes(tmp_path / name).individuals["id"].tolist() == IDS


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (quoted(VCF), "a.txt:1: is no VCF: its first line must be such as ##fileformat=VCFv4.3, w"),
        (VCF[VCF.index("#CHROM") :], "a.txt:1: is no VCF: its first line must be"),
        (VCF[VCF.index("#CHROM") :].replace("\t", ","), "a.txt:1: is no VCF"),
        (VCF.replace("\t", ","), "a.txt:6: must hold the column titles (#CHROM, POS, ID,"),
    ],
)
def test_vcf_in_quotes_or_with_commas_is_refused_as_such(tmp_path, text, message):
    with pytest.raises(InputError, match=re.escape(message)):
        read_genotypes(write_text(text, "a.txt")(tmp_path))


def test_plink_in_upper_case_and_under_another_name(tmp_path):
    to_bed(tmp_path / "a.BED", np.array([[0.0, 2, 1]]), properties={"iid": ["x"]})
    for suffix in (".bim", ".fam"):
        (tmp_path / f"a{suffix}").rename(tmp_path / f"a{suffix.upper()}")
    assert read_genotypes(tmp_path / "a.BED").letters.shape == (1, 3)
    (tmp_path / "a.BED").rename(tmp_path / "a.bin")
    with pytest.raises(InputError, match="a.bin: holds PLINK genotypes; let the name .* end in .b"):
        read_genotypes(tmp_path / "a.bin")


@pytest.mark.parametrize(
    "file", ["quoted.hmp.txt", "quoted_other_name.txt", "comma.csv", "space.hmp.txt"]
)
def test_the_hapmap_of_others_is_the_plain_one(data, file):
    folder = data.parent / "cases/c19-hapmap-written-by-r"
    plain, other = (read_genotypes(folder / name) for name in ("plain.hmp.txt", file))
    assert len(plain.markers) == 31
    np.testing.assert_array_equal(other.letters, plain.letters)
    names = [
        found.individuals["id"].str.replace("[ _]", "", regex=True) for found in (plain, other)
    ]
    assert names[0].tolist() == names[1].tolist()  # one has a blank, which R writes as it likes
    assert other.markers["marker"].tolist() == plain.markers["marker"].tolist()


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("extra.vcf", r"extra.vcf:6: has 13 columns, the titles have 12"),
        ("positions.vcf", r"positions.vcf:\d+: position \d{10,} lies beyond 2,147,483,647"),
        ("q.bed", r"q.bim:1: position 99999999999999999999 lies beyond"),
    ],
)
def test_sizes_and_positions_of_others_are_refused(data, file, message):
    with pytest.raises(InputError, match=message):
        read_genotypes(data.parent / "cases/f05-vcf-widths-and-positions" / file)


def test_a_missing_first_value_is_no_name(data):
    found = read_genotypes(data.parent / "cases/f04-dosage-titles/x.csv")
    assert found.individuals["id"].tolist() == ["i1", "i2", "i3"]
    assert found.markers["marker"].tolist() == ["m1", "m2", "m3"]
    assert found.letters.tobytes().decode() == ".12" + "021" + "210"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("id,m1,m2\na,0,1\nb\u202e,1,2\n", "a.csv:3: id 'b\\u202e' holds a character"),
        ("id,m1,m\u200b2\na,0,1\nb,1,2\n", "a.csv:1: marker 'm\\u200b2' holds a character"),
    ],
)
def test_names_with_characters_that_nobody_sees_are_refused(tmp_path, text, place):
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(InputError, match=re.escape(place)):
        read_genotypes(tmp_path / "a.csv")
