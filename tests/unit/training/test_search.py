"""A search for settings, with a network of four filters on sequences of 20 bp."""

import os
import signal
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from basewise.core.errors import InputError
from basewise.figures.drawing import save_figure
from basewise.figures.training import importance_figure, search_figure
from basewise.store.json_files import write_json
from basewise.store.parts import read_split, write_split
from basewise.store.run_records import RunRecord
from basewise.store.shards import open_tensors, write_tensors
from basewise.training.claims import take_claim
from basewise.training.inner_split import UNUSED, inner_parts, inner_tensors
from basewise.training.search_results import (
    divide,
    importance_table,
    suggest,
    trials_table,
    write_results,
)
from basewise.training.settings import merge_tuned
from basewise.training.trials import (
    begin_trial,
    counted,
    end_trial,
    finished,
    journal_state,
    mend_journal,
    open_journal,
    release_trials,
)

SEARCH = {
    "learning_rate": {"of": "training", "integer": False, "low": 1e-4, "high": 1e-1, "log": True},
    "filters": {"of": "settings", "integer": True, "low": 2, "high": 8, "step": 2},
    "dense_units": {"of": "settings", "choices": [4, 8]},
}
N = 80


def parts():
    return np.resize(["train", "train", "train", "validation", "test"], N)


def dataset(folder, changed=()):
    """Tensors and a split of sequences whose class is what their first letter is; some changed."""
    generator = np.random.default_rng(1)
    letters = generator.choice(np.frombuffer(b"ACGT", dtype=np.uint8), (N, 20))
    target = np.isin(letters[:, 0], list(b"AC")).astype(np.int8)[:, None]
    letters[changed] = ord("A")
    target[changed] = 1
    ids = [f"e{row}" for row in range(N)]
    write_tensors(folder / "tensors", [(letters, target, ids)], task="binary", outputs=["label"])
    write_split(pd.DataFrame({"id": ids, "group": None}), parts(), folder / "split.tsv")
    return folder


def tune(folder, trials, search=SEARCH):
    """Run one job; its output names the journal."""
    from basewise.training.search import Plan, tune_and_save

    output = folder / "jobs" / "0.json"
    tune_and_save(
        folder / "tensors",
        folder / "split.tsv",
        output,
        architecture="conv1d",
        settings={},
        training={"epochs": 9, "batch_size": 16, "patience": 2, "learning_rate": 0.001},
        transform="none",
        search=search,
        plan=Plan(trials, epochs=2, jobs=1, job=0),
        root_seed=1,
        run={"dataset": "d", "model": "m", "fold": "0", "seed": 1},
        device_settings={},
        memory_mb=2000,
        code="",
    )
    return output


def results(folder, jobs, trials, search=SEARCH):
    """The tables of a search, as bytes."""
    names = {"trials": "trials.tsv", "best": "best.json", "importance": "importance.tsv"}
    write_results(jobs, search, trials, 1, {key: str(folder / file) for key, file in names.items()})
    return {key: (folder / file).read_bytes() for key, file in names.items()}


def asked(folder, trials, loss, name="j.log", job=0, jobs=1):
    """A search with a function of the values in place of a training of two epochs."""
    study = open_journal(folder / name)
    release_trials(study, job, jobs)
    while (begun := begin_trial(study, trials, job, 7)) is not None:
        values, losses = suggest(begun[0], SEARCH), []
        for epoch in (1, 2):
            losses.append(loss(values) / epoch)
            begun[0].report(losses[-1], epoch)
        end_trial(study, begun[0], losses, "")
    return finished(study, trials)


def loss_of(values):
    """Lowest at a learning rate of 0.01 and 4 filters; dense_units do not matter."""
    return 2 + np.log10(values["learning_rate"] / 0.01) ** 2 + 0.01 * (values["filters"] - 4) ** 2


def test_classes_and_groups_are_divided_within_the_train_part():
    generator = np.random.default_rng(3)
    part = generator.choice(["train", "validation", "test"], 1000, p=[0.6, 0.2, 0.2])
    target = (generator.random((1000, 1)) < 0.1).astype(np.int8)
    none = pd.Series([None] * 1000, dtype=object)
    inner = inner_parts(part, none, target, "binary", 1)
    np.testing.assert_array_equal(inner == UNUSED, part != "train")
    for label in (0, 1):
        here = inner[(part == "train") & (target[:, 0] == label)]
        assert abs((here == "validation").sum() - 0.2 * len(here)) < 1
    assert (inner != inner_parts(part, none, target, "binary", 2)).any()
    group = pd.Series([f"g{row % 50}" for row in range(1000)])
    np.testing.assert_array_equal(inner, inner_parts(part, group, target, "binary", 1))


