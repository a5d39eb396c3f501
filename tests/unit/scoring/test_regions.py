"""Scores of windows of a genome."""

import gzip

import numpy as np
import pandas as pd
import pytest
from made_bundles import made_letters, make_bundle, make_results

from basewise.core.errors import InputError
from basewise.scoring.checking import check_bundle
from basewise.scoring.new_regions import open_regions
from basewise.scoring.scored_files import NewExamples
from basewise.sequences.alphabet import complement_letters
from basewise.store.tables import EXAMPLE_COLUMNS, write_parquet

LENGTH = 20


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    """Of a k-mer model whose training windows are 0-20, 20-40, ... of a chromosome."""
    folder = tmp_path_factory.mktemp("regions")
    sources = make_results(folder, runs=[(0, 1)], letters=made_letters(length=LENGTH))
    start = np.arange(120) * LENGTH
    places = {"id": [f"e{row}" for row in range(120)], "chrom": "I"}
    examples = pd.DataFrame({**places, "start": start, "end": start + LENGTH})
    write_parquet(examples.reindex(columns=EXAMPLE_COLUMNS), folder / "examples.parquet")
    make_bundle(folder / "b.zip", sources, window=LENGTH, center=None, shift=0)
    return folder / "b.zip"


@pytest.fixture(scope="module")
def genome(tmp_path_factory):
    """The chromosome of the training, another one, and a small circle, in gzip."""
    path = tmp_path_factory.mktemp("genome") / "g.fa.gz"
    draws = np.random.default_rng(8)
    others = {name: "".join(draws.choice(list("ACGT"), size)) for name, size in SIZES.items()}
    chromosomes = {"I": made_letters(length=LENGTH).tobytes().decode(), **others}
    path.write_bytes(
        gzip.compress("".join(f">{n}\n{s}\n" for n, s in chromosomes.items()).encode())
    )
    return path, chromosomes


SIZES = {"II": 500, "Mito": 60}


def regions_of(path, rows):
    path.write_text("".join("\t".join(map(str, row)) + "\n" for row in rows))
    return path


def blocks_of(contract, path, genome, **reading):
    blocks = list(open_regions(path, contract, genome=genome, **reading)())
    letters = iter(row.tobytes().decode() for block in blocks for row in block.letters)
    table = pd.concat([block.table for block in blocks], ignore_index=True)
    return table.assign(sequence=[next(letters) if not why else "." for why in table["reason"]])


@pytest.mark.parametrize("length", [20, 21])
def test_windows_of_the_case(length, bundle, data):
    folder = data.parent / "cases/v33-strand-and-centre-of-regions"
    contract = check_bundle(bundle).contract._replace(length=length)
    table = blocks_of(contract, folder / "six.bed", folder / "g.fa")
    expected = pd.read_csv(folder / "windows_regions.tsv", sep="\t", dtype={"strand": str})
    expected = expected[expected["length"] == length].reset_index(drop=True)
    assert table["id"].tolist() == expected["name"].tolist()
    for column in ("start", "end", "strand", "sequence"):
        assert table[column].tolist() == expected[column].tolist()
    assert table["reason"].tolist() == ["", "", "", "", "", "edge", ""]

    on_plus = blocks_of(contract, folder / "three.bed", folder / "g.fa")
    assert on_plus["sequence"][1] == on_plus["sequence"][0] == expected["sequence"][0]
    assert (on_plus["strand"] == ".").all()
    assert on_plus["id"][0] == f"chr1:{expected['start'][0]}-{expected['end'][0]}"


def test_center_and_shift_are_those_of_the_training(bundle, data, tmp_path):
    folder = data.parent / "cases/v33-strand-and-centre-of-regions"
    asked = {"center": "start", "shift": 3}
    contract = check_bundle(bundle).contract._replace(window=asked)
    table = blocks_of(contract, folder / "six.bed", folder / "g.fa")
    # 10 bases before the first base of the region along its strand, moved 3 downstream
    assert table["start"].tolist()[:2] == [40 + 3 - 10, 71 - 3 - 10]

    contract = contract._replace(window={"center": "summit", "shift": 0})
    with pytest.raises(InputError, match="six.bed:1: the model was .* summits, and 6 of 7 regions"):
        blocks_of(contract, folder / "six.bed", folder / "g.fa")
    one_base = regions_of(tmp_path / "one.bed", [["chr1", 60, 61]])
    assert blocks_of(contract, one_base, folder / "g.fa")["start"].tolist() == [50]


