import numpy as np
import pandas as pd
import pytest

from basewise.core.errors import InputError
from basewise.sequences.alphabet import complement_letters, letters_of
from basewise.splits.leakage import ANY, audit, check_leakage, summarize
from basewise.splits.similarity import clusters
from basewise.store.parts import leaking_ids

PARTS = ["train", "validation", "test"]


def table(rows, **columns):
    ids = [f"e{row}" for row in range(rows)]
    place = pd.array([None] * rows, dtype="Int64")
    examples = pd.DataFrame({"id": ids, "chrom": None, "start": place, "end": place, "group": None})
    return examples.assign(**columns)


def counts(leaks, part, **settings):
    summary = summarize(leaks, part, **settings)
    found = summary[(summary["rows"] > 0) & (summary["kind"] != ANY)].set_index(
        ["kind", "part", "other_part"]
    )
    return found["rows"].to_dict()


def published_split(folder):
    parts = [pd.read_csv(folder / f"{name}.csv") for name in ("train", "dev", "test")]
    part = np.repeat(PARTS, [len(rows) for rows in parts])
    rows = pd.concat(parts, ignore_index=True)
    examples = table(len(rows), **{"target.label": rows["label"]})
    return letters_of(rows["sequence"].tolist()), examples, part


def test_every_kind_by_hand():
    generator = np.random.default_rng(1)
    a, b, c, d = generator.choice(list(b"ACGT"), (4, 80)).astype(np.uint8)
    near = a.copy()
    near[40] = ord("N")
    rows = [a, a, b, a, complement_letters(b), c, near, complement_letters(b), d]
    part = np.array(["train"] * 3 + ["validation"] * 2 + ["test"] * 4)
    examples = table(
        9,
        **{"target.label": [0, 1, 0, 0, 1, 0, 0, 0, 0]},
        group=["g", None, "h", "h", None, None, "h", None, None],
        chrom=["I", "I", None, None, None, "I", None, None, "II"],
        start=pd.array([0, 80, None, None, None, 159, None, None, 100], dtype="Int64"),
        end=pd.array([80, 160, None, None, None, 239, None, None, 180], dtype="Int64"),
    )
    leaks = audit(np.array(rows), examples, part, grouped=True)
    similarity = pytest.approx((80 - 15 - 16) / (80 - 15 - 16))
    expected = {
        ("exact", "e3", "train", "e0", 1),
        ("exact", "e7", "validation", "e4", 1),
        ("exact", "e1", "train", "e0", 1),
        ("reverse_complement", "e4", "train", "e2", 1),
        ("reverse_complement", "e7", "train", "e2", 0),
        ("overlap", "e5", "train", "e1", 0),
        ("near", "e6", "train", "e0", 0),
        ("near", "e6", "validation", "e3", 0),
        ("group", "e3", "train", "e2", 0),
        ("group", "e6", "train", "e2", 0),
        ("group", "e6", "validation", "e3", 0),
    }
    columns = ["kind", "id", "other_part", "other_id", "conflict"]
    assert set(leaks[columns].itertuples(index=False, name=None)) == expected
    assert len(leaks) == len(expected)
    assert leaks.loc[leaks["kind"] == "near", "similarity"].tolist() == [similarity] * 2
    assert leaks.loc[leaks["kind"] == "overlap", "similarity"].isna().all()
    summary = summarize(leaks, part, groups=examples["group"])
    summary = summary.set_index(["kind", "part", "other_part"])
    assert summary.loc[(ANY, "test", "train"), ["rows", "conflicts"]].tolist() == [3, 0]
    # of the groups g and h: h stands in all parts
    assert summary.loc["group", ["rows", "total"]].to_numpy().tolist() == [[1, 1]] * 3
    assert leaking_ids(leaks[leaks["kind"] == "group"]) == set()
    assert "group" not in set(audit(np.array(rows), examples, part)["kind"])


def test_summary_counts_all_that_is_looked_at():
    letters = letters_of(["ACGTT", "ACGTT", "ACGTA"])
    part = np.array(["train", "test", "test"])
    examples = table(3, **{"target.label": ["x", "y", "x"]})
    summary = summarize(audit(letters, examples, part), part)
    assert len(summary) == 4 * 3 + 2 * 3 + 6
    listed = summary[summary["rows"] > 0].to_numpy().tolist()
    assert listed == [["exact", "test", "train", 1, 2, 1], [ANY, "test", "train", 1, 2, 1]]
    assert (summary["kind"] == "group").sum() == 0


