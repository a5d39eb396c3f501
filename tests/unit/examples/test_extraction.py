import gzip
import shutil

import numpy as np
import pandas as pd
import pytest
from pyfaidx import Fasta

from basewise.core.errors import InputError
from basewise.examples.candidates import write_extraction
from basewise.examples.from_regions import extract_regions
from basewise.store.arrays import read_array

YEAST = "Saccharomyces_cerevisiae.R64-1-1.dna.toplevel.fa.gz"

#          0123456789
GENOME = ">I first\nACGTA\nCCGGN\n>II\nTTTTTAAAAA\n"


@pytest.fixture
def genome(tmp_path):
    path = tmp_path / "genome.fa"
    path.write_text(GENOME)
    return path


def extract(genome, text, window, **settings):
    regions = genome.with_name("regions.bed")
    regions.write_text(text)
    settings.setdefault("generator", np.random.default_rng(1))
    return extract_regions(genome, regions, window=window, **settings)


def sequences(extraction):
    return [row.tobytes().decode() for row in extraction.letters]


def dropped(extraction):
    return extraction.dropped[["id", "source", "line", "reason"]].to_numpy().tolist()


def test_windows_are_cut_as_the_spec_says(genome):
    lines = ("I 0 4 . 0 .", "I 4 8 . 0 +", "I 5 9 . 0 .", "II 3 7 . 0 .", "I 6 10 . 0 -")
    extraction = extract(genome, "\n".join(lines).replace(" ", "\t"), 4)
    assert sequences(extraction) == ["ACGT", "ACCG", "CCGG", "TTAA", "NCCG"]
    table = extraction.candidates
    assert table["id"].tolist() == ["I:0-4", "I:4-8", "I:5-9", "II:3-7", "I:6-10"]
    assert table["group"].tolist() == ["I", "I", "I", "II", "I"]
    assert table["strand"].tolist() == [".", "+", ".", ".", "-"]
    assert table["gc"].tolist() == [0.5, 0.75, 1, 0, 1]
    assert table["unknown"].tolist() == [0, 0, 0, 0, 0.25]
    assert (table["line"].tolist(), set(table["source"])) == ([1, 2, 3, 4, 5], {"regions.bed"})
    assert not table["background"].any()
    assert extraction.dropped.empty


PEAKS = "II\t0\t9\tp\t3\t.\t4.5\t6\t4.2\t2\nII\t1\t10\tq\t9\t+\t1\t-1\t-1\t-1\n"


def test_windows_stand_on_summits_where_there_are_some(genome):
    for settings in ({}, {"center": "summit"}):
        extraction = extract(genome, PEAKS, 2, **settings)
        assert extraction.candidates["start"].tolist() == [1, 4]
        assert extraction.files.to_numpy().tolist() == [["regions.bed", "narrowPeak", 2, 1]]
    files = extract(genome, PEAKS, 2, center="midpoint").files
    assert files.to_numpy().tolist() == [["regions.bed", "narrowPeak", 2, 0]]
    files = extract(genome, PEAKS, 2, regions_format="bed").files
    assert files.to_numpy().tolist() == [["regions.bed", "bed", 2, 0]]


def test_the_files_of_classes_are_counted_apart(genome):
    for name, text in (("a.bed", PEAKS), ("b.bed", "II\t2\t9\nII\t3\t8\nII\t0\t2\n")):
        genome.with_name(name).write_text(text)
    both = {"x": genome.with_name("a.bed"), "y": genome.with_name("b.bed")}
    generator = np.random.default_rng(1)
    files = extract_regions(genome, both, window=3, generator=generator).files
    assert files.to_numpy().tolist() == [["a.bed", "narrowPeak", 2, 1], ["b.bed", "bed", 1, 0]]
    with pytest.raises(InputError, match="b.bed: is read as bed, which has no summits, and"):
        extract_regions(genome, both, window=3, generator=generator, center="summit")


@pytest.mark.parametrize(
    ("text", "settings", "message"),
    [
        ("II\t0\t9\n", {}, "is read as bed, which has no summits, and `center: summit` asks"),
        (PEAKS, {"regions_format": "bed"}, "is read as bed, which has no summits"),
        (PEAKS.replace("\t2\n", "\t-1\n"), {}, "is a narrowPeak whose column 10 names no summit"),
    ],
)
def test_summits_that_are_asked_for_have_to_be_there(genome, text, settings, message):
    with pytest.raises(InputError, match=f"regions.bed: {message}.*`center: midpoint`"):
        extract(genome, text, 2, center="summit", **settings)
    assert len(extract(genome, text, 2, **settings, center="midpoint").candidates)


