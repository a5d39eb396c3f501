import gzip

import numpy as np
import pandas as pd
import pytest

from basewise.core.errors import InputError
from basewise.examples.annotations import label_positions, read_features, write_positions
from basewise.examples.from_regions import extract_regions
from basewise.sequences.genome import read_aliases

YEAST = "Saccharomyces_cerevisiae.R64-1-1"


def windows(*spans):
    return pd.DataFrame(spans, columns=["chrom", "start", "end", "strand"])


def features(*spans):
    return pd.DataFrame(spans, columns=["chrom", "start", "end", "strand", "rank"])


def labels(table, of, classes=2, strand="same"):
    found = label_positions(table, of, classes, strand)
    assert found.dtype == np.uint8
    return ["".join(map(str, row)) for row in found]


def test_classes_by_hand():
    table = windows(
        ("I", 0, 8, "+"), ("I", 0, 8, "-"), ("I", 0, 8, "."), ("II", 3, 11, "-"), ("V", 0, 8, "+")
    )
    of = features(
        ("I", 1, 3, "+", 0),
        ("I", 2, 6, "+", 1),
        ("I", 5, 7, "-", 0),
        ("I", 7, 20, ".", 1),
        ("II", 0, 5, "-", 1),
        ("II", 4, 6, ".", 0),
    )
    assert labels(table, of) == ["01122202", "21100000", "01122112", "00000112", "00000000"]
    assert labels(table, of, strand="any") == [
        "01122112",
        "21122110",
        "01122112",
        "00000112",
        "00000000",
    ]


def test_features_of_gff_gtf_and_bed(tmp_path):
    line = 'chr1\tx\t{}\t{}\t{}\t.\t{}\t.\tgene_id "a";\n'
    gtf = tmp_path / "a.gtf"
    gtf.write_text(
        line.format("gene", 2, 9, "+")
        + line.format("exon", 3, 4, "-")
        + line.format("x", 1, 1, "+")
    )
    (tmp_path / "alias.tsv").write_text("chr1\tI\n")
    aliases = read_aliases(tmp_path / "alias.tsv")
    table = read_features(gtf, {"inside": "exon", "intron": "gene"}, ["I"], aliases)
    columns = ["chrom", "start", "end", "strand", "rank"]
    assert sorted(table[columns].itertuples(index=False, name=None)) == [
        ("I", 1, 9, "+", 1),
        ("I", 2, 4, "-", 0),
    ]
    bed = tmp_path / "a.bed"
    bed.write_text("I\t0\t5\texon\nI\t3\t4\tother\n")
    assert read_features(bed, {"a": "exon"}, ["I"])[columns].to_numpy().tolist() == [
        ["I", 0, 5, ".", 0]
    ]
    with pytest.raises(InputError, match="a.bed: holds no feature 'CDS'; there are exon, other"):
        read_features(bed, {"a": "exon", "b": "CDS"}, ["I"])
    with pytest.raises(
        InputError, match="a.gtf: has chromosomes chr1, none of which is among I; give"
    ):
        read_features(gtf, {"a": "exon"}, ["I"])


def test_written_positions_read_back(tmp_path):
    array = np.array([[0, 1, 1, 2], [0, 0, 0, 1]], dtype=np.uint8)
    write_positions(array, ["none", "a", "b"], tmp_path / "p.npy", tmp_path / "p.tsv")
    np.testing.assert_array_equal(np.load(tmp_path / "p.npy", allow_pickle=False), array)
    assert (tmp_path / "p.tsv").read_text() == (
        "class\tbases\tshare\nnone\t4\t0.5\na\t3\t0.375\nb\t1\t0.125\n"
    )


@pytest.mark.parametrize(
    ("classes", "center"),
    [({"coding": "CDS"}, "start"), ({"exon": "exon", "intron": "gene"}, "end")],
)
def test_yeast_genes_base_by_base(data, classes, center):
    """Against the lines of the GTF file."""
    folder = data / "yeast_chipexo"
    gtf = folder / f"{YEAST}.96.gtf.gz"
    examples = extract_regions(
        folder / f"{YEAST}.dna.toplevel.fa.gz",
        gtf,
        feature="gene",
        window=1000,
        center=center,
        generator=np.random.default_rng(1),
    ).candidates.sample(300, random_state=5)
    of = read_features(gtf, classes, examples["chrom"].unique().tolist())
    with gzip.open(gtf, "rt") as stream:
        rows = [line.split("\t") for line in stream if not line.startswith("#")]
    spans = {}
    for chrom, _, kind, first, last, _, sense, *_ in rows:
        spans.setdefault((chrom, kind), []).append((int(first) - 1, int(last), sense))
    for strand in ("same", "any"):
        found = label_positions(examples, of, len(classes), strand)
        assert len(np.unique(found)) == 1 + len(classes)
        for row, labels in zip(examples.itertuples(), found, strict=True):
            expected = dict.fromkeys(range(row.start, row.end), 0)
            for number, feature in reversed(list(enumerate(classes.values(), start=1))):
                for start, end, sense in spans[row.chrom, feature]:
                    if strand == "any" or sense == row.strand:
                        covered = range(max(start, row.start), min(end, row.end))
                        expected.update(dict.fromkeys(covered, number))
            order = sorted(expected, reverse=row.strand == "-")
            assert labels.tolist() == [expected[base] for base in order]


@pytest.mark.parametrize("names", [["none", "label"], ["label", "gene"]])
def test_a_class_may_not_have_the_name_of_all_classes(tmp_path, names):
    with pytest.raises(InputError, match="'label' is the name of all classes together; rename"):
        write_positions(np.zeros((1, 2), np.uint8), names, tmp_path / "a.npy", tmp_path / "b.tsv")
