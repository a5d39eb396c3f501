import gzip

import numpy as np
import pandas as pd
import pytest
from Bio import SeqIO
from Bio.Seq import Seq

from basewise.core.errors import InputError
from basewise.examples.annotations import label_positions, read_features, read_overlaps
from basewise.examples.candidates import write_extraction
from basewise.examples.description import split_counts
from basewise.examples.from_regions import extract_regions
from basewise.examples.labels import join_labels
from basewise.sequences.circles import circles_of, cut_at_origin, from_origin, middles
from basewise.splits.leakage import audit
from basewise.store.tables import CANDIDATE_COLUMNS, read_candidates

YEAST = "Saccharomyces_cerevisiae.R64-1-1"


#        0123456789
GENOME = ">C\nAAACCCGGGt\n>L\nAAACCCGGGT\n"
MARK = "C\tx\tregion\t1\t10\t.\t+\t.\tID=C;Is_circular=true\n"
GENE = "{}\tx\tgene\t{}\t{}\t.\t{}\t.\tID=g\n"


def places(*spans, circle=(10,)):
    table = pd.DataFrame(spans, columns=["chrom", "start", "end"])
    return table.assign(circle=[*circle] * len(table))


def spans(table):
    return [(row.Index, row.start, row.end) for row in table.itertuples()]


@pytest.fixture
def extract(tmp_path):
    """Cuts windows of 4 bases around genes (chrom, first, last, strand) of a circle and a line."""

    def extract(*genes, mark=MARK, window=4, **settings):
        genome, regions = tmp_path / "genome.fa", tmp_path / "regions.gff"
        genome.write_text(GENOME)
        regions.write_text(
            "##gff-version 3\n" + mark + "".join(GENE.format(*gene) for gene in genes)
        )
        settings = {"feature": "gene", "generator": np.random.default_rng(1)} | settings
        return extract_regions(genome, regions, window=window, **settings)

    return extract


def sequences(extraction):
    return [row.tobytes().decode() for row in extraction.letters]


def test_pieces_of_intervals_on_a_circle_of_ten():
    table = places(("C", 2, 5), ("C", 8, 13), ("C", -3, 2), ("C", 12, 15), ("C", 8, 30))
    assert spans(from_origin(table)) == [(0, 2, 5), (1, 8, 13), (2, 7, 12), (3, 2, 5), (4, 8, 30)]
    pieces = sorted(spans(cut_at_origin(table)))
    assert pieces == [
        *((0, 2, 5), (1, 0, 3), (1, 8, 10), (2, 0, 2), (2, 7, 10), (3, 2, 5)),
        *((4, 0, 8), (4, 8, 10)),
    ]
    assert middles(table).tolist() == [3.5, 0.5, 9.5, 3.5, 9]


def test_pieces_hold_the_bases_of_their_intervals():
    generator = np.random.default_rng(3)
    start = generator.integers(-20, 20, 300)
    table = places(*zip("C" * 300, start, start + generator.integers(1, 25, 300), strict=True))
    bases = {}
    for row, low, high in spans(cut_at_origin(table)):
        assert 0 <= low < high <= 10
        bases.setdefault(row, []).extend(range(low, high))
    for row, low, high in spans(table):
        assert sorted(bases[row]) == sorted({base % 10 for base in range(low, high)})


def test_without_a_circle_all_stays_as_it_is():
    table = places(("L", -3, 2), ("L", 8, 13), circle=(0,))
    for linear in (table, table.drop(columns="circle")):
        assert spans(cut_at_origin(linear)) == spans(from_origin(linear)) == spans(table)
        assert middles(linear).tolist() == [-0.5, 10.5]


def test_windows_around_the_origin(extract):
    """Circle AAACCCGGGt: a gene over the origin, one that ends there, one behind it."""
    genes = [("C", 10, 12, "+"), ("C", 7, 10, "-"), ("C", 2, 3, "."), ("L", 4, 7, "+")]
    extraction = extract(*genes, center="start")
    assert sequences(extraction) == ["GGTA", "TTAC", "TAAA", "AACC"]
    table = extraction.candidates
    assert table["id"].tolist() == ["C:7-11", "C:8-12", "C:9-13", "L:1-5"]
    assert table["circle"].tolist() == [10, 10, 10, 0]
    np.testing.assert_allclose(table["gc"], [0.5, 0.25, 0, 0.5])
    assert table["soft_masked"].tolist() == [0.25, 0.25, 0.25, 0]
    assert extraction.dropped.empty


