"""Scores of new individuals: every baseline on genotypes, from its bundle alone."""

import numpy as np
import pandas as pd
import pytest
import skops.io
from made_bundles import TARGETS, made_letters, make_bundle, make_results

import basewise as bw
from basewise import baselines
from basewise.baselines.mixed_model import best_models
from basewise.core.errors import InputError
from basewise.examples.from_genotypes import extract
from basewise.genotypes.reading import read_genotypes
from basewise.scoring.checking import check_bundle
from basewise.scoring.new_individuals import FEW_MARKERS
from basewise.scoring.predictors import load_predictor
from basewise.scoring.relatives import relatives_of, reliabilities
from basewise.scoring.scored_files import NewExamples
from basewise.store.tables import read_examples, write_parquet, write_table

SWAPS = "v34-swapped-shuffled-extra"
GAPS = "v36-missing-markers-and-80-percent"
CALLS = "v37-ploidy-phase-half-calls"

QUICK = {"gblup", "svr"}
OF_GENOTYPES = [
    pytest.param(name, task, marks=[] if name in QUICK else pytest.mark.slow)
    for name, entry in baselines.registry().items()
    if "genotype" in entry["alphabets"]
    for task in ("binary", "regression")
    if task in entry["tasks"]
] + [pytest.param("network", "regression", marks=pytest.mark.slow)]


@pytest.mark.parametrize(("name", "task"), OF_GENOTYPES)
def test_scores_of_the_test_part_are_those_of_the_training(name, task, tmp_path):
    letters = made_letters(length=40, letters=b"0012.")
    if name != "gradient_boosting":  # which cannot be fitted on a marker that nobody has
        letters[:, 3] = ord(".")
    settings = {"trees": 20} if name == "random_forest" else {}
    runs = [(0, 1), (1, 1)]
    sources = make_results(tmp_path, task, runs, "genotype", letters, model=name, **settings)
    make_bundle(tmp_path / "b.zip", sources)
    checked = check_bundle(tmp_path / "b.zip")
    (output,) = TARGETS[task][0]
    for run, file in zip(checked.contract.runs, sources.scores, strict=True):
        tested = pd.read_parquet(file).query("part == 'test'")
        rows = tested["id"].str[1:].astype(int)
        scores = load_predictor(checked, run)(letters[rows])
        tolerance = 1e-6 * (900 if task == "regression" else 1)
        np.testing.assert_allclose(scores[:, 0], tested[f"score.{output}"], atol=tolerance)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory, data):
    """GBLUP in two folds on the 40 lines of the cases, three times over."""
    folder = tmp_path_factory.mktemp("lines")
    path = data.parent / "cases" / SWAPS / "train.vcf"
    training = extract(read_genotypes(path), path)
    letters = np.tile(training.letters, (3, 1))
    runs = [(0, 1), (1, 1)]
    sources = make_results(folder, "regression", runs, "genotype", letters, model="gblup")
    write_table(training.markers, folder / "markers.tsv")
    examples = read_examples(sources.examples).assign(source=path.name)
    write_parquet(examples, sources.examples)
    make_bundle(folder / "b.zip", sources._replace(markers=[str(folder / "markers.tsv")]))
    return folder / "b.zip"


def scored(path, file, **reading):
    return NewExamples(path, file, form="genotypes", **reading).table().set_index("id")


@pytest.mark.parametrize("file", ["swapped", "shuffled", "extra", "all", "other_ids"])
def test_files_of_the_same_individuals_have_the_same_scores(file, bundle, data):
    folder = data.parent / "cases" / SWAPS
    expected = scored(bundle, folder / "reference.vcf")
    table = scored(bundle, folder / f"{file}.vcf").loc[expected.index]
    columns = ["score.height", "spread.height", "reliability.height", "filled"]
    np.testing.assert_allclose(table[columns], expected[columns], rtol=1e-12)
    assert table["flags"].to_dict() == {**dict.fromkeys(table.index, ""), "N5": "seen in training"}
    assert table.loc["N5", "partner"] == "e7"
    assert expected["score.height"].nunique() == 6


@pytest.mark.parametrize("file", ["phased", "haploid_mixed"])
def test_phase_and_haploids_change_nothing(file, bundle, data):
    folder = data.parent / "cases" / CALLS
    expected = scored(bundle, folder / "reference.vcf")["score.height"]
    np.testing.assert_allclose(scored(bundle, folder / f"{file}.vcf")["score.height"], expected)


