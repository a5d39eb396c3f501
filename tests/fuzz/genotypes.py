"""Genotypes: VCF, HapMap, tables of dosages with their maps, and PLINK."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from fuzz.judging import Format
from fuzz.plain import (
    column,
    cut,
    known,
    lines_of,
    need,
    numbered,
    position,
    separator,
    table,
    titles_among,
    unique,
    without_comments,
)
from fuzz.tables import plainly

from basewise.genotypes.calls import Genotypes
from basewise.genotypes.dosage_tables import read_marker_map
from basewise.genotypes.reading import read_genotypes

VCF = """\
##fileformat=VCFv4.2
##contig=<ID=1,length=1000>
##INFO=<ID=DP,Number=1,Type=Integer,Description="Depth">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=AD,Number=.,Type=Integer,Description="Depth of each allele">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ti1\ti2\ti3\ti4
1\t100\trs1\tA\tC\t50\tPASS\tDP=3\tGT\t0/0\t0/1\t1|1\t./.
1\t200\t.\tG\tT,A\t.\t.\t.\tGT:AD\t0/1:3,1\t1/2:4,.\t2|2\t.
X\t300\tm3\tt\tc\t.\t.\t.\tGT\t0\t1\t0/1\t1
1\t400\trs4\tAT\tA,*\t3.5\tq10\t.\tGT\t0/0\t1/2\t2/2\t0/1
1\t500\trs5\tC\t.\t.\t.\t.\tGT\t0/0\t0/0\t./0\t0/0
1\t600\trs1\tC\tG\t.\t.\t.\tGT:AD\t1/1:0,9\t0/0:9,0\t0/1:4,4\t./1:0,3
"""

HAPMAP_FRONT = "rs#\talleles\tchrom\tpos\tstrand\tassembly#\tcenter\tprotLSID\tassayLSID\tpanel\tQC"

BESIDE = "\t+\tNA\tNA\tNA\tNA\tNA\tNA\t"

HAPMAP = f"""\
{HAPMAP_FRONT}\ti1\ti2\ti3\ti4
m1\tA/C\t1\t100{BESIDE}AA\tAC\tCC\tNN
m2\tG/T\t1\t200{BESIDE}TT\tGT\tGG\tTT
m3\tA/G\t2\t50{BESIDE}AA\tAA\tTT\tAT
m4\t+/-\t2\t60{BESIDE}++\t+-\t--\tNN
m5\tNA\t3\t10{BESIDE}AC\tGG\tTT\tAA
"""

HAPMAP_LETTERS = f"""\
{HAPMAP_FRONT.replace("rs#", "rs")}\ti1\ti2\ti3
m1\tA/C\t1\t100{BESIDE}A\tM\tC
m2\tG/T\t1\t0{BESIDE}T\tN\tG
m3\t+/-\tX\t7{BESIDE}+\t0\t-
"""

DOSAGES = "id,m1,m2,m3,m4\ni1,0,1,2,0\ni2,2,2,NA,1\ni3,1,0,0,-9\ni4,0,1,2,2\n"

DOSAGES_OF_R = '"m1" "m2" "m3"\n"i1" 0 1 2\n"i2" NA 2 1\n"i3" 1 1 0\n"i4" 2 0 1\n'

NUMBERED = "id\tm1\tm2\n1\ti1\t0\t1\n2\ti2\t2\t1\n3\ti3\t1\tNA\n"

COLUMNS = "marker;i1;i2;i3\nm1;0;1;1\nm2;1;.;0\nm3;0;0;1\nm4;1;1;0\n"

MAP = "SNP\tChromosome\tPosition\tnote\nm1\t1\t100\tx\nm2\tchrX\t2147483647\ty\nm3\t0\t0\tz\n"

FAM = "f1 i1 0 0 1 -9\nf1 i2 0 0 2 1.5\nf2 i3 i1 i2 1 2\n0 i4 0 0 0 NA\nf3 i5 0 0 1 1\n"

BIM = "1\tm1\t0\t100\tA\tC\n1\tm2\t0.5\t200\tT\tG\nX\t.\t0\t300\t0\tG\n0\tm4\t0\t0\tAT\tA\n"

BED = bytes([0x6C, 0x1B, 1, 0b11100100, 0b11, 0b00011011, 0b10, 0b11111011, 1, 0b01001110, 0])

FIXED = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT"]

IUPAC = {"R": "AG", "Y": "CT", "S": "CG", "W": "AT", "K": "GT", "M": "AC", "0": "+-"}

Meaning = tuple[Any, ...]


def _read(path: Path) -> Meaning:
    individuals = "columns" if path.name.startswith("columns") else "rows"
    genotypes: Genotypes = read_genotypes(path, individuals=individuals)
    return (
        plainly(genotypes.individuals[["id", "group"]]),
        plainly(genotypes.markers[["marker", "chrom", "position", "A", "a"]]),
        [row.tobytes().decode() for row in genotypes.letters],
        genotypes.dropped["marker"].tolist(),
    )


def _meaning(
    ids: Sequence[str],
    markers: Sequence[tuple[Any, ...]],
    letters: Sequence[str],
    dropped: Sequence[str] = (),
    groups: Sequence[str | None] | None = None,
) -> Meaning:
    """Markers and their letters, one after the other, as individuals and their letters."""
    need(ids and all(ids), "an individual without a name")
    need(markers, "no marker")
    unique(ids)
    names = [marker[0] for marker in markers]
    while len(set(names)) < len(names):
        names = numbered(names)
    return (
        list(zip(ids, groups or [None] * len(ids), strict=True)),
        [(name, *marker[1:]) for name, marker in zip(names, markers, strict=True)],
        ["".join(row) for row in zip(*letters, strict=True)],
        list(dropped),
    )


def _vcf(files: Mapping[str, bytes]) -> Meaning:
    """VCF 4.3: of each record the alleles of ALT, one by one."""
    lines = (line for _, line in lines_of(files["x.vcf"]))
    line = next(lines, "")
    need(re.fullmatch(r"##fileformat=VCFv\d+\.\d+\s*", line), "no version")
    while line.startswith("##"):
        line = next(lines, "")
    titles = line.split("\t")
    need(titles[:9] == FIXED and len(titles) > 9, "no titles")

    markers, letters, dropped = [], [], []
    for line in lines:
        fields = line.split("\t")
        need(len(fields) == len(titles), "a record of another width")
        need(all(fields[:5]), "an empty field")
        chrom, place, name, ref, alt, *_ = fields
        need(re.fullmatch("[0-9]+", place) and int(place) < 2**31, f"no position: {place!r}")
        need(re.fullmatch("[ACGTRYSWKMBDHVNI]+", ref, re.I), f"no bases: {ref!r}")
        alts = [] if alt == "." else alt.split(",")
        for allele in alts:
            # I and D are how arrays name indels, a point at an end is a breakend
            bases = re.fullmatch(r"\.?[ACGTRYSWKMBDHVNI]+\.?|\*|<[^<>]+>", allele, re.I)
            need(bases or re.search(r"[\[\]]", allele), f"no allele: {allele!r}")
        keys = fields[8].split(":")
        need(keys.count("GT") == 1, f"no GT: {fields[8]!r}")
        need(all(re.fullmatch("[A-Za-z_][A-Za-z0-9_.]*", key) for key in keys), "no FORMAT")
        calls = [_call(field, keys, len(alts)) for field in fields[9:]]
        for nth, allele in enumerate(alts or ["."], 1):
            title = name if name != "." else f"{chrom}:{int(place)}:{ref}:{allele}"
            title = f"{name}:{allele}" if name != "." and len(alts) > 1 else title
            if allele in (".", "*", "<*>", "<NON_REF>", "<X>"):
                dropped.append(title)
                continue
            markers.append((title, chrom, int(place), ref.upper(), allele.upper()))
            letters.append("".join(_copies(call, nth) for call in calls))
    return _meaning(titles[9:], markers, letters, dropped)


def _call(field: str, keys: Sequence[str], alts: int) -> list[int | None]:
    """Alleles of a genotype, None where it is unknown."""
    values = field.split(":")
    need(len(values) <= len(keys), f"more values than keys: {field!r}")
    values += ["."] * (len(keys) - len(values))
    genotype = values[keys.index("GT")]
    need(re.fullmatch(r"(\.|[0-9]+)([/|](\.|[0-9]+))?", genotype), f"no genotype: {genotype!r}")
    alleles = [None if text == "." else int(text) for text in re.split("[/|]", genotype)]
    need(all((allele or 0) <= alts for allele in alleles), f"no such allele: {genotype!r}")
    return alleles


def _copies(alleles: Sequence[int | None], wanted: int) -> str:
    if None in alleles:
        return "."
    return str(sum(allele == wanted for allele in alleles) * 2 // len(alleles))


def _rows(lines: Sequence[str], sign: str | None) -> list[list[str]]:
    """Rows of values, in quotes or not, without comments."""
    titles, *below = lines
    rows = without_comments(below)
    width = len(_values(rows[0], sign))
    for comment in set(below) - set(rows):
        need(len(cut(comment, sign)) != width, "a comment, or a row")
    return [_values(line, sign) for line in [titles, *rows]]


def _values(line: str, sign: str | None) -> list[str]:
    if sign is None:
        separator, rest = " +" if '"' in line else r"\s+", line.strip()
    else:
        separator, rest = re.escape(sign), line
    values = []
    while True:
        quoted = re.match(rf' *"((?:[^"]|"")*)"(?={separator}|$)', rest)
        plain = re.match(rf"(?:(?!{separator}).)*", rest)
        assert plain
        need(quoted or not plain[0].lstrip().startswith('"'), f"quotes do not match: {line!r}")
        values.append((quoted[1].replace('""', '"') if quoted else plain[0]).strip())
        rest = rest[(quoted or plain).end() :]
        following = re.match(separator, rest)
        if not following:
            return values
        rest = rest[following.end() :]


def _hapmap(files: Mapping[str, bytes]) -> Meaning:
    """HapMap text, of two letters a genotype or of one, as TASSEL has it."""
    lines = [line for number, line in lines_of(files["x.hmp.txt"]) if line.strip() or number == 1]
    titles, *rows = [_values(line, separator(lines[0])) for line in lines] if lines else [[""]]
    titles = titles[1:] if titles[0] == "" else titles
    lower = [title.lower() for title in titles]
    need(lower[:1] in (["rs#"], ["rs"], ["rs."]), "no HapMap")
    need(lower[1:4] == ["alleles", "chrom", "pos"] and len(titles) > 11, "no HapMap")

    markers, letters, dropped = [], [], []
    for row in rows:
        need(len(row) == len(rows[0]), "a row of another width")
        need(len(row) - len(titles) in (0, 1), "a row of another width")
        values = row[len(row) - len(titles) :]
        name, listed, chrom, place = values[:4]
        where = None if chrom == "0" else known(chrom), position(place)
        title = name if known(name) and name != "0" else f"{where[0] or '?'}:{where[1] or '?'}"
        alleles, calls = _alleles(listed, [value.upper() for value in values[11:]])
        if len(alleles) > 2:
            dropped.append(title)
            continue
        markers.append((title, *where, *[*alleles, None, None][:2]))
        letters.append(
            "".join("." if not call else str(sum(x != alleles[0] for x in call)) for call in calls)
        )
    return _meaning(titles[11:], markers, letters, dropped)


def _alleles(text: str, values: Sequence[str]) -> tuple[list[str], list[str]]:
    """The sorted alleles of a row, and of each genotype its two, none where it is unknown."""
    listed = set() if text.upper() in ("NA", "N/A") else set(text.upper().split("/"))
    is_indel = listed == {"+", "-"}
    listed -= set() if is_indel else {"", "N", "-", "."}
    letters = "+-" if is_indel else "ACGT"
    need(listed <= set(letters), f"no alleles: {text!r}")
    half = [pair for base in "ACGT" for pair in (f"{base}N", f"N{base}")]
    missing = {"", "N", "NN", ".", "./.", *half, *([] if is_indel else ["-", "--"])}
    calls = []
    for value in values:
        call = IUPAC.get(value, 2 * value if len(value) == 1 else value)
        need(value in missing or (len(call) == 2 and set(call) <= set(letters)), f"{value!r}")
        calls.append("" if value in missing else call)
    widths = {len(value) for value, call in zip(values, calls, strict=True) if call}
    need(len(widths) < 2, "one letter and two")
    present = set("".join(calls))
    is_listed = len(listed) <= 2 and present <= listed
    return sorted(listed if is_listed else present), calls


def _dosage(text: str) -> str | None:
    """0, 1 or 2, and a point for what is missing; None for what is neither."""
    if re.fullmatch(r"[012](\.0*)?", text):
        return text[0]
    is_code = known(text) is None or re.fullmatch(r"-9(\.0*)?([eE][-+]?0+)?", text)
    return "." if is_code else None


def _dosages(files: Mapping[str, bytes]) -> Meaning:
    """A table of 0, 1 and 2, whose titles may lack that of the names, or of numbers before them."""
    ((file, content),) = files.items()
    lines = [line for _, line in lines_of(content) if line.strip()]
    top, *lines = lines[titles_among(lines) :] if lines else [""]
    need(lines, "no row")
    sign = separator(top.removeprefix("#"), without_comments(lines)[0])
    titles, *rows = _rows([top.removeprefix("#"), *lines], sign)
    wider = len(rows[0]) - len(titles)
    need(wider in (0, 1), "titles of another width")
    need(all(len(row) == len(rows[0]) for row in rows), "a row of another width")
    skip = 1
    if wider == 0:
        titles = titles[1:]
    elif len(titles) > 1:
        second = [row[1] for row in rows]
        is_named = titles[0].lower() in (
            *("taxa", "taxon", "id", "iid", "name", "line", "individual", "sample", "marker"),
        )
        numbers = all(_dosage(text) or re.fullmatch(r"[-+.0-9]*", text) for text in second)
        if not all(map(_dosage, second)) and (is_named or not numbers):
            titles, skip = titles[1:], 2
    need(titles and all(titles), "a title lacks")
    need(
        len(set(titles)) == len(titles) or not all(map(_dosage, titles)),
        "values in place of titles",
    )
    names = [row[skip - 1] for row in rows]
    values = [[_dosage(text) for text in row[skip:]] for row in rows]
    need(all(None not in row for row in values), "no number of copies")
    if "2" not in {letter for row in values for letter in row}:
        values = [["2" if letter == "1" else letter for letter in row] for row in values]
    if not file.startswith("columns"):
        values = [list(column) for column in zip(*values, strict=True)]
        names, titles = titles, names
    markers = [(name, None, None, None, None) for name in names]
    return _meaning(titles, markers, ["".join(map(str, row)) for row in values])


def _read_map(path: Path) -> list[tuple[Any, ...]]:
    return plainly(read_marker_map(path))


def _map(files: Mapping[str, bytes]) -> list[tuple[Any, ...]]:
    titles, rows = table(files["map.tsv"])
    columns = [
        column(titles, "marker", "snp", "rs", "name", "id"),
        column(titles, "chrom", "chromosome", "chr"),
        column(titles, "position", "pos", "bp"),
    ]
    read = [[values[place] for place in columns] for _, values in rows]
    unique([name for name, _, _ in read])
    return [
        (name, None if chrom == "0" else known(chrom), position(place))
        for name, chrom, place in read
    ]


def _columns(content: bytes) -> list[list[str]]:
    rows = [line.split() for _, line in lines_of(content) if line.strip()]
    need(rows and all(len(row) == 6 for row in rows), "six columns")
    return rows


def _plink(files: Mapping[str, bytes]) -> Meaning:
    """PLINK 1's binary set: two bits a genotype, marker by marker, the first in the lowest bits."""
    fam, bim, bed = _columns(files["x.fam"]), _columns(files["x.bim"]), files["x.bed"]
    block = (len(fam) + 3) // 4
    need(bed[:3] == b"\x6c\x1b\x01" and len(bed) == 3 + block * len(bim), "no such .bed")

    markers, letters = [], []
    for number, (chrom, name, _, place, one, two) in enumerate(bim):
        unknown = [text == "0" or known(text) is None for text in (one, two)]
        alleles = [
            None if gone else text.upper() for text, gone in zip((one, two), unknown, strict=True)
        ]
        need(alleles[0] is None or alleles[0] != alleles[1], "an allele twice")
        where = None if chrom == "0" else known(chrom), position(place)
        title = name if known(name) and name != "0" else f"{where[0] or '?'}:{where[1] or '?'}"
        is_first = alleles[1] is None or (alleles[0] is not None and alleles[0] < alleles[1])
        is_first = is_first and alleles[0] is not None
        major, minor = alleles if is_first else alleles[::-1]
        markers.append((title, *where, major, minor))
        bits = bed[3 + number * block : 3 + (number + 1) * block]
        codes = [bits[at // 4] >> 2 * (at % 4) & 3 for at in range(len(fam))]
        # two copies of the first allele, missing, one copy, none
        letters.append("".join(("0.12" if is_first else "2.10")[code] for code in codes))

    families, ids = [row[0] for row in fam], [row[1] for row in fam]
    groups = [None if text == "0" else known(text) for text in families]
    says_nothing = families == ids or len(set(families)) == 1
    if len(set(ids)) < len(ids):
        ids = [f"{family}_{name}" for family, name in zip(families, ids, strict=True)]
    return _meaning(ids, markers, letters, groups=None if says_nothing else groups)


FORMATS = {
    "VCF": Format([{"x.vcf": VCF}], _read, _vcf),
    "HapMap": Format([{"x.hmp.txt": HAPMAP}, {"x.hmp.txt": HAPMAP_LETTERS}], _read, _hapmap),
    "dosages": Format(
        [
            {"x.csv": DOSAGES},
            {"r.txt": DOSAGES_OF_R},
            {"n.tsv": NUMBERED},
            {"columns.csv": COLUMNS},
        ],
        _read,
        _dosages,
    ),
    "marker map": Format([{"map.tsv": MAP}], _read_map, _map),
    "PLINK": Format([{"x.bed": BED, "x.bim": BIM, "x.fam": FAM}], _read, _plink),
}
