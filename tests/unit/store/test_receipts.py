"""What a step hands on is known to be whole, in its place, and made from what is there."""

import json
import os
import shutil

import pandas as pd
import pytest

from basewise.core.errors import InputError
from basewise.store import receipts
from basewise.store.receipts import checked, writing
from basewise.store.tables import Columns, read_table, write_table

COLUMNS = Columns("id* count")


@pytest.fixture
def step(monkeypatch):
    """Called where another step begins: a process of its own."""

    def begin():
        monkeypatch.setattr(receipts, "READ", {})
        monkeypatch.setattr(receipts, "WRITTEN", {})

    begin()
    return begin


@pytest.fixture
def results(tmp_path):
    return tmp_path / "results"


def write(path, *counts):
    rows = [(f"e{number}", count) for number, count in enumerate(counts)]
    write_table(pd.DataFrame(rows, columns=COLUMNS), path)
    return path


def refused(path):
    with pytest.raises(InputError) as caught:
        read_table(path, COLUMNS)
    text = str(caught.value)
    assert text.startswith(f"{path}: ")
    assert text.endswith(
        f"; take it as basewise wrote it, or `rm {path}` and run the workflow again"
    )
    return text.removeprefix(f"{path}: ").partition(";")[0]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda text: "", "0 bytes instead of 21"),
        (lambda text: text[:12], "12 bytes instead of 21"),
        (lambda text: text.replace("e1\t20\n", ""), "15 bytes instead of 21"),
        (lambda text: text + "e1\t20\n", "27 bytes instead of 21"),
        (lambda text: text.replace("20", "30"), "other bytes"),
    ],
    ids=["empty", "half", "a record less", "a record more", "a bit"],
)
@pytest.mark.usefixtures("step")
def test_a_file_holds_what_was_written(damage, said, results):
    path = write(results / "d/evaluation/m/a.tsv", 10, 20)
    whole = path.read_text()
    assert read_table(path, COLUMNS)["count"].to_list() == [10, 20]
    path.write_text(damage(whole))
    assert refused(path) == f"was changed or exchanged: {said}"
    path.write_text(whole)
    assert read_table(path, COLUMNS)["count"].to_list() == [10, 20]
    path.unlink()
    assert refused(path) == "is missing, or cannot be read"


def test_a_file_is_that_of_its_folder(step, results):
    """Alone, and with the receipt that belongs to it."""
    folders = [results / f"d/models/m/fold{fold}/seed1" for fold in range(2)]
    for number, folder in enumerate(folders):
        step()
        write(folder / "scores.tsv", number)
    first, second = folders
    mine = (first / "scores.tsv").read_bytes()
    shutil.copy(second / "scores.tsv", first)
    assert refused(first / "scores.tsv") == "was changed or exchanged: other bytes"
    shutil.copy(second / ".scores.tsv.receipt", first)
    assert refused(first / "scores.tsv") == "is that of results/d/models/m/fold1/seed1"
    (first / "scores.tsv").write_bytes(mine)
    assert refused(first / "scores.tsv") == "was changed or exchanged: other bytes"


def test_a_file_was_made_from_what_is_there(step, results):
    """Also where the results of another run, with their receipts, were copied over some of them."""
    split, scores = results / "d/splits/fold0.tsv", results / "d/models/m/scores.tsv"
    for count in (1, 2):
        step()
        write(split, count)
        step()
        read_table(split, COLUMNS)
        write(scores, count)
        shutil.copytree(results, results.with_name(f"run{count}"))
    step()
    read_table(scores, COLUMNS)
    shutil.copytree(results.with_name("run1") / "d/splits", split.parent, dirs_exist_ok=True)
    read_table(split, COLUMNS)
    assert refused(scores) == "was made from another results/d/splits/fold0.tsv than is there now"
    shutil.rmtree(split.parent)
    read_table(scores, COLUMNS)


def test_steps_that_write_into_a_folder_do_not_meet(step, results):
    """Whoever comes first, and comes again; a folder has a receipt a step."""
    names = ["metrics.tsv", "learning.tsv"]
    for name in (*names, names[0]):
        step()
        write(results / "d" / name, 1)
        write(results / f"d/more.{name}", 2)
    for name in names:
        assert read_table(results / "d" / name, COLUMNS)["count"].item() == 1
        assert read_table(results / f"d/more.{name}", COLUMNS)["count"].item() == 2
    hidden = sorted(path.name for path in (results / "d").glob(".*"))
    assert hidden == [".learning.tsv.receipt", ".metrics.tsv.receipt"]


