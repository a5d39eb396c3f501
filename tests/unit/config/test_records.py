"""What a run leaves on record."""

import csv

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
            ["--x-token=a=b", "--config", "Password=1", "x=2"],
            "'--x-token=***' --config 'Password=***' x=2",
        ),
        (["-d", "/home/me/a", "--x=/home/me", "/home/mean"], "-d ~/a --x=~ /home/mean"),
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