def test_leaks_can_be_refused():
    letters = letters_of(["ACGTT", "ACGTT", "CCGTA", "CCGTA"])
    examples = table(4, **{"target.label": 0})
    within = np.array(["train", "train", "validation", "validation"])
    check_leakage(summarize(audit(letters, examples, within), within))
    across = np.array(["train", "test", "validation", "test"])
    message = (
        "exact 1 of 2 test in train, exact 1 of 2 test in validation; split by homology, group"
    )
    with pytest.raises(InputError, match=message):
        check_leakage(summarize(audit(letters, examples, across), across))


@pytest.mark.parametrize("seed", range(5))
def test_overlaps_are_those_of_all_pairs(seed):
    generator = np.random.default_rng(seed)
    n = 300
    start = generator.integers(3_000, size=n)
    examples = table(
        n,
        chrom=generator.choice(["I", "II", None], n),
        start=pd.array(start, dtype="Int64"),
        end=pd.array(start + generator.integers(1, 40, size=n), dtype="Int64"),
    )
    part = generator.choice(PARTS, n)
    leaks = audit(generator.choice(list(b"ACGT"), (n, 9)).astype(np.uint8), examples, part)
    leaks = leaks[leaks["kind"] == "overlap"]
    chrom, start, end = (examples[name].to_numpy() for name in ("chrom", "start", "end"))
    meet = (chrom[:, None] == chrom) & (start[:, None] < end) & (start < end[:, None])
    meet &= examples["chrom"].notna().to_numpy()
    for here, there in (("validation", "train"), ("test", "train"), ("test", "validation")):
        found = leaks[(leaks["part"] == here) & (leaks["other_part"] == there)]
        expected = np.flatnonzero((part == here) & (meet & (part == there)).any(axis=1))
        assert found["id"].tolist() == [f"e{row}" for row in expected]
        pairs = found[["id", "other_id"]].map(lambda name: int(name[1:])).to_numpy()
        assert meet[pairs[:, 0], pairs[:, 1]].all()


def test_homology_clusters_do_not_leak():
    generator = np.random.default_rng(2)
    letters = generator.choice(list(b"ACGT"), (40, 90)).astype(np.uint8)
    letters = letters[generator.integers(40, size=800)]
    change = generator.integers(90, size=(800, 2))
    letters[np.arange(800)[:, None], change] = generator.choice(list(b"ACGT"), (800, 2))
    letters[:, :30] = letters[0, :30]
    letters[::3] = complement_letters(letters[::3])
    part = np.array(PARTS)[clusters(letters) % 3]
    check_leakage(summarize(audit(letters, table(800), part), part))
    shuffled = generator.permutation(part)
    leaks = audit(letters, table(800), shuffled)
    known = leaks[(leaks["part"] == "test") & (leaks["other_part"] == "train")]
    assert known["id"].nunique() > 0.95 * (part == "test").sum()


def test_published_promoter_split(data):
    letters, examples, part = published_split(data / "gue_prom_300_tata")
    leaks = audit(letters, examples, part, k=24)
    found = counts(leaks, part)
    assert found["exact", "test", "train"] == 6
    assert found["exact", "validation", "train"] == 14
    assert found["exact", "train", "train"] == 56
    assert found["exact", "test", "train"] + found["near", "test", "train"] == 18
    assert not any(kind == "reverse_complement" for kind, _, _ in found)
    exact = leaks[(leaks["kind"] == "exact") & (leaks["part"] == "validation")]
    assert exact.loc[exact["other_part"] == "train", "conflict"].sum() == 5


def test_published_binding_site_split(data):
    letters, examples, part = published_split(data / "gue_tf_human_4")
    found = counts(audit(letters, examples, part, k=24), part)
    assert found["exact", "validation", "train"] == 358
    assert found["exact", "train", "train"] == 3789
    assert ("exact", "test", "train") not in found
    assert found["near", "test", "train"] == 25


def test_copies_among_splice_junctions(data):
    lines = (data / "uci_splice/splice.data").read_text().split()
    label, sequence = [line.strip(",") for line in lines[::3]], lines[2::3]
    part = np.full(3190, "train")
    summary = summarize(
        audit(letters_of(sequence), table(3190, **{"target.label": label}), part), part
    )
    found = summary[summary["kind"] == "exact"]
    assert found[["rows", "conflicts"]].sum().tolist() == [185, 1]
    assert summary.loc[summary["kind"] == "reverse_complement", "rows"].sum() == 0


