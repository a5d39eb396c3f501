"""Datasets in which all pairs of documented options occur, to the report and the right answers."""

import numpy as np
import pandas as pd
import pytest
from pair_inputs import candidates, classes_of_bases, examples, window_at, write_inputs, written
from pairs import LENGTH, MODELS, cases
from support import Workflow

from basewise.sequences.alphabet import encode, letters_of
from basewise.store.parts import PARTS, fold_file
from basewise.store.shards import open_tensors

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    made = Workflow.copied_to(tmp_path_factory.mktemp("pairs"))
    write_inputs(made.folder / "input", cases())
    datasets = {name: case.entry for name, case in cases().items()}
    config = made.write_config({"datasets": datasets, "models": MODELS})
    done = made.run("results/report.html", "--keep-going", "--configfile", config)
    assert done.returncode == 0, done.stdout + done.stderr
    return made.folder / "results"


def table(path):
    return pd.read_csv(path, sep="\t", dtype={"id": str}, keep_default_na=False)


def examples_of(results, case):
    stored = pd.read_parquet(results / case.name / "examples/examples.parquet")
    return stored.astype({"background": bool})


def splits_of(results, case):
    folder = results / case.name / "splits"
    return [table(fold_file(folder, fold)) for fold in range(case.row.folds)]


def parents_of(stored):
    """Ids of the examples, and for shuffles of what they are shuffles of."""
    return stored["id"].str.replace(r"_shuffled\d+$", "", regex=True)


def check_examples(results, case):
    """Ids and letters are those of the files, in their order."""
    stored, expected = examples_of(results, case), examples(case)
    tensors = open_tensors(results / case.name / "tensors")
    assert stored["id"].tolist() == tensors.ids.tolist()
    given = ~stored["background"]
    assert stored["id"][given].tolist() == expected["id"].tolist()
    letters = encode(letters_of(expected["letters"].tolist()), case.row.alphabet)
    np.testing.assert_array_equal(tensors.onehot()[given], letters)


def check_targets(results, case):
    """Targets are those of the files; background is nothing."""
    stored, expected = examples_of(results, case), examples(case)
    if case.row.task == "per_position":
        target = open_tensors(results / case.name / "tensors").target
        rows = [classes_of_bases(row, case) for row in expected.itertuples()]
        np.testing.assert_array_equal(target, rows)
        return
    targets = stored[[column for column in stored if column.startswith("target.")]]
    known = expected[[column for column in expected if column in ("t0", "t1")]]
    given = ~stored["background"]
    kind = str if case.row.task == "multiclass" else float
    np.testing.assert_array_equal(targets[given].astype(kind), known.astype(kind))
    nothing = "background" if case.row.task == "multiclass" else 0
    assert (targets[~given] == nothing).all(axis=None)


def check_dropped(results, case):
    """What is no example is listed; so is who has a label and nothing else."""
    row, folder = case.row, results / case.name
    extracted = len(candidates(case))
    strangers = row.labels == "phenotypes" or case.file_of_labels.endswith(".csv")
    assert len(table(folder / "extract/dropped.tsv")) == len(written(case)) - extracted
    unlabeled = extracted - len(examples(case))
    has_others = row.labels == "phenotypes" and case.keep
    others = (written(case)["kept"] != 1).sum() if has_others else 0
    assert len(table(folder / "examples/dropped.tsv")) == unlabeled + strangers + others


def check_background(results, case):
    """As much as is asked for: shuffles of the candidates, or windows that touch none."""
    stored, extracted = examples_of(results, case), candidates(case)
    background = stored[stored["background"]]
    wanted = 0 if case.row.background == "none" else round(case.ratio * len(extracted))
    assert len(background) == wanted
    shown = open_tensors(results / case.name / "tensors").onehot()[background.index]
    if case.row.background == "shuffle":
        letters = extracted.set_index("id")["letters"][parents_of(background)]
        originals = encode(letters_of(letters.tolist()), case.row.alphabet)
        assert (shown != originals).any(axis=(1, 2)).mean() > 0.9
        np.testing.assert_array_equal(shown.sum(axis=1), originals.sum(axis=1))
        np.testing.assert_array_equal(shown.any(axis=2), originals.any(axis=2))
    if case.row.background == "genome":
        places = background[["chrom", "start"]].itertuples(index=False)
        letters = [window_at(*place) for place in places]
        np.testing.assert_array_equal(shown, encode(letters_of(letters), case.row.alphabet))
        pairs = background.merge(extracted, on="chrom")
        between = (pairs["start_x"] - pairs["start_y"]).abs() - LENGTH
        assert between.min() >= (10 if case.away else 0)