def test_places_on_a_circle_are_written_in_one_way(extract):
    """Centers before and behind the origin give the same window."""
    extraction = extract(("C", 1, 1, "+"), ("C", 10, 10, "+"), center="start", shift=0)
    assert extraction.candidates["start"].tolist() == [8, 7]
    extraction = extract(("C", 10, 10, "+"), ("C", 1, 1, "+"), center="start", shift=1)
    assert extraction.candidates["start"].tolist() == [8, 9]
    extraction = extract(("C", 10, 11, "+"), ("C", 1, 1, "+"), center="end")
    assert extraction.candidates["start"].tolist() == [8]
    assert extraction.dropped["reason"].tolist() == ["same window as an earlier line"]


def test_a_linear_chromosome_ends_where_it_ends(extract):
    genes = [("L", 1, 2, "+"), ("L", 5, 6, "+"), ("C", 1, 2, "+")]
    extraction = extract(*genes, center="start")
    assert extraction.candidates["id"].tolist() == ["L:2-6", "C:8-12"]
    assert extraction.dropped["id"].tolist() == ["L:-2-2"]
    assert extraction.dropped["reason"].tolist() == ["the 4 bp window leaves the chromosome"]
    unmarked = extract(*genes, center="start", mark="").candidates
    assert unmarked["id"].tolist() == ["L:2-6"]
    assert "circle" not in unmarked
    with pytest.raises(
        InputError, match=r"regions.gff:3: 1 of 1 lines end beyond their chromosome"
    ):
        extract(("L", 8, 11, "+"))
    with pytest.raises(
        InputError, match=r"regions.gff:3: 1 of 1 lines end beyond their chromosome"
    ):
        extract(("C", 11, 12, "+"))  # which a place on the circle would be 1 to 2


def test_a_name_makes_a_chromosome_circular(extract, tmp_path):
    aliases = tmp_path / "aliases.tsv"
    aliases.write_text("L\tchrL\n")
    genes = [("C", 9, 12, "-"), ("L", 9, 12, "-")]
    settings = {"mark": "", "circular": ["C", "chrL"], "aliases_path": aliases}
    extraction = extract(*genes, center="start", **settings)
    assert sequences(extraction) == ["GTTT", "GTTT"]
    with pytest.raises(InputError, match=r"genome.fa: `circular` names 'M', .* it has C, L"):
        extract(*genes, circular=["M"])


@pytest.mark.parametrize(
    ("mark", "message"),
    [
        (
            MARK.replace("10", "12"),
            r"regions.gff:2: Is_circular=true gives C 12 bases, its sequence has 10; is this the",
        ),
        (MARK.replace("\t1\t", "\t2\t"), "1 of 1 lines end beyond"),
        (MARK.replace("true", "false"), "1 of 1 lines end beyond"),
    ],
)
def test_what_a_file_says_of_a_circle_is_checked(extract, mark, message):
    with pytest.raises(InputError, match=message):
        extract(("C", 9, 12, "-"), mark=mark)


def test_a_window_longer_than_the_circle_is_dropped(extract):
    with pytest.raises(InputError, match="the 11 bp window is longer than the circular chromosome"):
        extract(("C", 1, 1, "+"), window=11)
    assert sequences(extract(("C", 1, 1, "+"), window=10, center="start")) == ["CGGGTAAACC"]


def test_excluded_intervals_reach_around_the_origin(extract, tmp_path):
    """A window is excluded by its bases on either side; an interval has two sides as well."""
    genes = [("C", 1, 1, "+"), ("C", 6, 6, "+"), ("L", 6, 6, "+")]
    for text, left in [
        ("C\t0\t1\n", ["C:3-7", "L:3-7"]),
        ("C\t9\t10\n", ["C:3-7", "L:3-7"]),
        ("C\t7\t8\n", ["C:8-12", "C:3-7", "L:3-7"]),
        ("C\t9\t14\n", ["L:3-7"]),
        ("L\t9\t14\n", ["C:8-12", "C:3-7", "L:3-7"]),
    ]:
        path = tmp_path / "excluded.bed"
        path.write_text(text)
        found = extract(*genes, exclude=[path], center="start").candidates
        assert found["id"].tolist() == left, text


