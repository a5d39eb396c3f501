"""Mutated files are read as an independent reader reads them, or refused in one line.

`BASEWISE_FUZZ=10000 pytest -n0 -s tests/unit/test_fuzz.py` tries so many a format, not 300, and
prints how often each verdict was given: format, tried, same, one line, other.
"""

import os
import re
from collections import Counter

import pytest
from fuzz import genotypes, intervals, motifs, sequences, tables
from fuzz.judging import ONE_LINE, OTHER, SAME, Format, MeaningError, tried

from basewise.core.errors import InputError
from basewise.core.files import read_lines

FORMATS = {
    name: kind
    for module in (sequences, tables, intervals, genotypes, motifs)
    for name, kind in module.FORMATS.items()
}

TRIALS = int(os.environ.get("BASEWISE_FUZZ", "300"))


@pytest.mark.parametrize("name", FORMATS)
def test_mutated_files_mean_the_same_or_are_refused_in_a_line(tmp_path, name):
    counts, wrong = Counter(), []
    for seed in range(TRIALS):
        trial = tried(FORMATS[name], name, seed, tmp_path)
        counts[trial.verdict] += 1
        if trial.verdict == OTHER:
            wrong.append(
                f"{name}, seed {seed}: {trial.reason}\n{trial.name} holds {trial.content!r}"
            )
    print(name, TRIALS, counts[SAME], counts[ONE_LINE], counts[OTHER], sep="\t")

    assert not wrong, "\n\n".join([f"{len(wrong)} files, such as", *wrong[:5]])
    # a reader that refuses all would pass, and so would mutations that change nothing
    assert min(counts[SAME], counts[ONE_LINE]) > TRIALS / 10


@pytest.mark.parametrize("name", FORMATS)
def test_the_valid_files_are_read(tmp_path, name):
    kind = FORMATS[name]
    for files in kind.examples:
        contents = {
            file: text if isinstance(text, bytes) else text.encode() for file, text in files.items()
        }
        for file, content in [
            *contents.items(),
            *((file, text.encode()) for file, text in kind.beside.items()),
        ]:
            (tmp_path / file).write_bytes(content)
        meaning = kind.read(tmp_path / next(iter(files)))
        assert meaning and meaning == kind.judge(contents)


def as_it_is(texts, *_):
    return texts


def unchecked(*_):
    return None


BROKEN = {
    "FASTA": ("examples.records._check_sequences", unchecked),
    "genome": ("sequences.genome.KNOWN", bytes(range(256))),
    "lines": ("examples.records._check_sequences", unchecked),
    "UCI": ("examples.readers.without_missing", as_it_is),
    "tables": ("examples.readers.without_missing", as_it_is),
    "labels, numbers": ("examples.labels._check_repeats", unchecked),
    "labels, classes": ("examples.targets._refuse", unchecked),
    "labels, lines": ("examples.targets._refuse", unchecked),
    "splits": ("core.user_tables.check_values", unchecked),
    "BED": ("sequences.intervals._check_spans", unchecked),
    "narrowPeak": ("sequences.interval_files.NEEDED", dict.fromkeys(("narrowPeak", "gff"), 3)),
    "GFF, GTF": ("sequences.interval_files.unquote", as_it_is),
    "VCF": ("genotypes.vcf._check_record", unchecked),
    "HapMap": ("genotypes.hapmap._decode", lambda values, alleles: b"0" * len(values)),
    "dosages": ("genotypes.dosage_tables.COPIES", re.compile(rb"([0123])(\.0*)?")),
    "marker map": ("genotypes.dosage_tables.known_text", as_it_is),
    "PLINK": ("genotypes.plink._check_size", unchecked),
    "MEME": ("sequences.motifs.MOST_ROUNDED", 2),
    "JASPAR": ("sequences.motifs.LETTERS", ("ACGTN",) * 4),
    "aliases": ("sequences.genome.read_lines", lambda path: read_lines(path)[:2]),
}
"""A check or a rule of each reader, and what it is broken with."""


@pytest.mark.parametrize("name", FORMATS)
def test_a_broken_reader_is_noticed(tmp_path, monkeypatch, name):
    target, broken = BROKEN[name]
    monkeypatch.setattr(f"basewise.{target}", broken)
    trials = (tried(FORMATS[name], name, seed, tmp_path) for seed in range(300))
    assert any(trial.verdict == OTHER for trial in trials)


def refuse(path, line):
    raise InputError("is wrong", path, line)


@pytest.mark.parametrize(
    ("read", "verdict"),
    [
        (lambda path: "meaning", SAME),
        (lambda path: "another", OTHER),
        (lambda path: None, OTHER),
        (lambda path: refuse(path, 1), ONE_LINE),
        (lambda path: refuse(path, None), OTHER),
        (lambda path: refuse(path, 90), OTHER),
        (lambda path: refuse(None, None), OTHER),
        (lambda path: refuse(path.with_name("b.txt"), 1), OTHER),
        (lambda path: int("x"), OTHER),
    ],
)
def test_the_judge_is_strict(tmp_path, read, verdict):
    kind = Format([{"a.txt": "one\ntwo\n"}], read, lambda files: "meaning")
    assert {tried(kind, "x", seed, tmp_path).verdict for seed in range(20)} == {verdict}


def test_what_means_nothing_must_not_be_read(tmp_path):
    def judge(files):
        raise MeaningError("nothing")

    kind = Format([{"a.txt": "one\ntwo\n"}], lambda path: None, judge)
    assert tried(kind, "x", 1, tmp_path).verdict == OTHER


def test_a_seed_gives_the_same_file_again(tmp_path):
    first, second = (
        [tried(FORMATS["BED"], "BED", seed, tmp_path).content for seed in range(30)]
        for _ in range(2)
    )
    assert first == second and len(set(first)) == 30
