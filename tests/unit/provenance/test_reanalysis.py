"""What a reanalysis checks and says; tests/workflow/test_reanalysed.py runs one."""

import hashlib
import json
import os
import shutil
from pathlib import Path

import pandas as pd
import pytest

from basewise.provenance.archive import Source
from basewise.provenance.checksums import last_change, output_table
from basewise.provenance.reanalysis import compare, lay_out, main
from basewise.store.run_records import RunRecord, write_run

ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
"""SHA-256 of ``abc``, from FIPS 180-2."""

CONFIG = """
datasets:
  x:
    fasta: {bound: input/a.fa, free: ../shared/b.fa}
    positive: bound
    task: binary
    split: {method: random, validation: 0.2, test: 0.2, seed: 1}
  y:
    fasta: {bound: $DATA/c.fa, free: results/demo/d.fa}
    positive: bound
    task: binary
    split: {method: random, validation: 0.2, test: 0.2, seed: 1}
models:
  same: {baseline: majority}
"""

RECORD = {
    "config.yaml": CONFIG,
    "inputs.tsv": f"dataset\tfile\tbytes\tsha256\nx\tinput/a.fa\t3\t{ABC}\n"
    f"x\t../shared/b.fa\t3\t{ABC}\ny\t$DATA/c.fa\t3\t{ABC}\ny\tresults/demo/d.fa\t3\t0\n",
    "outputs.tsv": f"file\tof\tsha256\nmetrics.tsv\tfile\t{ABC}\nx/model.keras\tweights\t{ABC}\n",
    "software.tsv": "package\tversion\nbasewise\t0.1.0\nkeras\t3.15.1\n",
}


