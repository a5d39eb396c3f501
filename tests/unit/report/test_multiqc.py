import io

import pandas as pd
import yaml

from basewise.report.multiqc import models_table, write_multiqc
from basewise.store.run_records import RunRecord, write_run
from basewise.store.tables import COMPARISON_COLUMNS, LEAK_COLUMNS

ROWS = [
    ("net", "network", "test", "label", "auroc", 0.8, 0.75, 0.85, 0.01, 2, "example"),
    ("kmers", "baseline", "test", "label", "auroc", 0.9, 0.85, 0.95, None, 1, "example"),
    ("kmers", "baseline", "test_clean", "label", "auroc", 0.7, 0.6, 0.8, None, 1, "example"),
    ("kmers", "baseline", "test", "label", "f1", 0.5, 0.4, 0.6, None, 1, "example"),
]
COMPARISON = pd.DataFrame(ROWS, columns=COMPARISON_COLUMNS)
RECORDS = [
    RunRecord("a", "net", 0, seed, parameters=12_345_678, seconds=seconds)
    for seed, seconds in ((1, 10), (2, 20))
]


def test_models_stand_by_what_ranks_them_the_best_first():
    table = models_table("a", "binary", COMPARISON, RECORDS)
    assert table["Sample"].tolist() == ["a | kmers", "a | net"]
    assert table["value"].tolist() == [0.9, 0.8]
    assert table.loc[1, ["measure", "runs", "parameters", "seconds"]].tolist() == [
        *("AUROC", 2, 12_345_678, 15)
    ]


def written(path, *lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join("\t".join(map(str, line)) + "\n" for line in lines))


def read(path):
    """Head and table of a file, as MultiQC takes it apart."""
    lines = path.read_text().splitlines(keepends=True)
    head = yaml.safe_load("".join(line[2:] for line in lines if line.startswith("# ")))
    table = "".join(line for line in lines if not line.startswith("#"))
    return head, pd.read_csv(io.StringIO(table), sep="\t")


def test_the_files_hold_what_multiqc_asks_for(tmp_path):
    folder = tmp_path / "a"
    parts = [("train", 6), ("validation", 2), ("test", 4)]
    rows = [(fold, part, "", count) for fold in (0, 1) for part, count in parts]
    written(folder / "evaluation/balance.tsv", ("fold", "part", "class", "count"), *rows)
    for stage, dropped in (("extract", [("x", "a.fa", 1, "N")]), ("examples", [])):
        written(folder / stage / "dropped.tsv", ("id", "source", "line", "reason"), *dropped)
    pairs = [("e1", "test", "train"), ("e1", "test", "validation"), ("e2", "test", "test")]
    leaks = [("exact", *pair, "e9", 1, 0) for pair in pairs]
    written(folder / "leakage/fold0.tsv", LEAK_COLUMNS, *leaks)
    written(folder / "leakage/fold1.tsv", LEAK_COLUMNS)
    COMPARISON.to_csv(folder / "evaluation/comparison.tsv", sep="\t", index=False)
    runs = [tmp_path / f"{number}.json" for number in range(2)]
    for path, record in zip(runs, RECORDS, strict=True):
        write_run(path, record, [])
    paths = [tmp_path / f"{name}_mqc.tsv" for name in ("models", "data")]
    how = {"results": tmp_path, "tasks": {"a": "binary"}, "folds": {"a": 2}, "runs": runs}
    write_multiqc(*paths, measured=["a"], **how)
    heads, (models, data) = zip(*map(read, paths), strict=True)
    assert [head["id"] for head in heads] == ["basewise_models", "basewise_data"]
    for head, table in zip(heads, (models, data), strict=True):
        assert head["plot_type"] == "table"
        assert list(head["headers"]) == list(table.columns[1:])
    assert models["parameters"].tolist()[1] == 12_345_678
    wanted = {"Sample": "a", "task": "binary", "examples": 12, "dropped": 1, "folds": 2}
    wanted |= {"train": 6, "validation": 2, "test": 4, "leaking": 0.5}
    assert data.to_dict("records") == [wanted]
    write_multiqc(*paths, measured=[], **how)
    assert read(paths[0])[1].empty
