import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from basewise.core.errors import InputError
from basewise.core.files import sha256_of
from basewise.sequences.alphabet import decode, letters_of
from basewise.store.manifest import read_manifest, write_manifest
from basewise.store.memory import fits
from basewise.store.shards import (
    MANIFEST,
    SHARD_ROWS,
    Piece,
    cut_pieces,
    open_tensors,
    pack_tensors,
    write_tensors,
)

SEQUENCES = ["ACGTN", "RYACG", "TTTTT", "GGGGA", "CCCCC"]
TARGET = np.array([[0], [1], [1], [0], [1]])
IDS = ["a", "bb", "name with blanks and é", "d", "e"]


def write(folder, target=TARGET, rows=2, task="binary", outputs=("label",), **settings):
    pieces = cut_pieces(letters_of(SEQUENCES), target, IDS, rows)
    write_tensors(folder, pieces, task=task, outputs=outputs, **settings)
    return folder


@pytest.fixture(params=[None, 0], ids=["in memory", "streamed"])
def memory(request):
    return request.param


def test_round_trip_over_several_shards(tmp_path, memory):
    folder = write(tmp_path / "tensors")
    assert sorted(file.name for file in folder.iterdir()) == [
        "manifest.json",
        "shard-00000.npz",
        "shard-00001.npz",
        "shard-00002.npz",
    ]
    tensors = open_tensors(folder, memory)
    assert decode(tensors.onehot()) == SEQUENCES
    assert decode(tensors.onehot(np.array([3, 0, 3]))) == ["GGGGA", "ACGTN", "GGGGA"]
    assert decode(tensors.onehot(slice(1, 4))) == SEQUENCES[1:4]
    assert decode(tensors.onehot(tensors.target[:, 0] == 0)) == ["ACGTN", "GGGGA"]
    assert tensors.target.tolist() == TARGET.tolist()
    assert tensors.ids.tolist() == IDS
    assert tensors.ids[[4, 2]].tolist() == ["e", "name with blanks and é"]
    assert (tensors.length, tensors.channels, tensors.alphabet) == (5, 4, "dna")
    assert (tensors.task, tensors.outputs, len(tensors)) == ("binary", ["label"], 5)


@pytest.mark.parametrize(
    ("task", "outputs", "target", "dtype"),
    [
        ("multiclass", ["x", "y", "z"], np.array([[0], [2], [1], [0], [1]]), np.int16),
        ("multilabel", ["x", "y"], np.eye(5, 2, dtype=np.int64), np.int8),
        ("regression", ["x", "y"], np.linspace(-1, 1, 10).reshape(5, 2), np.float32),
        ("per_position", ["x", "y"], np.eye(5, dtype=np.int64), np.uint8),
    ],
)
def test_every_task_keeps_its_targets(tmp_path, memory, task, outputs, target, dtype):
    folder = write(tmp_path / "tensors", target, task=task, outputs=outputs)
    tensors = open_tensors(folder, memory)
    rows = np.array([4, 0, 3])
    for stored, expected in ((tensors.take(rows)[1], target[rows]), (tensors.target, target)):
        assert stored.dtype == dtype
        np.testing.assert_array_equal(stored, expected.astype(dtype))


@pytest.mark.parametrize(
    ("alphabet", "sequences"),
    [("rna", ["ACGUN", "UUUUU"]), ("protein", ["MKWXB-", "ACDEFG"])],
)
def test_other_alphabets(tmp_path, memory, alphabet, sequences):
    piece = Piece(letters_of(sequences), TARGET[:2], IDS[:2])
    write_tensors(
        tmp_path / "tensors", [piece], task="binary", outputs=["label"], alphabet=alphabet
    )
    tensors = open_tensors(tmp_path / "tensors", memory)
    assert decode(tensors.onehot(), alphabet) == [text.replace("U", "T") for text in sequences]


def test_targets_can_be_replaced(tmp_path, memory):
    tensors = open_tensors(write(tmp_path / "tensors"), memory)
    changed = tensors.with_target(tensors.target * 10)
    assert changed.take(np.array([1, 0]))[1].tolist() == [[10], [0]]
    assert tensors.take(np.array([1, 0]))[1].tolist() == [[1], [0]]


