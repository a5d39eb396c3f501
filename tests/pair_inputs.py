"""The files of the cases of `pairs`, and what must come of them.

All cases hold the same elements, on a genome, as sequences or as individuals with genotypes, so
that it is known which of them are examples, and their letters, targets and parts.
"""

import csv
import gzip
import re
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
from bed_reader import to_bed
from openpyxl import Workbook
from pairs import COLUMNS, LENGTH, SHEET, Case

from basewise.config.inputs import named_files
from basewise.sequences.alphabet import AMINO_ACIDS
from basewise.store.parts import PARTS

CHROMOSOMES, EACH, APART = 6, 16, 400
"""Chromosomes, elements of each, bases from one element to the next."""
EXCLUDED, UNKNOWN, HALF_LABELED, UNLABELED = 1, 5, 89, 90
"""Elements that `exclude` touches, with an unknown letter, with one of two numbers, without any."""
MARKERS, CONSTANT, REPEATED = 40, 0, 7
"""Markers; the one that is the same in all, and the one that repeats the marker before it."""
NUMBER = re.compile(r"-?\d+(\.\d+)?")
"""What Excel takes for a number."""
MOTIFS = {
    "dna": {
        "a": "TATAAAGC",
        "b": "GGCACCAT",
        "c": "CACGTGTA",
        "other": "GATTACAG",
        "open": "CCTAGG",
    },
    "protein": {"a": "WYWYKR", "b": "DEDEFF", "c": "CCHHCC", "other": "NQSTNQ", "open": "LIVAGL"},
}
"""Words of an element that tell its classes."""


