"""Missing values in every kind of table and column, on cases from public trackers."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from bed_reader import to_bed
from support import schema

import basewise as bw
from basewise.core.errors import InputError
from basewise.core.user_tables import read_user_table
from basewise.examples.labels import read_label_lines
from basewise.genotypes.dosage_tables import read_dosages, unplaced_markers
from basewise.splits.predefined import predefined_parts, unused_rows


@pytest.fixture
def case(data, monkeypatch):
    """Goes to the folder of a case; reads one of its configurations."""

    def read(name, file="config.yaml", **changed):
        monkeypatch.chdir(data.parent / "cases" / name)
        (entry,) = yaml.safe_load(Path(file).read_text())["datasets"].values()
        return entry | changed

    return read


def test_na_of_r_is_no_class(case):
    examples = bw.read_table(**case("c12-na-as-class"))
    assert examples.table["target.label"].value_counts().to_dict() == {"exon": 30, "intron": 30}
    assert examples.dropped["reason"].tolist() == ["the label is missing"] * 30


def test_na_of_r_is_no_family(case):
    entry = case("c12-na-as-class", "group.yaml")
    parts = entry.pop("split")
    examples = bw.read_table(**entry)
    group, label = examples.table["group"], examples.table["target.label"]
    assert group.isna().sum() == 40 and len(label) == len(pd.read_csv("fam.tsv", sep="\t"))
    split = bw.split(examples, **parts)
    assert len(set(split.part[group.isna()])) == 3  # as one family they would stay together
    known = pd.Series(split.part)[group.notna().to_numpy()].groupby(group.dropna().to_numpy())
    assert (known.nunique() == 1).all()


def test_a_configured_code_is_missing_in_every_trait(case):
    entry = case("c16-tassel-traits-minus-999", missing=[-999])
    traits = bw.read_genotypes(**entry).table.filter(like="target.")
    table = pd.read_csv("traits_fixed_header.txt", sep="\t", na_values="-999", index_col=0)
    genotyped = pd.read_csv("mdp_genotype.hmp.txt", sep="\t", nrows=0).columns
    expected = table[table.index.isin(genotyped)].dropna(how="all")
    assert traits.isna().sum().tolist() == expected.isna().sum().tolist()
    np.testing.assert_allclose(traits.mean(), expected.mean())
    assert table.isna().sum().tolist() == [2, 4, 35]
    np.testing.assert_allclose(table.mean(), [61.4, 67.5, 36.9], atol=0.05)


@pytest.fixture
def plink(tmp_path):
    """Genotypes of the 500 people of c17, whose file is not among the cases."""
    names = [f"per{number}" for number in range(500)]
    copies = np.random.default_rng(1).integers(0, 3, (500, 4)).astype(np.int8)
    to_bed(tmp_path / "toy.bed", copies, properties={"fid": names, "iid": names})
    return str(tmp_path / "toy.bed")


def test_minus_nine_is_missing_beside_plink(case, plink):
    entry = case("c17-plink-phenotypes", "ccm.yaml", genotypes=plink)
    examples = bw.read_genotypes(**entry)
    codes = pd.read_csv("cc.txt", sep=r"\s+")["DX"]
    assert set(codes) == {-9, 1, 2}
    assert examples.table["target.label"].value_counts().to_dict() == {
        "1": (codes == 1).sum(),
        "2": (codes == 2).sum(),
    }
    table = bw.read_genotypes(**case("c17-plink-phenotypes", "tab.yaml", genotypes=plink)).table
    known = pd.read_csv("pheno_tab.txt", sep="\t")["QT"].loc[lambda values: values != -9]
    assert len(table) == len(known) == 450
    np.testing.assert_allclose(table["target.QT"].mean(), known.mean())


def test_a_third_class_that_looks_like_a_code(tmp_path):
    rows = "".join(f"s{row}\tACGT\t{['-9', '1', '2'][row % 3]}\n" for row in range(9))
    path = tmp_path / "a.tsv"
    path.write_text(f"id\tsequence\tlabel\n{rows}")
    columns = {"id": "id"}
    with pytest.raises(InputError, match=r"a.tsv:2: label '-9' is a third .* `missing: \[-9\]`"):
        bw.read_table(path, task="binary", positive=2, columns=columns)
    examples = bw.read_table(path, task="binary", positive=2, missing=[-9], columns=columns)
    assert examples.table["target.label"].tolist() == [0, 1] * 3


def test_the_first_column_may_not_hold_the_names(case, plink, tmp_path):
    entry = case("c17-plink-phenotypes", "tab.yaml", genotypes=plink)
    rows = pd.read_csv("pheno_fid0.txt", sep=" ")
    rows.to_csv(tmp_path / "fid0.tsv", sep="\t", index=False)
    entry["phenotypes"] = str(tmp_path / "fid0.tsv")
    with pytest.raises(InputError, match=r"fid0.tsv:3: .*FID.*'0' twice.*`columns: {id: IID}`"):
        bw.read_genotypes(**entry)
    assert len(bw.read_genotypes(**entry, columns={"id": "IID"})) == 450


def test_a_dot_leaves_a_covariate_a_number(case):
    dot, clean = (
        bw.read_genotypes(**case("c28-covariate-with-a-dot", f"{name}.yaml")).table
        for name in ("dot", "clean")
    )
    missing = dot["covariate.age"].isna()
    assert missing.sum() == 1
    pd.testing.assert_frame_equal(dot[~missing], clean[~missing])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("old", r":52: covariate age: 'old' is no number, as 299 of 300 .*`missing: \['old'\]`"),
        ("24,6", r"'24,6' is no number"),
    ],
)
def test_a_text_among_numbers_is_refused(case, tmp_path, text, message):
    entry = case("c28-covariate-with-a-dot", "clean.yaml")
    table = pd.read_csv("pheno_clean.csv", dtype=str)
    table.loc[50, "age"] = text
    table.to_csv(tmp_path / "p.tsv", sep="\t", index=False)
    with pytest.raises(InputError, match=message):
        bw.read_genotypes(**entry | {"phenotypes": str(tmp_path / "p.tsv")})


def test_a_covariate_of_texts_that_nearly_all_differ_is_refused(case, tmp_path):
    """As classes they would explain everything; numbers with a decimal comma also where few."""
    entry = case("c28-covariate-with-a-dot", "clean.yaml")
    table = pd.read_csv("pheno_clean.csv", dtype=str)
    ages = table["age"].str.replace(".", ",")
    entry["phenotypes"] = str(tmp_path / "p.tsv")
    table.assign(age="plot " + ages).to_csv(tmp_path / "p.tsv", sep="\t", index=False)
    with pytest.raises(InputError, match=r"p.tsv:2: covariate age: 'plot 24,6' is one of \d+ dif"):
        bw.read_genotypes(**entry)
    halves = ages.str.replace(r",\d", ",5", regex=True)
    table.assign(age=halves).to_csv(tmp_path / "p.tsv", sep="\t", index=False)
    with pytest.raises(InputError, match=r"age: '24,5' is no number; .* comma: write 24.5"):
        bw.read_genotypes(**entry)
    places = np.where(np.arange(300) % 3, "north", "7")
    table.assign(age=places).to_csv(tmp_path / "p.tsv", sep="\t", index=False)
    with pytest.raises(InputError, match="'north' is no number"):
        bw.read_genotypes(**entry)
    table.assign(age="plot " + ages.str[0]).to_csv(tmp_path / "p.tsv", sep="\t", index=False)
    assert bw.read_genotypes(**entry).table["covariate.age"].nunique() < 10


def test_what_excel_leaves_in_empty_cells(case):
    entry = case("c20-excel-phenotypes", "missing_codes.yaml")
    table = bw.read_genotypes(**entry).table
    values = pd.read_csv(entry["phenotypes"], sep=";", dtype=str, keep_default_na=False)["Ertrag"]
    known = pd.to_numeric(values, errors="coerce").dropna()
    assert len(values) - len(known) == 8
    np.testing.assert_allclose(table["target.Ertrag"], known)


def test_codes_in_labels_of_regions(tmp_path):
    (tmp_path / "g.fa").write_text(">I\n" + "ACGT" * 20 + "\n")
    labels = ["1", "NA", "2.5", "-99", ".", "4"]
    rows = "".join(f"I\t{8 * n}\t{8 * n + 8}\t{text}\n" for n, text in enumerate(labels))
    (tmp_path / "a.bed").write_text(rows)
    files = {"genome": tmp_path / "g.fa", "regions": tmp_path / "a.bed"}
    how = {"columns": {"label": 4}, "window": 8, "task": "regression"}
    examples = bw.read_regions(**files, **how, missing=[-99])
    assert examples.table["target.column4"].tolist() == [1, 2.5, 4]
    assert examples.dropped["line"].tolist() == [2, 4, 5]


def test_codes_in_lines(tmp_path):
    (tmp_path / "labels.txt").write_text("1\nNA\n0\nx\n")
    candidates = pd.DataFrame({"background": [False] * 4})
    labels = read_label_lines(tmp_path / "labels.txt", candidates, missing=["X"])
    assert labels["target.label"].isna().tolist() == [False, True, False, True]


def test_codes_in_genotypes_leave_the_genotypes_alone(tmp_path):
    (tmp_path / "g.csv").write_text("id,m1,m2\na,0,-999\nb,2,n.d.\nc,1,-9\n")
    letters = read_dosages(tmp_path / "g.csv", missing=[0, -999]).letters
    assert [row.tobytes().decode() for row in letters] == ["0.", "2.", "1."]
    with pytest.raises(InputError, match=r"g.csv:2: .*'-999'.*`missing: \[-999\]`"):
        read_dosages(tmp_path / "g.csv")


def test_a_row_without_a_fold_is_not_in_the_table(tmp_path):
    (tmp_path / "s.csv").write_text("id,fold\na,1\nb,NA\nc,2\nd,\n")
    assert read_user_table(tmp_path / "s.csv", schema("split"))["id"].tolist() == ["a", "c"]


def test_a_code_that_nobody_named_is_told(case, capsys):
    bw.read_genotypes(**case("c16-tassel-traits-minus-999"))
    assert (
        "-999 looks like a code for a missing value: it stands in EarHT (2 of 301), dpoll (4 of "
        "301) and EarDia (35 of 301) of traits_fixed_header.txt. If it is one, add "
        "`missing: [-999]`, which holds for every column."
    ) in capsys.readouterr().err


def test_a_class_that_looks_like_a_code_is_told(tmp_path, capsys):
    rows = "".join(f"ACGT\t{['-9', 'yes'][row % 2]}\n" for row in range(8))
    (tmp_path / "a.tsv").write_text(f"sequence\tlabel\n{rows}")
    bw.read_table(tmp_path / "a.tsv", task="binary", positive="yes")
    assert "it stands in label (4 of 8) of a.tsv" in capsys.readouterr().err


@pytest.fixture
def zeros(case, tmp_path):
    """Phenotypes of c20; Excel ate the leading zeros of the first so many of 60 names."""
    entry = case("c20-excel-phenotypes", "zeros_lost.yaml")
    table = pd.read_csv("zeros_lost.csv", sep=";", dtype=str)

    def lose(count):
        names = table["Linie"].where(table.index < count, table["Linie"].str.zfill(3))
        path = tmp_path / "zeros.csv"
        table.assign(Linie=names).to_csv(path, sep=";", index=False)
        return entry | {"phenotypes": str(path)}

    return lose


def test_individuals_that_find_no_partner_are_told(zeros, capsys):
    assert len(bw.read_genotypes(**zeros(40))) == 20
    assert (
        "40 of 60 individuals have no phenotype in zeros.csv (001, 002, 003); 40 of 60 phenotypes "
        "there have no genotypes (1, 2, 3). Do they differ by leading zeros ('001' and '1')?"
    ) in capsys.readouterr().err
    bw.read_genotypes(**zeros(3))
    assert "no phenotype" not in capsys.readouterr().err
    with pytest.raises(InputError, match=r"no individual has a label here.*differ by leading zero"):
        bw.read_genotypes(**zeros(60))


def test_maps_and_split_tables_are_joins_too(tmp_path):
    (tmp_path / "map.csv").write_text("marker,chrom,pos\nM1,1,5\nm2,1,9\n")
    (markers, places) = unplaced_markers(pd.Series(["m1", "m2"]), tmp_path / "map.csv")
    assert markers[2:] == ("markers have no place in map.csv", 1, 2, "m1", markers.guess)
    assert places[2:5] == ("places there have no marker", 1, 2)
    assert markers.guess.startswith("upper and lower case")
    table = pd.DataFrame({"id": ["a", "b", "c"], "part": "train"})
    (rows,) = unused_rows(pd.Series(["a", "b"]), table, "folds.csv")
    assert rows[1:6] == ("folds.csv", "rows of folds.csv are no example", 1, 3, "c")
    with pytest.raises(InputError, match="gives no part for 2 examples.*upper and lower case"):
        predefined_parts(pd.DataFrame({"id": ["A", "B"]}), table)