@pytest.mark.parametrize(
    ("case", "file"), [(GAPS, "missing"), (GAPS, "twenty"), (CALLS, "half_calls")]
)
def test_missing_genotypes_are_the_means_of_each_run(case, file, bundle, data):
    folder = data.parent / "cases" / case
    known = pd.read_csv(folder / "expected_dosage.tsv", sep="\t", index_col="id").iloc[:, :24]
    filled = pd.read_csv(folder / f"expected_{file}.tsv", sep="\t", index_col="id").iloc[:, :24]
    is_missing = known.to_numpy() != filled.to_numpy()
    checked = check_bundle(bundle)
    runs = []
    for run in checked.contract.runs:
        stored = skops.io.loads(checked.bundle.read(run.file), trusted=[])
        dosage = np.where(is_missing, stored["means"], known)
        value = stored["model"].predict(dosage - stored["means"])
        runs.append(value * run.transform["scale"][0] + run.transform["mean"][0])

    table = scored(bundle, folder / f"{file}.vcf").loc[known.index]
    np.testing.assert_allclose(table["score.height"], np.mean(runs, axis=0).ravel(), atol=1e-3)
    np.testing.assert_allclose(table["filled"], is_missing.mean(axis=1))


def test_one_line_is_scored_as_among_others(bundle, data):
    folder = data.parent / "cases" / GAPS
    (alone,) = scored(bundle, folder / "one_line.vcf")["score.height"]
    assert alone == pytest.approx(
        scored(bundle, folder / "reference.vcf").loc["N0", "score.height"]
    )


def test_a_line_without_calls_is_flagged_and_not_reliable(bundle, data):
    folder = data.parent / "cases" / GAPS
    table = scored(bundle, folder / "empty_line.vcf")
    assert table.loc["N0", "reliability.height"] == 0
    assert table.loc["N0", "filled"] == 1
    assert FEW_MARKERS in table.loc["N0", "flags"]
    assert (table["reliability.height"][1:] > 0).all()
    assert (table["filled"][1:] == 0).all()


def test_a_file_with_too_few_markers_is_refused(bundle, data):
    path = data.parent / "cases" / GAPS / "nineteen.vcf"
    with pytest.raises(InputError, match=r"19 of the 24 markers of b\.zip, 79\.1 %, and 80 %.*m0"):
        scored(bundle, path)


def test_a_file_of_variants_alone(bundle, data, tmp_path):
    folder = data.parent / "cases" / GAPS
    lines = (folder / "one_line.vcf").read_text().splitlines(keepends=True)
    variants = [line for line in lines if line.startswith("#") or "0/0" not in line]
    path = tmp_path / "variants.vcf"
    path.write_text("".join(variants))
    expected = scored(bundle, folder / "one_line.vcf")
    table = scored(bundle, path, absent="reference")
    pd.testing.assert_frame_equal(table, expected)
    with pytest.raises(InputError, match="80 % are needed"):
        scored(bundle, path)
    # as another assembly would have it: the same places, other bases in a third of them
    fields = [line.split("\t") for line in variants if not line.startswith("#")]
    for row in fields[::3]:
        row[3:5] = [letter.translate(str.maketrans("ACGT", "CAAC")) + "GG" for letter in row[3:5]]
    head = [line for line in variants if line.startswith("#")]
    elsewhere = tmp_path / "elsewhere.vcf"
    elsewhere.write_text("".join([*head, *("\t".join(row) for row in fields)]))
    with pytest.raises(
        InputError, match=r"lists (\d+) markers of b\.zip, \d+ of them with other al"
    ):
        scored(bundle, elsewhere, absent="reference")

    other = path.rename(tmp_path / "variants.txt")
    with pytest.raises(InputError, match="goes with VCF"):
        scored(bundle, other, absent="reference")


def test_from_python(bundle, data):
    path = data.parent / "cases" / SWAPS / "swapped.vcf"
    table = bw.score(bundle, path).set_index("id")
    pd.testing.assert_frame_equal(table, scored(bundle, path))


def test_reliability_is_that_of_the_mixed_model_equations():
    draws = np.random.default_rng(4)
    letters = draws.choice(np.frombuffer(b"012", np.uint8), (30, 50), p=[0.5, 0.3, 0.2])
    effects = draws.normal(size=50)
    target = ((letters - 48.0) @ effects + draws.normal(size=30) * 3)[:, None]
    relatives = relatives_of(letters, target)
    new = draws.choice(np.frombuffer(b"012", np.uint8), (5, 50))

    means = (letters - 48.0).mean(axis=0)
    scale = 2 * (means / 2 * (1 - means / 2)).sum()
    z, x = letters - 48.0 - means, new - 48.0 - means
    kernel = z @ z.T / scale
    (ratio,) = [model.ratio for model in best_models([kernel], target)]
    # Henderson's equations, in units of the genetic variance: mean and values of both groups
    everyone = np.vstack([z, x]) @ np.vstack([z, x]).T / scale + 1e-9 * np.eye(35)
    design = np.hstack([np.ones((30, 1)), np.eye(30), np.zeros((30, 5))])
    equations = design.T @ design / ratio
    equations[1:, 1:] += np.linalg.inv(everyone)
    errors = np.diag(np.linalg.inv(equations))[31:]
    expected = 1 - errors / np.diag(everyone)[30:]
    np.testing.assert_allclose(reliabilities(relatives, new)[:, 0], expected, atol=1e-5)
    assert 0.05 < expected.min() < expected.max() < 0.99

    new[0] = ord(".")
    assert reliabilities(relatives, new)[0, 0] == 0
