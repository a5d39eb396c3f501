import numpy as np
import pandas as pd
import pytest

from basewise.core.errors import InputError
from basewise.evaluation.worst_errors import worst_errors
from basewise.store.parts import groups_of, read_leaking, read_split, write_split
from basewise.store.scores import Run
from basewise.store.shards import open_tensors, write_tensors
from basewise.store.tables import LEAK_COLUMNS, write_table

LETTERS = np.frombuffer(b"AC-TGRNCTTA-", dtype=np.uint8).reshape(3, 4)
EXAMPLES = pd.DataFrame(
    {
        "id": ["a", "b", "c"],
        "record": [0, 2, 3],
        "chrom": ["chr1", None, None],
        "start": [10, None, None],
        "end": [14, None, None],
        "strand": ["-", ".", "."],
        "source": ["x.fa", "x.fa", "y.fa"],
        "line": [1, 5, 7],
    }
).astype({"start": "Int64", "end": "Int64"})


def tensors_of(folder, letters, alphabet="dna"):
    target = np.zeros((len(letters), 1))
    what = {"task": "binary", "outputs": ["label"], "alphabet": alphabet}
    ids = [f"e{row}" for row in range(len(letters))]
    write_tensors(folder / "tensors", [(letters, target, ids)], **what)
    return open_tensors(folder / "tensors")


@pytest.fixture
def sequences(tmp_path):
    return tensors_of(tmp_path, LETTERS)


@pytest.fixture
def genotypes(tmp_path):
    return tensors_of(tmp_path, np.full((3, 4), ord("1"), dtype=np.uint8), "genotype")


def run(fold=0, seed=1, **columns):
    ids = columns.pop("id", ["a", "b", "c"])
    return Run(fold, seed, pd.DataFrame({"id": ids, "part": "test", **columns}))


def test_losses_are_means_over_the_runs_that_test_on_an_example(sequences):
    first = run(**{"target.label": [1, 0, 1], "score.label": [0.5, 0.8, 0.9]})
    second = run(seed=2, id=["a", "b"], **{"target.label": [1, 0], "score.label": [0.25, 0.2]})
    table = worst_errors([first, second], "binary", EXAMPLES, sequences)
    assert table["id"].tolist() == ["a", "b", "c"]
    assert table["rank"].tolist() == [1, 2, 3]
    losses = [np.log([2, 4]).mean(), np.log([5, 1.25]).mean(), np.log(1 / 0.9)]
    assert table["loss"].tolist() == pytest.approx(losses)
    assert table["score"].tolist() == pytest.approx([0.375, 0.5, 0.9])
    assert table["true"].tolist() == ["1", "0", "1"]
    assert table["predicted"].tolist() == ["0", "0", "1"]
    assert table["place"].tolist() == ["chr1:10-14(-)", "x.fa:5", "y.fa:7"]
    assert table["sequence"].tolist() == ["AC-T", "GRNC", "TTA"]


def test_several_classes_have_their_names(sequences):
    columns = {"target.up": [1, 0, 0], "score.up": [0.2, 0.1, 0.7], "target.down": [0, 1, 1]}
    scores = [run(**columns, **{"score.down": [0.8, 0.9, 0.3]})]
    table = worst_errors(scores, "multiclass", EXAMPLES, sequences).set_index("id")
    assert table.index.tolist() == ["a", "c", "b"]
    assert table[["true", "predicted", "score"]].to_numpy().tolist() == [
        ["up", "down", 0.8],
        ["down", "up", 0.7],
        ["down", "down", 0.9],
    ]
    table = worst_errors(scores, "multilabel", EXAMPLES, sequences).set_index("id")
    assert table["loss"]["a"] == pytest.approx(np.log(5))
    assert table["score"].isna().all()


def test_errors_of_numbers_without_what_is_not_known(genotypes):
    columns = {"target.y": [1.0, 2.0, None], "score.y": [0.0, 4.0, 9.0]}
    table = worst_errors([run(**columns)], "regression", EXAMPLES, genotypes)
    assert table[["id", "true", "predicted", "loss"]].to_numpy().tolist() == [
        ["b", "2", "4", 2],
        ["a", "1", "0", 1],
    ]
    assert set(table["sequence"]) == set(table["place"]) == {""}
    columns |= {"target.x": [0.0, 0, 200], "score.x": [0.0, 0, 100]}
    table = worst_errors([run(**columns)], "regression", EXAMPLES, genotypes)
    assert table["id"].tolist() == ["b", "c", "a"]
    unit = np.std([0, 0, 200])
    assert table["loss"].tolist() == pytest.approx([2 / 0.5 / 2, 100 / unit, 1 / 0.5 / 2])
    assert table["true"].tolist() == ["y 2, x 0", "x 200", "y 1, x 0"]


def test_sequences_of_bases_by_their_mean_loss(sequences):
    columns = {"target.in": [1, 1, 0, 0], "score.in": [0.5, 0.25, 0.1, 0.1]}
    columns |= {"target.out": [0, 0, 1, 1], "score.out": [0.5, 0.75, 0.9, 0.9]}
    scores = [run(id=["b", "b", "c", "c"], **columns)]
    table = worst_errors(scores, "per_position", EXAMPLES, sequences)
    assert table["id"].tolist() == ["b", "c"]
    assert table["loss"].tolist() == pytest.approx([np.log([2, 4]).mean(), np.log(1 / 0.9)])
    assert table["sequence"].tolist() == ["GRNC", "TTA"]


def test_at_most_twenty_are_listed(tmp_path):
    many = pd.concat([EXAMPLES] * 10, ignore_index=True).assign(id=[f"e{row}" for row in range(30)])
    tensors = tensors_of(tmp_path, np.tile(LETTERS, (10, 1)))
    columns = {"target.label": np.ones(30, dtype=int), "score.label": np.linspace(0.1, 0.9, 30)}
    table = worst_errors([run(id=many["id"], **columns)], "binary", many, tensors)
    assert table["id"].tolist() == [f"e{row}" for row in range(20)]


def test_tensors_of_other_examples_are_refused(sequences):
    scores = [run(**{"target.label": [1, 0, 1], "score.label": [0.5, 0.8, 0.9]})]
    message = "the tensors hold 3 examples, the table of examples 2; delete the folder"
    with pytest.raises(InputError, match=message):
        worst_errors(scores, "binary", EXAMPLES[:2], sequences)


def test_groups_and_leaking_rows_of_every_fold(tmp_path):
    parts = np.array(["train", "test", "validation"])
    examples = pd.DataFrame({"id": ["a", "b", "c"], "group": [None, "NA", None]})
    write_split(examples, parts, tmp_path / "fold0.tsv")
    write_split(examples.assign(group=None), parts, tmp_path / "fold1.tsv")
    groups = groups_of(read_split(tmp_path / f"fold{fold}.tsv") for fold in (0, 1))
    assert groups[0].fillna("").to_dict() == {"b": "NA", "c": ""}
    assert groups[1] is None
    rows = [
        ("exact", "b", "test", "train", "a", 1, 0),
        ("near", "d", "test", "validation", "c", 0.9, 0),
        ("exact", "e", "test", "test", "b", 1, 0),
        ("exact", "c", "validation", "train", "a", 1, 0),
    ]
    write_table(pd.DataFrame(rows, columns=LEAK_COLUMNS), tmp_path / "leaks.tsv")
    write_table(pd.DataFrame(columns=LEAK_COLUMNS), tmp_path / "none.tsv")
    found = read_leaking([tmp_path / "leaks.tsv", tmp_path / "none.tsv"])
    assert found == {0: {"b", "d"}, 1: set()}
