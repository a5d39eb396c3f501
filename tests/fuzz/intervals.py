"""BED, narrowPeak, GFF and GTF, and tables of chromosome names."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pandas as pd
from fuzz.judging import Format
from fuzz.plain import lines_of, need
from fuzz.tables import plainly

from basewise.sequences.genome import open_genome, read_aliases, rename_chromosomes
from basewise.sequences.intervals import check_astray, read_intervals_of

LENGTHS = {"c1": 1000, "c2": 500, "3": 90}

GENOME = "".join(f">{name}\n{'A' * bases}\n" for name, bases in LENGTHS.items())

BED = "track name=x\n# two kinds\n" + "".join(
    f"{chrom}\t{start}\t{start + 40 + at}\tpeak{at}\t{at * 10}\t{'+-.'[at % 3]}\n"
    for at, (chrom, start) in enumerate(
        (chrom, start) for chrom in ("c1", "c2") for start in range(5, 450, 37)
    )
)

TITLED = "#chrom\tstart\tend\tstrand\tname\n" + "".join(
    f"c1\t{start}\t{start + 30}\t{'+-'[start % 2]}\tr{start}\n" for start in range(0, 900, 41)
)

PEAKS = "".join(
    f"c{1 + at % 2}\t{20 * at}\t{20 * at + 50}\tp{at}\t{at}\t.\t{at}.5\t3.1\t-1\t{at * 2}\n"
    for at in range(21)
)

GFF3 = (
    "##gff-version 3\n"
    + "".join(
        f"c1\tsrc\t{kind}\t{1 + 30 * at}\t{30 * at + 29}\t.\t{'+-'[at % 2]}\t.\t"
        f"ID={kind}{at};gene_name=n%20{at};Note=a%3Bb\n"
        for at in range(11)
        for kind in ("gene", "exon")
    )
    + "##FASTA\n>c1\nACGT\n"
)

GTF = "".join(
    f"c2\tsrc\t{kind}\t{1 + 20 * at}\t{20 * at + 19}\t.\t{'+-'[at % 2]}\t.\t"
    f'ID "{kind}{at}"; gene_name "n; {at}"; level 2;\n'
    for at in range(11)
    for kind in ("gene", "exon")
)

ALIASES = (
    "# ucsc\tensembl\tncbi\tlength\nchr1\tc1\tNC_1.1\t1000\nchr2\tc2\tNC_2.1\t1000\n"
    "chr3\t3\tNC_3.1\t90\nchrM\t\tNC_4.1\tna\n"
)

ASKED = ["chr1", "c1", "NC_1.1", "1000", "chr2", "NC_2.1", "c2", "chr3", "3", "90", "chrM", "x"]
"""Names that a file of regions may use."""

MOST_ASTRAY = 0.05


COLUMNS = ["line", "chrom", "start", "end", "name", "strand", "summit"]


def _reader(columns: Mapping[str, str | int] | None = None, feature: str | None = None) -> Any:
    def read(path: Path) -> list[tuple[Any, ...]]:
        with open_genome(path.with_name("genome.fa")) as genome:
            table = read_intervals_of(genome, path, None, columns, feature)
            check_astray(table, genome, path)
        table = table[table["astray"] == ""]
        return plainly(table[[*COLUMNS, *(columns or {})]])

    return read


def _data(content: bytes) -> list[tuple[int, list[str]]]:
    """Lines that are no comments, track lines or blank, in fields."""
    return [
        (line, text.split("\t"))
        for line, text in lines_of(content)
        if text.strip() and not re.match(r"#|(track|browser)(\s|$)", text)
    ]


def _whole(text: str) -> int:
    need(re.fullmatch("[0-9]{1,15}", text), f"no coordinate: {text!r}")
    return int(text)


def _strand(text: str) -> str:
    strand = {"": ".", "?": "."}.get(text.strip(), text.strip())
    need(strand in ("+", "-", "."), f"no strand: {text!r}")
    return strand


def _on_genome(rows: list[tuple[Any, ...]], taken: list[bool]) -> list[tuple[Any, ...]]:
    """Rows that are taken and lie on the genome; of those taken 5 % may not."""
    rows = [row for row, is_taken in zip(rows, taken, strict=True) if is_taken]
    need(rows, "no interval")
    lying = [row for row in rows if row[3] <= LENGTHS.get(row[1], 0)]
    need(len(rows) - len(lying) <= MOST_ASTRAY * len(rows), "too many off the genome")
    return lying


def _bed(files: Mapping[str, bytes]) -> list[tuple[Any, ...]]:
    """UCSC's BED, the fourth column being the name and the sixth the strand, unless titles say."""
    content = next(iter(files.values()))
    rows, is_peak = _data(content), "x.narrowPeak" in files
    titles = ["chrom", "start", "end", "name", "score", "strand"]
    for line, text in [
        *((line, "\t".join(values)) for line, values in rows[:1]),
        *lines_of(content)[:1],
    ]:
        first = text.removeprefix("#").split("\t")
        if [title.lower() for title in first[:3]] == ["chrom", "start", "end"]:
            titles = [title.lower() for title in first]
            rows = [row for row in rows if row[0] != line]
            need(len({len(values) for _, values in rows} | {len(titles)}) == 1, "widths differ")
            break
    found = []
    for line, values in rows:
        need(len(values) >= 3, f"line {line} is short")
        need(len(values) == len(rows[0][1]), f"line {line} has another width")
        need(len(values) >= 10 or not is_peak, f"line {line} is no narrowPeak")
        start, end = _whole(values[1]), _whole(values[2])
        need(start < end, "an empty interval")
        named = dict(reversed(list(zip(titles, values, strict=False))))
        summit = -1
        if is_peak:
            text = values[9].strip(" ") or "-1"
            need(re.fullmatch(r"[-+]?[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?", text), "no summit")
            need(float(text) % 1 == 0 and -1 <= float(text) < end - start, "no summit")
            summit = -1 if float(text) == -1 else start + int(float(text))
        name, strand = named.get("name", "").strip(), _strand(named.get("strand", "."))
        found.append((line, values[0], start, end, name, strand, summit))
    return _on_genome(found, [True] * len(found))