def check_parts(results, case):
    """Each example has one part, and of several folds is tested in one."""
    folds, ids = case.row.folds, examples_of(results, case)["id"].tolist()
    splits = splits_of(results, case)
    for split in splits:
        assert split["id"].tolist() == ids
        assert set(split["part"]) == set(PARTS)
    if folds > 1:
        tested = [split["id"][split["part"] == "test"] for split in splits]
        validated = [split["id"][split["part"] == "validation"] for split in splits]
        assert sorted(pd.concat(tested)) == sorted(ids)
        for fold in range(folds):
            assert validated[fold].tolist() == tested[(fold + 1) % folds].tolist()
    balance = table(results / case.name / "evaluation/balance.tsv")
    counts = balance[balance["class"] == ""].groupby("fold")["count"].sum()
    assert counts.tolist() == [len(ids)] * folds


def check_split(results, case):
    """The parts are those that the method makes."""
    row, stored, splits = case.row, examples_of(results, case), splits_of(results, case)
    known = candidates(case).set_index("id").reindex(parents_of(stored)).set_index(stored.index)
    parts = [split["part"] for split in splits]
    for part in parts:
        match row.split:
            case "chromosome":
                assert (part.groupby(stored["chrom"]).nunique() == 1).all()
            case "group":
                assert (part.groupby(stored["group"]).nunique() == 1).all()
                assert (known["group"].isna() | (known["group"] == stored["group"])).all()
            case "random":
                wanted = (0.2, 0.25) if case.shares else (0.15, 0.15)
                for name, share in zip(PARTS[1:], wanted, strict=True):
                    share = share if row.folds == 1 else 1 / row.folds
                    assert abs((part == name).sum() - share * len(part)) <= 3
    if row.split in ("table", "part") and row.folds == 1:
        assert parts[0].tolist() == known["part"].tolist()
    if row.split == "table" and row.folds > 1:
        tested = [(part == "test").tolist() for part in parts]
        assert tested == [(known["fold"] == fold).tolist() for fold in range(row.folds)]
    if row.split == "chromosome" and row.folds == 1:
        assert set(stored["chrom"][parts[0] == "validation"]) == {"chr5"}
        assert set(stored["chrom"][parts[0] == "test"]) == {"chr6"}


def check_measures(results, case):
    """Every score and every measure is a number."""
    folder, folds = results / case.name, range(case.row.folds)
    for fold in folds:
        run = folder / f"models/{case.model}/fold{fold}/seed1"
        scores = pd.read_parquet(run / "scores.parquet")
        assert scores.filter(like="score.").notna().all(axis=None)
    metrics = pd.read_csv(folder / "evaluation/metrics.tsv", sep="\t")
    assert metrics["value"].notna().all()
    assert set(metrics["fold"]) == set(folds)
    assert set(metrics["part"]) >= {"validation", "test"}
    assert ("ceiling" in set(metrics["model"])) == case.ceiling


CHECKS = (
    *(check_examples, check_targets, check_dropped, check_background),
    *(check_parts, check_split, check_measures),
)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_every_case(results, subtests, check):
    for name, case in cases().items():
        with subtests.test(name):
            check(results, case)


def test_the_report_shows_every_dataset(results):
    html = (results / "report.html").read_text()
    for name, case in cases().items():
        section = html.split(f'<section id="d.{name}">')[1].split("</section>")[0]
        assert case.entry["description"] in section
        assert f"{len(examples_of(results, case))} " in section
        assert '<details class="card model"' in section