def test_packed_tensors_are_those_of_a_folder(tmp_path):
    written = open_tensors(write(tmp_path / "tensors"))
    pieces = cut_pieces(letters_of(SEQUENCES), TARGET, IDS, 2)
    packed = pack_tensors(pieces, task="binary", outputs=["label"])
    rows = np.array([4, 0, 3])
    for one, two in zip(packed.take(rows), written.take(rows), strict=True):
        assert one.tobytes() == two.tobytes()
    assert decode(packed.onehot()) == SEQUENCES
    for name in ("ids", "target", "starts"):
        assert getattr(packed, name).tolist() == getattr(written, name).tolist()
    for name in ("length", "channels", "alphabet", "task", "outputs"):
        assert getattr(packed, name) == getattr(written, name)
    with pytest.raises(InputError, match="no example"):
        pack_tensors([], task="binary", outputs=["label"])


def test_same_input_same_bytes(tmp_path):
    first, second = write(tmp_path / "one"), write(tmp_path / "two")
    for file in first.iterdir():
        assert file.read_bytes() == (second / file.name).read_bytes()


def test_shards_are_small_and_hold_no_pickled_objects(tmp_path):
    letters = np.full((SHARD_ROWS + 1, 200), ord("A"), dtype=np.uint8)
    target = np.zeros((len(letters), 1), dtype=np.int8)
    pieces = cut_pieces(letters, target, [f"{row}" for row in range(len(letters))])
    write_tensors(tmp_path / "tensors", pieces, task="binary", outputs=["label"])
    manifest = json.loads((tmp_path / "tensors/manifest.json").read_text())
    assert [shard["rows"] for shard in manifest["shards"]] == [SHARD_ROWS, 1]
    with np.load(tmp_path / "tensors/shard-00000.npz", allow_pickle=False) as arrays:
        assert {name: arrays[name].dtype.str for name in arrays} == {
            "onehot": "|u1",
            "target": "|i1",
            "id": "|u1",
        }
        assert arrays["onehot"].nbytes <= 0.51 * SHARD_ROWS * 200


@pytest.mark.parametrize(
    ("limit", "line"),
    [
        (None, "Tensors: 10,000,000 x 200 bp need 1.2 GB: in memory\n"),
        (4_000_000_000, "Tensors: 10,000,000 x 200 bp need 1.2 GB, limit 4.0 GB: in memory\n"),
        (
            500_000_000,
            "Tensors: 10,000,000 x 200 bp need 1.2 GB, limit 500.0 MB: streaming shards\n",
        ),
    ],
)
def test_the_memory_forecast(capsys, limit, line):
    assert fits(10_000_000, 200, "dna", 1_190_000_000, limit) == ("in memory" in line)
    assert capsys.readouterr().out == line


def test_pieces_are_encoded_one_after_another(tmp_path):
    def pieces():
        for number in range(3):
            assert len(list((tmp_path / "tensors").glob("shard-*"))) == number
            yield Piece(letters_of(["ACGT"]), [[1]], [f"e{number}"])

    write_tensors(tmp_path / "tensors", pieces(), task="binary", outputs=["label"])
    assert open_tensors(tmp_path / "tensors").ids.tolist() == ["e0", "e1", "e2"]


@pytest.mark.parametrize(
    ("piece", "error", "problem"),
    [
        (Piece(letters_of(["ACJT"]), [[1]], ["a"]), InputError, "'J' at position 3"),
        (Piece(letters_of(["ACGT"]), [[300]], ["a"]), ValueError, "do not fit into int8"),
        (Piece(letters_of(["ACGT"]), [[1, 0]], ["a"]), ValueError, r"shape \(1, 2\) instead"),
        (Piece(letters_of(["ACGT"]), [[1]], ["a\nb"]), ValueError, "line break"),
    ],
)
def test_what_cannot_be_stored_is_refused(tmp_path, piece, error, problem):
    with pytest.raises(error, match=problem):
        write_tensors(tmp_path / "tensors", [piece], task="binary", outputs=["label"])


def test_a_dataset_without_examples_is_refused(tmp_path):
    with pytest.raises(InputError, match="no example"):
        write_tensors(tmp_path / "tensors", [], task="binary", outputs=["label"])


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    return write(tmp_path_factory.mktemp("stored") / "tensors")


def content(folder, memory):
    tensors = open_tensors(folder, memory)
    return decode(tensors.onehot()), tensors.target.tolist(), tensors.ids.tolist(), tensors.outputs


