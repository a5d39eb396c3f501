"""A reader refuses a file that is damaged, of another kind, or another's."""

import numpy as np
import pandas as pd
import pytest
from support import ROOT

from basewise.core.errors import InputError
from basewise.store.arrays import read_array, write_array
from basewise.store.json_files import read_json, write_json
from basewise.store.parts import Split, groups_of, read_split, write_split
from basewise.store.scores import read_runs, read_scores, score_table, write_scores
from basewise.store.tables import (
    BALANCE_COLUMNS,
    EXAMPLE_COLUMNS,
    SPLIT_COLUMNS,
    TRIAL_COLUMNS,
    Columns,
    read_candidates,
    read_examples,
    read_table,
    write_parquet,
    write_table,
)

IDS = ["a", "b", "c", "d"]
PART = np.array(["train", "test", "validation", "test"])


def balance(**changed):
    return pd.DataFrame({"fold": [0], "part": ["test"], "class": ["01"], "count": [3]} | changed)


def test_names_are_text_and_the_rest_are_numbers(tmp_path):
    columns = Columns("id* count share")
    assert (columns, columns.texts, columns.more) == (["id", "count", "share"], ["id"], False)
    write_table(balance(), tmp_path / "balance.tsv")
    row = read_table(tmp_path / "balance.tsv", BALANCE_COLUMNS).iloc[0]
    assert row.to_list() == [0, "test", "01", 3]
    write_table(balance()[:0], tmp_path / "balance.tsv")
    assert read_table(tmp_path / "balance.tsv", BALANCE_COLUMNS).empty


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (balance(more=["x"]), "has the columns fold, part, class, count, more instead of fold"),
        (balance().drop(columns="count"), "has the columns fold, part, class instead of"),
        (balance(count=["many"]), "column count holds text, not only numbers; take it as"),
    ],
    ids=["one more", "one less", "text"],
)
def test_a_table_of_another_kind_is_refused(table, said, tmp_path):
    write_table(table, tmp_path / "balance.tsv")
    with pytest.raises(InputError, match=rf"balance\.tsv: {said}"):
        read_table(tmp_path / "balance.tsv", BALANCE_COLUMNS)


def test_some_tables_go_on_with_what_a_user_named(tmp_path):
    """Also with a name that is a column of numbers elsewhere."""
    table = pd.DataFrame([[1, "complete", 0.5, 3, "focal"]], columns=[*TRIAL_COLUMNS, "loss"])
    write_table(table, tmp_path / "trials.tsv")
    assert read_table(tmp_path / "trials.tsv", TRIAL_COLUMNS)["loss"].item() == "focal"


def examples_of(ids):
    return pd.DataFrame({"id": ids}).reindex(columns=EXAMPLE_COLUMNS)


def test_examples_are_those_of_the_dataset(tmp_path):
    path = tmp_path / "examples.parquet"
    write_parquet(examples_of(IDS), path)
    ids = np.array(IDS, dtype=np.dtypes.StringDType())
    assert read_examples(path, ids)["id"].tolist() == read_candidates(path)["id"].tolist() == IDS
    with pytest.raises(InputError, match=r"parquet: holds other examples than the tensors"):
        read_examples(path, ids[::-1])
    write_parquet(examples_of(IDS).drop(columns="record"), path)
    with pytest.raises(InputError, match="has no column record"):
        read_examples(path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match="is damaged; take it as"):
        read_examples(path)


def test_scores_are_those_of_the_split(tmp_path):
    """The first fold's, not the second's; whether a row is an example or one of its positions."""
    split = Split(pd.Series(IDS), PART, pd.Series([None] * 4))
    held_out = np.flatnonzero(PART != "train")
    target, score = np.ones((3, 2)), np.full((3, 2, 1), 0.5)
    ids, part = np.array(IDS)[held_out], PART[held_out]
    single = score_table(ids, part, target[:, :1], score[:, 0], ["label"])
    positions = score_table(ids, part, target, score, ["x"], "per_position")
    for table in (single, positions):
        write_scores(table, tmp_path / "scores.parquet")
        (run,) = read_runs([(0, 1)], [tmp_path / "scores.parquet"], [split])
        pd.testing.assert_frame_equal(run.scores, table)
        for other in (split._replace(part=PART[::-1]), split._replace(ids=pd.Series(list("abxd")))):
            with pytest.raises(InputError, match=r"scores\.parquet: holds scores of other exam"):
                read_scores(tmp_path / "scores.parquet", other)


def test_a_split_is_whole(tmp_path):
    path = tmp_path / "fold0.tsv"
    examples = pd.DataFrame({"id": IDS, "group": ["1", "1", None, "NA"]})
    write_split(examples, PART, path)
    split = read_split(path)
    assert (split.ids.tolist(), split.part.tolist()) == (IDS, PART.tolist())
    assert groups_of([split])[0].fillna("-").to_dict() == {"b": "1", "c": "-", "d": "NA"}
    path.write_text(path.read_text().replace("validation", "valid"))
    with pytest.raises(InputError, match=r"fold0\.tsv: names a part that is none of train, vali"):
        read_split(path, IDS)
    for text in ("", "id\tpart\na\ttrain\n"):
        path.write_text(text)
        with pytest.raises(InputError, match=r"fold0\.tsv: is missing, or no split"):
            read_split(path)


def test_an_array_has_a_row_for_each_example(tmp_path):
    path = tmp_path / "positions.npy"
    write_array(np.eye(3), path)
    np.testing.assert_array_equal(read_array(path, rows=3), np.eye(3))
    with pytest.raises(InputError, match=r"positions\.npy: has 3 rows for 4 examples"):
        read_array(path, rows=4)
    for size in (100, 0):
        path.write_bytes(path.read_bytes()[:size])
        with pytest.raises(InputError, match="is damaged"):
            read_array(path)


def test_named_values(tmp_path):
    write_json({"journal": "j.log"}, tmp_path / "0.json", indent=None)
    assert (tmp_path / "0.json").read_text() == '{"journal": "j.log"}\n'
    assert read_json(tmp_path / "0.json", ["journal"]) == {"journal": "j.log"}
    with pytest.raises(InputError, match=r"0\.json: is missing, damaged or of another version"):
        read_json(tmp_path / "0.json", ["settings"])


def test_names_that_a_spreadsheet_would_compute_stay_as_they_are(tmp_path):
    """SECURITY.md tells how to open such a table; quotes would change the names of others."""
    names = ["=1+1", "+1", "-1", "@sum", "=cmd|' /C calc'!A0"]
    path = tmp_path / "table.tsv"
    write_table(pd.DataFrame({"id": names, "part": "train", "group": names}), path)
    assert read_table(path, SPLIT_COLUMNS)["id"].tolist() == names
    told = (ROOT / "SECURITY.md").read_text()
    assert "begin with `=`, `+`, `-` or `@`" in told and "import tables of unknown origin" in told
