import pytest

FILES = (
    *("sequences.txt", "labels.txt", "genome.fa", "peaks.bed", "genes.gtf"),
    *("a.meme", "traits.tsv", "calls.csv", "folds.tsv", "table.csv", "classes.fa"),
)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A working folder with the input files of small_config and others; nobody reads them."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BASEWISE_DATA", "resources")
    (tmp_path / "input").mkdir()
    for name in FILES:
        (tmp_path / "input" / name).touch()
    return tmp_path