def test_gff_under_another_name_needs_a_feature(genome):
    text = "##gff-version 3\nII\tx\tgene\t1\t9\t.\t-\t.\tID=g\n"
    with pytest.raises(InputError, match="regions.bed: is GFF or GTF; name the .* with `feature`"):
        extract(genome, text, 2)
    assert extract(genome, text, 2, feature="gene").candidates["end"].tolist() == [6]


def test_lower_case_is_read_as_upper_case_and_counted(genome):
    genome.write_text(">I\nACgta\nCCgg n\n")
    extraction = extract(genome, "I\t0\t4\t.\t0\t.\nI\t3\t7\t.\t0\t-\nI\t6\t10\t.\t0\t.\n", 4)
    assert sequences(extraction) == ["ACGT", "GGTA", "CGGN"]
    assert extraction.candidates["soft_masked"].tolist() == [0.5, 0.5, 0.75]


def test_centre_and_shift_reach_the_windows(genome):
    text = "I\t2\t8\t.\t0\t-\n"
    assert sequences(extract(genome, text, 3, center="start")) == ["CCG"]
    assert sequences(extract(genome, text, 3, center="end", shift=1)) == ["CGT"]


def test_what_leaves_the_chromosome_or_repeats_is_dropped_with_the_reason(genome):
    lines = ("I 1 2 . 0 .", "I 2 3 . 0 .", "I 8 9 . 0 .", "I 9 10 . 0 .", "I 1 4 . 0 .")
    extraction = extract(genome, "\n".join([*lines, "I 0 4 x 0 -"]).replace(" ", "\t"), 4)
    assert extraction.candidates["id"].tolist() == ["I:0-4", "I:6-10"]
    leaves, repeats = "the 4 bp window leaves the chromosome", "same window as an earlier line"
    assert dropped(extraction) == [
        ["I:-1-3", "regions.bed", 1, leaves],
        ["I:7-11", "regions.bed", 4, leaves],
        ["I:0-4", "regions.bed", 5, repeats],
        ["I:0-4", "regions.bed", 6, repeats],
    ]


def test_a_window_that_fits_no_chromosome_is_an_error(genome):
    with pytest.raises(
        InputError, match="regions.bed: no window of 11 bases is left: .* chromosomes has 10 bases"
    ):
        extract(genome, "I\t0\t4\n", 11)


def test_a_letter_that_is_no_base_is_named_by_its_place(genome):
    genome.write_text(GENOME.replace("CCGG", "C*GG"))
    with pytest.raises(InputError, match=r"genome.fa:3: '\*' at I:7 \(counted from 1\)"):
        extract(genome, "I\t4\t8\n", 4)


def test_lines_that_keep_leaves_out_are_listed(genome):
    text = "I\t0\t4\ta\nI\t4\t8\tb\n"
    extraction = extract(genome, text, 4, keep={"column": 4, "equals": "b"})
    assert extraction.candidates["id"].tolist() == ["I:4-8"]
    assert dropped(extraction) == [["a", "regions.bed", 1, "column 4 is not b"]]
    with pytest.raises(InputError, match="regions.bed: holds no region with 'c' in column 4"):
        extract(genome, text, 4, keep={"column": 4, "equals": "c"})
    numbers = text.replace("a", "1").replace("b", "2")
    assert len(extract(genome, numbers, 4, keep={"column": "name", "equals": 1}).candidates) == 1


def test_keep_takes_one_of_several_values(genome):
    text = "I\t0\t4\ta\nII\t0\t4\tb\nnone\t0\t4\tc\n"
    extraction = extract(genome, text, 4, keep={"column": 1, "equals": ["I", "II"]})
    assert extraction.candidates["id"].tolist() == ["I:0-4", "II:0-4"]
    assert dropped(extraction) == [["c", "regions.bed", 3, "column 1 is not I or II"]]


def test_a_few_lines_off_the_genome_are_left_out_and_listed(data, tmp_path):
    """One peak on a contig that is not listed."""
    folder = data.parent / "cases/c08-peaks-on-unlisted-contigs"
    peaks = extract_regions(
        *(folder / "g.fa", folder / "peaks.narrowPeak"),
        **{"window": 100, "generator": np.random.default_rng(1)},
    )
    assert len(peaks.candidates) == 80
    assert peaks.dropped["reason"].tolist() == ["its chromosome is not in the genome"]


@pytest.mark.parametrize(
    ("file", "settings"),
    [
        ("spt5.narrowPeak", {}),
        ("ENCFF000AAA.bed.gz", {}),
        ("spt5_lower.narrowpeak", {"center": "summit"}),
        ("spt5.narrowPeak.bed", {"center": "summit"}),
    ],
)
def test_summits_do_not_hang_on_the_name_of_a_file(data, file, settings):
    folder = data.parent / "cases/c03-narrowpeak-broadpeak-nfcore"
    found = extract_regions(
        *(folder / "genome.fa", folder / file),
        **{"window": 200, "generator": np.random.default_rng(1), "task": "regression"},
        aliases_path=folder / "alias.tsv",
        columns={"label": 7},
        **settings,
    ).candidates
    peaks = pd.read_csv(folder / "spt5.narrowPeak", sep="\t", header=None)
    middle = set(peaks[1] + peaks[9])
    assert len(found) == 30
    assert set(found["start"] + 100) <= middle