def test_a_folder_that_is_written_whole(step, results):
    """Its receipts name the place that it comes to."""
    with receipts.replacing(results / "d/splits") as folder:
        folder.mkdir()
        write(folder / "fold0.tsv", 1)
        write(folder / "fold1.tsv", 2)
    step()
    assert read_table(results / "d/splits/fold1.tsv", COLUMNS)["count"].item() == 2
    (results / "d/splits/.snakemake_timestamp").touch()
    (results / "d/splits/fold0.tsv").write_text("")
    with pytest.raises(InputError, match=rf"or `rm -r {results}/d/splits` and run"):
        read_table(results / "d/splits/fold0.tsv", COLUMNS)


@pytest.mark.parametrize("text", ["", "[]", "{}", "[" * 100_000, '{"files": {"a.tsv": 3}}', "\xff"])
@pytest.mark.usefixtures("step")
def test_a_receipt_that_is_damaged_or_gone(text, results):
    path = write(results / "a.tsv", 1)
    receipt = results / ".a.tsv.receipt"
    receipt.write_text(text, encoding="latin-1")
    assert refused(path) == "has no receipt (a hidden file .*.receipt) beside it"
    receipt.unlink()
    assert refused(path) == "has no receipt (a hidden file .*.receipt) beside it"


@pytest.mark.usefixtures("step")
def test_every_bit_of_a_receipt_that_turns_is_met(results):
    """With a refusal or with the same content, never with a traceback."""
    write(results / "d/a.tsv", 1)
    read_table(results / "d/a.tsv", COLUMNS)
    path = write(results / "e/b.tsv", 2)
    receipt = results / "e/.b.tsv.receipt"
    whole = receipt.read_bytes()
    for place in range(len(whole)):
        for bit in range(0, 8, 3):
            turned = bytes([whole[place] ^ 1 << bit])
            receipt.write_bytes(whole[:place] + turned + whole[place + 1 :])
            os.utime(receipt, ns=(0, 8 * place + bit))
            try:
                assert read_table(path, COLUMNS)["count"].item() == 2
            except InputError as error:
                assert str(error).startswith(f"{path}: ")


@pytest.mark.parametrize("folder", ["elsewhere", ".snakemake/storage/s3/bucket/results/d"])
def test_what_lies_elsewhere_has_no_receipt(folder, tmp_path):
    """A user's copy, and what Snakemake brings from a remote storage without hidden files."""
    path = write(tmp_path / folder / "a.tsv", 1)
    path.write_text(path.read_text().replace("1", "2"))
    assert read_table(path, COLUMNS)["count"].item() == 2
    assert [file.name for file in path.parent.iterdir()] == ["a.tsv"]


@pytest.mark.usefixtures("step")
def test_results_may_be_moved(results, tmp_path):
    write(results / "d/a.tsv", 1)
    moved = shutil.move(results, tmp_path / "archive")
    assert read_table(tmp_path / "archive/d/a.tsv", COLUMNS)["count"].item() == 1
    (tmp_path / "other").mkdir()
    shutil.copytree(moved, tmp_path / "other/results")
    assert checked(tmp_path / "other/results/d/a.tsv").exists()


@pytest.mark.usefixtures("step")
def test_a_file_that_could_not_be_written_leaves_no_receipt(results):
    with pytest.raises(OSError, match="full"), writing(results / "a.tsv") as unfinished:
        unfinished.write_text("half")
        raise OSError("full")
    assert list(results.iterdir()) == []


@pytest.mark.usefixtures("step")
def test_a_receipt_is_plain_json(results):
    write(results / "d/a.tsv", 1)
    receipt = json.loads((results / "d/.a.tsv.receipt").read_text())
    assert list(receipt) == ["folder", "files", "made_from"]
    assert receipt["folder"] == "d"
    (entry,) = receipt["files"].values()
    assert entry[0] == 14


def test_a_process_may_work_in_several_folders_of_results(step, results, tmp_path):
    """What it has read in one is no source of the other, nor of the file that it then replaces."""
    other = tmp_path / "other/results"
    step()
    read_table(write(other / "d/a.tsv", 1), COLUMNS)
    read_table(write(results / "d/a.tsv", 1), COLUMNS)
    write(results / "d/a.tsv", 2)
    write(other / "d/a.tsv", 3)
    for path, count in ((results, 2), (other, 3)):
        assert read_table(path / "d/a.tsv", COLUMNS)["count"].item() == count
