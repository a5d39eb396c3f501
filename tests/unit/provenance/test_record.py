import json

import pytest

from basewise.core.errors import InputError
from basewise.provenance import record
from basewise.provenance.record import input_table, software_table, times_table
from basewise.store.run_records import RunRecord, write_run

ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
"""SHA-256 of ``abc``, from FIPS 180-2."""


def test_each_file_is_hashed_once_and_named_as_it_was_written(tmp_path, monkeypatch):
    (tmp_path / "a.fa").write_text("abc")
    monkeypatch.setenv("DATA", str(tmp_path))
    read = []
    whole = record.sha256_of
    monkeypatch.setattr(record, "sha256_of", lambda path: (read.append(path), whole(path))[1])
    table = input_table(
        [
            ("x", "$DATA/a.fa", "$DATA/a.fa"),
            ("y", "made/a.fa", f"{tmp_path}/../{tmp_path.name}/a.fa"),
        ]
    )
    assert table["file"].tolist() == ["$DATA/a.fa", "made/a.fa"]
    assert table.loc[0, ["dataset", "bytes", "sha256"]].tolist() == ["x", 3, ABC]
    assert table["sha256"].nunique() == len(read) == 1


def test_what_a_training_used_beats_what_is_installed_here(tmp_path, monkeypatch):
    for number, numpy in enumerate(["1.0", "2.0"]):
        used = {"basewise": "0.1.0", "numpy": numpy, "keras": "3.0"}
        monkeypatch.setattr("basewise.store.run_records.versions", lambda _, used=used: used)
        write_run(tmp_path / f"{number}.json", RunRecord("d", "m", 0, 1), [])
    files = [tmp_path / "0.json", tmp_path / "1.json"]
    packages = ["scipy", "numpy", "not-there"]
    table = software_table(packages, files, snakemake="9.1", checkout=tmp_path / "nowhere")
    versions = dict(table.itertuples(index=False))
    first = ["basewise", "python", "snakemake"]
    assert list(versions) == [*first, "keras", "numpy", "scipy", "platform"]
    assert [versions[name] for name in ("snakemake", "numpy", "keras")] == [
        *("9.1", "1.0, 2.0", "3.0")
    ]


def test_times_are_summed_rule_by_rule(tmp_path):
    (tmp_path / "train/d/m").mkdir(parents=True)
    records = [
        {"s": 10, "cpu_time": 7.5, "max_rss": 100.0},
        {"s": 2.5, "cpu_time": "NA", "max_rss": 300.0},
    ]
    for seed, times in enumerate(records):
        (tmp_path / f"train/d/m/seed{seed}.jsonl").write_text(json.dumps(times) + "\n")
    (tmp_path / "collect.jsonl").write_text('{"s": 0.2, "cpu_time": null, "max_rss": "NA"}\n')
    (tmp_path / "empty").mkdir()
    table = times_table(tmp_path).set_index("rule")
    assert list(table) == ["jobs", "wall_seconds", "cpu_seconds", "max_rss_mb"]
    assert table.loc["train"].tolist() == [2, 12.5, 7.5, 300]
    assert table.loc["collect", ["jobs", "wall_seconds"]].tolist() == [1, 0.2]
    assert table.loc["collect", ["cpu_seconds", "max_rss_mb"]].isna().all()
    assert list(table.index) == ["collect", "train"]


@pytest.mark.parametrize("where", ["nowhere", "."])
def test_without_benchmarks_the_table_is_empty(tmp_path, where):
    assert times_table(tmp_path / where).empty


@pytest.mark.parametrize("text", ['{"s": 1', '{"s": "x"}', "[]", "\0"])
def test_a_benchmark_that_was_torn_is_named(text, tmp_path):
    path = tmp_path / "train/a.jsonl"
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        times_table(tmp_path)
    told = f"{path}: is damaged, the time of a job is lost; `rm {path}` and run the workflow again"
    assert str(caught.value) == told
