"""What tells a file from another."""

import os

import pytest

from basewise.config.inputs import READ_WHOLE, fingerprint


def test_a_file_of_ordinary_size_is_told_by_what_it_holds(folder):
    file, copy = folder / "peaks.bed", folder / "copy.bed"
    file.write_text("chr1\t1\t9\n")
    copy.write_text("chr1\t1\t9\n")
    os.utime(copy, (0, 0))
    assert fingerprint(str(file)) == fingerprint(str(copy))

    other = folder / "other.bed"
    other.write_text("chr1\t1\t8\n")
    os.utime(other, (0, 0))
    assert fingerprint(str(copy)) != fingerprint(str(other))


def test_a_link_is_told_by_the_file_that_it_leads_to(folder):
    for name in ("one", "two"):
        (folder / name).write_text(name)
    link = folder / "link"
    link.symlink_to("one")
    before = fingerprint(str(link))
    link.unlink()
    link.symlink_to("two")
    assert fingerprint(str(link)) == fingerprint(str(folder / "two")) != before


def test_a_very_large_file_is_told_by_size_and_date_in_seconds(folder):
    file = folder / "genome.fa"
    seen = []
    for size, date in [(1, 5), (1, 5.25), (1, 4), (2, 5)]:
        with open(file, "wb") as stream:
            stream.truncate(READ_WHOLE + size)
        os.utime(file, (date, date))
        seen.append(fingerprint(str(file)))
    assert seen[0] == seen[1]
    assert len(set(seen)) == 3


def test_a_missing_file_names_itself_so_that_snakemake_waits_for_it(folder):
    with pytest.raises(FileNotFoundError) as told:
        fingerprint("input/missing.fa")
    assert told.value.filename == "input/missing.fa"