def _attribute(text: str, key: str) -> str:
    """A value of the ninth column: `key=value;` with codes such as %20, or `key "value";`."""
    rest = text.strip() if key in text else ""
    while rest:
        escaped = re.match(r'([^\s=;"]+)=([^;]*)(;|$)', rest)
        quoted = re.match(r'([^\s=;"]+)\s+"([^"]*)"\s*(;|$)', rest)
        bare = re.match(r'([^\s=;"]+)\s+([^;"\s][^;"]*)(;|$)', rest)
        part = escaped or quoted or bare or re.match("()([^;]*)(;|$)", rest)
        assert part
        need(part[1] or '"' not in part[2], f"quotes that do not match: {text!r}")
        need(part[1] or key not in part[2].split(), f"a key without a value: {text!r}")
        if part[1] == key:
            need("=" not in part[2] or not escaped, f"no attribute: {text!r}")
            # a blank that is written as %20 belongs to the value
            value = part[2] if quoted and not escaped else part[2].strip()
            return unquote(value) if escaped else value
        rest = rest[part.end() :].strip()
    return ""


def _annotation(files: Mapping[str, bytes]) -> list[tuple[Any, ...]]:
    """GFF3 and GTF; they count from 1, and the last base belongs to the feature."""
    (content,), found, taken = files.values(), [], []
    lines = [text for _, text in lines_of(content)]
    sequences = lines.index("##FASTA") + 1 if "##FASTA" in lines else len(lines) + 1
    for line, values in _data(content):
        if line >= sequences:
            break
        need(len(values) == 9, f"line {line} has {len(values)} columns")
        chrom, _, kind, start, end, _, strand, _, ninth = values
        first, last = _whole(start), _whole(end)
        need(1 <= first <= last, "no interval")
        identity, gene = _attribute(ninth, "ID"), _attribute(ninth, "gene_name")
        found.append((line, chrom, first - 1, last, identity, _strand(strand), -1, gene))
        taken.append(kind == "gene")
    need(any(row[-1] for row in found), "no line has the attribute that is asked for")
    return _on_genome(found, taken)


def _read_names(path: Path) -> list[str]:
    return rename_chromosomes(pd.Series(ASKED), LENGTHS, read_aliases(path)).tolist()


def _names(files: Mapping[str, bytes]) -> list[str]:
    """What the genome calls each name; a number on several lines is none."""
    no_name = ("", "-", ".", "na", "NA")
    of_line = [
        [name.strip() for name in text.lstrip("#").split("\t")]
        for _, text in lines_of(files["x.tsv"])
    ]
    lines: dict[str, set[int]] = {}
    for line, names in enumerate(of_line):
        for name in names:
            lines.setdefault(name, set()).add(line)
    for name, where in lines.items():
        need(name in no_name or name.isdigit() or len(where) == 1, f"{name!r} stands twice")
    known = {name for name, where in lines.items() if len(where) == 1 and name not in no_name}
    renamed = []
    for name in ASKED:
        others = of_line[min(lines[name])] if name in known else []
        same = [other for other in others if other in LENGTHS and other in known]
        need(name in LENGTHS or len(set(same)) < 2, f"{name} is two chromosomes of the genome")
        renamed.append(name if name in LENGTHS or not same else same[0])
    return renamed


GENES = {"gene": "gene_name"}

FORMATS = {
    "BED": Format([{"x.bed": BED}, {"x.bed": TITLED}], _reader(), _bed, {"genome.fa": GENOME}),
    "narrowPeak": Format([{"x.narrowPeak": PEAKS}], _reader(), _bed, {"genome.fa": GENOME}),
    "GFF, GTF": Format(
        [{"x.gff3": GFF3}, {"x.gtf": GTF}],
        _reader(GENES, "gene"),
        _annotation,
        {"genome.fa": GENOME},
    ),
    "aliases": Format([{"x.tsv": ALIASES}], _read_names, _names),
}