@settings(deadline=None)
@given(st.data())
def test_damage_is_noticed(stored, data):
    file = stored / data.draw(st.sampled_from(["manifest.json", "shard-00001.npz"]))
    memory = data.draw(st.sampled_from([None, 0]))
    whole, expected = file.read_bytes(), content(stored, memory)
    place = data.draw(st.integers(0, len(whole) - 1))
    damaged = data.draw(
        st.one_of(
            st.just(whole[:place]),
            st.integers(1, 255).map(
                lambda bits: whole[:place] + bytes([whole[place] ^ bits]) + whole[place + 1 :]
            ),
            st.binary(min_size=1, max_size=9).map(
                lambda inserted: whole[:place] + inserted + whole[place:]
            ),
            st.binary(max_size=50),
        )
    )
    try:
        file.write_bytes(damaged)
        found = content(stored, memory)
    except InputError as error:
        assert str(error).startswith(f"{file}: ")
        assert "take it as basewise wrote it, or `rm" in str(error)
    else:
        assert file.name == "manifest.json"  # blanks between its entries mean nothing
        assert found == expected
    finally:
        file.write_bytes(whole)


@pytest.mark.parametrize("name", ["manifest.json", "shard-00001.npz"])
def test_a_missing_file_is_named(tmp_path, memory, name):
    folder = write(tmp_path / "tensors")
    (folder / name).unlink()
    with pytest.raises(InputError, match=name):
        open_tensors(folder, memory)


def test_the_folder_of_another_version_is_refused(tmp_path):
    folder = write(tmp_path / "tensors")
    file = folder / "manifest.json"
    file.write_text(file.read_text().replace("basewise tensors 2", "basewise tensors 1"))
    with pytest.raises(InputError, match="of another version; take it as"):
        open_tensors(folder)


@pytest.mark.parametrize("text", ["[]", "3", "null", "[" * 100_000, '{"sha256": 1}', "{}"])
def test_any_other_json_is_no_manifest(tmp_path, text):
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(InputError, match="manifest.json"):
        open_tensors(tmp_path)


@pytest.mark.parametrize(
    ("array", "change"),
    [
        ("onehot", lambda values: values[:-1]),
        ("onehot", lambda values: values[:, :-1]),
        ("target", lambda values: np.repeat(values, 2, axis=1)),
        ("id", lambda values: values[:1]),
    ],
)
def test_a_shard_holds_what_its_manifest_announces(tmp_path, array, change):
    """Also where somebody wrote both anew, so that every checksum is right."""
    folder = write(tmp_path / "tensors")
    file = folder / "shard-00001.npz"
    arrays = dict(np.load(file))
    np.savez(file, **{**arrays, array: change(arrays[array])})
    manifest = read_manifest(folder / MANIFEST)
    entries = {key: value for key, value in manifest.items() if key != "format"}
    entries["shards"][1]["sha256"] = sha256_of(file)
    write_manifest(folder / MANIFEST, entries)
    with pytest.raises(InputError, match=r"shard-00001\.npz: is missing, damaged"):
        open_tensors(folder)


@pytest.mark.parametrize("place", ["..", "folder/../..", None])
def test_a_manifest_names_files_of_its_own_folder(tmp_path, place):
    """Even if all is as it announces."""
    folder = write(tmp_path / "tensors")
    file = folder / "shard-00001.npz"
    (folder / "folder").mkdir()
    file.rename(tmp_path / "outside.npz")
    entries = {k: value for k, value in read_manifest(folder / MANIFEST).items() if k != "format"}
    entries["shards"][1]["file"] = f"{place or tmp_path}/outside.npz"
    write_manifest(folder / MANIFEST, entries)
    with pytest.raises(InputError, match=r"outside\.npz: is missing, damaged"):
        open_tensors(folder)


def test_a_shard_damaged_after_opening_is_noticed_when_it_is_read(tmp_path):
    folder = write(tmp_path / "tensors")
    tensors = open_tensors(folder, memory=0)
    assert decode(tensors.onehot(np.array([0]))) == ["ACGTN"]
    (folder / "shard-00002.npz").write_bytes(b"")
    with pytest.raises(InputError, match="shard-00002.npz"):
        tensors.onehot(np.array([4]))
