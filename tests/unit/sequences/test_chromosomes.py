import pandas as pd
import pytest

from basewise.core.errors import InputError
from basewise.sequences.genome import read_aliases, rename_chromosomes


@pytest.fixture
def aliases(tmp_path):
    def aliases(text):
        path = tmp_path / "alias.tsv"
        path.write_text(text)
        return read_aliases(path)

    return aliases


def rename(names, known, table):
    return rename_chromosomes(pd.Series(names), known, table).tolist()


def test_any_column_leads_to_the_name_that_the_genome_knows(aliases):
    table = aliases("# ucsc\tensembl\trefseq\nchr1\tI\tNC_1\r\nchr2\tII\t\n\nchr3\t III\n")
    assert rename(["chr1", "NC_1", "I", "chr2"], ["I", "II"], table) == ["I", "I", "I", "II"]
    assert rename(["I", "III", "chr4", ""], ["chr1", "chr3"], table) == ["chr1", "chr3", "chr4", ""]
    assert rename(["chr2"], ["III"], table) == ["chr2"]
    assert rename(["I", "chr1"], ["chr1", "I"], table) == ["I", "chr1"]
    assert rename(["chr1"], ["I"], None) == ["chr1"]


def test_a_name_of_two_chromosomes_is_refused(aliases):
    with pytest.raises(InputError, match="alias.tsv:2: the name 'I' stands on line 1 too"):
        aliases("chr1\tI\nchr2\tI\n")


def test_a_line_of_two_chromosomes_is_refused(aliases):
    """What it tells of names that the genome has not is told of neither."""
    table = aliases("# x\nchr1\tI\tchr2\tII\n")
    assert rename(["I", "x"], ["I", "II"], table) == ["I", "x"]
    with pytest.raises(InputError, match="alias.tsv:2: 'I' and 'II' are two chromosomes; a line"):
        rename(["chr1"], ["I", "II"], table)


def test_numbers_that_are_no_names_do_no_harm(aliases):
    """Lengths may repeat, and a number may be a name."""
    table = aliases("chr1\t1\t500\nchr2\t2\t500\n")
    assert rename(["1", "2"], ["chr1", "chr2"], table) == ["chr1", "chr2"]
    assert rename(["chr1", "chr2"], ["1", "2"], table) == ["1", "2"]


def test_a_number_on_two_lines_is_no_name(aliases):
    table = aliases("chr1\t7\nchr2\t7\nchr3\t7\n")
    assert rename(["7"], ["chr1", "chr2", "chr3"], table) == ["7"]
    assert rename(["chr1"], ["7"], table) == ["chr1"]


def test_the_table_of_the_yeast_peaks(data):
    table = read_aliases(data / "yeast_chipexo" / "chrom_alias.tsv")
    assert rename(["chr9", "chrM", "chrIX", "chr16"], ["IX", "Mito", "XVI"], table) == [
        *("IX", "Mito", "IX", "XVI")
    ]