def test_groups_that_the_split_keeps_stay_together():
    target = np.random.default_rng(3).integers(2, size=(1000, 1)).astype(np.int8)
    number = np.arange(1000) // 5
    part = np.resize(["train", "train", "test"], 200)[number]
    group = pd.Series([f"g{row}" for row in number]).where(np.arange(1000) < 900)
    inner = inner_parts(part, group, target, "binary", 1)
    used = pd.DataFrame({"group": group, "inner": inner})[part == "train"]
    assert used.groupby("group")["inner"].nunique().max() == 1
    assert 0.18 < (used["inner"] == "validation").mean() < 0.22
    one = pd.Series(np.where(part == "train", "a", "b"))
    alone = inner_parts(part, one, target, "binary", 1)
    assert set(alone[part == "train"]) == {"train", "validation"}


@pytest.mark.parametrize("task", ["multiclass", "multilabel", "regression", "per_position"])
def test_every_task_is_divided(task):
    target = np.random.default_rng(1).integers(2, size=(50, 1 if task == "multiclass" else 3))
    inner = inner_parts(
        np.resize(["train", "test"], 50), pd.Series([None] * 50), target.astype(float), task, 1
    )
    assert (inner == "train").sum() in (20, 21) and (inner == UNUSED).sum() == 25


def test_a_small_train_part_is_refused():
    with pytest.raises(InputError, match="has 9 examples, a search needs 10; take `tune` out"):
        inner_parts(np.full(9, "train"), pd.Series([None] * 9), np.ones((9, 1)), "regression", 1)


def test_groups_of_a_split_file_are_read_as_text(tmp_path):
    examples = pd.DataFrame({"id": ["a", "NA", "c"], "group": ["1", None, "NA"]})
    write_split(examples, np.array(["train"] * 3), tmp_path / "split.tsv")
    ids = np.array(["c", "NA", "a"], dtype=np.dtypes.StringDType())
    assert read_split(tmp_path / "split.tsv", ids).group.fillna("-").tolist() == ["NA", "-", "1"]


def test_a_scale_is_fitted_on_what_a_trial_learns_from(tmp_path):
    target = np.arange(1, 41, dtype=np.float32)[:, None] ** 2
    letters = np.full((40, 20), ord("A"), dtype=np.uint8)
    ids = [f"e{row}" for row in range(40)]
    write_tensors(tmp_path / "t", [(letters, target, ids)], task="regression", outputs=["y"])
    inner = np.resize(["train", "validation", "train", UNUSED], 40)
    learned = inner_tensors(open_tensors(tmp_path / "t"), inner, "zscore").target
    assert np.isnan(learned[inner == UNUSED]).all()
    assert learned[inner == "train"].mean() == pytest.approx(0, abs=1e-6)
    assert learned[inner == "train"].std() == pytest.approx(1, abs=1e-5)
    expected = (target - target[inner == "train"].mean()) / target[inner == "train"].std()
    np.testing.assert_allclose(
        learned[inner == "validation"], expected[inner == "validation"], 1e-5
    )


def test_the_search_finds_what_matters(tmp_path):
    trials = asked(tmp_path, 40, loss_of)
    table = trials_table(trials, SEARCH)
    assert list(table) == [
        *("number", "state", "value", "epochs"),
        *("dense_units", "filters", "learning_rate"),
    ]
    np.testing.assert_allclose(2 * table["value"], [loss_of(row) for _, row in table.iterrows()])
    assert table["value"].min() < 1.05
    assert set(table["filters"]) <= {2, 4, 6, 8} and set(table["dense_units"]) == {4, 8}
    importance = importance_table(trials, 1)
    assert importance["setting"].iloc[0] == "learning_rate"
    assert importance["importance"].iloc[0] > 0.8
    assert importance["importance"].sum() == pytest.approx(1, abs=1e-5)
    pd.testing.assert_frame_equal(importance, importance_table(trials, 1))
    assert importance_table(trials[:3], 1).empty and not importance_table(trials[:4], 1).empty


KILLED = """
import os, signal, sys
from pathlib import Path
from test_search import asked, loss_of
seen = []
def loss(values):
    seen.append(values)
    if len(seen) > int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
    return loss_of(values)
asked(Path(sys.argv[1]), 20, loss)
"""


