"""The page of new scores: counts against a table made by hand, names that would be HTML."""

import numpy as np
import pandas as pd
import pytest
from made_bundles import make_bundle, make_results, with_member

from basewise.core.errors import InputError
from basewise.report import scored
from basewise.report.scored import summarize, write_score_page
from basewise.scoring.checking import check_bundle
from basewise.store.receipts import writing

HELD_OUT = pd.DataFrame({"output": ["label"] * 4, "score": [0.01, 0.011, 0.3, 0.999]})


@pytest.fixture(scope="module")
def bundles(tmp_path_factory):
    """Task to a bundle of a baseline."""
    paths = {}
    for task in ("binary", "regression"):
        folder = tmp_path_factory.mktemp(task)
        paths[task] = folder / "d.m.zip"
        make_bundle(paths[task], make_results(folder, task))
    return paths


def table_of(scores, **columns):
    """Rows as a scoring step writes them; one without a score has a reason."""
    table = pd.DataFrame({"row": np.arange(1, len(scores) + 1), "score.label": scores})
    table["id"] = [f"s{row}" for row in table["row"]]
    table["decision.label"] = np.where(table["score.label"] > 0.5, "bound", "background")
    table["reason"] = np.where(table["score.label"].isna(), "12 letters", "")
    table.loc[table["score.label"].isna(), "decision.label"] = None
    table["flags"] = ""
    return table.assign(**columns)


def written(table, path):
    with writing(path) as unfinished:
        table.to_parquet(unfinished, index=False, row_group_size=2)
    return path


def test_a_table_is_counted(bundles, tmp_path, monkeypatch):
    monkeypatch.setattr(scored, "AT_ONCE", 3)
    monkeypatch.setattr(scored, "TOP", 2)
    table = table_of([0.9, np.nan, 0.015, 0.9, 0.2, np.nan, 1.0])
    table["flags"] = ["seen in training", "", "seen in training; ambiguous", "", "", "", ""]
    contract = check_bundle(bundles["binary"]).contract
    summary = summarize(written(table, tmp_path / "scores.parquet"), contract, HELD_OUT)

    assert (summary.rows, summary.scored) == (7, 5)
    assert summary.reasons == {"12 letters": 2}
    assert summary.flags == {"seen in training": 2, "ambiguous": 1}
    assert summary.decisions == {"label": {"bound": 3, "background": 2}}
    assert summary.top["label"]["id"].tolist() == ["s7", "s1"]

    bars = summary.histogram[summary.histogram["count"] > 0]
    new = bars[bars["of"] == scored.NEW]
    assert new[["low", "count"]].to_numpy() == pytest.approx(
        np.array([[0, 1], [0.2, 1], [0.9, 2], [0.98, 1]])
    )
    assert new["share"].tolist() == pytest.approx([0.2, 0.2, 0.4, 0.2])
    others = bars[bars["of"] == scored.HELD_OUT]
    assert others[["low", "count"]].to_numpy() == pytest.approx(
        np.array([[0, 2], [0.3, 1], [0.98, 1]])
    )


def test_numbers_have_their_own_range_and_both_ends(bundles, tmp_path, monkeypatch):
    monkeypatch.setattr(scored, "TOP", 4)
    heights = np.array([5000.0, 5100, 5200, 5300, 5400, 6000])
    table = table_of(heights).rename(columns={"score.label": "score.height"})
    table = table.drop(columns="decision.label")
    contract = check_bundle(bundles["regression"]).contract
    summary = summarize(written(table, tmp_path / "scores.parquet"), contract, HELD_OUT)

    assert summary.top["height"]["score.height"].tolist() == [6000, 5400, 5100, 5000]
    assert (summary.histogram["low"].min(), summary.histogram["high"].max()) == (5000, 6000)
    assert summary.histogram["count"].sum() == 6
    assert summary.decisions == {}


@pytest.mark.parametrize("scores", [[0.9, np.nan, 0.2], [np.nan]])
def test_names_and_reasons_are_text_in_the_page(scores, bundles, tmp_path):
    evil = "<script>alert(1)</script>"
    table = table_of(scores, id=evil)
    table.loc[table["reason"] != "", "reason"] = evil
    path = written(table, tmp_path / "scores.parquet")
    paths = {name: str(tmp_path / name) for name in ("page", "histogram", "svg", "png")}
    write_score_page(
        paths, name="new", scores=str(path), bundle=bundles["binary"], source="new & old.fa"
    )

    page = (tmp_path / "page").read_text()
    assert "&lt;script&gt;alert(1)" in page and "new &amp; old.fa" in page
    assert "<script" not in page and "default-src &#39;none&#39;" in page
    number = sum(np.isfinite(scores))
    assert f"{number} sequence{'' if number == 1 else 's'} of {len(scores)}" in page


@pytest.mark.parametrize(
    "card", [b"# A model", b"---\n[\n---\n", b"---\nmeasures: 3\n---\n", b"---\n" + b"[" * 9999]
)
def test_a_card_of_others_is_a_fault_in_a_line(card, bundles, tmp_path):
    bundle = with_member(bundles["binary"], tmp_path / "b.zip", "README.md", card)
    path = written(table_of([0.9]), tmp_path / "scores.parquet")
    paths = {name: str(tmp_path / name) for name in ("page", "histogram", "svg", "png")}
    with pytest.raises(InputError, match=r"'README\.md' is not what basewise writes"):
        write_score_page(paths, name="new", scores=str(path), bundle=bundle, source="new.fa")
    assert not (tmp_path / "page").exists()