def test_background_keeps_off_around_the_origin(tmp_path):
    """A gene over the origin of a circle of 1,000; background never lies over the origin."""
    generator = np.random.default_rng(2)
    letters = "".join(generator.choice(list("ACGT"), 1000))
    genome, regions = tmp_path / "g.fa", tmp_path / "r.bed"
    genome.write_text(f">C\n{letters}\n")
    regions.write_text("C\t990\t1020\n")
    settings = {"ratio": 30, "match": "none", "max_unknown": 0}
    for distance, low, high in [(0, 20, 990), (15, 35, 975)]:
        lowest, highest = [], []
        for seed in range(20):
            table = extract_regions(
                *(genome, regions),
                **{"window": 10, "circular": ["C"], "generator": np.random.default_rng(seed)},
                negatives=settings | {"ratio": 90, "distance": distance},
            ).candidates
            background = table[table["background"]]
            lowest.append(background["start"].min())
            highest.append(background["end"].max())
        assert (min(lowest) >= low) & (max(highest) <= high)
        assert (min(lowest) < low + 15) & (max(highest) > high - 15)


def test_leakage_over_the_origin():
    """Windows 8-12 and 0-4 of a circle of ten share two bases; of a line they would share none."""
    table = places(("C", 8, 12), ("C", 1, 5), ("C", 4, 8)).assign(
        id=["a", "b", "c"], group=["C"] * 3, strand="."
    )
    letters = np.frombuffer(b"GTAAAACCCGGG", dtype=np.uint8).reshape(3, 4)
    part = np.array(["test", "train", "validation"])

    def overlaps(table):
        leaks = audit(letters, table, part)
        leaks = leaks[leaks["kind"] == "overlap"]
        return set(zip(leaks["id"], leaks["other_id"], strict=True))

    assert overlaps(table) == {("a", "b"), ("c", "b")}
    assert overlaps(table.assign(circle=0)) == {("c", "b")}


@pytest.mark.parametrize("seed", range(5))
def test_leakage_does_not_depend_on_where_a_circle_begins(seed):
    generator = np.random.default_rng(seed)
    n, bases = 60, 500
    start = generator.integers(0, bases, n)
    table = pd.DataFrame(
        {"chrom": "C", "start": start, "end": start + generator.integers(1, 30, n)}
    )
    table = table.assign(id=[f"e{row}" for row in range(n)], group="C", circle=bases)
    letters = generator.choice(np.frombuffer(b"ACGT", dtype=np.uint8), (n, 12))
    part = generator.choice(["train", "validation", "test"], n)
    covered = [{base % bases for base in range(low, high)} for _, low, high in spans(table)]

    leaks = audit(letters, table, part)
    leaks = leaks[leaks["kind"] == "overlap"]
    listed = {(row.id, row.other_part) for row in leaks.itertuples()}
    for row in leaks.itertuples():
        assert covered[int(row.id[1:])] & covered[int(row.other_id[1:])]
    for pair in (("validation", "train"), ("test", "train"), ("test", "validation")):
        for one in np.flatnonzero(part == pair[0]):
            shares = any(covered[one] & covered[other] for other in np.flatnonzero(part == pair[1]))
            assert shares == ((f"e{one}", pair[1]) in listed)


def test_peaks_label_windows_over_the_origin(tmp_path):
    path = tmp_path / "peaks.bed"
    path.write_text("C\t9\t13\nL\t9\t13\n")
    table = places(("C", 8, 12), ("C", 1, 5), ("C", 4, 8), ("L", 0, 4)).assign(
        circle=[10] * 3 + [0]
    )
    for bases, found in [(1, "1100"), (2, "1100"), (3, "1000"), (4, "0000")]:
        assert "".join(read_overlaps(table, {"y": path}, bases=bases)["target.y"]) == found
    within = read_overlaps(table, {"y": path}, within=2, bases=2)["target.y"]
    assert "".join(within) == "1000"


def test_features_label_bases_over_the_origin(tmp_path):
    """A feature of bases 9 to 12 of a circle of ten, on windows over the origin and off it."""
    path = tmp_path / "f.gff"
    path.write_text(MARK + GENE.format("C", 9, 12, "+"))
    windows = places(("C", 7, 13), ("C", 0, 6), ("C", 4, 10), ("C", 7, 13))
    windows = windows.assign(strand=["+", "+", "+", "-"])
    by_hand = ["011110", "110000", "000011", "011110"]

    for known in (windows, windows[1:3].drop(columns="circle")):
        features = read_features(path, {"gene": "gene"}, ["C"], None, circles_of(known))
        found = label_positions(known, features, 1, "any")
        assert ["".join(map(str, row)) for row in found] == [by_hand[row] for row in known.index]

    path.write_text(MARK.replace("10", "11") + GENE.format("C", 9, 12, "+"))
    with pytest.raises(InputError, match=r"f.gff:1: Is_circular=true gives C 11 bases, its seq"):
        read_features(path, {"gene": "gene"}, ["C"], None, circles_of(windows))


