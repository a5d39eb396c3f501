"""Tables with several rows an individual: some are taken, or all are one."""

import re

import pandas as pd
import pytest
from support import schema

from basewise.core.errors import InputError
from basewise.core.remarks import sentences
from basewise.examples.labels import join_labels, read_label_table
from basewise.store.tables import CANDIDATE_COLUMNS

YEARS = """line,year,plot,site,yield,height
A,2019,1,north,4,100
A,2020,2,north,6,NA
B,2019,3,south,1.5,90
B,2020,1,south,NA,92
C,2020,2,north,7,80
D,2018,4,south,9,70
"""
COLUMNS = {"id": None, "label": ["yield", "height"], "covariates": ["plot", "site"]}


@pytest.fixture
def read(tmp_path):
    def read(text=YEARS, task="regression", columns=COLUMNS, **settings):
        path = tmp_path / "pheno.csv"
        path.write_text(text)
        return read_label_table(path, schema("labels"), task, columns, **settings)

    return read


def candidates(names="ABC"):
    table = pd.DataFrame(None, index=range(len(names)), columns=list(CANDIDATE_COLUMNS))
    return table.assign(id=list(names), source="calls.vcf", background=False)


def test_rows_of_one_year_are_taken(read):
    """By its title, or its number; the others are listed with the reason."""
    for column in ("year", "Year", 2):
        table = read(keep={"column": column, "equals": 2020})
        taken = table[table["reason"].isna()]
        assert taken["id"].tolist() == ["A", "B", "C"]
        assert taken["line"].tolist() == [3, 5, 6]
        others = table[table["reason"].notna()]
        assert others["line"].tolist() == [2, 4, 7]
        assert set(others["reason"]) == {f"column {column} is not 2020"}
    joined = join_labels(candidates(), "regression", labels=table, unit="individual")
    assert joined.examples["target.yield"].tolist() == pytest.approx(
        [6, float("nan"), 7], nan_ok=True
    )
    assert joined.dropped["line"].tolist() == [2, 4, 7]


def test_several_values_are_taken(read):
    text = YEARS.replace("A,2020", "A,2021").replace("B,2019", "B,2017")
    table = read(text, keep={"column": "year", "equals": [2019, "2020"]})
    assert table["id"][table["reason"].isna()].tolist() == ["A", "B", "C"]
    with pytest.raises(InputError, match="holds no row with '1999' or 'x' in column year"):
        read(keep={"column": "year", "equals": [1999, "x"]})
    with pytest.raises(InputError, match=r"csv:1: has no column 'jahr'; its columns are 'line', "):
        read(keep={"column": "jahr", "equals": 1})


def test_the_mean_of_the_rows_of_an_individual(read):
    """Of what is known: A has yields 4 and 6, B one of two; numbers are averaged, sites are not."""
    table = read(replicates="mean").set_index("id")
    assert table["rows"].to_dict() == {"A": 2, "B": 2, "C": 1, "D": 1}
    assert table["line"].tolist() == [2, 4, 6, 7]
    assert table["target.yield"].astype(float).tolist() == [5, 1.5, 7, 9]
    assert table["target.height"].astype(float).tolist() == [100, 91, 80, 70]
    assert table["covariate.plot"].astype(float).tolist() == [1.5, 2, 2, 4]
    assert table["covariate.site"].tolist() == ["north", "south", "north", "south"]
    joined = join_labels(
        candidates("ABCD"), "regression", labels=table.reset_index(), unit="individual"
    )
    assert [one.text for one in sentences(joined.remarks) if "means" in one.text] == [
        "2 of 4 names in pheno.csv stand on several lines; their numbers are the means of these "
        "(1 to 2 lines a name)."
    ]


def test_rows_are_taken_before_they_are_averaged(read):
    table = read(keep={"column": "site", "equals": "north"}, replicates="mean")
    taken = table[table["reason"].isna()]
    assert taken["id"].tolist() == ["A", "C"] and taken["rows"].tolist() == [2, 1]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "A,2020,2,north",
            "A,2020,2,west",
            "csv:3: site is 'west' and on an earlier line of 'A' 'n",
        ),
        ("A,2020,2,north,6", "A,2020,2,north,ca. 6", "csv:3: yield 'ca. 6' must be a number to be"),
    ],
)
def test_what_has_no_mean_is_named(read, old, new, message):
    with pytest.raises(InputError, match=re.escape(message)):
        read(YEARS.replace(old, new), replicates="mean")


def test_a_name_that_repeats_is_answered_with_both_remedies(read):
    message = (
        "csv:3: the id 'A' stands on an earlier line too (2 of 6 rows repeat an id); take one row "
        "of each with `keep: {column: ..., equals: ...}`, or average them with `replicates: mean`"
    )
    with pytest.raises(InputError, match=re.escape(message)):
        read()
    with pytest.raises(InputError, match="stands on an earlier line too") as told:
        read(task="multiclass", columns={"id": "line", "label": "site"})
    assert "replicates" not in str(told.value)


def test_a_fam_is_a_table_of_phenotypes(tmp_path):
    """Names as those of the genotypes: FID_IID where IIDs repeat; a sex of 0 is not known."""
    path = tmp_path / "toy.FAM"
    path.write_text("F1 1 0 0 1 2.5\nF1 2  0 0 2 -9\n\nF2 1 0 0 0 0\n")
    columns = {"id": None, "label": ["phenotype"], "covariates": ["sex"]}
    table = read_label_table(path, schema("labels"), "regression", columns, [-9])
    assert table["id"].tolist() == ["F1_1", "F1_2", "F2_1"]
    assert table["line"].tolist() == [1, 2, 4]
    assert table["target.phenotype"].fillna("?").tolist() == ["2.5", "?", "0"]
    assert table["covariate.sex"].fillna("?").tolist() == ["1", "2", "?"]
    table = read_label_table(path, schema("labels"), "binary", columns, [-9, 0])
    assert table["target.label"].fillna("?").tolist() == ["2.5", "?", "?"]
