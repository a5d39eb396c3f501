import numpy as np
import pytest

from basewise.alphabet import decode, letters_of
from basewise.errors import InputError
from basewise.shards import open_tensors, write_tensors

SEQUENCES = ["ACGTN", "RYACG", "TTTTT", "GGGGA", "CCCCC"]
TARGET = np.array([[0], [1], [1], [0], [1]], dtype=np.int8)
IDS = ["a", "bb", "ccc", "d", "e"]


def write(folder, **settings):
    write_tensors(folder, letters_of(SEQUENCES), TARGET, IDS, ["label"], **settings)
    return folder


def test_round_trip_over_several_shards(tmp_path):
    folder = write(tmp_path / "tensors", shard_rows=2)
    assert sorted(file.name for file in folder.iterdir()) == [
        "manifest.json",
        "shard-00000.npz",
        "shard-00001.npz",
        "shard-00002.npz",
    ]
    tensors = open_tensors(folder)
    assert decode(tensors.onehot()) == SEQUENCES
    assert decode(tensors.onehot(np.array([3, 0]))) == ["GGGGA", "ACGTN"]
    assert tensors.target.tolist() == TARGET.tolist()
    assert tensors.ids.tolist() == IDS
    assert (tensors.length, tensors.channels, tensors.outputs) == (5, 4, ["label"])


def test_same_input_same_bytes(tmp_path):
    first, second = write(tmp_path / "one"), write(tmp_path / "two")
    for file in first.iterdir():
        assert file.read_bytes() == (second / file.name).read_bytes()


def test_an_altered_shard_is_refused(tmp_path):
    folder = write(tmp_path / "tensors")
    shard = folder / "shard-00000.npz"
    shard.write_bytes(shard.read_bytes().replace(b"\x80", b"\x40", 1))
    with pytest.raises(InputError, match="shard-00000.npz"):
        open_tensors(folder)


def test_shards_hold_no_pickled_objects(tmp_path):
    with np.load(write(tmp_path / "tensors") / "shard-00000.npz", allow_pickle=False) as arrays:
        assert sorted(arrays) == ["id", "onehot", "target"]