@pytest.mark.slow
def test_a_killed_search_ends_as_an_uninterrupted_one(tmp_path):
    """Killed in the first epoch of trial 7, then in the second of trial 14."""
    whole = trials_table(asked(tmp_path, 20, loss_of, "whole.log"), SEARCH)
    paths = os.pathsep.join([os.path.dirname(__file__), *sys.path])
    for calls in (12, 15):
        command = [sys.executable, "-c", KILLED, str(tmp_path), str(calls)]
        done = subprocess.run(command, env={**os.environ, "PYTHONPATH": paths})
        assert done.returncode == -signal.SIGKILL
    journal = tmp_path / "j.log"
    assert len(finished(open_journal(journal), 20)) == 13
    with open(journal, "ab") as half:
        half.write(b'{"op_code":4,"work')
    (tmp_path / "j.log.lock").symlink_to(journal)
    mend_journal(journal, alone=True)
    resumed = trials_table(asked(tmp_path, 20, loss_of), SEARCH)
    pd.testing.assert_frame_equal(resumed, whole, check_exact=True)


def test_a_search_goes_on_behind_what_is_whole_of_a_damaged_journal(tmp_path, capsys):
    whole = trials_table(asked(tmp_path, 12, loss_of), SEARCH)
    journal = tmp_path / "j.log"
    lines = journal.read_bytes().splitlines(keepends=True)
    place = len(lines) // 2
    lines[place] = lines[place].replace(b'"', b"\x02", 1)
    journal.write_bytes(b"".join(lines))
    mend_journal(journal, alone=True)
    assert f"is damaged; the search goes on from line {place}" in capsys.readouterr().out
    assert len(journal.read_bytes().splitlines()) == place
    again = trials_table(asked(tmp_path, 12, loss_of), SEARCH)
    pd.testing.assert_frame_equal(again, whole, check_exact=True)


def test_the_journal_of_a_search_that_has_ended_is_whole(tmp_path):
    """It may have grown since, by another job or a longer search."""
    journal, job = tmp_path / "j.log", tmp_path / "jobs/0.json"
    asked(tmp_path, 4, loss_of)
    with open(journal, "ab") as half:
        half.write(b'{"op_')
    write_json(journal_state(journal), job)
    mend_journal(journal, alone=True)
    found = results(tmp_path, [job], 4)
    asked(tmp_path, 6, loss_of)
    assert results(tmp_path, [job], 4) == found
    content = journal.read_bytes()
    damages = (b"", content[:300], content[:50] + bytes([content[50] ^ 1]) + content[51:], None)
    for damage in damages:
        journal.unlink() if damage is None else journal.write_bytes(damage)
        with pytest.raises(InputError) as caught:
            results(tmp_path, [job], 4)
        assert str(caught.value) == (
            f"{journal}: is not as the search left it; "
            f"`rm -rf {job.parent} {journal}` and run the workflow again"
        )


def test_more_trials_go_on_and_fewer_are_the_first(tmp_path):
    long = trials_table(asked(tmp_path, 14, loss_of, "long.log"), SEARCH)
    short = trials_table(asked(tmp_path, 9, loss_of), SEARCH)
    pd.testing.assert_frame_equal(short, long.iloc[:9])
    pd.testing.assert_frame_equal(trials_table(asked(tmp_path, 14, loss_of), SEARCH), long)
    pd.testing.assert_frame_equal(trials_table(asked(tmp_path, 9, loss_of), SEARCH), short)


def test_jobs_share_the_trials_and_give_up_only_their_own(tmp_path):
    studies = [open_journal(tmp_path / "j.log") for _ in range(3)]
    (first, one), (second, two) = (begin_trial(studies[job], 4, job, 7) for job in (0, 1))
    assert (one, two) == (1, 2)
    assert suggest(first, SEARCH) != suggest(second, SEARCH)
    release_trials(studies[0], 0, 2)
    assert [trial.number for trial in counted(studies[2], 4)] == [second.number]
    assert len(asked(tmp_path, 4, loss_of, job=0, jobs=2)) == 3
    assert begin_trial(studies[2], 4, 0, 7) is None
    release_trials(studies[2], 0, 1)
    assert len(asked(tmp_path, 4, loss_of, job=0, jobs=1)) == 4