def test_columns_bring_ids_groups_and_labels(genome):
    text = "chrom\tstart\tend\tpeak\tkind\tset\nI\t0\t4\tp1\tA\tx\nII\t0\t4\tp2\tB\ty\n"
    columns = {"id": "peak", "group": 6, "label": "kind"}
    table = extract(genome, text, 4, task="multiclass", columns=columns).candidates
    assert table[["id", "group", "target.label"]].to_numpy().tolist() == [
        ["p1", "x", "A"],
        ["p2", "y", "B"],
    ]
    columns = {"label": ["kind", 6]}
    table = extract(genome, text, 4, task="multilabel", columns=columns).candidates
    assert table[["id", "target.kind", "target.column6"]].to_numpy().tolist() == [
        ["I:0-4", "A", "x"],
        ["II:0-4", "B", "y"],
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("I\t0\t4\ta\nI\t4\t8\ta\n", "regions.bed:2: the id 'a' stands on an earlier line"),
        ("I\t0\t4\ta\nI\t4\t8\t\n", "regions.bed:2: the id '' must be a name"),
        ("I\t0\t4\ta b\n", "regions.bed:1: the id 'a b' must be a name"),
        ("I\t0\t4\n", "regions.bed:1: has no column 4"),
    ],
)
def test_bad_ids_are_named(genome, text, message):
    with pytest.raises(InputError, match=message):
        extract(genome, text, 4, columns={"id": 4})


def test_one_file_a_class(genome, tmp_path):
    for name, text in (("a.bed", "I\t0\t4\nI\t4\t8\n"), ("b.bed", "II\t0\t4\nI\t1\t3\nI\t5\t7\n")):
        (tmp_path / name).write_text(text)
    files = {"A": tmp_path / "a.bed", "B": tmp_path / "b.bed"}
    generator = np.random.default_rng(1)
    extraction = extract_regions(genome, files, window=4, generator=generator)
    assert extraction.candidates[["id", "target.label", "source", "line"]].to_numpy().tolist() == [
        ["I:0-4", "A", "a.bed", 1],
        ["I:4-8", "A", "a.bed", 2],
        ["II:0-4", "B", "b.bed", 1],
    ]
    reason = "same window as an earlier line, with another label"
    assert dropped(extraction) == [
        ["I:0-4", "b.bed", 2, reason],
        ["I:4-8", "b.bed", 3, reason],
    ]


def test_a_line_without_a_label_does_not_hide_a_later_one_with_it(genome):
    text = "I\t0\t4\t\nI\t1\t3\t1\nI\t0\t4\t1\n"
    extraction = extract(genome, text, 4, columns={"label": 4})
    assert extraction.candidates["line"].tolist() == [2]
    assert [row[2:] for row in dropped(extraction)] == [
        [1, "the label is missing"],
        [3, "same window as an earlier line"],
    ]


def test_of_several_numbers_some_may_be_missing(genome):
    """As in tables; a line without any is left out, and of several classes each must be there."""
    text = "I\t0\t4\t1\t2\nI\t4\t8\t1\t\nII\t0\t4\t\t\n"
    lines = {
        task: extract(genome, text, 4, columns={"label": [4, 5]}, task=task).candidates["line"]
        for task in ("regression", "multilabel")
    }
    assert lines["regression"].tolist() == [1, 2]
    assert lines["multilabel"].tolist() == [1]


def test_excluded_intervals_touch_no_window(genome, tmp_path):
    (tmp_path / "black.bed").write_text("II\t4\t5\nchrI\t3\t4\nV\t1\t2\n")
    (tmp_path / "alias.tsv").write_text("chrI\tI\n")
    extraction = extract(
        genome,
        "I\t0\t4\nI\t4\t8\nII\t0\t4\nII\t1\t5\nII\t4\t8\nII\t5\t9\n",
        4,
        exclude=[tmp_path / "black.bed"],
        aliases_path=tmp_path / "alias.tsv",
    )
    assert extraction.candidates["id"].tolist() == ["I:4-8", "II:0-4", "II:5-9"]
    reason = "touches an interval of black.bed"
    assert dropped(extraction) == [
        ["I:0-4", "regions.bed", 1, reason],
        ["II:1-5", "regions.bed", 4, reason],
        ["II:4-8", "regions.bed", 5, reason],
    ]
    (tmp_path / "black.bed").write_text("V\t4\t5\n")
    with pytest.raises(
        InputError, match="black.bed: has chromosomes V, none of which is among I, II;"
    ):
        extract(genome, "I\t0\t4\n", 4, exclude=[tmp_path / "black.bed"])


