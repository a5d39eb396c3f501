import gzip
import re
from collections import Counter

import pytest
from cyvcf2 import VCF, Writer

from basewise.core.errors import InputError
from basewise.genotypes.vcf import read_vcf

HEADER = """\
##fileformat=VCFv4.2
##contig=<ID=1>
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">
"""
TITLES = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\tb\tc\n"


def record(genotypes, *, alt="C", name=".", place="5", kind="GT"):
    values = ["1", place, name, "A", alt, ".", ".", ".", kind, *genotypes.split(" ")]
    return "\t".join(values) + "\n"


def read(folder, text, name="a.vcf"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_vcf(path)


@pytest.mark.parametrize(
    ("genotypes", "letters"),
    [
        ("0/0 0/1 1/1", "012"),
        ("0|0 1|0 1|1", "012"),
        ("0 1 .", "02."),
        ("0 1/1 0/1", "021"),
        ("./. ./1 0/.", "..."),
        (". . .", "..."),
    ],
)
def test_genotypes(tmp_path, genotypes, letters):
    found = read(tmp_path, HEADER + TITLES + record(genotypes))
    assert found.letters.tobytes().decode() == letters
    assert found.individuals.drop(columns="group").to_numpy().tolist() == [
        ["a", 5],
        ["b", 5],
        ["c", 5],
    ]
    assert found.markers.to_numpy().tolist() == [["1:5:A:C", "1", 5, "A", "C", 6]]


def test_each_alt_allele_is_a_marker(tmp_path):
    text = (
        record("0/1 1/2 3|3", alt="C,G,*", name="rs1")
        + record("0/1 2/2 ./2", alt="C,G", place="6")
        + record("2 0 1", alt="c,<DEL>", name="rs1", place="7")
        + record("0/1 1/1 0/0", alt="<NON_REF>", name="rs2", place="8")
        + record("0/0 0/0 0/0", alt=".", place="9")
        + record("0/0 0/1 1/1", alt="AT", name="rs1:C", place="10")
    )
    letters, _, markers, dropped = read(tmp_path, HEADER + TITLES + text)
    found = zip(markers["marker"], (row.tobytes().decode() for row in letters.T), strict=True)
    assert dict(found) == {
        "rs1:C": "110",
        "rs1:G": "010",
        "1:6:A:C": "10.",
        "1:6:A:G": "02.",
        "rs1:c": "002",
        "rs1:<DEL>": "200",
        "rs1:C#2": "012",
    }
    assert "".join(markers["a"][:5]) == "CGCGC"
    assert dropped.to_numpy().tolist() == [
        ["rs1:*", "a.vcf", 6, "ALT * names no allele"],
        ["rs2", "a.vcf", 9, "ALT <NON_REF> names no allele"],
        ["1:9:A:.", "a.vcf", 10, "ALT . names no allele"],
    ]


def test_more_records_than_a_block(tmp_path):
    lines = [record(f"0/{n % 2} {n % 2}/1 1/1", place=str(n)) for n in range(1, 2100)]
    letters, _, markers, _ = read(tmp_path, HEADER + TITLES + "".join(lines))
    assert letters.shape == (3, 2099)
    assert letters[0].tobytes().decode() == "10" * 1049 + "1"
    assert letters[1].tobytes().decode() == "21" * 1049 + "2"
    assert (letters[2] == ord("2")).all()
    assert markers["line"].tolist() == list(range(6, 2105))


BAD = [
    (b"", "a.vcf:1: holds no line of column titles"),
    (HEADER, "a.vcf:4: holds no line of column titles"),
    ("1\t5\trs1\tA\tC\n", "a.vcf:1: is no VCF: its first line must be such as ##fileformat=VCFv"),
    (HEADER.replace("v4", ":4") + TITLES, "a.vcf:1: is no VCF"),
    (HEADER + record("0/0 0/1 1/1"), "a.vcf:5: must hold the column titles (#CHROM, POS, ID, "),
    (HEADER + TITLES.replace("\t", " "), "a.vcf:5: must hold the column titles"),
    (HEADER + TITLES[:45] + "\n", "a.vcf:5: names no individuals after FORMAT"),
    (HEADER + TITLES.replace("ALT\tQUAL", "QUAL\tALT"), "a.vcf:5: must hold the column titles"),
    (HEADER + TITLES.replace("c", "a"), "a.vcf:5: names the individual 'a' twice"),
    (HEADER + TITLES, "a.vcf:1: holds no marker"),
    (
        HEADER + TITLES + record("0 0 0", alt="."),
        "a.vcf:1: holds no marker; 1 left out, first: ALT",
    ),
    (HEADER + TITLES + record("0/0 0/1"), "a.vcf:6: has 11 columns, the titles have 12"),
    (HEADER + TITLES + record("0/0 0/1 0/1 0/1"), "a.vcf:6: has 13 columns, the titles have 12"),
    (HEADER + TITLES + record("3 4 5", kind="DP"), "a.vcf:6: the record has no genotypes: GT must"),
    (HEADER + TITLES + record("0 0 0") + "\n\n", "a.vcf:7: has 1 columns, the titles have 12"),
    (HEADER + TITLES + record("0/0 0/2 0/0"), "a.vcf:6: a genotype at 1:5 names allele 2, and ALT"),
    (
        HEADER + TITLES + record("0/0 0/1 0/0/1"),
        "a.vcf:6: the record at 1:5 has a genotype of 3 alleles",
    ),
    (
        HEADER + TITLES + record("0/0/0/1 0/0/0/0 ."),
        "of 4 alleles, first of 'a'; basewise takes diploids and hap",
    ),
    (HEADER + TITLES + record("A/C 0/0 0/0"), "a.vcf:6: the record cannot be read (Couldn't read"),
    (HEADER + TITLES + record("0/0 0/0 0/0", place="x"), "a.vcf:6: position 'x' must be a"),
    (HEADER + TITLES + record("0 0 0") * 2 + record("0 0"), "a.vcf:8: has 11 columns, the titles"),
    (
        HEADER + TITLES + record("0 0 0", place=""),
        "a.vcf:6: the position is ''; a record needs one",
    ),
    (HEADER + TITLES + record("0 0 0", place="2147483648"), "a.vcf:6: position 2147483648 lies"),
    (HEADER + TITLES + record("0 0 0", place="99999999999"), "a.vcf:6: position 99999999999 lies"),
    (HEADER + TITLES + record("0 0 0", kind="GT:"), "a.vcf:6: the record has no genotypes"),
    (HEADER + TITLES + record("0 0 0", kind="GT:A B"), "a.vcf:6: the record has no genotypes"),
    (HEADER + TITLES + "2" + record("A/C 0 0")[1:], "a.vcf:6: the record cannot be read (Couldn't"),
    (
        (HEADER + TITLES + record("0 0 0", name="\xe9")).encode("latin-1"),
        "a.vcf:6: byte 0xe9 is no UTF-8",
    ),
    (b"##fileformat=VCFv4.2\n#CHROM\tPOS\xff\n", "a.vcf:2: byte 0xff is no UTF-8"),
    (
        HEADER + TITLES + record("0/65537 0/0 0/0"),
        "a.vcf:6: the genotype '0/65537' names an allele",
    ),
    (HEADER + TITLES + record("0 0 0", alt="PASS"), "a.vcf:6: 'PASS' is no allele"),
    (HEADER + TITLES + record("0 0 0", name=""), "a.vcf:6: has nothing under ID"),
    (HEADER + TITLES + record("0 0 0") + "\r1" + record("0 0 0")[1:], "a.vcf:7: holds a carriage"),
    (HEADER + TITLES + record("0 0 0", kind="GT:GT"), "a.vcf:6: the record has no genotypes"),
]


@pytest.mark.parametrize(("text", "message"), BAD)
def test_bad_files_are_named(tmp_path, text, message):
    with pytest.raises(InputError, match=re.escape(message)) as error:
        read(tmp_path, text)
    assert "\n" not in str(error.value)


def test_a_text_that_is_cut_short_is_refused(tmp_path):
    """Cut anywhere in its last line, but for what follows its last genotype."""
    start = HEADER + TITLES + record("0/0 0/1 1/1")
    last = record("0/1 1/1 0/1:3", kind="GT:DP")
    for end in range(1, len(last)):
        if last[:end].endswith(("\t0/1", "\t0/1:", ":3")) and last[:end].count("\t") == 11:
            assert read(tmp_path, start + last[:end]).letters.tobytes() == b"011221"
        else:
            with pytest.raises(InputError, match=r"a\.vcf:7: .*cut short"):
                read(tmp_path, start + last[:end])


def packed(path, mode):
    """Write a VCF of 3,000 records as bgzip or BCF."""
    lines = [record(f"0/{n % 2} 0/0 1/1", place=str(n)) for n in range(1, 3001)]
    plain = path.with_name("plain.vcf")
    plain.write_text(HEADER + TITLES + "".join(lines))
    source = VCF(str(plain))
    writer = Writer(str(path), source, mode=mode)
    for variant in source:
        writer.write_record(variant)
    writer.close()
    return path


@pytest.mark.parametrize(("name", "mode"), [("a.vcf.gz", "wz"), ("a.bcf", "wb"), ("u.bcf", "wbu")])
def test_compressed_files(tmp_path, name, mode):
    path = packed(tmp_path / name, mode)
    genotypes = read_vcf(path)
    assert genotypes.letters.shape == (3, 3000)
    assert genotypes.markers["position"].tolist() == list(range(1, 3001))
    assert genotypes.markers["line"].isna().all() == name.endswith(".bcf")
    content = path.read_bytes()
    first = int.from_bytes(content[16:18], "little") + 1  # bytes of the first block
    for cut in (len(content) - 28, len(content) - 1, len(content) // 2, first, first + 5, 9):
        path.write_bytes(content[:cut])
        with pytest.raises(InputError, match=r"cut short|damaged|is no VCF or BCF|is no VCF:"):
            read_vcf(path)


def test_gzip_that_is_cut_short(tmp_path):
    lines = [record(f"0/{n % 2} 0/0 1/1", place=str(n)) for n in range(1, 3001)]
    content = gzip.compress((HEADER + TITLES + "".join(lines)).encode())
    assert read(tmp_path, content, "a.vcf.gz").letters.shape == (3, 3000)
    for cut in (len(content) - 1, len(content) - 9, len(content) // 2, 40, 3):
        with pytest.raises(InputError, match=r"a\.vcf\.gz.*: .*(cut short|no VCF)"):
            read(tmp_path, content[:cut], "a.vcf.gz")


def test_what_htslib_says_reaches_the_log(tmp_path, capfd):
    text = HEADER.replace("##contig=<ID=1>\n", "") + TITLES + record("0/0 0/1 1/1")
    read(tmp_path, text)
    assert "Contig '1' is not defined in the header" in capfd.readouterr().err


def test_phytophthora(data):
    """Counts of the file against those of its text."""
    path = data / "pinfsc50/pinf_sc50.vcf.gz"
    expected, markers, records = Counter(), [], 0
    with gzip.open(path, "rt") as stream:
        for line in stream:
            if line.startswith("#"):
                continue
            fields = line.rstrip("\n").split("\t")
            genotypes = [re.split("[/|]", field.split(":")[0]) for field in fields[9:]]
            records += 1
            for allele, alt in enumerate(fields[4].split(","), 1):
                markers.append(f"{fields[0]}:{fields[1]}:{fields[3]}:{alt}")
                expected.update(
                    "." if "." in pair else str(pair.count(str(allele))) for pair in genotypes
                )
    assert records == 22_031
    genotypes = read_vcf(path)
    assert genotypes.letters.shape == (18, len(markers))
    assert genotypes.markers["marker"].tolist() == markers
    assert Counter(genotypes.letters.tobytes().decode()) == expected
    assert genotypes.dropped.empty