def test_trials_without_an_end_are_told_apart_and_never_best(tmp_path):
    study = open_journal(tmp_path / "j.log")
    for losses, problem in [([], "refused: too wide"), ([0.1, np.nan], ""), ([0.2], "pruned")]:
        trial, _ = begin_trial(study, 4, 0, 7)
        suggest(trial, SEARCH)
        for epoch, loss in enumerate(losses, start=1):
            trial.report(loss, epoch)
        end_trial(study, trial, losses, problem)
    job = tmp_path / "jobs" / "0.json"
    write_json(journal_state(tmp_path / "j.log"), job)
    with pytest.raises(InputError, match="to its end: diverged, pruned, refused: too wide; search"):
        results(tmp_path, [job], 4)
    asked(tmp_path, 4, lambda values: 1)
    found = results(tmp_path, [job], 4)
    table = pd.read_csv(tmp_path / "trials.tsv", sep="\t")
    assert table["state"].tolist() == ["refused", "diverged", "pruned", "complete"]
    assert table["value"].fillna(9).tolist() == [9, 0.1, 0.2, 0.5]
    assert table["epochs"].tolist() == [0, 2, 1, 2]
    given = RunRecord("d", "m", 0, 1, settings={"filters": 1, "dropout": 0.5})
    tuned = merge_tuned(given, tmp_path / "best.json")
    filters = table["filters"][3]
    assert tuned.settings == {"filters": filters, "dropout": 0.5, "dense_units": 8}
    assert tuned.training == {"learning_rate": table["learning_rate"][3]}
    assert found["importance"] == b"setting\timportance\n"


def test_choices_may_be_lists(tmp_path):
    search = {"kernel_sizes": {"of": "settings", "choices": [[3, 5], [7]]}}
    trial = open_journal(tmp_path / "j.log").ask()
    values = suggest(trial, search)
    assert values["kernel_sizes"] in ([3, 5], [7])
    assert divide(values, search) == (values, {})


def test_the_figures_draw_what_there_is(tmp_path):
    trials = pd.DataFrame(
        [(1, "complete", 0.7), (2, "refused", None), (3, "pruned", 0.6), (4, "complete", 0.5)],
        columns=["number", "state", "value"],
    )
    importance = pd.DataFrame({"setting": ["filters"], "importance": [1.0]})
    save_figure(search_figure(trials), tmp_path / "trials.svg")
    save_figure(importance_figure(importance), tmp_path / "importance.svg")
    save_figure(importance_figure(importance[:0]), tmp_path / "empty.svg")
    drawn = {path.stem: path.read_text() for path in tmp_path.glob("*.svg")}
    assert "pruned" in drawn["trials"] and "refused" not in drawn["trials"]
    assert "filters" in drawn["importance"] and "Too few" in drawn["empty"]


@pytest.mark.usefixtures("op_by_op")
@pytest.mark.slow
def test_validation_and_test_examples_are_not_looked_at(tmp_path, capsys):
    """Letters and targets of all held-out examples change, and no byte of the tables does."""
    held_out = np.flatnonzero(parts() != "train")
    tables = []
    for name, changed in (("as it is", []), ("changed", held_out)):
        folder = tmp_path / name
        folder.mkdir()
        dataset(folder, changed)
        tables.append(results(folder, [tune(folder, 2)], 2))
    assert tables[0] == tables[1]
    assert tables[0]["trials"].count(b"complete") == 2
    log = capsys.readouterr().out
    assert "Learning from 38 training examples, judging by 10 others of them" in log
    assert log.count("; best so far ") == 4 and "Epoch" not in log


@pytest.mark.usefixtures("op_by_op")
def test_a_search_that_another_job_took_over_writes_no_trial(tmp_path, monkeypatch):
    from basewise.training import search

    monkeypatch.setattr(search, "take_claim", lambda path: (take_claim(path), take_claim(path))[0])
    search = {"kernel_size": {"of": "settings", "choices": [50, 60]}}
    with pytest.raises(InputError, match="another job has taken over"):
        tune(dataset(tmp_path), 2, search)
    (journal,) = tmp_path.glob("journal-*.log")
    assert finished(open_journal(journal), 2) == []


@pytest.mark.slow
@pytest.mark.usefixtures("op_by_op")
def test_settings_that_do_not_go_together_end_a_trial_only(tmp_path):
    search = {"kernel_size": {"of": "settings", "choices": [50, 60]}}
    job = tune(dataset(tmp_path), 2, search)
    with pytest.raises(InputError, match="refused: conv1d needs sequences of at least"):
        results(tmp_path, [job], 2, search)
    stale = job.parents[1] / "journal-0.log"
    stale.touch()
    tune(tmp_path, 3, search)
    assert len(list(stale.parent.glob("journal-*"))) == 1
