"""What a run leaves on record."""

import csv
import shlex

import pandas as pd
import pytest

from basewise.config.records import published, record_command


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (
            ["--storage-s3-access-key", "a", "b=", "-n", "t"],
            "--storage-s3-access-key '***' '***' -n t",
        ),
        (
            ["--x-token=a=b", "--config", "root_seed=1", "x=2"],
            "'--x-token=***' --config root_seed=1 x=2",
        ),
        (["--executor-url", "a", "-c2", "t"], "--executor-url '***' -c2 '***'"),
        (["t", "-d", "/home/me/a", "/home/mean"], "t -d ~/a /home/mean"),
        (["--configfile=a b", "x\ny"], "'--configfile=a b' 'x\\ny'"),
        (["/home/me/keep going"], "'~/keep going'"),
    ],
)
def test_a_command_is_recorded_without_secrets_and_home(words, shown, monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    assert published(words) == shown


def test_each_command_has_a_line(tmp_path):
    table = tmp_path / "provenance/commands.tsv"
    for words in (["-n"], ["--token", "abc"]):
        record_command(words, "9.27", table)
    rows = list(csv.DictReader(table.read_text().splitlines(), delimiter="\t"))
    assert [row["command"] for row in rows] == ["snakemake -n", "snakemake --token '***'"]
    assert {row["snakemake"] for row in rows} == {"9.27"}
    assert all(row["time"].endswith("+00:00") for row in rows)


def test_a_table_of_commands_that_leads_elsewhere_is_written_anew(tmp_path):
    (tmp_path / "profile").write_text("alias ls=ls\n")
    table = tmp_path / "commands.tsv"
    table.symlink_to(tmp_path / "profile")
    record_command(["-n"], "9.27", table)
    assert (tmp_path / "profile").read_text() == "alias ls=ls\n"
    assert not table.is_symlink() and len(table.read_text().splitlines()) == 2


def test_quotes_of_the_shell_stand_as_they_are(tmp_path):
    """The cell can be pasted; pandas reads the same."""
    table = tmp_path / "commands.tsv"
    record_command(["--config", 'a="b"', "it's"], "9.27", table)
    command = table.read_text().splitlines()[1].split("\t")[1]
    assert shlex.split(command) == ["snakemake", "--config", 'a="b"', "it's"]
    assert pd.read_csv(table, sep="\t")["command"].tolist() == [command]
