"""Whatever a file holds, it gives the right intervals, names and labels, or one line of error."""

import csv
import io
import re
from urllib.parse import quote

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import schema

from basewise.core.errors import InputError
from basewise.examples.annotations import read_features
from basewise.examples.from_regions import extract_regions
from basewise.examples.labels import read_label_lines, read_label_table
from basewise.sequences.genome import open_genome, read_aliases
from basewise.sequences.intervals import read_intervals

COMPLEMENT = str.maketrans("ACGTRYN", "TGCAYRN")
LABELS = schema("labels")
CLASSES = {"a": "gene", "b": "exon"}


def read_genome(path):
    with open_genome(path) as genome:
        return {name: genome.letters(name).tobytes().decode("latin-1") for name in genome.names}


def cut(path, genome="genome.fa", window=4):
    generator = np.random.default_rng(1)
    return extract_regions(path.with_name(genome), path, window=window, generator=generator)


READERS = {
    "bed": read_intervals,
    "narrowPeak": read_intervals,
    "broadPeak": read_intervals,
    "gff3": lambda path: read_intervals(path, {"g": "gene_id"}),
    "gtf": lambda path: read_intervals(path, {"g": "gene_id"}, "gene"),
    "txt": lambda path: read_features(path, CLASSES, ["I"]),
    "regions": cut,
    "fa": read_genome,
    "alias": read_aliases,
    "tsv": lambda path: read_label_table(path, LABELS, "binary", {}),
    "csv": lambda path: read_label_table(path, LABELS, "regression", {"label": ["x", "y"]}),
    "labels": lambda path: read_label_lines(path, pd.DataFrame({"background": [False, False]})),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "genome.fa").write_text(">I\nACGTNACGTA\n>II\nTTGCA\n")
    return folder


def read(path, content, reader=None):
    """What the reader of the suffix returns; None where it refuses the file as it should."""
    path.write_bytes(content)
    try:
        return READERS[reader or path.suffix[1:]](path)
    except InputError as error:
        assert str(path) in str(error)
        assert len(str(error).splitlines()) == 1
        return None


# text, and what makes it a file

TOKENS = [
    *("I", "chrom", "gene", "0", "1", "5", "007", "9", "-1", "1.5", "1e1", "9" * 20, "٤", "+1"),
    *("+", "-", ".", "?", "*", "", " ", " 5", "x y", "#", "track", "é", "\x0b", "\u2028", "\x00"),
    *('gene_id "a;b"', "ID=x", "ID", '"', ";", "=", "%zz", "##FASTA", ">", ">I", "ACGT", "\t"),
]
NOISE = ["", " \t", "# c", "track x=1", "browser", "##FASTA", "chrom\tstart\tend\tstrand", ">I x"]
line_ends = st.sampled_from(["\n", "\r\n", "\r"])
marks = st.sampled_from(["", "\ufeff"])
chroms = st.sampled_from(["I", "II"])
strands = st.sampled_from("+-.")
names = st.sampled_from(["a", "b c", "1", "-", "é", "x;y=z"])


@st.composite
def lines(draw, *rows):
    """Lines of fields, most of them good; noise between them."""
    made, width = [], draw(st.integers(3, 12))
    for fields in draw(st.lists(st.one_of(*rows), max_size=4)):
        fields = list(fields)
        if draw(st.integers(0, 3)) == 0:
            fields[draw(st.integers(0, len(fields) - 1))] = draw(st.sampled_from(TOKENS))
        made += draw(st.lists(st.sampled_from(NOISE), max_size=1))
        other = draw(st.integers(0, 9)) == 0
        made.append("\t".join(fields[: width + other]))
    return made


def texts(*strategies):
    return st.tuples(*(each if hasattr(each, "map") else st.just(each) for each in strategies))


starts = st.integers(0, 6)
numbers = starts.map(str)
higher = st.integers(3, 9).map(str)
bed = texts(chroms, numbers, higher, names, "0", strands, "1", "2", "3", numbers)
gff = texts(chroms, "x", "gene", numbers, higher, ".", strands, "0", 'gene_id "a";')


