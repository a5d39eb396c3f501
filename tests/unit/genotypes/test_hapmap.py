import re
import time

import pytest

from basewise.core.errors import InputError
from basewise.genotypes.hapmap import read_hapmap

TITLES = "rs#\talleles\tchrom\tpos\tstrand\tassembly#\tcenter\tprotLSID\tassayLSID\tpanel\tQCcode"


def table(*rows, ids="abcd", end="\n"):
    """A file of markers, each the alleles and the genotypes."""
    lines = [TITLES + "".join("\t" + name for name in ids)]
    for number, row in enumerate(rows, 1):
        alleles, *genotypes = row.split(" ")
        lines.append("\t".join([f"m{number}", alleles, "1", str(number), *"+......", *genotypes]))
    return "\n".join(lines) + end


def read(folder, text):
    path = folder / "a.hmp.txt"
    path.write_text(text)
    return read_hapmap(path)


@pytest.mark.parametrize(
    ("row", "letters", "alleles"),
    [
        ("A/C AA AC CA CC", "0112", "AC"),
        ("C/A AA N . ./.", "0...", "AC"),
        ("A/C AA AN NC ", "0...", "AC"),
        ("A AA NN -- -", "0...", "A?"),
        ("A/A A N - A", "0..0", "A?"),
        ("NA AA NN AA AA", "0.00", "A?"),
        ("NA NN NN NN NN", "....", "??"),
        ("N/A GG TT NN TG", "02.1", "GT"),
        ("A/C/G GG AA AG NN", "201.", "AG"),
        ("A/C/G/T R G A N", "120.", "AG"),
        ("+/- ++ +- -- NN", "012.", "+-"),
        ("-/+ -- -- -- NN", "222.", "+-"),
        ("+/- + 0 - N", "012.", "+-"),
        ("+/- - - - N", "222.", "+-"),
        ("A/- AA -- AA NN", "0.0.", "A?"),
        ("A/C GG CC GC NN", "201.", "CG"),  # not the alleles listed, and only two
    ],
)
def test_genotypes(tmp_path, row, letters, alleles):
    genotypes = read(tmp_path, table(row))
    assert genotypes.letters.tobytes().decode() == letters
    assert "".join(genotypes.markers[["A", "a"]].fillna("?").iloc[0]) == alleles


def test_a_marker_of_more_than_two_alleles_is_dropped(tmp_path):
    """Some of the individuals of m2 were read on the other strand."""
    text = table("A/C AA AC CC NN", "A/C AA AC TT GG", "A/C/G A C G N")
    letters, _, markers, dropped = read(tmp_path, text)
    assert letters.T.tobytes() == b"012."
    assert markers["line"].tolist() == [2]
    assert dropped.to_numpy().tolist() == [
        ["m2", "a.hmp.txt", 3, "has the alleles A/C/G/T, more than two"],
        ["m3", "a.hmp.txt", 4, "has the alleles A/C/G, more than two"],
    ]


def test_alleles_that_are_not_those_listed_are_told(tmp_path, capsys):
    read(tmp_path, table("A/C AA AC CC NN", "A/C GG CC GC NN", "G/T AA CC AC NN"))
    assert capsys.readouterr().out == "2 markers have alleles not listed for them, first m2\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a.hmp.txt:1: is no HapMap text"),
        (TITLES.replace("\t", "|") + "|a\n", "a.hmp.txt:1: is no HapMap text"),
        (TITLES + "\n", "a.hmp.txt:1: names 11 columns; the individuals must follow after 11"),
        (table(), "a.hmp.txt:1: holds no marker"),
        (
            table("A/C/G AA CC GG NN"),
            "a.hmp.txt:1: holds no marker; 1 left out, first: has the all",
        ),
        (table("A/C AA CC AC NN", ids="abca"), "a.hmp.txt:1: individual: the name 'a' stands"),
        (table("A/C AA AX CC NN"), "a.hmp.txt:2: the genotype 'AX' of individual 'b' is not two "),
        (table("A/C AA A CC NN"), "a.hmp.txt:2: the genotype 'A' of individual 'b' is not two let"),
        (table("A/C A C C CC"), "'CC' of individual 'd' is not one letter of the alleles A/C"),
        (table("+/- ++ AA -- NN"), "'AA' of individual 'b' is not two letters of the alleles +/-"),
        (table("A/C AA AC CC A", end=""), "a.hmp.txt:2: the genotype 'A' of individual 'd'"),
        (table("A/C AA AC CC"), "a.hmp.txt:2: has 14 columns, line 1 has 15; correct the row"),
        (table("A/C AA AC CC NN") + "m2\tA/", "a.hmp.txt:3: has 2 columns, line 1 has 15"),
        (
            table("A/C AA AC CC NN", "A/C AA AC CC NN NN"),
            "a.hmp.txt:3: has 16 columns, line 1 has 15",
        ),
        (table("A/C AA AC CC NN NN", "A/C AA AC CC NN"), "a.hmp.txt:2: "),
        (table("A/C AA CG TT X"), "a.hmp.txt:2: the genotype 'X' of individual 'd' is not two"),
        (table('A/C AA "AC CC NN'), "a.hmp.txt:2: the quotes of the row do not match"),
        (table("A/C AA AC CC NN", ids=["a", "b", "c", '"d']), "a.hmp.txt:1: the quotes of the row"),
        (table("A/CT AA AC CC NN"), "a.hmp.txt:2: the alleles 'A/CT' must be bases such as A/C"),
        (table("A/C AA AC CC NN").replace("\t1\t+", "\t1.5\t+"), "a.hmp.txt:2: position '1.5'"),
    ],
)
def test_bad_files_are_named(tmp_path, text, message):
    with pytest.raises(InputError, match=re.escape(message)):
        read(tmp_path, text)


def test_maize(data):
    start = time.process_time()
    letters, individuals, markers, dropped = read_hapmap(
        data / "maize281/mdp_genotype_test.hmp.txt.gz"
    )
    assert time.process_time() - start < 2
    assert letters.shape == (281, 3092)
    assert len(individuals) == 281
    assert dropped["reason"].tolist() == ["has the alleles A/C/G/T, more than two"]
    assert markers["a"].notna().all()
