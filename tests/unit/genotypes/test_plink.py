import re

import numpy as np
import pytest
from bed_reader import to_bed

from basewise.core.errors import InputError
from basewise.genotypes.plink import read_plink
from basewise.genotypes.reading import read_genotypes


def files(folder, copies, **properties):
    to_bed(folder / "a.bed", np.array(copies, dtype=np.int8), properties=properties)
    return folder / "a.bed"


def rows(letters):
    return [row.tobytes().decode() for row in letters]


def test_bits_of_the_format(tmp_path):
    """From the right, 00 is A1 twice, 01 missing, 10 one of each, 11 A2 twice.

    https://www.cog-genomics.org/plink/1.9/formats#bed
    """
    (tmp_path / "a.bed").write_bytes(bytes.fromhex("6c1b01 dc0f e70f 6b01"))
    (tmp_path / "a.fam").write_text("".join(f"1 {n} 0 0 1 0\n" for n in range(1, 7)))
    (tmp_path / "a.bim").write_text("1\tm1\t0\t1\tG\tA\n1\tm2\t0\t2\t1\t2\n1\tm3\t0\t3\tA\tC\n")
    letters, individuals, markers, _ = read_plink(tmp_path / "a.bed")
    # dc 0f: 11 01 11 00, 00 00 11 11; e7 0f: 11 10 01 11; 6b 01: 01 10 10 11, 00 00 00 01
    assert rows(letters.T) == ["20.000", "2.1222", "211..0"]
    assert individuals["id"].tolist() == ["1", "2", "3", "4", "5", "6"]
    assert (markers["A"] + markers["a"]).tolist() == ["AG", "12", "AC"]


def test_an_allele_that_is_not_known(tmp_path):
    alleles = {"allele_1": ["0", "G", "0", "t"], "allele_2": ["T", "0", "0", "C"]}
    path = files(tmp_path, [[0, 2, -127, 2], [0, 2, -127, 1]], **alleles)
    letters, _, markers, _ = read_plink(path)
    assert rows(letters) == ["00.2", "00.1"]
    assert markers["A"].fillna("?").tolist() == ["T", "G", "?", "C"]
    assert markers["a"].fillna("?").tolist() == ["?", "?", "?", "T"]


@pytest.mark.parametrize(
    ("fid", "iid", "ids", "groups"),
    [
        (["a", "b"], ["a", "b"], ["a", "b"], "??"),
        (["0", "0"], ["1", "2"], ["1", "2"], "??"),
        (["f", "f"], ["1", "2"], ["1", "2"], "??"),
        (["f", "g"], ["1", "2"], ["1", "2"], "fg"),
        (["f", "g"], ["1", "1"], ["f_1", "g_1"], "fg"),
        (["f", "0"], ["1", "2"], ["1", "2"], "f?"),
    ],
)
def test_names_and_families(tmp_path, fid, iid, ids, groups):
    path = files(
        tmp_path, [[0], [1]], fid=fid, iid=iid, allele_1=["A"], allele_2=["C"], sid=["."],
        chromosome=["X"], bp_position=[9],
    )  # fmt: skip
    genotypes = read_plink(path)
    assert genotypes.individuals["id"].tolist() == ids
    assert "".join(genotypes.individuals["group"].fillna("?")) == groups
    assert genotypes.markers["marker"].tolist() == ["X:9"]


def test_more_markers_than_a_block(tmp_path):
    copies = np.random.default_rng(1).choice([0, 1, 2, -127], (7, 2100)).astype(np.int8)
    alleles = {"allele_1": ["A", "C"] * 1050, "allele_2": ["C", "A"] * 1050, "sid": ["m"] * 2100}
    letters, _, markers, _ = read_plink(files(tmp_path, copies, **alleles))
    other = np.where(np.arange(2100) % 2 == 0, 2 - copies, copies)
    assert ((letters == ord(".")) == (copies == -127)).all()
    assert ((letters == other + ord("0")) | (copies == -127)).all()
    assert markers["marker"].tolist()[:2] == ["m", "m#2"]


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        (
            "a.bed",
            b"chr1\t0\t5\n",
            "a.bed: is no PLINK .bed: it starts with the bytes 63 68 72, not",
        ),
        ("a.bed", b"", "a.bed: is no PLINK .bed: it starts with the bytes of nothing"),
        ("a.bed", b"\x6c\x1b\x00\x00\x00", "a.bed: is in the old order of individuals"),
        ("a.bed", b"\x6c\x1b\x01\x00", "a.bed: has 4 bytes; 2 individuals (.fam) and 2 markers"),
        ("a.bed", b"\x6c\x1b\x01\x00\x00\x00", "(.bim) make 5: the file is cut short, or is that"),
        ("a.fam", None, "a.bed: has no a.fam beside it; a PLINK file set has three files"),
        ("a.bim", None, "a.bed: has no a.bim beside it"),
        ("a.fam", b"", "a.fam:1: holds no individual"),
        ("a.fam", b"f 1 0 0 1 0\nf 1 0 0 1 0\n", "a.fam:2: individual: the name 'f_1' stands"),
        ("a.fam", b"f 1 0 0 1 0\nf 2 0\n", "a.fam:2: has 3 columns, each individual must have 6"),
        ("a.bim", b"1 m1 0 5 A C\n1 m2 0 x A C\n", "a.bim:2: position 'x' must be a whole"),
        ("a.bim", b"1 m1 0 5 A A\n1 m2 0 6 A C\n", "a.bim:1: names the allele 'A' twice"),
    ],
)
def test_bad_files_are_named(tmp_path, file, content, message):
    path = files(tmp_path, [[0, 1], [1, 2]], allele_1=["A", "A"], allele_2=["C", "C"])
    (tmp_path / file).unlink()
    if content is not None:
        (tmp_path / file).write_bytes(content)
    with pytest.raises(InputError, match=re.escape(message)):
        read_plink(path)


@pytest.mark.parametrize(
    ("properties", "place"),
    [
        ({"iid": ["1", "2\u200f"]}, "a.fam:2: id '2\\u200f' holds a character"),
        ({"sid": ["m1", "m\u200b2"]}, "a.bim:2: marker 'm\\u200b2' holds a character"),
        ({"chromosome": ["1", "\u202e1"]}, "a.bim:2: chrom '\\u202e1' holds a character"),
    ],
)
def test_names_with_characters_that_nobody_sees_are_refused_in_their_file(
    tmp_path, properties, place
):
    with pytest.raises(InputError, match=re.escape(place)):
        read_genotypes(files(tmp_path, [[0, 1], [1, 2]], **properties))