def test_scores_of_windows_are_those_of_their_sequences(bundle, genome, tmp_path):
    path, chromosomes = genome
    rows = [
        ["II", 100, 101, "one", 0, "+"],
        ["II", 200, 201, "two", 0, "-"],
        ["II", 3, 4, "end", 0, "+"],
    ]
    new = {"form": "regions", "genome": path}
    table = NewExamples(bundle, regions_of(tmp_path / "r.bed", rows), **new).table()
    assert table.columns.tolist()[:7] == [
        "row",
        "id",
        "chrom",
        "start",
        "end",
        "strand",
        "score.label",
    ]
    assert table["reason"].tolist() == ["", "", "edge"]
    assert table["score.label"].notna().tolist() == [True, True, False]
    assert table["start"].tolist() == [90, 191, -7]

    turned = np.frombuffer(chromosomes["II"][191:211].encode(), np.uint8)[None]
    turned = complement_letters(turned)[0].tobytes().decode()
    (tmp_path / "new.fa").write_text(f">one\n{chromosomes['II'][90:110]}\n>two\n{turned}\n")
    of_fasta = NewExamples(bundle, tmp_path / "new.fa", form="sequences").table()
    assert of_fasta["score.label"].tolist() == table["score.label"].tolist()[:2]


def test_windows_that_share_bases_with_the_training_are_told(bundle, genome, tmp_path):
    rows = [["I", 10, 11], ["I", 15, 16], ["II", 15, 16], ["I", 230, 231]]
    reading = {"form": "regions", "genome": genome[0]}
    table = NewExamples(bundle, regions_of(tmp_path / "r.bed", rows), **reading).table()
    # windows 0-20, 5-25, 5-25 of another chromosome, and 220-240, which was a test example
    assert table["seen_as"].tolist() == ["exact", "overlap", "", ""]
    assert table["partner"].tolist() == ["e0", "e1", "", ""]
    assert table["flags"].str.contains("seen in training").tolist() == [True, True, False, False]


def test_circles_are_read_around_the_origin(bundle, genome, tmp_path):
    path, chromosomes = genome
    contract = check_bundle(bundle).contract
    near_origin = regions_of(tmp_path / "r.bed", [["Mito", 2, 3], ["Mito", 30, 31]])
    assert blocks_of(contract, near_origin, path)["reason"].tolist() == ["edge", ""]
    table = blocks_of(contract, near_origin, path, circular=["Mito"])
    assert table["sequence"][0] == chromosomes["Mito"][-8:] + chromosomes["Mito"][:12]


def test_a_model_that_knows_padding_scores_the_edge(bundle, genome, tmp_path):
    path, chromosomes = genome
    contract = check_bundle(bundle).contract._replace(lengths={"policy": "pad", "side": "center"})
    rows = [["II", 2, 3, "a", 0, "+"], ["II", 496, 497, "b", 0, "-"], ["II", 250, 251, "c", 0, "+"]]
    regions = regions_of(tmp_path / "r.bed", rows)
    table = blocks_of(contract, regions, path)
    assert table["sequence"][0] == "--------" + chromosomes["II"][:12]
    assert table["sequence"][1].startswith("-----") and table["sequence"][1].count("-") == 7
    (block,) = open_regions(regions, contract, genome=path)()
    assert block.changed.tolist() == ["edge; padded", "edge; padded", ""]


def test_files_that_do_not_fit_are_refused(bundle, genome, tmp_path):
    contract = check_bundle(bundle).contract
    path = genome[0]
    foreign = regions_of(tmp_path / "r.bed", [["chrII", 100, 101], ["II", 100, 101]])
    with pytest.raises(InputError, match=r"r.bed:1: 1 of 2 lines lie on chromosomes .* `aliases`$"):
        blocks_of(contract, foreign, path)
    (tmp_path / "names.tsv").write_text("chrII\tII\n")
    table = blocks_of(contract, foreign, path, aliases=tmp_path / "names.tsv")
    assert table["chrom"].tolist() == ["II", "II"]
    edges = regions_of(tmp_path / "e.bed", [["II", 1, 2]])
    with pytest.raises(InputError, match="no window of 20 bases that can be scored: edge"):
        blocks_of(contract, edges, path)
    with pytest.raises(InputError, match="a model of protein reads no windows"):
        blocks_of(contract._replace(alphabet="protein"), edges, path)
    gff = tmp_path / "g.gff3"
    gff.write_text("II\t.\tgene\t101\t101\t.\t+\t.\tID=a\nII\t.\texon\t1\t4\t.\t+\t.\tID=b\n")
    with pytest.raises(InputError, match="name the type of line to take with `feature`"):
        blocks_of(contract, gff, path)
    assert blocks_of(contract, gff, path, feature="gene")["id"].tolist() == ["a"]
