import gzip
from collections import defaultdict

import numpy as np
import pandas as pd
import pytest

from basewise.core.errors import InputError
from basewise.sequences.alphabet import complement_letters
from basewise.sequences.genome import open_genome, read_aliases
from basewise.sequences.intervals import (
    check_astray,
    check_shares_chromosomes,
    covered_bases,
    read_intervals,
    read_intervals_of,
)

GFF = "##gff-version 3\nI\tx\tgene\t1\t9\t.\t-\t.\tID=g%201;Note=a%3Bb %22;Alias=\n"
GTF = 'I\tx\tgene\t3\t3\t.\t?\t.\tgene_id "g1"; note "a; gene_id b"; level 2;\n'


@pytest.fixture
def read(tmp_path):
    def read(text, name="peaks.bed", **settings):
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return read_intervals(path, **settings)

    return read


def rows(table):
    return list(table.itertuples(index=False, name=None))


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("a.bed", "I\t5\t9\n", ("I", 5, 9, "", ".", -1, 1, "bed")),
        ("a.bed", "I\t5\t9\tp\n", ("I", 5, 9, "p", ".", -1, 1, "bed")),
        ("a.bed", "I\t5\t9\tp\t3\t-\n", ("I", 5, 9, "p", "-", -1, 1, "bed")),
        (
            "a.bed",
            "I\t5\t9\tp\t3\t+\t5\t9\t0,0,0\t2\t1,2\t0,2\n",
            ("I", 5, 9, "p", "+", -1, 1, "bed"),
        ),
        ("a.txt", "chrom\tstart\tend\tReb1\nI\t5\t9\t1\n", ("I", 5, 9, "", ".", -1, 2, "bed")),
        ("a.bed", "Chrom\tStart\tEnd\tStrand\nI\t5\t9\t-\n", ("I", 5, 9, "", "-", -1, 2, "bed")),
        (
            "a.narrowPeak",
            "I\t5\t9\tp\t3\t.\t1\t2\t3\t3\n",
            ("I", 5, 9, "p", ".", 8, 1, "narrowPeak"),
        ),
        (
            "a.narrowPeak",
            "I\t5\t9\tp\t3\t.\t1\t2\t3\t-1\n",
            ("I", 5, 9, "p", ".", -1, 1, "narrowPeak"),
        ),
        ("a.broadPeak", "I\t5\t9\tp\t3\t.\t1\t2\t3\n", ("I", 5, 9, "p", ".", -1, 1, "broadPeak")),
        ("a.gff3", GFF, ("I", 0, 9, "g 1", "-", -1, 2, "gff")),
        ("a.gff", GFF + "##FASTA\n>I\nACGT\n", ("I", 0, 9, "g 1", "-", -1, 2, "gff")),
        ("a.gtf", GTF, ("I", 2, 3, "", ".", -1, 1, "gff")),
        ("a.annotation", "I\t5\t9\tp\n", ("I", 5, 9, "p", ".", -1, 1, "bed")),
    ],
)
def test_formats(read, name, text, expected):
    table = read(text, name)
    assert list(table.columns) == [
        "chrom",
        "start",
        "end",
        "name",
        "strand",
        "summit",
        "line",
        "format",
    ]
    assert rows(table) == [expected]
    assert rows(read(gzip.compress(text.encode()), name + ".gz")) == [expected]


PEAKS = "I\t5\t60\tp\t3\t.\t4.5\t6\t4.2\t30\nI\t70\t99\tq\t900\t+\t1\t-1\t-1\t-1\n"


@pytest.mark.parametrize(
    "name", ["a.bed", "a.BED", "a.narrowPeak.bed", "a.NARROWPEAK", "a.broadPeak", "a.txt", "a"]
)
def test_ten_columns_of_narrow_peak_are_known_whatever_the_name(read, name):
    for text in (PEAKS, "track type=x\n" + PEAKS, gzip.compress(PEAKS.encode())):
        table = read(text, name)
        assert table["summit"].tolist() == [35, -1]
        assert set(table["format"]) == {"narrowPeak"}
    assert read(PEAKS, name, columns={"a": "signalValue"})["a"].tolist() == ["4.5", "1"]
    assert read(gzip.compress(PEAKS.encode()), f"{name}.GZ")["summit"].tolist() == [35, -1]