@lru_cache
def elements() -> pd.DataFrame:
    """All elements: their place on the genome, their letters, and what they are."""
    rng = np.random.default_rng(1)
    number = np.arange(EACH * CHROMOSOMES)
    north, minus, height, width = rng.random((4, len(number)))
    group = number // 4
    table = pd.DataFrame(
        {
            "number": number,
            "name": [f"e{n:02d}" for n in number],
            "chrom": [f"chr{1 + n // EACH}" for n in number],
            "start": 200 + APART * (number % EACH),
            "strand": np.where(minus < 0.5, "-", "+"),
            "kept": (number % 8 != 7).astype(int),
            "yes": number // 2 % 2,
            "kind": np.array(["other", "open"])[number // 2 % 2],
            "class": np.array(["a", "b", "c"])[number % 3],
            "day": number % 2,
            "night": (number % 3 > 0).astype(int),
            "height": (10 + 5 * (number % 3) + height).round(3),
            "width": (20 + 7 * (number // 2 % 2) + width).round(3),
            "group": [f"g{n}" for n in group],
            "part": np.array(["train"] * 4 + ["validation", "test"])[group % 6],
            "fold": group % 3,
            "place": np.where(north < 0.5, "north", "south"),
        }
    )
    for alphabet, letters, unknown in (("dna", "ACGT", "N"), ("protein", AMINO_ACIDS, "X")):
        drawn = rng.choice(list(letters), (len(number), LENGTH))
        drawn[UNKNOWN, 0] = unknown
        for row, text in zip(table.to_dict("records"), drawn, strict=True):
            for column, first in (("class", 5), ("kind", 20)):
                word = MOTIFS[alphabet][row[column]]
                text[first : first + len(word)] = list(word)
        table[alphabet] = ["".join(text) for text in drawn]
    return table


@lru_cache
def genome() -> dict[str, str]:
    """Chromosomes in which the elements lie, on their strands."""
    rng = np.random.default_rng(2)
    chromosomes = {
        f"chr{number}": rng.choice(list("ACGT"), 400 + APART * EACH)
        for number in range(1, CHROMOSOMES + 1)
    }
    for row in elements().itertuples():
        letters = row.dna if row.strand == "+" else reverse_complement(row.dna)
        chromosomes[row.chrom][row.start : row.start + LENGTH] = list(letters)
    return {chrom: "".join(letters) for chrom, letters in chromosomes.items()}


def reverse_complement(letters: str) -> str:
    return letters.translate(str.maketrans("ACGT", "TGCA"))[::-1]


def window_at(chrom: str, start: int, strand: str = "+") -> str:
    """Letters of a window of the genome, along its strand."""
    letters = genome()[chrom][start : start + LENGTH]
    return reverse_complement(letters) if strand == "-" else letters


@lru_cache
def calls() -> np.ndarray:
    """Copies of C of each individual at each marker; some markers tell the classes."""
    rng = np.random.default_rng(3)
    table = elements()
    shares = np.tile(rng.uniform(0.2, 0.8, MARKERS), (len(table), 1))
    shares[:, 10:14] = np.where(table["class"] == "a", 0.9, 0.1)[:, None]
    shares[:, 20:24] = np.where(table["yes"] == 1, 0.9, 0.1)[:, None]
    drawn = rng.binomial(2, shares)
    drawn[:, CONSTANT], drawn[:, REPEATED] = 0, drawn[:, REPEATED - 1]
    return drawn


def features_of(row) -> list[tuple[int, int, str, str]]:
    """Features in an element: first base from its start, end, kind, strand.

    Along its strand an exon of 15 bases and a gap that begins in it; some also have a gap at the
    end, on the other strand.
    """
    other = "-" if row.strand == "+" else "+"
    along = [(0, 15, "exon", row.strand), (12, 25, "gap", row.strand)]
    along += [(35, 40, "gap", other)] if row.number % 4 == 0 else []
    if row.strand == "+":
        return along
    return [(LENGTH - end, LENGTH - first, *rest) for first, end, *rest in along]


# What must come of a case.


def written(case: Case) -> pd.DataFrame:
    """The elements in the order of the files, with the ids and letters that these give them."""
    row, table = case.row, elements()
    file = table["part"].map(PARTS.index) if case.parts else 0
    if row.labels == "classes":
        kind = table["kind" if row.task == "binary" else "class"].map(case.classes.index)
        file = file * len(case.classes) + kind
    table = table.assign(file=file).sort_values("file", kind="stable", ignore_index=True)

    if row.on_genome:
        if case.format == "narrowPeak":
            table["start"] += _displacement(case.center, table["strand"])
        places = table[["chrom", "start", "strand"]].itertuples(index=False)
        table["letters"] = [window_at(*place) for place in places]
    else:
        texts = table["protein" if row.alphabet == "protein" else "dna"]
        more = {"crop": 1, "pad": -1}.get(row.length, 0) * (table.index // 3 % 3)
        table["letters"] = [
            (text + "ACG")[: LENGTH + beyond] for text, beyond in zip(texts, more, strict=True)
        ]
    return table.assign(id=_ids(case, table))


def _displacement(center: str, strand: pd.Series) -> np.ndarray | int:
    """Bases by which windows lie to the right of the elements, since narrowPeaks reach further."""
    left, right = -10, 6
    if center in ("start", "end"):
        return np.where((strand == "-") == (center == "end"), left, right)
    return (left + right) // 2 if center == "midpoint" else 0


def _ids(case: Case, table: pd.DataFrame) -> list[str]:
    """Names that the files give; otherwise places on the genome, or lines."""
    row = case.row
    joins_on_name = row.on_genome and row.labels == "table"
    if case.id or joins_on_name or row.source in ("fasta", "uci", "genotypes"):
        return table["name"].tolist()
    if row.on_genome:
        places = zip(table["chrom"], table["start"], strict=True)
        return [f"{chrom}:{start}-{start + LENGTH}" for chrom, start in places]
    first = 1 if row.source == "sequences" else 2
    lines = table.groupby("file").cumcount() + first
    files = [f"{part}:" for part in table["part"]] if case.parts else [""] * len(table)
    return [f"{file}line{line}" for file, line in zip(files, lines, strict=True)]


def candidates(case: Case) -> pd.DataFrame:
    """Those of `written` that are extracted, their letters as many as there must be."""
    row, table = case.row, written(case)
    if row.source == "genotypes":
        filtered = (CONSTANT, REPEATED) if case.filters else ()
        markers = [number for number in range(MARKERS) if number not in filtered]
        individuals = calls()[np.ix_(table["number"], markers)]
        return table.assign(letters=["".join(map(str, given)) for given in individuals])
    if not row.on_genome:
        table = table[table["kept"] == 1] if case.keep else table
        fitted = [_fitted(text, row.length, case.letters, case.side) for text in table["letters"]]
        return table.assign(letters=fitted).dropna(subset="letters")
    left_out = [
        UNLABELED if row.labels == "column" else None,
        EXCLUDED if case.exclude else None,
        UNKNOWN if row.background == "genome" and not case.max_unknown else None,
    ]
    table = table[~table["number"].isin(left_out)]
    return table[table["kept"] == 1] if case.keep else table


def _fitted(text: str, policy: str, length: int, side: str) -> str | None:
    """A sequence cut or filled to a length, None where it cannot be."""
    if policy == "crop" and len(text) >= length:
        more = len(text) - length
        first = {"left": 0, "center": more // 2, "right": more}[side]
        return text[first : first + length]
    if policy == "pad" and len(text) <= length:
        less = length - len(text)
        before = {"left": 0, "center": less // 2, "right": less}[side]
        return "-" * before + text + "-" * (less - before)
    return text if policy in ("any", "exact") else None


def examples(case: Case) -> pd.DataFrame:
    """Those of `candidates` that have a label, with their targets t0, t1, ..."""
    row, table = case.row, candidates(case)
    if row.labels in ("column", "table", "phenotypes"):
        table = table[table["number"] != UNLABELED]
    if row.labels == "phenotypes" and case.keep:
        table = table[table["kept"] == 1]
    if row.task == "per_position":
        return table
    if row.labels == "background":
        return table.assign(t0=1)
    if row.task == "binary":
        is_turned = case.entry.get("positive") == "other"
        return table.assign(t0=1 - table["yes"] if is_turned else table["yes"])
    if row.task == "multiclass" and case.left_out:
        table = table[table["class"] != "c"]
    targets = {f"t{number}": table[column] for number, column in enumerate(case.learned)}
    if case.targets == ["height", "width"]:
        targets["t1"] = table["width"].mask(table["number"] == HALF_LABELED)
    return table.assign(**targets)


def classes_of_bases(row, case: Case) -> list[int]:
    """Class of each base of a window along its strand: 1 in an exon, else 2 in a gap, else 0."""
    first = elements()["start"][row.number] - row.start
    classes = [0] * LENGTH
    for start, end, kind, strand in reversed(features_of(row)):
        if case.strand == "any" or strand == row.strand:
            bases = range(max(0, start + first), min(LENGTH, end + first))
            classes[bases.start : bases.stop] = [1 if kind == "exon" else 2] * len(bases)
    return classes if row.strand == "+" else classes[::-1]


# The files.


def write_inputs(folder: Path, cases: dict[str, Case]) -> None:
    """Write the files of all cases."""
    folder.mkdir()
    records = [f">{chrom}\n{letters}" for chrom, letters in genome().items()]
    _write(folder / "genome.fa", records)
    _write(folder / "aliases.tsv", [f"{chrom}\t{chrom[3:]}" for chrom in genome()])
    _write(folder / "population.csv", ["metric,value", "auroc,0.99"])
    _write_intervals(folder, "", 0)
    _write_intervals(folder, "other.", 3)
    _write_genotypes(folder)
    for case in cases.values():
        _write_source(folder, case)
        _write_labels(folder, case)
        _write_tables(folder, case)
        for _, path in named_files(case.entry):
            if path.endswith(".xlsx"):
                _write_workbook(folder / Path(path).name)


def _write_workbook(path: Path) -> None:
    """A table that lies beside it as the second of two sheets, with its numbers as numbers."""
    sign = "\t" if path.stem.endswith(".tsv") else ","
    workbook = Workbook()
    workbook.active.append(["written for a test"])
    sheet = workbook.create_sheet(SHEET)
    with open(path.with_suffix(""), newline="") as stream:
        for row in csv.reader(stream, delimiter=sign):
            sheet.append([float(text) if NUMBER.fullmatch(text) else text for text in row])
    workbook.save(path)


def _write(path: Path, lines: list[str]) -> None:
    text = "".join(f"{line}\n" for line in lines).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)


def _joined(*fields: object, by: str = "\t") -> str:
    return by.join(map(str, fields))


def _write_intervals(folder: Path, prefix: str, cut: int) -> None:
    """Files that label windows or keep them away, with chromosomes whose names are cut."""
    table = elements().assign(chrom=lambda table: table["chrom"].str[cut:])
    for name in ("day", "night"):
        rows = table[table[name] == 1].itertuples()
        lines = [_joined(row.chrom, row.start, row.start + LENGTH) for row in rows]
        _write(folder / f"{prefix}{name}.bed", lines)
    middle = table["start"][EXCLUDED] + LENGTH // 2
    excluded = _joined(table["chrom"][EXCLUDED], middle - 5, middle + 5)
    _write(folder / f"{prefix}exclude.bed", [excluded])

    features = [
        (row.chrom, row.start + first, row.start + end, kind, strand)
        for row in table.itertuples()
        for first, end, kind, strand in features_of(row)
    ]
    bed = [_joined(*place, kind, 0, strand) for *place, kind, strand in features]
    gff = [
        _joined(chrom, "x", kind, start + 1, end, ".", strand, ".", "ID=x")
        for chrom, start, end, kind, strand in features
    ]
    _write(folder / f"{prefix}parts.bed", bed)
    _write(folder / f"{prefix}parts.gff3", gff)


def _write_genotypes(folder: Path) -> None:
    """The same genotypes in every format, and the phenotypes; one of them has no genotypes."""
    given = calls()
    names = elements()["name"].tolist()
    markers = [f"m{number}" for number in range(MARKERS)]
    chroms = [str(1 + number // 20) for number in range(MARKERS)]
    places = [100 + 10 * number for number in range(MARKERS)]
    titles = "#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT"
    vcf = [
        "##fileformat=VCFv4.2",
        "##contig=<ID=1>",
        "##contig=<ID=2>",
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
        _joined(*titles, *names),
    ]
    hapmap = [_joined("rs#", "alleles", "chrom", "pos", *"abcdefg", *names)]
    for marker, chrom, place, column in zip(markers, chroms, places, given.T, strict=True):
        called = [("0/0", "0/1", "1/1")[copies] for copies in column]
        vcf.append(_joined(chrom, place, marker, "A", "C", ".", ".", ".", "GT", *called))
        called = [("AA", "AC", "CC")[copies] for copies in column]
        hapmap.append(_joined(marker, "A/C", chrom, place, *"+......", *called))
    _write(folder / "calls.vcf", vcf)
    _write(folder / "calls.hmp.txt", hapmap)

    numbers = pd.DataFrame(given, index=names, columns=markers)
    numbers.to_csv(folder / "calls.csv", index_label="name")
    numbers.T.to_csv(folder / "calls.tsv", sep="\t", index_label="marker")
    table = pd.DataFrame({"marker": markers, "chrom": chroms, "position": places})
    table.to_csv(folder / "map.tsv", sep="\t", index=False)
    properties = {"iid": names, "fid": names, "sid": markers, "chromosome": chroms}
    properties |= {"bp_position": places, "allele_1": ["C"] * MARKERS, "allele_2": ["A"] * MARKERS}
    to_bed(folder / "calls.bed", given.astype(float), properties=properties)

    for file, coded in (("phenotypes.csv", False), ("coded.csv", True)):
        phenotypes = _texts(elements(), coded)
        stranger = phenotypes.iloc[[0]].assign(name="stranger")
        table = pd.concat([phenotypes, stranger])
        table.to_csv(folder / file, index=False)
        twice = folder / file.replace(".csv", ".twice.csv")
        pd.concat([table, table[::-1]]).to_csv(twice, index=False)


def _texts(table: pd.DataFrame, coded: bool) -> pd.DataFrame:
    """Elements as a user's table names and labels them; what is not known is empty, or a code."""
    texts = table[["name", *COLUMNS, "place", "part"]].astype(str)
    name, number = ("unknown", "-999") if coded else ("", "")
    texts.loc[table["number"] == UNLABELED, ["kind", "class"]] = name
    texts.loc[table["number"] == UNLABELED, ["yes", "day", "night", "height", "width"]] = number
    texts.loc[table["number"] == HALF_LABELED, "width"] = number
    return texts


def _write_source(folder: Path, case: Case) -> None:
    """The sequences or regions, in one file, or in one a class or part."""
    row, table = case.row, written(case)
    if row.source == "genotypes":
        return
    letters = table["letters"]
    if row.alphabet == "rna":
        letters = letters.str.replace("T", "U").str.lower()
    texts = _texts(table, case.missing).assign(
        raw=letters, start=table["start"], number=table["number"]
    )
    named = case.entry["regions" if row.on_genome else row.source]
    for file, path in enumerate(_paths(named)):
        of_file = texts[table["file"] == file]
        _write_records(folder / Path(path).name.removesuffix(".xlsx"), case, of_file)


def _paths(named: str | dict) -> list[str]:
    """Files of a source in their order, below the names of parts and classes."""
    if isinstance(named, str):
        return [named]
    return [path for inner in named.values() for path in _paths(inner)]


def _write_records(path: Path, case: Case, table: pd.DataFrame) -> None:
    """One file of a source."""
    records = table.to_dict("records")
    match case.row.source:
        case "regions":
            _write(path, _lines_of_regions(case, records))
        case "fasta":
            _write(path, [f">{record['name']} x\n{record['raw']}" for record in records])
        case "sequences":
            _write(path, [record["raw"] for record in records])
        case "uci":
            label = case.targets[0]
            lines = [_joined(row[label], row["name"], row["raw"], by=",\t") for row in records]
            _write(path, lines)
        case "table":
            columns = [*table.columns.drop(["start", "number"])]
            titled = {"raw": "letters" if case.titles else "sequence"}
            table[columns].rename(columns=titled).to_csv(path, index=False)


def _lines_of_regions(case: Case, records: list[dict]) -> list[str]:
    """Lines of BED, peaks or features; narrowPeaks reach further to the left than to the right."""
    form = case.format.removesuffix(".gz")
    titles = _joined("#chrom", "start", "end", "name", "score", "strand", *COLUMNS)
    lines = [titles] if form == "bed" else []
    for record in records:
        place = elements().loc[record["number"]]
        chrom = place["chrom"][3:] if case.aliases else place["chrom"]
        start, end, strand = place["start"], place["start"] + LENGTH, place["strand"]
        told = [record[column] for column in COLUMNS]
        if form == "narrowPeak":
            summit = 10 + LENGTH // 2 - (strand == "-")
            name = record["name"]
            fields = [chrom, start - 10, end + 6, name, 0, strand, 1, 1, 1, summit, *told]
        elif form in ("bed", "broadPeak"):
            signal = [1, 1, 1] if form == "broadPeak" else []
            fields = [chrom, start, end, record["name"], 0, strand, *signal, *told]
        else:
            pattern = '{} "{}";' if form == "gtf" else "{}={};"
            given = {"name": record["name"], **dict(zip(COLUMNS, told, strict=True))}
            words = [pattern.format(key, value) for key, value in given.items() if value]
            rest = [end, ".", strand, ".", " ".join(words) if form == "gtf" else "".join(words)]
            lines.append(_joined(chrom, "x", "other", start + 5, *rest))
            fields = [chrom, "x", "element", start + 1, *rest]
        lines.append(_joined(*fields))
    return lines


def _write_labels(folder: Path, case: Case) -> None:
    """Labels in a file of their own: line by line, or in another order and one for nobody."""
    if not case.file_of_labels:
        return
    path, table = folder / case.file_of_labels, written(case)
    texts = _texts(table, case.missing).assign(name=table["id"])
    if path.suffix == ".txt":
        _write(path, texts[case.targets[0]].tolist())
        return
    if not case.titles:
        texts = texts.rename(columns={"name": "id"}).assign(label=texts[case.targets[0]])
    stranger = texts.iloc[[0]].assign(**{texts.columns[0]: "nobody"})
    texts = pd.concat([texts[::-1], stranger])
    pd.concat([texts, texts] if case.label_rows else [texts]).to_csv(path, index=False)


def _write_tables(folder: Path, case: Case) -> None:
    """The split table and the scores of the ceiling."""
    table = candidates(case)
    if case.row.split == "table":
        column = "fold" if case.row.folds > 1 else "part"
        table[["id", column]].to_csv(folder / f"{case.name}.split.csv", index=False)
    if case.ceiling:
        score = np.where(table["yes"] == 1, 0.9, 0.1)
        path = folder / f"{case.name}.ceiling.csv"
        table.assign(score=score)[["id", "score"]].to_csv(path, index=False)
