"""What a reanalysis checks and says; tests/workflow/test_reanalysed.py runs one."""

import os
import shutil
from pathlib import Path

import pandas as pd
import pytest

from basewise.provenance.checksums import last_change, output_table
from basewise.provenance.reanalysis import compare, lay_out, main
from basewise.store.run_records import RunRecord, write_run

ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
"""SHA-256 of ``abc``, from FIPS 180-2."""

RECORD = {
    "config.yaml": "datasets: {}\n",
    "inputs.tsv": f"dataset\tfile\tbytes\tsha256\nx\tinput/a.fa\t3\t{ABC}\n"
    f"x\t../shared/b.fa\t3\t{ABC}\nx\t$DATA/c.fa\t3\t{ABC}\nx\tresults/demo/d.fa\t3\t0\n",
    "outputs.tsv": f"file\tof\tsha256\nmetrics.tsv\tfile\t{ABC}\nx/model.keras\tweights\t{ABC}\n",
    "software.tsv": "package\tversion\nbasewise\t0.1.0\nkeras\t3.15.1\n",
}


class Stopped:
    """Stands in for a workflow that the user stops, and that takes its time to end."""

    returncode = None
    waits = 0

    def __init__(self, command, *, env, **options):
        self.command = command
        type(self).env = env

    def wait(self):
        type(self).waits += 1
        if self.waits > 1:
            self.returncode = 1
        raise KeyboardInterrupt