def test_written_files_read_back(genome, tmp_path):
    extraction = extract(genome, "I\t0\t4\nI\t1\t2\nII\t2\t6\n", 4)
    paths = [tmp_path / name for name in ("l.npy", "c.parquet", "d.tsv")]
    write_extraction(extraction, *paths)
    np.testing.assert_array_equal(read_array(paths[0]), extraction.letters)
    table = pd.read_parquet(paths[1])
    assert table.columns.tolist() == [
        *("id", "chrom", "start", "end", "strand", "source", "line"),
        *("original_length", "gc", "unknown", "soft_masked", "group", "part", "background"),
    ]
    assert table["start"].tolist() == [0, 2]
    assert pd.read_csv(paths[2], sep="\t").to_numpy().tolist() == dropped(extraction)


def test_windows_equal_pyfaidx_on_the_yeast_genome(data, tmp_path):
    source = data / "yeast_chipexo" / YEAST
    plain = tmp_path / "yeast.fa"
    with gzip.open(source) as compressed, open(plain, "wb") as stream:
        shutil.copyfileobj(compressed, stream)
    peer = Fasta(str(plain))
    generator = np.random.default_rng(7)
    chroms = generator.choice(list(peer.keys()), 1000)
    starts = [int(generator.integers(len(peer[chrom]) - 200)) for chrom in chroms]
    strands = generator.choice(["+", "-"], 1000)
    lines = [
        f"{chrom}\t{start}\t{start + 200}\tx\t0\t{strand}\n"
        for chrom, start, strand in zip(chroms, starts, strands, strict=True)
    ]
    regions = tmp_path / "regions.bed"
    regions.write_text("".join(lines))
    extraction = extract_regions(source, regions, window=200, generator=generator)
    assert len(extraction.dropped) == 0
    for chrom, start, strand, found in zip(
        chroms, starts, strands, sequences(extraction), strict=True
    ):
        expected = peer[chrom][start : start + 200]
        assert found == str(expected if strand == "+" else expected.reverse.complement).upper()


def test_original_peaks_and_renamed_peaks_give_the_same_windows(data):
    folder = data / "yeast_chipexo"
    settings = {"window": 200, "generator": np.random.default_rng(1)}
    original = extract_regions(
        folder / YEAST,
        folder / "peaks_original" / "Abf1_CX.bed",
        aliases_path=folder / "chrom_alias.tsv",
        **settings,
    )
    renamed = extract_regions(
        folder / YEAST,
        folder / "derived" / "tf_peaks.ensembl_names.bed",
        keep={"column": 4, "equals": "Abf1"},
        **settings,
    )
    letters = [
        dict(zip(each.candidates["id"], sequences(each), strict=True))
        for each in (original, renamed)
    ]
    assert len(letters[0]) == len(original.letters) > 700
    assert letters[0] == letters[1]


def test_the_exclusion_list_of_the_yeast_peaks(data):
    """A window is dropped if and only if it touches one of the list, compared base by base."""
    folder = data / "yeast_chipexo"
    excluded = folder / "peaks_original" / "ChExMix_Peak_Filter_List_190612.bed"
    settings = {"window": 500, "generator": np.random.default_rng(1)}
    settings["aliases_path"] = folder / "chrom_alias.tsv"
    peaks = folder / "peaks_original" / "Sua7_CX.bed"
    every = extract_regions(folder / YEAST, peaks, **settings).candidates
    left = extract_regions(folder / YEAST, peaks, exclude=[excluded], **settings)
    alias = pd.read_csv(folder / "chrom_alias.tsv", sep="\t")
    names = pd.concat([alias.set_index(kind)["ensembl"] for kind in ("rossi", "ucsc")])
    black = pd.read_csv(excluded, sep="\t", header=None, usecols=[0, 1, 2])
    touched = {chrom: np.zeros(1_600_000, dtype=bool) for chrom in names}
    for chrom, start, end in black[black[0].isin(names.index)].itertuples(index=False):
        touched[names[chrom]][start:end] = True
    free = [
        row.id for row in every.itertuples() if not touched[row.chrom][row.start : row.end].any()
    ]
    assert left.candidates["id"].tolist() == free
    assert 0 < len(free) < len(every)
    reasons = left.dropped["reason"].value_counts()
    touches = "touches an interval of ChExMix_Peak_Filter_List_190612.bed"
    assert reasons[touches] >= len(every) - len(free)
