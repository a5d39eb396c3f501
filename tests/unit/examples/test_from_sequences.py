import numpy as np
import pytest

from basewise.examples.candidates import write_extraction
from basewise.examples.from_sequences import extract_sequences
from basewise.store.arrays import read_array
from basewise.store.tables import CANDIDATE_COLUMNS


def extract(source, **settings):
    return extract_sequences(source, **{"alphabet": "dna", "task": "binary", **settings})


def sequences(extraction):
    return [row.tobytes().decode() for row in extraction.letters]


def write(path, text):
    path.write_text(text)
    return path


def test_candidates_carry_source_length_and_composition(tmp_path):
    path = write(tmp_path / "a.csv", "sequence,label\nGGCC,1\nNA,0\nACGTACGT,0\n")
    extraction = extract({"table": path}, length={"policy": "pad", "bases": 4, "side": "left"})
    candidates = extraction.candidates
    assert candidates.columns.tolist() == [*CANDIDATE_COLUMNS, "target.label"]
    assert sequences(extraction) == ["GGCC", "NA--"]
    assert candidates["id"].tolist() == ["line2", "line3"]
    assert candidates["source"].tolist() == ["a.csv", "a.csv"]
    assert candidates["original_length"].tolist() == [4, 2]
    assert candidates["gc"].tolist() == [1.0, 0.0]
    assert candidates["unknown"].tolist() == [0.0, 0.5]
    assert candidates["target.label"].tolist() == ["1", "0"]
    assert candidates[["chrom", "start", "end"]].isna().all(axis=None)
    assert extraction.dropped.to_numpy().tolist() == [
        ["line4", "a.csv", 4, "8 letters, longer than 4"]
    ]


def test_each_kind_of_source(tmp_path):
    sources = {
        "sequences": write(tmp_path / "a.txt", "AC\nGT\n"),
        "fasta": {
            "a": write(tmp_path / "a.fa", ">x\nAC\n"),
            "b": write(tmp_path / "b.fa", ">y\nGT\n"),
        },
        "table": write(tmp_path / "a.tsv", "sequence\tlabel\nAC\ta\nGT\tb\n"),
        "uci": write(tmp_path / "a.data", "a,x,ac\nb,y,gt\n"),
    }
    for key, source in sources.items():
        extraction = extract({key: source}, task="multiclass")
        assert sequences(extraction) == ["AC", "GT"]
        assert extraction.dropped.empty
        if key != "sequences":
            assert extraction.candidates["target.label"].tolist() == ["a", "b"]


def test_written_files_read_back(tmp_path):
    path = write(tmp_path / "a.data", "a,x,ac\nb,y,gtn\n")
    extraction = extract({"uci": path}, length={"policy": "pad"})
    paths = [tmp_path / name for name in ("l.npy", "c.parquet", "d.tsv")]
    write_extraction(extraction, *paths)
    np.testing.assert_array_equal(read_array(paths[0]), extraction.letters)


@pytest.mark.parametrize(
    ("source", "shape"),
    [
        ({"sequences": "primer/sequences.txt"}, (2000, 50)),
        ({"uci": "uci_splice/splice.data"}, (3190, 60)),
    ],
)
def test_real_data_have_one_length(data, source, shape):
    ((key, name),) = source.items()
    assert extract({key: data / name}).letters.shape == shape