TITLED = "chrom\tstart\tend\tname\tscore\tstrand\tsignalValue\tpValue\tqValue\t"


@pytest.mark.parametrize(
    ("text", "summit"),
    [
        # thickStart and thickEnd of BED, a color and a count of blocks
        ("I\t5\t60\tp\t3\t.\t5\t60\t0\t1\n", -1),
        ("I\t5\t60\tp\t3\t.\t5\t60\t255,0,0\t1\n", -1),
        ("I\t5\t60\tp\t3\t.\t2\t3\t4\n", -1),
        ("I\t5\t60\tp\t3\t.\t2\t3\t4\t30\tx\n", -1),
        ("I\t5\t60\tp\t3\t.\t2\t3\t4\tx\n", -1),
        (f"{TITLED}reads\nI\t5\t60\tp\t3\t.\t2\t3\t4\t30\n", -1),
        (f"{TITLED}peak\nI\t5\t60\tp\t3\t.\t2\t3\t4\t30\n", 35),
        ("I\t5\t60\tp\t3\t.\t2\t3\t4\t0\n", 5),
    ],
)
def test_columns_that_may_be_something_else_are_bed(read, text, summit):
    assert read(text)["summit"].tolist() == [summit]


def test_a_line_that_spoils_a_narrow_peak_is_told(read, capsys):
    bad = "I\t70\t99\tq\t9\t+\t1\t-1\t-1\t29\n"
    assert read(PEAKS + bad, "a.bed")["summit"].tolist() == [-1, -1, -1]
    told = capsys.readouterr().out
    assert "a.bed:3: peak '29' is not that of a narrowPeak" in told
    assert "Correct the line, or say what the file is with `regions_format`" in told
    with pytest.raises(InputError, match="a.bed:3: summit '29' in column 10 .* below 29"):
        read(PEAKS + bad, "a.bed", format="narrowPeak")


def test_the_format_that_is_said_counts(read):
    assert read(PEAKS, "a.narrowPeak", format="bed")["summit"].tolist() == [-1, -1]
    with pytest.raises(InputError, match="a.narrowPeak:1: 3 column.* needs 10 .*qValue, peak"):
        read("I\t5\t9\n", "a.narrowPeak", format="narrowPeak")
    assert rows(read(GTF, "a.txt", format="gff"))[0][1:3] == (2, 3)
    for name in ("a.GFF3", "a.gff.bgz", "a.GTF.GZ"):
        text = gzip.compress(GFF.encode()) if name.lower().endswith("z") else GFF
        assert set(read(text, name)["format"]) == {"gff"}
    assert set(read(GFF, "a.txt")["format"]) == {"gff"}
    with pytest.raises(InputError, match="a.txt:1: start 'x' .*let the name of the file end in"):
        read(GTF, "a.txt")


def test_lines_keep_their_numbers(read):
    text = "\ufefftrack name=x\n# c\nbrowser hide all\n\n \t\nI\t5\t9\tp\t1\t-\n\nII\t0\t1\t\t\t\n"
    for end in ("\n", "\r\n", "\r"):
        table = read(text.replace("\n", end))
        assert rows(table) == [
            ("I", 5, 9, "p", "-", -1, 6, "bed"),
            ("II", 0, 1, "", ".", -1, 8, "bed"),
        ]