def split_lines(content):
    return re.split("\r\n|\r|\n", content)


def summit_offset(text):
    """-1 where the column is empty, nan for what is no number; blanks around one do not matter."""
    if not text:
        return -1
    try:
        return float(text) if re.fullmatch(r" *[-+]?[0-9.e]+ *", text) else np.nan
    except ValueError:  # such as "." and "1e"
        return np.nan


def holds_peaks(rows):
    """Whether rows of ten columns can only be those of narrowPeak."""
    if any(len(fields) != 10 or fields[5] not in ("+", "-", ".", "") for fields in rows):
        return False
    numbers = [
        [summit_offset(fields[at]) if fields[at] else np.nan for at in (1, 2, 4, 6, 7, 8, 9)]
        for fields in rows
    ]
    inside = all(-1 <= row[6] < row[1] - row[0] and row[6] % 1 == 0 for row in numbers)
    thick = all(row[0] <= row[3] <= row[4] <= row[1] for row in numbers)
    return inside and not thick and not np.isnan(numbers).any()


def naive(path, content):
    """(line, chrom, start, end, strand, summit) by the rules of the format; None for an error."""
    if "\x00" in content:
        return None
    kind = path.suffix[1:]
    annotation = kind.startswith("g")
    every = split_lines(content.removeprefix("\ufeff"))
    if annotation and "##FASTA" in every:
        every = every[: every.index("##FASTA")]
    rows = [
        (number, line.split("\t"))
        for number, line in enumerate(every, start=1)
        if line.strip() and not line.startswith(("#", "track", "browser"))
    ]
    if annotation and not any("gene_id" in "".join(fields[8:9]) for _, fields in rows):
        return None  # the attribute that the test asks for
    at = {"start": 3, "end": 4, "strand": 6} if annotation else {"start": 1, "end": 2, "strand": 5}
    if not annotation and rows and [t.lower() for t in rows[0][1][:3]] == ["chrom", "start", "end"]:
        titles = [title.lower() for title in rows.pop(0)[1]]
        if rows and len(titles) != len(rows[0][1]):
            return None
        at["strand"] = titles.index("strand") if "strand" in titles else 99
    if kind in ("bed", "broadPeak") and rows and holds_peaks([fields for _, fields in rows]):
        kind = "narrowPeak"
    found, needed = [], {"bed": 3, "narrowPeak": 10}.get(kind, 9)
    for number, fields in rows:
        if len(fields) < needed or len(fields) != (9 if annotation else len(rows[0][1])):
            return None
        start, end = (fields[at[name]] for name in ("start", "end"))
        if not all(re.fullmatch("[0-9]{1,15}", text) for text in (start, end)):
            return None
        start, end = int(start) - annotation, int(end)
        strand = "".join(fields[at["strand"] : at["strand"] + 1]).strip()
        strand = {"": ".", "?": "."}.get(strand, strand)
        offset = summit_offset("".join(fields[9:10]) if kind == "narrowPeak" else "")
        if not 0 <= start < end or strand not in ("+", "-", "."):
            return None
        if not (-1 <= offset < end - start and offset % 1 == 0):
            return None
        found.append((number, fields[0], start, end, strand, start + offset if offset >= 0 else -1))
    return found or None


@pytest.mark.parametrize("suffix", ["bed", "narrowPeak", "broadPeak", "gff3"])
@settings(deadline=None, max_examples=150)
@given(data=st.data(), end=line_ends, mark=marks)
def test_near_valid_intervals_are_read_as_the_format_says(folder, suffix, data, end, mark):
    content = mark + end.join(data.draw(lines(gff if suffix == "gff3" else bed)))
    read_as_the_format_says(folder / f"near.{suffix}", content)


@pytest.mark.parametrize("token", [*TOKENS, "e", "1e", "-.5", "3.", "-0", "1_0", "nan"])
def test_a_summit_is_a_number_or_refused(folder, token):
    for end in (3, 7):
        row = f"I\t0\t{end}\ta\t0\t+\t1\t2\t3\t{token}"
        read_as_the_format_says(folder / "near.narrowPeak", row)


