import pandas as pd
import pytest

from basewise.core.errors import InputError
from basewise.core.text import number_repeats
from basewise.examples.records import make_records


def rows(sequences, ids=None, **columns):
    return pd.DataFrame(
        {
            "id": ids or [f"s{number}" for number in range(len(sequences))],
            "path": "a.fa",
            "line": [2 * number + 1 for number in range(len(sequences))],
            "sequence": sequences,
            **columns,
        }
    )


def test_sequences_are_upper_case_and_without_blanks():
    records = make_records(rows([" acg t\tN"], **{"group": "", "target.label": "+"}), "dna")
    assert records["sequence"].tolist() == ["ACGTN"]
    assert records["target.label"].tolist() == ["+"]
    assert records[["group", "part"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("alphabet", "written", "read"),
    [("rna", "acguUN", "ACGTTN"), ("protein", "mkvlwy", "MKVLWY")],
)
def test_other_alphabets(alphabet, written, read):
    assert make_records(rows([written]), alphabet)["sequence"].tolist() == [read]


@pytest.mark.parametrize(
    ("sequences", "message"),
    [
        (["ACGT", "AC GX"], "a.fa:3: 'X' at position 4 of the sequence is not in the dna alphabet"),
        (["ACGT", "AC", "U"], "a.fa:5: 'U' at position 1 of the sequence"),
        (["ACG-"], "a.fa:1: '-' at position 4"),
        (["acßg"], "a.fa:1: 'ß' at position 3"),
        (["ACGT", " \t", "X"], "a.fa:3: the sequence is empty"),
    ],
)
def test_bad_sequences_are_named_by_their_place(sequences, message):
    with pytest.raises(InputError) as error:
        make_records(rows(sequences), "dna")
    assert str(error.value).startswith(message)


def test_lower_case_tells_of_masking_where_a_file_has_both_cases():
    sequences = ["ACgt", "ac gt", "NNNa", "acgt", "ACGT"]
    files = ["both.fa", "both.fa", "both.fa", "lower.fa", "upper.fa"]
    masked = make_records(rows(sequences).assign(path=files), "dna")["soft_masked"]
    assert masked[:3].tolist() == [0.5, 1, 0.25]
    assert masked[3:].isna().all()


@pytest.mark.parametrize("name", ["", "a b", "a\tb", "a\x00", "é"])
def test_ids_are_plain(name):
    with pytest.raises(InputError, match="^a.fa:3: the id .* must be plain"):
        make_records(rows(["A", "C"], ["a", name]), "dna")


def test_a_repeated_id_is_named_with_both_places():
    with pytest.raises(InputError, match="^a.fa:5: the id 'b' stands in a.fa:3 too"):
        make_records(rows(["A", "C", "G"], ["a", "b", "b"]), "dna")


def test_repeats_are_numbered_in_order():
    names = pd.Series(["b", "a", "b", "b", "a", "c"])
    assert number_repeats(names).tolist() == ["b", "a", "b#2", "b#3", "a#2", "c"]
