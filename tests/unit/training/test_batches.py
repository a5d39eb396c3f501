import numpy as np
import pytest

import basewise.training.batches
from basewise.core.errors import InputError
from basewise.sequences.alphabet import decode, letters_of
from basewise.store.shards import POOL, cut_pieces, open_tensors, write_tensors
from basewise.training.batches import Batches

EXAMPLES, LENGTH, SHARD_ROWS = 100, 12, 9
SHARDS = -(-EXAMPLES // SHARD_ROWS)
ALL = np.arange(EXAMPLES)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(basewise.training.batches, "AT_ONCE", 2)


def write(folder, task="binary", outputs=("label",), target=ALL[:, None], alphabet="dna", rows=9):
    """Tensors of random letters; the target of an example is its row."""
    letters = np.random.default_rng(1).choice(letters_of(["ACGT"])[0], (EXAMPLES, LENGTH))
    pieces = cut_pieces(letters, target, [f"e{row}" for row in ALL], rows)
    write_tensors(folder, pieces, task=task, outputs=outputs, alphabet=alphabet)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write(tmp_path_factory.mktemp("batches") / "tensors")


@pytest.fixture(scope="module", params=[None, 0], ids=["in memory", "streamed"])
def tensors(folder, request):
    return open_tensors(folder, request.param)


def epoch(batches):
    onehot, target = zip(*batches, strict=True)
    return np.concatenate(onehot), np.concatenate(target)


def served(batches):
    """Rows in the order in which an epoch serves them."""
    return epoch(batches)[1][:, 0].astype(int)


def test_without_a_generator_rows_come_in_their_order(tensors):
    rows = np.array([70, 3, 99, 3, 0, 42])
    batches = Batches(tensors, rows, 4)
    assert [len(onehot) for onehot, _ in batches] == [4, 2]
    onehot, target = epoch(batches)
    assert target[:, 0].tolist() == rows.tolist()
    np.testing.assert_array_equal(onehot, tensors.onehot(rows))


@pytest.mark.parametrize("batch_size", [1, 7, 64, 1000])
def test_an_epoch_serves_every_row_once_with_its_own_target(tensors, batch_size):
    rows = np.flatnonzero(ALL % 3 > 0)
    batches = Batches(tensors, rows, batch_size, np.random.default_rng(1))
    orders = []
    for _ in range(2):
        onehot, target = epoch(batches)
        assert len(batches) == -(-len(rows) // batch_size)
        assert sorted(target[:, 0]) == rows.tolist()
        np.testing.assert_array_equal(onehot, tensors.onehot(target[:, 0].astype(int)))
        orders.append(target.tolist())
        batches.on_epoch_end()
    assert orders[0] != orders[1]


def test_memory_and_stream_serve_the_same_batches_in_any_order_of_access(folder):
    first, second = (
        Batches(
            open_tensors(folder, memory),
            ALL,
            7,
            np.random.default_rng(1),
            reverse_complement=True,
            shift=3,
        )
        for memory in (None, 0)
    )
    for _ in range(2):
        for index in np.random.default_rng(2).permutation(len(first)):
            for one, other in zip(first[index], second[index], strict=True):
                np.testing.assert_array_equal(one, other)
        first.on_epoch_end()
        second.on_epoch_end()


def test_a_shuffled_epoch_mixes_a_few_shards_at_a_time(tensors):
    rows = ALL[: 11 * SHARD_ROWS]
    shards = served(Batches(tensors, rows, 10, np.random.default_rng(1))) // SHARD_ROWS
    pools = np.split(shards, [POOL * SHARD_ROWS, 2 * POOL * SHARD_ROWS])
    members = [set(pool.tolist()) for pool in pools]
    assert [len(pool) for pool in members] == [4, 4, 3]
    assert set.union(*members) == set(range(11))
    assert all((np.diff(pool) != 0).sum() > 15 for pool in pools)


def test_few_shards_are_shuffled_completely(tmp_path):
    tensors = open_tensors(write(tmp_path / "tensors", rows=25))
    batches = Batches(tensors, ALL, 100, np.random.default_rng(1))
    place = np.zeros((EXAMPLES, EXAMPLES), dtype=int)
    for _ in range(400):
        place[served(batches), ALL] += 1
        batches.on_epoch_end()
    quarters = place.reshape(4, 25, 4, 25).sum(axis=(1, 3)) / 400
    np.testing.assert_allclose(quarters, 6.25, rtol=0.1)  # each shard in each quarter of an epoch


def test_a_streamed_epoch_reads_each_shard_once(folder, monkeypatch):
    reads = []
    read_bytes = type(folder).read_bytes
    tensors = open_tensors(folder, memory=0)
    monkeypatch.setattr(
        type(folder), "read_bytes", lambda file: (reads.append(file.name), read_bytes(file))[1]
    )
    epoch(Batches(tensors, ALL, 10, np.random.default_rng(1)))
    assert len(reads) == len(set(reads)) == SHARDS


def test_the_order_of_an_epoch_comes_from_the_generator(tensors):
    first, same, other = (
        served(Batches(tensors, ALL, 10, np.random.default_rng(seed))).tolist()
        for seed in (1, 1, 2)
    )
    assert first == same != other


def test_each_example_is_shown_on_a_random_strand(tensors):
    batches = Batches(tensors, ALL, 10, np.random.default_rng(1), reverse_complement=True)
    turned = 0
    for _ in range(20):
        onehot, target = epoch(batches)
        given = tensors.onehot(target[:, 0].astype(int))
        as_given = (onehot == given).all(axis=(1, 2))
        as_turned = (onehot == given[:, ::-1, ::-1]).all(axis=(1, 2))
        assert (as_given | as_turned).all()
        turned += as_turned.sum()
        batches.on_epoch_end()
    assert abs(turned / (20 * EXAMPLES) - 0.5) < 0.05


def test_each_example_is_shifted_within_padding(tensors):
    batches = Batches(tensors, ALL, 10, np.random.default_rng(1), shift=2)
    counts = np.zeros(5, dtype=int)
    for _ in range(20):
        onehot, target = epoch(batches)
        shown = decode(onehot)
        for now, was in zip(shown, decode(tensors.onehot(target[:, 0].astype(int))), strict=True):
            moved = [f"{was[2:]}--", f"{was[1:]}-", was, f"-{was[:-1]}", f"--{was[:-2]}"]
            counts[moved.index(now)] += 1
        batches.on_epoch_end()
    np.testing.assert_allclose(counts / counts.sum(), 0.2, atol=0.04)


@pytest.mark.parametrize(
    ("task", "outputs", "target", "dtype"),
    [
        ("binary", ["label"], ALL[:, None] % 2, np.float32),
        ("multilabel", ["x", "y"], np.eye(EXAMPLES, 2, dtype=int), np.float32),
        ("regression", ["x"], ALL[:, None] / 8, np.float32),
        ("multiclass", ["x", "y"], ALL[:, None] % 2, np.int32),
        ("per_position", ["x", "y"], np.eye(EXAMPLES, LENGTH, dtype=int), np.int32),
    ],
)
def test_targets_have_the_type_that_the_losses_take(tmp_path, task, outputs, target, dtype):
    tensors = open_tensors(write(tmp_path / "tensors", task, outputs, target), memory=0)
    onehot, served, *weight = Batches(tensors, ALL, 100)[0]
    assert (onehot.dtype, served.dtype) == (np.uint8, dtype)
    np.testing.assert_array_equal(served, target)
    assert len(weight) == (task == "per_position")


def test_per_position_targets_turn_with_the_strand_and_padding_weighs_nothing(tmp_path):
    target = np.tile(np.arange(LENGTH), (EXAMPLES, 1))
    tensors = open_tensors(write(tmp_path / "tensors", "per_position", ["x", "y"], target))
    batches = Batches(tensors, ALL, 100, np.random.default_rng(1), reverse_complement=True)
    onehot, served, weight = batches[0]
    turned = served[:, 0] == LENGTH - 1
    assert 0 < turned.sum() < EXAMPLES
    original = tensors.onehot(batches.order)
    np.testing.assert_array_equal(onehot[turned], original[turned, ::-1, ::-1])
    np.testing.assert_array_equal(onehot[~turned], original[~turned])
    np.testing.assert_array_equal(served[turned], target[turned, ::-1])
    np.testing.assert_array_equal(weight, onehot.any(axis=2))


def test_per_position_targets_do_not_shift(tmp_path):
    target = np.zeros((EXAMPLES, LENGTH), dtype=int)
    tensors = open_tensors(write(tmp_path / "tensors", "per_position", ["x", "y"], target))
    with pytest.raises(InputError, match="per-position targets do not follow a shifted sequence"):
        Batches(tensors, ALL, 10, np.random.default_rng(1), shift=1)


def test_only_dna_has_a_reverse_complement(tmp_path):
    tensors = open_tensors(write(tmp_path / "tensors", alphabet="protein"))
    with pytest.raises(InputError, match="needs DNA, this dataset is protein"):
        Batches(tensors, ALL, 10, np.random.default_rng(1), reverse_complement=True)