def read_as_the_format_says(path, content):
    table = read(path, content.encode())
    expected = naive(path, content)
    assert (table is None) == (expected is None)
    if table is not None:
        columns = ["line", "chrom", "start", "end", "strand", "summit"]
        assert list(table[columns].itertuples(index=False, name=None)) == expected


@pytest.mark.parametrize("reader", READERS)
@settings(deadline=None, max_examples=60)
@given(
    content=st.binary(max_size=40)
    | lines(bed, gff, texts("id", "label", "x,y", "1")).map(lambda made: "\n".join(made).encode())
)
def test_any_file_is_read_or_refused_in_one_line(folder, reader, content):
    read(folder / f"any.{reader}", content)


@settings(deadline=None, max_examples=60)
@given(
    content=st.binary(min_size=1, max_size=40),
    start=st.sampled_from([b"", b"\x1f\x8b", b"\x1f\x8b\x08\0"]),
)
def test_bytes_that_are_no_gzip_are_refused_in_one_line(folder, content, start):
    for reader in READERS:
        assert read(folder / f"any.{reader}.gz", start + content, reader) is None


@settings(deadline=None, max_examples=100)
@given(
    rows=st.lists(
        st.dictionaries(
            st.sampled_from(["ID", "gene_id", "note", "Note", "id", "tag"]),
            st.text('ab 1;=&,%"', max_size=5).map(str.strip),
            min_size=1,
        ),
        min_size=1,
        max_size=3,
    ),
    gap=st.sampled_from(["", " "]),
    end=line_ends,
)
def test_attributes(folder, rows, gap, end):
    keys = {
        key: key for row in rows for key, value in row.items() if value.replace('"', "").strip()
    }
    for suffix in ("gff", "gtf"):
        expected, text = [], ""
        for row in rows:
            if suffix == "gtf":
                row = {key: value.replace('"', "").strip() for key, value in row.items()}
                attributes = "".join(f'{key} "{value}";{gap}' for key, value in row.items())
            else:
                attributes = f";{gap}".join(f"{key}={quote(row[key])}" for key in row)
            text += f"I\tx\tgene\t1\t2\t.\t+\t.\t{attributes}{end}"
            expected.append([row.get(key, "") for key in keys])
        path = folder / f"attributes.{suffix}"
        path.write_bytes(text.encode())
        table = read_intervals(path, keys)
        assert table[list(keys)].to_numpy().tolist() == expected


sequence = st.text("ACGTacgtNRy", min_size=1, max_size=30)
pads = st.sampled_from(["", "", " ", "\t", " \n"])


@settings(deadline=None, max_examples=150)
@given(
    genome=st.dictionaries(st.sampled_from(["I", "II", "chr|1", "é"]), sequence, min_size=1),
    width=st.integers(1, 12),
    pad=pads,
    first=pads,
    end=st.sampled_from(["\n", "\r\n"]),
    mark=marks,
    last=st.booleans(),
)
def test_genomes(folder, genome, width, pad, first, end, mark, last):
    text = mark + first
    for name, letters in genome.items():
        wrapped = [letters[at : at + width] + pad for at in range(0, len(letters), width)]
        text += "\n".join([f">{pad.strip()}{name} of 1..x", *wrapped]) + "\n"
    content = (text if last else text.rstrip("\n")).replace("\n", end).encode()
    assert read(folder / "made.fa", content) == {
        name: letters.upper() for name, letters in genome.items()
    }


