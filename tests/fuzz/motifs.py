"""Motifs: MEME and JASPAR."""

import re
from collections.abc import Mapping
from pathlib import Path

from fuzz.judging import Format
from fuzz.plain import lines_of, need

from basewise.sequences.motifs import read_motifs

MEME = """\
MEME version 4

ALPHABET= ACGT

strands: + -

Background letter frequencies
A 0.25 C 0.25 G 0.25 T 0.25

MOTIF MA0001.1 AGL3
letter-probability matrix: alength= 4 w= 3 nsites= 20 E= 1e-5
 0.97  0.01  0.01  0.01
 0.000000  1.000000  0.000000  0.000000
 0.25  0.25  0.25  0.25
URL http://jaspar.genereg.net/matrix/MA0001.1

MOTIF second
letter-probability matrix: alength= 4 w= 2
0.1\t0.2\t0.3\t0.4
1 0 0 0

MOTIF third
letter-probability matrix: nsites= 5
0.5 0.5 0 0
"""

JASPAR = """\
>MA0001.1\tAGL3
A  [ 0  3 79 40 ]
C  [94 75  4  3 ]
G  [ 1  0  3  4 ]
T  [ 2 19 11 50 ]

>MA0002.1 RUNX1
10 12.5 4
2 2 7
3 1 1
11 11 14
>bare
A 1 0
C 0 1e2
G 0 .5
T 0 0
"""

FLOAT = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"

Meaning = list[tuple[str, list[list[float]]]]


def _read(path: Path) -> Meaning:
    return [(name, _rounded(probabilities.tolist())) for name, probabilities in read_motifs(path)]


def _rounded(rows: list[list[float]]) -> list[list[float]]:
    """Rows of which each adds up to 1, with so many digits as two programs agree on."""
    for row in rows:
        need(0 < sum(row) < float("inf"), "a position without counts")
    return [[round(value / sum(row), 9) for value in row] for row in rows]


def _numbers(text: str) -> list[float]:
    words = text.split()
    need(words and all(re.fullmatch(FLOAT, word) for word in words), f"no numbers: {text!r}")
    return [float(word) for word in words]


def _meme(files: Mapping[str, bytes]) -> Meaning:
    """MEME's minimal format: the rows of a matrix are as many as it says, each of four."""
    lines = [line for _, line in lines_of(files["x.meme"])]
    need(any(line.startswith("MEME version") for line in lines), "no version")
    found: Meaning = []
    name, place = "", 0
    while place < len(lines):
        line, place = lines[place], place + 1
        alphabet = re.match("ALPHABET(.*)", line)
        need(not alphabet or alphabet[1].strip(" \t=") in ("ACGT", "ACGU"), "an alphabet")
        if line.split()[:1] == ["MOTIF"]:
            need(not name, "a motif without a matrix")
            name = "".join(line.split()[1:2])
            need(name, "a motif without a name")
        elif line.lstrip().startswith("letter-probability matrix:"):
            need(name, "a matrix without a motif")
            said = dict(re.findall(r"\b(alength|w)=\s*(\S+)", line))
            need(said.get("alength", "4") == "4", f"of other letters: {line!r}")
            rows = []
            while place < len(lines) and re.match(r"\s*[-+.]?[0-9.]", lines[place]):
                rows.append(_numbers(lines[place]))
                place += 1
            need(rows and all(len(row) == 4 for row in rows), "rows of four")
            width = said.get("w", str(len(rows)))
            need(width == str(len(rows)), "another width")
            need(all(abs(sum(row) - 1) < 0.05 for row in rows), "no probabilities")
            found.append((name, _rounded(rows)))
            name = ""
        elif found:
            need(not re.fullmatch(rf"\s*({FLOAT}\s*){{4}}", line), "numbers of no matrix")
    need(not name, "a motif without a matrix")
    need(found, "no motif")
    return found


def _jaspar(files: Mapping[str, bytes]) -> Meaning:
    """JASPAR's profiles: a header, then a row of counts for each of A, C, G and T."""
    lines = [line.strip() for _, line in lines_of(files["x.jaspar"]) if line.strip()]
    need(lines and lines[0].startswith(">"), "no header first")
    found: Meaning = []
    while lines:
        words = lines.pop(0)[1:].split()
        need(words, "a motif without a name")
        rows = []
        while lines and not lines[0].startswith(">"):
            line = lines.pop(0)
            part = re.fullmatch(r"(?:([A-Za-z])(?![A-Za-z0-9.]))?\s*\[?([^][]*)\]?", line)
            need(part, f"no row: {line!r}")
            assert part
            wanted = ("A", "C", "G", "TU")[min(len(rows), 3)]
            need(not part[1] or part[1].upper() in wanted, "rows in another order")
            rows.append(_numbers(part[2]))
        need(len(rows) == 4 and len({len(row) for row in rows}) == 1, "four rows of one width")
        name = words[0] if words[1:2] in ([], words[:1]) else " ".join(words[:2])
        found.append((name, _rounded([list(column) for column in zip(*rows, strict=True)])))
    return found


FORMATS = {
    "MEME": Format([{"x.meme": MEME}], _read, _meme),
    "JASPAR": Format([{"x.jaspar": JASPAR}], _read, _jaspar),
}
