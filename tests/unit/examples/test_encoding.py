import numpy as np
import pandas as pd
import pytest

from basewise.examples.encoding import example_letters, example_pieces, target_array
from basewise.examples.targets import output_names
from basewise.sequences.alphabet import decode
from basewise.store.arrays import blocks, read_array, write_array
from basewise.store.shards import open_tensors, write_tensors


@pytest.mark.parametrize(
    ("task", "targets", "outputs", "expected"),
    [
        ("binary", {"label": np.array([0, 1, 1], np.int8)}, ["label"], [[0], [1], [1]]),
        ("multiclass", {"label": ["b", "c", "a"]}, ["a", "b", "c"], [[1], [2], [0]]),
        ("multiclass", {"label": ["10", "9", "10"]}, ["10", "9"], [[0], [1], [0]]),
        (
            "multilabel",
            {"y": np.array([1, 0, 1], np.int8), "x": np.array([0, 0, 1], np.int8)},
            ["y", "x"],
            [[1, 0], [0, 0], [1, 1]],
        ),
        ("regression", {"y": [0.5, -2.0, 3.0]}, ["y"], [[0.5], [-2], [3]]),
    ],
)
def test_targets(task, targets, outputs, expected):
    columns = {f"target.{name}": values for name, values in targets.items()}
    examples = pd.DataFrame({"id": list("abc"), **columns})
    assert output_names(examples, task) == outputs
    assert target_array(examples, task).tolist() == expected


@pytest.fixture
def dataset(tmp_path):
    """23 sequences, of which 14 are examples; in shards of 5 records one holds no example."""
    generator = np.random.default_rng(9)
    letters = generator.choice(np.frombuffer(b"ACGTN", dtype=np.uint8), (23, 7))
    ids = [f"s{number}" for number in range(23)]
    write_array(letters, tmp_path / "letters.npy")
    records = [*range(4), *range(10, 18), 21, 22]
    examples = pd.DataFrame({"record": records, "id": [ids[at] for at in records]})
    return tmp_path / "letters.npy", examples, letters[records]


@pytest.mark.parametrize(
    ("rows", "sizes"), [(5, [4, 5, 3, 2]), (23, [14]), (65_536, [14]), (1, [1] * 14)]
)
def test_pieces_hold_the_letters_targets_and_ids_of_the_same_examples(
    dataset, tmp_path, monkeypatch, rows, sizes
):
    monkeypatch.setattr("basewise.examples.encoding.SHARD_ROWS", rows)
    file, examples, letters = dataset
    target = np.arange(14)[:, None]
    pieces = list(example_pieces(file, examples, target))
    assert [len(piece.ids) for piece in pieces] == sizes
    np.testing.assert_array_equal(example_letters(file, examples), letters)
    write_tensors(
        tmp_path / "tensors", pieces, task="multiclass", outputs=[f"c{at}" for at in range(14)]
    )
    tensors = open_tensors(tmp_path / "tensors")
    assert tensors.ids.tolist() == examples["id"].tolist()
    np.testing.assert_array_equal(tensors.target, target)
    assert decode(tensors.onehot()) == [row.tobytes().decode() for row in letters]


@pytest.mark.parametrize("order", ["C", "F"])
def test_blocks_of_a_file_are_its_rows(tmp_path, order):
    array = np.asarray(np.arange(35, dtype=np.uint8).reshape(7, 5), order=order)
    write_array(array, tmp_path / "a.npy")
    read = list(blocks(read_array(tmp_path / "a.npy"), 3))
    assert [len(block) for block in read] == [3, 3, 1]
    np.testing.assert_array_equal(np.concatenate(read), array)


def test_more_records_than_a_shard_holds(tmp_path):
    """Records of one letter, every third of them an example."""
    letters = np.random.default_rng(2).choice(np.frombuffer(b"ACGT", dtype=np.uint8), (131_075, 1))
    ids = np.arange(len(letters)).astype(str)
    write_array(letters, tmp_path / "letters.npy")
    records = np.arange(0, len(letters), 3)
    examples = pd.DataFrame({"record": records, "id": ids[records]})
    pieces = list(example_pieces(tmp_path / "letters.npy", examples, records))
    assert [len(piece.letters) for piece in pieces] == [21_846, 21_845, 1]
    np.testing.assert_array_equal(
        np.concatenate([piece.letters for piece in pieces]), letters[records]
    )
    np.testing.assert_array_equal(np.concatenate([piece.target for piece in pieces]), records)
    assert [name for piece in pieces for name in piece.ids] == ids[records].tolist()