@settings(deadline=None, max_examples=150)
@given(
    letters=sequence,
    spans=st.lists(
        st.tuples(st.integers(0, 29), st.integers(1, 30), strands), min_size=1, max_size=5
    ),
    window=st.integers(1, 9),
    wrap=st.integers(1, 40),
)
def test_windows(folder, letters, spans, window, wrap):
    """Letters, places and dropped lines against slices of the chromosome."""
    folded = "\n".join(letters[at : at + wrap] for at in range(0, len(letters), wrap))
    (folder / "cut.fa").write_text(f">II\nACGT\n>I\n{folded}\n")
    path = folder / "cut.bed"
    text = "".join(f"I\t{at}\t{at + width}\t.\t0\t{sense}\n" for at, width, sense in spans)
    path.write_text(text)
    try:
        extraction = cut(path, "cut.fa", window)
    except InputError as error:
        extraction = None
        assert str(path) in str(error)
    chromosome, expected, dropped, seen = letters.upper(), [], [], set()
    for line, (at, width, sense) in enumerate(spans, start=1):
        if sense == "-":
            centre = at + width - 1 - width // 2
            start = centre + window // 2 - window + 1
        else:
            start = at + width // 2 - window // 2
        if start < 0 or start + window > len(letters) or start in seen:
            dropped.append(line)
            continue
        seen.add(start)
        found = chromosome[start : start + window]
        found = found[::-1].translate(COMPLEMENT) if sense == "-" else found
        expected.append((f"I:{start}-{start + window}", line, found))
    if any(at + width > len(letters) for at, width, _ in spans) or not expected:
        assert extraction is None
        return
    table = extraction.candidates
    found = [row.tobytes().decode() for row in extraction.letters]
    assert list(zip(table["id"], table["line"], found, strict=True)) == expected
    assert extraction.dropped["line"].tolist() == dropped


@settings(deadline=None, max_examples=100)
@given(
    rows=st.lists(
        st.lists(st.sampled_from(["I", "II", "chr1", "1", "500", "é", "a b", "-", ""]), max_size=4),
        max_size=4,
    ),
    head=st.sampled_from(["", "#", "# "]),
    pad=st.sampled_from(["", " "]),
    end=line_ends,
    mark=marks,
)
def test_aliases(folder, rows, head, pad, end, mark):
    """A name leads to the names of its line, unless it stands on several lines."""
    text = mark + head + end.join("\t".join(name + pad for name in row) for row in rows)
    aliases = read(folder / "made.alias", text.encode())
    aliases = aliases and aliases.names
    lines_of = {}
    for number, row in enumerate(rows):
        for name in set(row) - {"", "-"}:
            lines_of.setdefault(name, []).append(number)
    several = {name for name, of in lines_of.items() if len(of) > 1}
    assert (aliases is None) == any(not name.isdigit() for name in several)
    if aliases is not None:
        assert {name: set(others) - {""} for name, others in aliases.items()} == {
            name: set(rows[of[0]]) - {""} for name, of in lines_of.items() if name not in several
        }


@settings(deadline=None, max_examples=100)
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(["a", "b", "I:0-4", "a b", ""]),
            st.text('0x ,;"', max_size=3).map(str.strip),
            st.text('y\t"\n', max_size=3).map(str.strip),
        ),
        min_size=1,
        max_size=4,
    ),
    order=st.permutations(range(3)),
    delimiter=st.sampled_from("\t,;"),
    end=st.sampled_from(["\n", "\r\n"]),
    gap=st.sampled_from(["", "\n"]),
    mark=marks,
)
def test_label_tables(folder, rows, order, delimiter, end, gap, mark):
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator=end)
    first_lines = []
    for row in [("id", "label", "note"), *rows]:
        first_lines.append(stream.getvalue().count("\n") + 1)
        writer.writerow([row[column] for column in order])
        stream.write(gap)
    table = read(folder / "made.tsv", (mark + stream.getvalue()).encode())
    filled = [(row, at) for row, at in zip(rows, first_lines[1:], strict=True) if any(row)]
    ids = [row[0] for row, _ in filled]
    good = filled and len(set(ids)) == len(ids) and not {"", "a b"} & set(ids)
    assert (table is not None) == bool(good)
    if good:
        assert table[["id", "target.label", "line"]].fillna("").to_numpy().tolist() == [
            [row[0], row[1], at] for row, at in filled
        ]
