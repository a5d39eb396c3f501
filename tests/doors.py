"""Datasets read through the front door, against those that the steps of a workflow have made."""

from pathlib import Path

import numpy as np
import pandas as pd

import basewise as bw
from basewise.store.parts import fold_file, read_split
from basewise.store.shards import open_tensors
from basewise.store.tables import LEAKAGE_SUMMARY_COLUMNS, read_examples, read_table

READERS = {
    "table": bw.read_table,
    "fasta": bw.read_fasta,
    "genome": bw.read_regions,
    "genotypes": bw.read_genotypes,
}


def check_by_door(results: Path, datasets: dict[str, dict]) -> None:
    """Examples, tensors, splits and what leaks are equal, whatever the datasets are read from."""
    for name, entry in datasets.items():
        (form,) = READERS.keys() & entry.keys()
        keys = {key: value for key, value in entry.items() if key != "models"}
        examples = READERS[form](**keys, name=name)
        stored = read_examples(results / name / "examples/examples.parquet")
        # a file knows no type of what is missing throughout
        tables = (table.convert_dtypes() for table in (examples.table, stored))
        pd.testing.assert_frame_equal(*tables, check_dtype=False)

        tensors = open_tensors(results / name / "tensors")
        assert examples.tensors.ids.tolist() == tensors.ids.tolist()
        assert examples.tensors.outputs == tensors.outputs
        np.testing.assert_array_equal(examples.tensors.onehot(), tensors.onehot())
        np.testing.assert_array_equal(examples.tensors.target, tensors.target)

        for fold in range(len(list((results / name / "leakage").glob("*.summary.tsv")))):
            path = fold_file(results / name / "splits", fold)
            split = bw.split(examples, fold=fold)
            assert split.part.tolist() == read_split(path).part.tolist()
            summary = fold_file(results / name / "leakage", fold).with_suffix(".summary.tsv")
            leaks = read_table(summary, LEAKAGE_SUMMARY_COLUMNS)
            pd.testing.assert_frame_equal(bw.audit(split).summary, leaks, check_dtype=False)
