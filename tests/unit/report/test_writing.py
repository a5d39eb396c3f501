import shlex

import pandas as pd
import pytest
import yaml
from made_results import made_run, make_results

from basewise.report.comparison import averages
from basewise.report.examples import describe_data, leakage_verdict
from basewise.report.provenance import comparison_pictures, ranks_table
from basewise.report.trainings import lines_of, reconstruction_of
from basewise.report.wording import say, templates
from basewise.report.writing import next_commands
from basewise.splits.leakage import summarize
from basewise.store.manifest import write_manifest
from basewise.store.tables import RANK_COLUMNS, write_table


def test_macro_averages_say_what_they_leave_out():
    rows = [("m", fold, "test", name) for fold in (0, 1) for name in "abc"]
    metrics = pd.DataFrame(rows, columns=["model", "fold", "part", "output"])
    whole = "Macro: the mean over the 3 labels, each counting the same."
    assert averages("multilabel", list("abc"), metrics) == whole
    missing = averages("multilabel", list("abc"), metrics.drop(4))
    assert (
        missing == f"{whole} Left out: b, which is 0 or 1 throughout in the test part of some fold."
    )
    assert averages("binary", ["label"], metrics) == averages("regression", ["a"], metrics) == ""


def test_what_a_sentence_holds_is_escaped_by_the_page():
    text = say("warned", text="of class <b>", some=1, runs=1)
    page = templates(html=True).from_string("{{ text }}").render(text=text)
    assert (text, page) == ("of class <b>.", "of class &lt;b&gt;.")


def test_lines_of_several_runs_are_counted_once():
    runs = [
        made_run(warnings=["accuracy 0.51 in epoch 3", "same score"]),
        made_run(warnings=["accuracy 0.498 in epoch 12"]),
        made_run(),
    ]
    lines = [("accuracy 0.51 in epoch 3", 2), ("same score", 1)]
    assert lines_of(runs, "warnings") == lines
    assert lines_of(runs, "advice") == []


def test_reconstructions_are_means_over_the_runs():
    runs = [
        made_run(reconstruction={"test": {"cross_entropy": 1.0, "letters_right": 0.5}}),
        made_run(reconstruction={"test": {"cross_entropy": 2.0, "letters_right": 0.7}}),
    ]
    (row,) = reconstruction_of(runs)
    assert row["part"] == "test"
    assert row["cells"] == {"cross-entropy of a letter": 1.5, "letters right": 0.6}
    assert reconstruction_of([made_run()]) == []


def test_the_leakage_verdict_counts_examples_once():
    columns = ["kind", "id", "part", "other_part", "other_id", "similarity", "conflict"]
    leaks = [
        ("exact", "t1", "test", "train", "a", 1, 0),
        ("overlap", "t1", "test", "train", "b", None, 0),
        ("near", "t2", "test", "train", "a", 0.7, 0),
        ("exact", "a", "train", "train", "b", 1, 0),
    ]
    part = pd.Series(["train"] * 4 + ["validation"] * 2 + ["test"] * 8).to_numpy()
    summary = summarize(pd.DataFrame(leaks, columns=columns), part)
    text = leakage_verdict(summary)
    assert "part: 2 of 8 test examples (25.0%) have one in train. Scores" in text
    none = summarize(pd.DataFrame(leaks[3:], columns=columns), part)
    assert leakage_verdict(none).startswith("No held-out example has a copy")
    shared = [("group", f"t{at}", "test", "train", "a", None, 0) for at in range(8)]
    grouped = pd.DataFrame([*leaks[3:], *shared], columns=columns)
    summary = summarize(grouped, part, groups=pd.Series(["g"] * len(part)))
    assert leakage_verdict(summary).startswith("No held-out example has a copy")


def test_the_leakage_verdict_takes_both_numbers_from_the_worst_fold():
    columns = ["kind", "part", "other_part", "rows", "total", "conflicts"]
    rows = [("any", "test", "train", *counts, 0) for counts in ((9, 22), (9, 21), (1, 25))]
    rows += [("any", "validation", "train", 0, total, 0) for total in (20, 21, 22)]
    text = leakage_verdict(pd.DataFrame(rows, columns=columns))
    assert "part: 9 of 21 test examples (42.9%) have one in train in the worst fold." in text


def test_without_ranks_there_is_neither_their_picture_nor_their_table(tmp_path):
    make_results(tmp_path, {"data": "binary"}, models=2)
    assert ranks_table(tmp_path / "comparison/ranks.tsv")["rows"] == 2
    assert len(comparison_pictures(tmp_path / "comparison")) == 2
    write_table(pd.DataFrame(columns=RANK_COLUMNS), tmp_path / "comparison/ranks.tsv")
    assert ranks_table(tmp_path / "comparison/ranks.tsv") is None
    (forest,) = comparison_pictures(tmp_path / "comparison")
    assert forest.caption.startswith("The measure that ranks")


@pytest.mark.parametrize(
    ("task", "words"),
    [
        ("binary", ("class", "What the examples are like, class by class", "Where train")),
        ("regression", ("measured", "What the markers are like", "Sizes of train")),
    ],
)
def test_words_of_the_examples_go_by_what_they_are(tmp_path, task, words):
    make_results(tmp_path, {"data": task}, models=1)
    folder = tmp_path / "data"
    if task == "regression":
        manifest = {"outputs": ["height"], "length": 200, "alphabet": "genotype"}
        write_manifest(folder / "tensors/manifest.json", manifest)
        examples = pd.read_parquet(folder / "examples/examples.parquet")
        examples.assign(start=None).to_parquet(folder / "examples/examples.parquet")
    found = describe_data(folder, "data", {"task": task}, [0])
    captions = [picture.caption for picture in found["pictures"]]
    assert (found["counted"], captions[0], captions[1][: len(words[2])]) == words


def test_the_commands_that_score_new_data_are_those_of_a_model_that_can():
    def dataset(name, best):
        return {"name": name, "overview": {"best": best and {"model": best}}}

    config = {
        "datasets": {
            "bases": {"task": "per_position", "alphabet": "dna"},
            "aged": {"task": "binary", "alphabet": "dna", "covariates": {"columns": ["age"]}},
            "empty": {"task": "binary", "alphabet": "dna"},
            "wheat": {"task": "regression", "alphabet": "genotype"},
        }
    }
    of_all = [dataset("bases", "a"), dataset("aged", "b"), dataset("empty", None)]
    assert next_commands(of_all, config) is None

    example = next_commands([*of_all, dataset("wheat", "gblup")], config)
    bundle, write, score = (shlex.split(command) for command in example["commands"])
    assert bundle[1] == "results/bundles/wheat.gblup.zip"
    assert (write[0], write[2:]) == ("echo", [">", "score.yaml"])
    new = {"models": bundle[1], "genotypes": "new.vcf.gz"}
    assert yaml.safe_load(write[1]) == {"score": {"new": new}}
    assert score == ["snakemake", "score", "--configfile", "score.yaml"]