@pytest.fixture
def results(tmp_path, monkeypatch) -> Path:
    """Results that used four files, of which the workflow makes one."""
    monkeypatch.setenv("DATA", str(tmp_path / "data"))
    for name in ("project/input/a.fa", "shared/b.fa", "data/c.fa"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("abc")
    folder = tmp_path / "project" / "results"
    (folder / "provenance").mkdir(parents=True)
    for name, text in RECORD.items():
        (folder / "provenance" / name).write_text(text)
    return folder


@pytest.fixture
def rebuilt(results, monkeypatch) -> dict[str, str]:
    """Stands in for the workflow: what another run would have on record, to be edited."""
    record = dict(RECORD)

    class Process(Stopped):
        def wait(self):
            place = Path(self.command[self.command.index("--directory") + 1], "results/provenance")
            place.mkdir(parents=True, exist_ok=True)
            for name, text in record.items():
                (place / name).write_text(text)
            self.returncode = 0

    monkeypatch.setattr("basewise.provenance.reanalysis.subprocess.Popen", Process)
    return record


def test_checksums_of_files_folders_and_weights(tmp_path):
    (tmp_path / "x" / "tensors").mkdir(parents=True)
    (tmp_path / "x" / "tensors" / "shard.npz").write_text("abc")
    (tmp_path / "x" / "tensors" / ".snakemake_timestamp").touch()
    (tmp_path / "metrics.tsv").write_text("abc")
    run = RunRecord("x", "m", 0, 1)
    write_run(tmp_path / "net/run.json", run._replace(weights_sha256="1f"), [])
    write_run(tmp_path / "kmers/run.json", run._replace(baseline="kmers"), [])
    files = [tmp_path / "x" / "tensors", tmp_path / "metrics.tsv"]
    table = output_table(files, tmp_path.glob("*/run.json"), tmp_path)
    assert list(table.itertuples(index=False, name=None)) == [
        ("metrics.tsv", "file", ABC),
        ("net/model.keras", "weights", "1f"),
        ("x/tensors/shard.npz", "file", ABC),
    ]
    assert last_change(files) == max(
        file.stat().st_mtime for file in (files[1], files[0] / "shard.npz")
    )


def test_two_records_are_compared_name_by_name():
    def table(**sums):
        rows = [(file, "file", digest) for file, digest in sums.items()]
        return pd.DataFrame(rows, columns=["file", "of", "sha256"])

    found = compare(table(a="1", b="1", c="1", d="1"), table(a="1", b="2", d="1", e="1"))
    assert found == (2, ["b"], ["c"], ["e"])


def test_relative_paths_lead_to_the_same_files(results, tmp_path):
    inputs = pd.read_csv(results / "provenance/inputs.tsv", sep="\t", dtype=str)
    work = lay_out(tmp_path / "again", inputs, results.parent)
    assert work.is_relative_to(tmp_path / "again")
    assert (work / "input/a.fa").samefile(results.parent / "input/a.fa")
    assert (work / "../shared/b.fa").samefile(tmp_path / "shared/b.fa")
    assert not (work / "results").exists()


def test_no_link_leads_into_the_results(results, tmp_path):
    (results / "mine").mkdir()
    (results / "mine/e.fa").write_text("abc")
    inputs = pd.DataFrame([("results/mine/e.fa", ABC), ("../inner/f.fa", ABC)])
    inputs.columns = ["file", "sha256"]
    for _ in range(2):
        work = lay_out(tmp_path / "again", inputs, results.parent)
    assert (work / "results/mine/e.fa").samefile(results / "mine/e.fa")
    assert not (work / "results").is_symlink() and not (work / "results/mine").is_symlink()
    assert Path(os.path.normpath(work / "../inner")).readlink() == tmp_path / "inner"


def test_all_the_same(results, rebuilt, capsys):
    before = sorted(results.parent.rglob("*"))
    assert main([str(results)]) == 0
    assert "Checksums: 2 the same, 0 differ, 0 missing, 0 new" in capsys.readouterr().out
    assert sorted(results.parent.rglob("*")) == before


def test_what_differs_is_told_and_kept(results, rebuilt, capsys):
    rebuilt["outputs.tsv"] = RECORD["outputs.tsv"].replace(f"weights\t{ABC}", "weights\t1f")
    rebuilt["software.tsv"] = RECORD["software.tsv"].replace("3.15.1", "3.16.0")
    assert main([str(results)]) == 1
    said = capsys.readouterr().out
    assert "Software: keras 3.15.1 on record, 3.16.0 now\n" in said
    assert "differs: x/model.keras\n" in said
    assert "Checksums: 1 the same, 1 differ, 0 missing, 0 new" in said
    assert (results.parent / "results-again").is_dir()
    (results.parent / "results-again/.reanalysis").write_text("of another record")
    assert main([str(results)]) == 1
    assert "exists already and is something else" in capsys.readouterr().err


def test_a_stopped_workflow_ends_by_itself_and_is_continued(results, rebuilt, capsys, monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.delenv("BASEWISE_DATA", raising=False)
    with monkeypatch.context() as patch:
        patch.setattr("basewise.provenance.reanalysis.subprocess.Popen", Stopped)
        assert main([str(results), "metrics.tsv"]) == 1
    assert Stopped.waits == 2
    assert "KERAS_BACKEND" not in Stopped.env and Stopped.env["BASEWISE_DATA"] == "resources"
    assert "BASEWISE_DATA" not in os.environ
    errors = capsys.readouterr().err
    assert "the same command goes on from there" in errors and errors.count("\n") == 1
    assert main([str(results)]) == 0


def test_results_that_a_modules_prefix_has_moved(results, rebuilt, tmp_path):
    moved = results.parent / "moved"
    moved.mkdir()
    results.rename(moved / "results")
    assert main([str(moved / "results")]) == 0


def test_results_may_be_a_link(results, rebuilt, tmp_path):
    results.rename(tmp_path / "elsewhere")
    results.symlink_to(tmp_path / "elsewhere")
    assert main([str(results)]) == 0


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        (lambda results: shutil.rmtree(results / "provenance"), "no record of a finished run"),
        (
            lambda results: (results / "provenance/outputs.tsv").write_text("file\nx\n"),
            "has the columns file instead of file, of, sha256; take it as basewise wrote it",
        ),
        (
            lambda results: (results / "provenance/outputs.tsv").write_bytes(b"\xff\xfe\x00"),
            "no table",
        ),
        (
            lambda results: (results / "provenance/inputs.tsv").write_text(""),
            "no table",
        ),
        (
            lambda results: (results.parent / "input/a.fa").write_text("abd"),
            f"{ABC} on record; fetch the file of the record again",
        ),
        (
            lambda results: (results.parents[1] / "data/c.fa").unlink(),
            "/data/c.fa\n",
        ),
    ],
    ids=["no record", "no column", "binary", "empty", "changed input", "missing input"],
)
def test_a_mistake_is_one_line(results, capsys, mistake, said):
    mistake(results)
    assert main([str(results)]) == 1
    errors = capsys.readouterr().err
    assert said in errors and errors.startswith("Error: ") and errors.count("\n") == 1
    assert not (results.parent / "results-again").exists()


def test_results_are_never_worked_in(results, capsys):
    assert main(["--into", str(results / "again"), str(results)]) == 1
    assert f"lies inside {results}; name another folder with INTO" in capsys.readouterr().err


def test_a_folder_that_cannot_be_made_is_one_line(results, tmp_path, capsys):
    (tmp_path / "file").touch()
    assert main(["--into", str(tmp_path / "file/again"), str(results)]) == 1
    errors = capsys.readouterr().err
    assert "name another folder with INTO" in errors and errors.count("\n") == 1