def test_more_columns_by_number_title_and_attribute(read):
    bed = read("I\t5\t9\tp\t7\n", columns={"a": 5, "b": "4", "c": "score"})
    assert bed.iloc[0][["a", "b", "c"]].tolist() == ["7", "p", "7"]
    titled = "chrom\tstart\tend\tReb1\nI\t5\t9\t1\n"
    assert read(titled, columns={"label": "Reb1"})["label"].tolist() == ["1"]
    assert read(titled, columns={"label": "reb1"})["label"].tolist() == ["1"]
    gff = read(GFF, "a.gff", columns={"a": "Note", "d": "type"})
    assert gff.iloc[0][["a", "d"]].tolist() == ['a;b "', "gene"]
    for absent in ("Alias", "Parent"):
        with pytest.raises(
            InputError, match=f"a.gff:2: has no column '{absent}'; .* attributes, or"
        ):
            read(GFF, "a.gff", columns={"a": absent})
    wanted = {"a": "gene_id", "b": "note", "c": "level", "d": 3}
    gtf = read(GTF, "a.gtf", columns=wanted)
    assert gtf.iloc[0][list("abcd")].tolist() == ["g1", "a; gene_id b", "2", "gene"]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.bed", "I\t5\t9\tp\n#\nI\t5\t9\n", "3: has 3 columns, and 4 are wanted"),
        ("a.bed", "chrom\tstart\tend\nI\t5\t9\tp\n", "1: names 3 columns, and the lines have 4"),
        ("a.bed", "chrom\tstart\tend\tx\tx\nI\t5\t9\t1\t2\n", "1: names the column 'x' twice"),
        ("a.narrowPeak", "I\t5\t9\tp\t3\t.\t1\t2\t3\n", "1: 9 column.* the line needs 10"),
        ("a.gff", GFF.strip() + "\tx\n", "2: has 10 columns, and 9 are wanted"),
        (
            "a.gtf",
            GTF.replace('gene_id "g1"', 'ID "g1'),
            "1: the attributes .* cannot be told apart",
        ),
        ("a.gff", GFF.replace("ID=", "ID;"), "2: the attributes .*; write ID=value; .GFF3. or ID "),
        ("a.gff", GFF.replace("ID=g", "ID=g=h"), "2: the attributes .* cannot be told apart"),
    ],
)
def test_fields_that_are_lost_or_too_many_are_named(read, name, text, message):
    with pytest.raises(InputError, match=f"{name}:{message}"):
        read(text, name)


def test_features_are_filtered_by_type(read):
    text = GTF + GTF.replace("gene\t3\t3", "exon\t4\t7")
    assert rows(read(text, "a.gtf", feature="exon"))[0][1:3] == (3, 7)
    with pytest.raises(
        InputError, match="a.gtf:1: holds no feature of type 'CDS'; there are exon, gene"
    ):
        read(text, "a.gtf", feature="CDS")


@pytest.mark.parametrize(
    ("name", "line", "message"),
    [
        ("a.bed", "I\t9\t9", "start 9 and end 9 are no interval; BED starts at 0"),
        ("a.bed", "I\t9\t4", "start 9 and end 4 are no interval"),
        ("a.bed", "I\t-1\t4", "start '-1' must be a whole number"),
        ("a.bed", "I\t1\t4.0", "end '4.0' must be a whole number"),
        ("a.bed", "I\t1\t٤", "end '٤' must be a whole number"),
        ("a.bed", "I\t1\t2147483648", "end 2147483648 lies beyond 2,147,483,647, where no chrom"),
        ("a.gff", "I\tx\tgene\t9\t99999999999\t.\t-\t.\tID=a", "end 99999999999 lies beyond"),
        ("a.bed", "I\t1\t" + "9" * 30, "end '9+' must be a whole number"),
        ("a.bed", "I 3 4", "1 column"),
        ("a.bed", "I\t3\t4\tn\t0\t*", r"strand '\*' must be \+, - or \."),
        ("a.narrowPeak", "I\t5\t9\tp\t3\t.\t1\t2\t3\t4", "summit '4' in column 10 .* below 4"),
        ("a.narrowPeak", "I\t5\t9\tp\t3\t.\t1\t2\t3\t-2", "summit '-2' in column 10"),
        ("a.narrowPeak", "I\t5\t9\tp\t3\t.\t1\t2\t3\t1.5", "summit '1.5' in column 10"),
        ("a.gff", "I\tx\tgene\t0\t9\t.\t-\t.\tID=a", "start 0 and end 9 .* GFF and GTF count"),
        ("a.gtf", "I\tx\tgene\t9\t8\t.\t-\t.\tID=a", "start 9 and end 8 are no interval"),
        ("a.gtf", "I\t3\t4", "3 column.* needs 9 .*: seqid, source, type"),
    ],
)
def test_a_bad_line_is_named(read, name, line, message):
    good = "I x gene 1 2 . + . ID=x" if name.startswith("a.g") else "I 1 2 p 0 . 0 0 0 -1"
    fields = (
        good.split() if name.startswith("a.g") else good.split()[: max(3, line.count("\t") + 1)]
    )
    with pytest.raises(InputError, match=rf"{name}:2: .*{message}") as caught:
        read("\t".join(fields) + f"\n{line}\n", name)
    assert "\n" not in str(caught.value)