def test_siblings_in_a_reporter_assay(data):
    rows = pd.read_csv(data / "yeast_native_mpra/Native_testdata_defined_media.csv")
    letters, tile = letters_of(rows["seq110"].tolist()), rows["baseSeq"]
    examples = table(len(rows), group=tile, **{"target.expression": rows["meanEL"]})
    opposite = tile.isin(["YOR243C.1", "YOR244W.2"])
    for seed in range(3):
        generator = np.random.default_rng(seed)
        part = np.where(generator.random(len(rows)) < 0.2, "test", "train")
        found = counts(audit(letters, examples, part, grouped=True), part, groups=tile)
        assert found == {
            ("near", "test", "train"): (part == "test").sum(),
            ("group", "test", "train"): tile[part == "test"].nunique(),
        }
        held_out = generator.choice(tile.unique(), 40, replace=False)
        part = np.where(tile.isin(held_out) & ~opposite, "test", "train")
        assert audit(letters, examples, part, grouped=True).empty
    part = np.where(tile == "YOR244W.2", "test", "train")
    overlapping = audit(letters, examples, part, grouped=True)
    assert set(overlapping["kind"]) == {"near"}
    assert opposite[overlapping["other_id"].str[1:].astype(int)].all()


def test_genotypes_by_hand():
    generator = np.random.default_rng(4)
    a, b, c, d = generator.choice(list(b"012."), (4, 300)).astype(np.uint8)
    near, mirror = a.copy(), d[::-1]
    changed = generator.choice(np.flatnonzero(a != ord(".")), 5, replace=False)
    near[changed] = ord("1") + (a[changed] == ord("1"))
    rows = [a, a, b, c, near, b, d, mirror, d]
    part = np.array(["train"] * 4 + ["validation"] + ["test"] * 4)
    target = [1.5, 1.5, 0, 0, 0, 0.5, np.nan, 0, np.nan]
    group = ["g", None, "h", None, None, None, "h", None, None]
    examples = table(9, **{"target.height": target}, group=group)
    leaks = audit(np.array(rows), examples, part, alphabet="genotype", grouped=True)
    columns = ["kind", "id", "other_part", "other_id", "conflict"]
    assert set(leaks[columns].itertuples(index=False, name=None)) == {
        ("exact", "e1", "train", "e0", 0),
        ("exact", "e5", "train", "e2", 1),
        ("exact", "e8", "test", "e6", 0),
        ("near", "e4", "train", "e0", 0),
        ("group", "e6", "train", "e2", 0),
    }
    share = (near == a)[a != ord(".")].mean()
    assert leaks.loc[leaks["kind"] == "near", "similarity"].tolist() == [share]
    strict = audit(np.array(rows), examples, part, alphabet="genotype", share=0.99)
    assert set(strict["kind"]) == {"exact"}
    summary = summarize(leaks, part, alphabet="genotype", groups=examples["group"])
    assert summary["kind"].unique().tolist() == ["exact", "near", "group", ANY]
    assert len(summary) == 3 * 3 + 3 + 6
    message = (
        "parts: exact 1 of 4 test in train, near 1 of 1 validation in train; split by homology o"
    )
    with pytest.raises(InputError, match=message):
        check_leakage(summary)


def test_groups_in_two_parts_are_counted_apart_and_refuse_nothing():
    generator = np.random.default_rng(1)
    letters = generator.choice(list(b"ACGT"), (8, 80)).astype(np.uint8)
    part = np.array(["train"] * 4 + ["test"] * 4)
    group = pd.Series(["a", "b", "c", None, "a", "a", "c", "d"])
    leaks = audit(letters, table(8, group=group), part, grouped=True)
    summary = summarize(leaks, part, groups=group)
    told = summary[summary["rows"] > 0][["kind", "part", "other_part", "rows", "total"]]
    assert told.to_numpy().tolist() == [["group", "test", "train", 2, 3]]
    check_leakage(summary)


def test_split_by_clusters_of_individuals_does_not_leak():
    generator = np.random.default_rng(5)
    letters = generator.choice(list(b"012"), (30, 400)).astype(np.uint8)
    letters = letters[generator.integers(30, size=300)]
    changed = generator.random(letters.shape) < 0.02
    letters[changed] = generator.choice(list(b"012."), changed.sum())
    part = np.array(PARTS)[clusters(letters, "genotype") % 3]
    summary = summarize(audit(letters, table(300), part, alphabet="genotype"), part)
    check_leakage(summary)
    shuffled = generator.permutation(part)
    leaks = audit(letters, table(300), shuffled, alphabet="genotype")
    known = leaks[(leaks["part"] == "test") & (leaks["other_part"] == "train")]
    assert known["id"].nunique() > 0.9 * (shuffled == "test").sum()
    assert set(known["kind"]) == {"near"}