def record(folder: Path, texts: dict[str, str] = RECORD) -> None:
    """Write a record whose crate lists its files as they are."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text)
    listed = [
        {"@id": name, "sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest()}
        for name in texts
    ]
    (folder / "ro-crate-metadata.json").write_text(json.dumps({"@graph": listed}))


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
    record(folder / "provenance")
    return folder


@pytest.fixture
def given(results) -> list[str]:
    """What a user says who knows the files that lie outside the archive, and what is asked."""
    top = results.parents[1]
    return ["--yes", "--data", str(top / "data"), "--data", str(top / "shared"), str(results)]


@pytest.fixture
def rebuilt(results, monkeypatch) -> dict[str, str]:
    """Stands in for the workflow: what another run would have on record, to be edited."""
    texts = dict(RECORD)

    class Process(Stopped):
        def wait(self):
            place = Path(self.command[self.command.index("--directory") + 1], "results/provenance")
            record(place, texts)
            self.returncode = 0

    monkeypatch.setattr("basewise.provenance.reanalysis.subprocess.Popen", Process)
    return texts


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
    top = results.parents[1]
    names = {"input/a.fa": "project/input/a.fa", "../shared/b.fa": "shared/b.fa"}
    files = [Source(name, top / place, 3) for name, place in names.items()]
    for _ in range(2):
        work = lay_out(tmp_path / "again", [*files, Source("$DATA/c.fa", top / "data/c.fa", 3)])
    assert work.is_relative_to(tmp_path / "again")
    assert (work / "input/a.fa").samefile(top / "project/input/a.fa")
    assert not (work / "input").is_symlink()  # or a step would see what else lies there
    assert (work / "../shared/b.fa").samefile(top / "shared/b.fa")
    assert sorted(path.name for path in (tmp_path / "again").rglob("*")) == [
        *("a.fa", "b.fa", "inner", "input", "shared")
    ]


def test_all_the_same(results, rebuilt, given, capsys):
    before = sorted(results.parent.rglob("*"))
    assert main(given) == 0
    said = capsys.readouterr().out
    assert "Inputs: 3 files as on record\n  input/a.fa: 3 bytes, " in said
    assert "Datasets: x and y; models: same\n" in said
    assert "Checksums: 2 the same, 0 differ, 0 missing, 0 new" in said
    assert sorted(results.parent.rglob("*")) == before


def test_what_a_run_appends_to_is_written_anew(results, rebuilt, given):
    """A link to a file elsewhere, in its place, is never followed."""
    elsewhere = results.parents[1] / "elsewhere"
    elsewhere.write_text("a\n")
    (results / "provenance/commands.tsv").symlink_to(elsewhere)
    assert main(given) == 0
    assert elsewhere.read_text() == "a\n"
    assert not any(path.is_symlink() for path in results.with_name("results-again").rglob("c*.tsv"))


def test_what_differs_is_told_and_kept(results, rebuilt, given, capsys):
    rebuilt["outputs.tsv"] = RECORD["outputs.tsv"].replace(f"weights\t{ABC}", "weights\t1f")
    rebuilt["software.tsv"] = RECORD["software.tsv"].replace("3.15.1", "3.16.0")
    assert main(given) == 1
    said = capsys.readouterr().out
    assert "Software: keras 3.15.1 on record, 3.16.0 now\n" in said
    assert "differs: x/model.keras\n" in said
    assert "Checksums: 1 the same, 1 differ, 0 missing, 0 new" in said
    assert (results.parent / "results-again").is_dir()
    (results.parent / "results-again/.reanalysis").write_text("of another record")
    assert main(given) == 1
    assert "exists already and is something else" in capsys.readouterr().err


def test_a_stopped_workflow_ends_by_itself_and_is_continued(
    results, rebuilt, given, capsys, monkeypatch
):
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.delenv("BASEWISE_DATA", raising=False)
    with monkeypatch.context() as patch:
        patch.setattr("basewise.provenance.reanalysis.subprocess.Popen", Stopped)
        assert main([*given, "metrics.tsv"]) == 1
    assert Stopped.waits == 2
    assert "KERAS_BACKEND" not in Stopped.env and Stopped.env["BASEWISE_DATA"] == "resources"
    assert Stopped.env["PYTHONSAFEPATH"] == "1"
    assert "BASEWISE_DATA" not in os.environ
    errors = capsys.readouterr().err
    assert "the same command goes on from there" in errors and errors.count("\n") == 1
    assert main(given) == 0


def test_results_that_a_modules_prefix_has_moved(results, rebuilt, given):
    moved = results.parent / "moved"
    moved.mkdir()
    results.rename(moved / "results")
    known = [*given[:-1], "--data", str(results.parent)]
    assert main([*known, str(moved / "results")]) == 0


def test_results_may_be_a_link(results, rebuilt, given, tmp_path):
    results.rename(tmp_path / "elsewhere")
    results.symlink_to(tmp_path / "elsewhere")
    assert main(given) == 0


def test_nothing_starts_without_a_yes(results, given, capsys, monkeypatch):
    asked = given[1:]
    assert main(asked) == 1
    assert "nobody is there to say yes; add --yes" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda question: "n")
    assert main(asked) == 1
    assert "not started; nothing was written" in capsys.readouterr().err
    assert not (results.parent / "results-again").exists()


def test_snakemake_is_given_the_configuration_as_it_was_checked(results, rebuilt, given, tmp_path):
    assert main(["--into", str(tmp_path / "new"), *given]) == 0
    written = (tmp_path / "new/.reanalysis.yaml").read_text()
    assert written.startswith("datasets:\n  x:\n    fasta:\n      bound: input/a.fa\n")


TEMPLATE = "__use_yte__: true\n__definitions__:\n  - open('ran', 'w')\n"


def changed_record(results, name, old, new):
    record(results / "provenance", {**RECORD, name: RECORD[name].replace(old, new)})


def hostile_input(results, file):
    """A record that names another file, the same in its configuration and its list."""
    config = CONFIG.replace("input/a.fa", file)
    inputs = RECORD["inputs.tsv"].replace("input/a.fa", file)
    record(results / "provenance", {**RECORD, "config.yaml": config, "inputs.tsv": inputs})


def hidden(results):
    (results.parent / ".snakemake/scripts").mkdir(parents=True)
    (results.parent / ".snakemake/scripts/pandas.py").write_text("abc")
    hostile_input(results, ".snakemake/scripts/pandas.py")


def link_out(results):
    (results.parent / "input/a.fa").unlink()
    (results.parents[1] / "secret").write_text("abc")
    (results.parent / "input/a.fa").symlink_to(results.parents[1] / "secret")


def pipe(results):
    (results.parent / "input/a.fa").unlink()
    os.mkfifo(results.parent / "input/a.fa")


def linked_record(results):
    (results / "provenance/outputs.tsv").rename(results / "outputs.tsv")
    (results / "provenance/outputs.tsv").symlink_to(results / "outputs.tsv")


@pytest.mark.parametrize(
    ("hostile", "said"),
    [
        (
            lambda results: changed_record(results, "config.yaml", CONFIG, TEMPLATE + CONFIG),
            "unknown key '__use_yte__'",
        ),
        (
            lambda results: (results / "provenance/config.yaml").write_text(
                CONFIG + "seeds: [2]\n"
            ),
            "it was changed after the run",
        ),
        (
            lambda results: changed_record(results, "config.yaml", "input/a.fa", "/etc/hostname"),
            "does not list '/etc/hostname', which config.yaml names",
        ),
        (
            lambda results: changed_record(
                results, "inputs.tsv", "y\tres", f"y\tz\t3\t{ABC}\ny\tres"
            ),
            "lists 'z', which config.yaml does not name",
        ),
        (hidden, "is hidden, or lies where the workflow looks itself"),
        (lambda results: hostile_input(results, "results/x.fa"), "is hidden, or lies where"),
        (lambda results: hostile_input(results, "/etc/hostname"), "lies outside"),
        (link_out, "lies outside"),
        (
            lambda results: hostile_input(results, "../../../etc/hostname"),
            "'../../../etc/hostname'",
        ),
        (pipe, "is no file but a folder or a device"),
        (linked_record, "is a link, which no record has"),
        (lambda results: hostile_input(results, "/proc/kmsg"), "lies outside"),
        (
            lambda results: (results / "provenance/ro-crate-metadata.json").write_text("[" * 10**5),
            "is no RO-Crate",
        ),
    ],
    ids=[
        *("template", "edited configuration", "file of the configuration alone"),
        *("file of the list alone", "hidden", "results", "absolute", "link out", "climbing"),
        *("pipe", "link in the record", "no end", "deep crate"),
    ],
)
def test_a_hostile_archive_is_refused_in_one_line(results, given, capsys, hostile, said):
    hostile(results)
    before = sorted(results.parents[1].rglob("*"))
    assert main(given) == 1
    errors = capsys.readouterr().err
    assert said in errors and errors.startswith("Error: ") and errors.count("\n") == 1
    assert sorted(results.parents[1].rglob("*")) == before


def test_names_cannot_forge_lines_on_the_terminal(results, rebuilt, given, capsys):
    forged = '"x\x1b[2K\nChecksums: 17 the same"'
    changed_record(results, "outputs.tsv", "metrics.tsv", forged)
    assert main(given) == 1
    said = capsys.readouterr().out
    assert "\x1b" not in said and "\nChecksums: 17" not in said
    assert "missing: x\\x1b[2K\\nChecksums: 17 the same\n" in said


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        (lambda results: shutil.rmtree(results / "provenance"), "no record of a finished run"),
        (
            lambda results: record(results / "provenance", {**RECORD, "outputs.tsv": "file\nx\n"}),
            "has the columns file instead of file, of, sha256; take it as basewise wrote it",
        ),
        (
            lambda results: (results / "provenance/outputs.tsv").write_bytes(b"\xff\xfe\x00"),
            "it was changed after the run",
        ),
        (
            lambda results: record(results / "provenance", {**RECORD, "inputs.tsv": ""}),
            "no table",
        ),
        (
            lambda results: (results.parent / "input/a.fa").write_text("abd"),
            f"{ABC} on record; fetch the file of the record again",
        ),
        (
            lambda results: (results.parents[1] / "data/c.fa").unlink(),
            "/data/c.fa, or give its folder with --data (make: DATA=...)\n",
        ),
    ],
    ids=["no record", "no column", "binary", "empty", "changed input", "missing input"],
)
def test_a_mistake_is_one_line(results, given, capsys, mistake, said):
    mistake(results)
    assert main(given) == 1
    errors = capsys.readouterr().err
    assert said in errors and errors.startswith("Error: ") and errors.count("\n") == 1
    assert not (results.parent / "results-again").exists()


def test_results_are_never_worked_in(results, given, capsys):
    assert main(["--into", str(results / "again"), *given]) == 1
    assert f"lies inside {results}; name another folder with INTO" in capsys.readouterr().err


def test_a_folder_that_cannot_be_made_is_one_line(results, given, tmp_path, capsys):
    (tmp_path / "file").touch()
    assert main(["--into", str(tmp_path / "file/again"), *given]) == 1
    errors = capsys.readouterr().err
    assert "name another folder with INTO" in errors and errors.count("\n") == 1


def test_code_of_the_authors_needs_a_yes_of_its_own(results, given, rebuilt, capsys):
    (results.parent / "input/net.py").write_text("abc")
    models = "models:\n  mine: {architecture: {file: input/net.py, function: build}}"
    texts = {
        **RECORD,
        "config.yaml": CONFIG.replace("models:", models),
        "inputs.tsv": f"{RECORD['inputs.tsv']}x\tinput/net.py\t3\t{ABC}\n"
        f"y\tinput/net.py\t3\t{ABC}\n",
    }
    record(results / "provenance", texts)
    assert main(given) == 1
    line = "the record has code of its authors' own: "
    error = capsys.readouterr().err
    assert f"Error: {line}{results.parent / 'input/net.py'}; read it, and if it may run" in error
    rebuilt |= texts
    assert main(["--trust-code", *given]) == 0