def test_a_column_that_is_not_there_is_named(read):
    with pytest.raises(InputError, match="peaks.bed:2: has no column 5; there are 4"):
        read("# c\nI\t1\t2\tp\n", columns={"id": 5})
    with pytest.raises(
        InputError, match="peaks.bed:1: has no column 'group'; there are chrom, start, end, or a"
    ):
        read("I\t1\t2\n", columns={"group": "group"})


@pytest.mark.parametrize("text", ["", "\n", "# only\n", "chrom\tstart\tend\n", "track x\n\n"])
def test_a_file_without_an_interval_is_named(read, text):
    with pytest.raises(InputError, match="peaks.bed:1: holds no interval"):
        read(text)


def test_missing_and_damaged_files(tmp_path):
    with pytest.raises(InputError, match="none.bed: no such file"):
        read_intervals(tmp_path / "none.bed")
    whole = gzip.compress(b"I\t1\t2\n" * 1000)
    for name, content, message in (
        ("cut", whole[: len(whole) // 2], "the gzip file is cut short"),
        ("damaged", whole[:20] + b"\xff\x00\xff" + whole[23:], "the gzip file is"),
        ("plain", b"I\t1\t2\n", "not a gzip file"),
    ):
        (tmp_path / f"{name}.bed.gz").write_bytes(content)
        with pytest.raises(InputError, match=rf"{name}.bed.gz: .*{message}"):
            read_intervals(tmp_path / f"{name}.bed.gz")


def test_covered_bases_are_those_that_painting_base_by_base_gives():
    generator = np.random.default_rng(5)

    def intervals(number, first):
        starts = generator.integers(first, 60, number)
        ends = starts + generator.integers(1, 9, number)
        chroms = generator.choice(["I", "II", "III"][: generator.integers(1, 4)], number)
        return pd.DataFrame({"chrom": chroms, "start": starts, "end": ends})

    for number in (0, *generator.integers(1, 25, 60)):
        covering, windows = intervals(number, 0), intervals(30, -12)
        painted = {
            (chrom, base) for chrom, start, end in rows(covering) for base in range(start, end)
        }
        expected = [
            sum((chrom, base) in painted for base in range(start, end))
            for chrom, start, end in rows(windows)
        ]
        assert covered_bases(windows, covering).tolist() == expected


def test_regions_off_the_genome_are_named(tmp_path):
    (tmp_path / "g.fa").write_text(">I\nACGTACGTAC\n")
    path = tmp_path / "p.bed"
    path.write_text("I\t0\t10\nI\t5\t11\n")
    with open_genome(tmp_path / "g.fa") as genome:
        table = read_intervals_of(genome, path, None)
        assert table["astray"].tolist() == ["", "ends beyond its chromosome"]
        message = r"p.bed:2: 1 of 2 lines end beyond .* I:5-11 of 10 bases in g.fa; is this the"
        with pytest.raises(InputError, match=message):
            check_astray(table, genome, path)

        path.write_text("# c\nchr1\t0\t10\n" + "I\t0\t9\n" * 18)
        table = read_intervals_of(genome, path, None)
        assert table["astray"].tolist() == ["its chromosome is not in the genome", *[""] * 18]
        message = r"p.bed:2: 1 of 19 lines lie on chromosomes that g.fa lacks \(chr1\); it has I\. "
        with pytest.raises(InputError, match=message):
            check_astray(table, genome, path)
        check_astray(pd.concat([table, table[-1:]]), genome, path)  # one of twenty
        (tmp_path / "a.tsv").write_text("chr1\tI\n")
        table = read_intervals_of(genome, path, read_aliases(tmp_path / "a.tsv"))
    assert table["chrom"].tolist() == ["I"] * 19
    check_shares_chromosomes(table, ["II", "I"], path)
    with pytest.raises(
        InputError, match=r"p.bed: has chromosomes I, none of which is among II; give them"
    ):
        check_shares_chromosomes(table, ["II"], path)


def cut(genome, table):
    """Letters of each interval along its strand."""
    letters = {chrom: genome.letters(chrom) for chrom in table["chrom"].unique()}
    for row in table.itertuples():
        found = letters[row.chrom][row.start : row.end]
        yield (complement_letters(found) if row.strand == "-" else found).tobytes().decode()


def first_exons(genome, table):
    """Letters of the exon of each name that comes first along its strand."""
    chains = defaultdict(list)
    for row, letters in zip(table.itertuples(), cut(genome, table), strict=True):
        chains[row.name].append((-row.end if row.strand == "-" else row.start, letters))
    return [min(chain)[1] for chain in chains.values()]


def test_start_codons_of_yeast_read_atg(data):
    folder = data / "yeast_chipexo"
    genes = folder / "Saccharomyces_cerevisiae.R64-1-1.96.gtf.gz"
    table = read_intervals(genes, {"type": "type", "biotype": "gene_biotype"})
    assert table["type"].value_counts()["gene"] == 7036
    fasta = folder / "Saccharomyces_cerevisiae.R64-1-1.dna.toplevel.fa.gz"
    with open_genome(fasta) as genome:
        starts = list(cut(genome, read_intervals_of(genome, genes, None, {}, "start_codon")))
        stops = set(cut(genome, read_intervals_of(genome, genes, None, {}, "stop_codon")))
    assert (len(starts), starts.count("ATG")) == (6601, 6586)
    assert {stop for stop in stops if len(stop) == 3} == {"TAA", "TAG", "TGA"}


def test_coding_sequences_of_the_worm_start_with_atg(data):
    folder = data / "celegans_1pct"
    path = folder / "C.elegans.gff.gz"
    table = read_intervals(path, {"type": "type", "source": "source"})
    counts = table[table["source"] == "WormBase"]["type"].value_counts()
    assert counts[["gene", "mRNA", "CDS"]].tolist() == [257, 300, 2078]
    with open_genome(folder / "C.elegans.fa.gz") as genome:
        coding = read_intervals_of(genome, path, None, {}, "CDS")
        firsts = first_exons(genome, coding)
    assert (len(firsts), sum(letters.startswith("ATG") for letters in firsts)) == (271, 270)


def test_exons_of_phytophthora_start_with_atg(data):
    """On a genome whose lines hold blanks."""
    folder = data / "pinfsc50"
    with open_genome(folder / "pinf_sc50.fasta") as genome:
        exons = read_intervals_of(genome, folder / "pinf_sc50.gff", None, {}, "exon")
        firsts = first_exons(genome, exons)
    assert len(exons) == 223
    assert (len(firsts), sum(letters.startswith("ATG") for letters in firsts)) == (128, 106)
