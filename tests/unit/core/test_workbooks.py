"""Excel workbooks, written by openpyxl as Excel writes them."""

import datetime
import re
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from basewise.core import unpacking
from basewise.core.errors import InputError
from basewise.core.user_tables import read_delimited
from basewise.core.workbooks import is_workbook, of_sheet, sheet_text


@pytest.fixture
def book(tmp_path):
    """Write sheets, each a list of rows, and give the path."""

    def write(change=lambda workbook: None, name="trials.xlsx", **sheets):
        workbook = Workbook()
        workbook.remove(workbook.active)
        for title, rows in sheets.items():
            sheet = workbook.create_sheet(title)
            for row in rows:
                sheet.append(row)
        change(workbook)
        workbook.save(tmp_path / name)
        return tmp_path / name

    return write


def test_cells_are_read_as_excel_shows_them(book):
    day = datetime.datetime(2020, 7, 15)
    rows = [
        ["id", "Yield\n(t/ha)", None, "note"],
        ["001", 5.25, None, "a,b"],
        [1.0, 0.1, None, 'x "y"'],
        [7, 1e300, None, "=a"],
        [20230715123, -3, None, True],
        [day, None, None, day.replace(hour=13)],
        ["#N/A", 1e16, None, None],
    ]

    def change(workbook):
        workbook["trial"]["A4"].number_format = "000"
        workbook["trial"]["D4"].data_type = "s"

    path = book(change, trial=rows)
    table = read_delimited(of_sheet(path, "labels", None))
    assert list(table) == ["id", "Yield (t/ha)", "note"]
    assert table.index.tolist() == [2, 3, 4, 5, 6, 7]
    assert table["id"].tolist() == ["001", "1", "007", "20230715123", "2020-07-15", "#N/A"]
    assert table["Yield (t/ha)"].tolist() == ["5.25", "0.1", "1e+300", "-3", "", "1e+16"]
    assert table["note"].tolist() == ["a,b", 'x "y"', "=a", "TRUE", "2020-07-15 13:00:00", ""]


def test_empty_rows_and_columns_and_comments_are_passed_over(book):
    rows = [["# of 2020", None], [], [None, "id", "label"], [None, "a", 1], [], [None, "b", 0]]
    table = read_delimited(book(trial=rows))
    assert table.to_dict("list") == {"id": ["a", "b"], "label": ["1", "0"]}
    assert table.index.tolist() == [4, 6]


def test_the_sheet_that_is_meant(book):
    path = book(trial=[["id"], ["a"]], Sheet2=[], notes=[["x"]])
    with pytest.raises(InputError) as error:
        of_sheet(path, "labels", None)
    assert str(error.value) == (
        f"{path}: has the sheets trial and notes; say which is meant, for example "
        "`sheets: {labels: 'trial'}`"
    )
    assert of_sheet(path, "labels", "notes") == f"{path}#notes"
    assert sheet_text(f"{path}#notes") == b"x"
    with pytest.raises(InputError, match="has no sheet 'Trial'; there are trial, Sheet2 and notes"):
        of_sheet(path, "labels", "Trial")
    with pytest.raises(InputError, match="holds no value in any sheet"):
        of_sheet(book(empty=[]), "labels", None)

    def hide(workbook):
        workbook["notes"].sheet_state = "hidden"

    assert of_sheet(book(hide, trial=[["id"]], notes=[["x"]]), "labels", None).endswith("#trial")


cells = st.text("aA0.,;#\"' \n\té", max_size=6)
numbers = st.integers(-(10**9), 10**9).map(lambda number: number / 1000)


@settings(deadline=None, max_examples=30)
@given(rows=st.lists(st.tuples(cells, cells, numbers), min_size=1, max_size=5))
def test_a_sheet_is_the_table_that_was_written(tmp_path_factory, rows):
    workbook = Workbook()
    for row in [("id", "note", "value"), *rows]:
        workbook.active.append(row)
    path = tmp_path_factory.getbasetemp() / "random.xlsx"
    workbook.save(path)
    table = read_delimited(path)
    assert table["value"].map(float).tolist() == [row[2] for row in rows]
    assert table.index.tolist() == [*range(2, 2 + len(rows))]
    for column, at in (("id", 0), ("note", 1)):
        words = [re.sub(r"\s*[\n\t]\s*", " ", row[at]).strip() for row in rows]
        assert table[column].tolist() == words


def test_what_is_no_workbook_has_no_sheets(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("id\n")
    assert of_sheet(path, "labels", None) == str(path)
    with pytest.raises(InputError, match="a.csv: is no Excel workbook; take `labels` out of `shee"):
        of_sheet(path, "labels", "x")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(path)
    assert not is_workbook(tmp_path / "a.zip")


def test_a_workbook_that_was_changed_is_read_again(book):
    assert sheet_text(book(trial=[["a"]])) == b"a"
    assert sheet_text(book(trial=[["b"]])) == b"b"


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("=1+1", "row 3: the formula in B3 was never computed; open the workbook in Excel"),
        (None, "row 3: the cells A3:B3 are merged; split them and fill each"),
    ],
)
def test_what_excel_shows_and_the_file_does_not_hold_is_refused(book, cell, message):
    def change(workbook):
        if cell is None:
            workbook["my trial"].merge_cells("A3:B3")

    path = book(change, **{"my trial": [["id", "label"], ["a", 1], ["b", cell]]})
    with pytest.raises(InputError) as error:
        read_delimited(path)
    assert str(error.value).startswith(f"{path}, sheet my trial, {message}")


def test_mistakes_are_told_with_sheet_and_row(book):
    path = of_sheet(book(trial=[[], ["x", "x"]]), "labels", None)
    with pytest.raises(InputError, match="trials.xlsx, sheet trial, row 2: names .* 'x' twice"):
        read_delimited(path)


def test_a_damaged_workbook_is_named(book, tmp_path):
    path = book(trial=[["id"], ["a"]])
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as broken:
        for name in whole.namelist():
            content = whole.read(name)
            broken.writestr(name, content[:200] if "sheet1" in name else content)
    with pytest.raises(InputError, match="b.xlsx: is a damaged workbook"):
        read_delimited(tmp_path / "b.xlsx")
    (tmp_path / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    with pytest.raises(
        InputError, match="old.xls: is a workbook of Excel before 2007, or has a pas"
    ):
        read_delimited(tmp_path / "old.xls")


def test_a_workbook_that_holds_very_much_is_refused(book, monkeypatch):
    """A sheet of zeros: nothing of it is unpacked."""
    monkeypatch.setattr(unpacking, "ALWAYS", 1_000_000)
    path = book(a=[["id", "label"], ["x", 1]])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet2.xml", bytes(10_000_000))
    with pytest.raises(InputError, match=r"trials.xlsx: has [\d,]+ bytes and unpacks to more"):
        read_delimited(path)