def test_counts_along_a_circle_begin_anew_at_the_origin():
    table = places(("C", 8, 12), ("C", 1, 5)).assign(strand=".")
    counts = split_counts(table, np.array(["train", "train"]))
    assert counts[["low", "high", "count"]].to_numpy().tolist() == [[0, 1, 1], [3, 4, 1]]


def test_a_bacterial_annotation_is_read_whole(data):
    """Case c06: 91 genes, one over the origin of a plasmid; each start against Biopython."""
    folder = data.parent / "cases/c06-circular-gff3"
    extraction = extract_regions(
        *(folder / "g.fna", folder / "g.gff"),
        **{"window": 100, "feature": "gene", "center": "start", "columns": {"id": "locus_tag"}},
        generator=np.random.default_rng(1),
    )
    with open(folder / "g.fna") as stream:
        genome = SeqIO.to_dict(SeqIO.parse(stream, "fasta"))
    genes = pd.read_csv(folder / "g.gff", sep="\t", comment="#", header=None)
    genes = genes[genes[2] == "gene"]
    assert len(extraction.candidates) == len(genes) == 91
    assert extraction.dropped.empty

    over = 0
    for letters, row in zip(sequences(extraction), genes.itertuples(index=False), strict=True):
        bases = len(genome[row[0]])
        turns = genome[row[0]].seq.upper() * 3
        first = bases + (row[3] - 1 - 50 if row[6] == "+" else row[4] - 50)
        cut = turns[first : first + 100]
        assert letters == str(cut if row[6] == "+" else cut.reverse_complement())
        over += row[4] > bases
    assert over == 1


def test_the_yeast_mitochondrion_does_not_depend_on_its_first_base(data, tmp_path):
    """Begun within a gene, the circle gives the same windows and labels."""
    folder = data / "yeast_chipexo"
    with gzip.open(folder / f"{YEAST}.dna.toplevel.fa.gz", "rt") as stream:
        mito = next(
            str(record.seq) for record in SeqIO.parse(stream, "fasta") if record.id == "Mito"
        )
    with gzip.open(folder / f"{YEAST}.96.gtf.gz", "rt") as stream:
        lines = [line.split("\t") for line in stream if line.startswith("Mito\t")]
    bases = len(mito)

    def read(turned):
        genome, genes = tmp_path / "mito.fa", tmp_path / "mito.gtf"
        genome.write_text(f">Mito\n{mito[turned:]}{mito[:turned]}\n")
        with open(genes, "w") as written:
            for line in lines:
                first = (int(line[3]) - 1 - turned) % bases
                last = first + int(line[4]) - int(line[3])
                written.write("\t".join([*line[:3], str(first + 1), str(last + 1), *line[5:]]))
        extraction = extract_regions(
            *(genome, genes),
            **{"feature": "gene", "window": 3000, "center": "start", "circular": ["Mito"]},
            **{"columns": {"id": "gene_id"}, "generator": np.random.default_rng(1)},
        )
        table = extraction.candidates
        features = read_features(genes, {"exon": "exon"}, ["Mito"], None, circles_of(table))
        return extraction, label_positions(table, features, 1)

    before, labels = read(0)
    after, turned_labels = read(68000)
    assert len(before.candidates) == 47
    assert set(before.dropped["reason"]) == {"same window as an earlier line"}
    assert len(before.candidates) + len(before.dropped) == 55
    assert (before.candidates["end"] > bases).any()
    assert (after.candidates["end"] > bases).sum() > 3
    assert before.candidates["id"].tolist() == after.candidates["id"].tolist()
    np.testing.assert_array_equal(before.letters, after.letters)
    np.testing.assert_array_equal(labels, turned_labels)
    np.testing.assert_allclose(before.candidates["gc"], after.candidates["gc"])

    first = before.candidates.iloc[0]
    assert first["start"] == (731 - 1 - 1500) % bases
    around = Seq(mito[first["start"] :] + mito[: first["end"] - bases])
    assert before.letters[0].tobytes().decode() == str(around)


def test_examples_say_how_long_their_circle_is(extract, tmp_path):
    for mark, more in [(MARK, ["circle"]), ("", [])]:
        extraction = extract(("C", 1, 2, "+"), ("L", 5, 6, "+"), center="end", mark=mark)
        paths = {name: tmp_path / name for name in ("letters", "candidates", "dropped", "files")}
        write_extraction(extraction, **paths)
        candidates = read_candidates(paths["candidates"])
        assert candidates.columns.tolist() == [*CANDIDATE_COLUMNS, *more]
        examples = join_labels(candidates, "per_position").examples
        assert examples.columns.tolist() == ["record", *CANDIDATE_COLUMNS, *more]
    assert circles_of(examples) == {}
