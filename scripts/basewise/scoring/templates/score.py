"""Scores by this bundle with NumPy and onnxruntime alone: python score.py [new.fa].

Without a file it computes the expected scores again, and fails where they differ.
"""

import csv
import json
import re
import sys
from pathlib import Path

import numpy as np
import onnxruntime

HERE = Path(__file__).resolve().parent
contract = json.loads((HERE / "contract.json").read_text("utf-8"))
LETTERS = {letter: [bit == "1" for bit in row] for letter, row in contract["letters"].items()}
COLUMNS = [f"score.{output}" for output in contract["outputs"]]
UNDO = {"log1p": np.expm1, "log10": lambda value: 10.0**value}


def encode(name, sequence):
    if len(sequence) != contract["length"] or set(sequence) - set(LETTERS):
        sys.exit(f"{name}: not {contract['length']} letters of {''.join(LETTERS)}")
    return [LETTERS[letter] for letter in sequence]


def scores_of(run, examples):
    onehot = np.array([encode(*example) for example in examples], dtype=np.uint8)
    session = onnxruntime.InferenceSession(HERE / run["onnx"], providers=["CPUExecutionProvider"])
    batches = [onehot[start : start + 128] for start in range(0, len(onehot), 128)]
    scores = np.concatenate([session.run(None, {"onehot": batch})[0] for batch in batches])
    scale = run["transform"] or {"name": "none", "scale": 1, "mean": 0}
    exact = scores.astype(np.float64) * scale["scale"] + scale["mean"]
    return UNDO.get(scale["name"], np.asarray)(exact)


def read(name):
    with open(HERE / "expected" / name, encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


if len(sys.argv) > 1:
    records = re.split("^>", Path(sys.argv[1]).read_text("utf-8"), flags=re.MULTILINE)[1:]
    parts = [record.partition("\n")[::2] for record in records]
    examples = [(title.split()[0], "".join(text.split()).upper()) for title, text in parts]
    print("id", *COLUMNS, sep="\t")
    runs = [scores_of(run, examples) for run in contract["runs"]] if examples else [[]]
    for (name, _), scores in zip(examples, np.mean(runs, axis=0), strict=True):
        for row in np.atleast_2d(scores):
            print(name, *row, sep="\t")
    sys.exit()

inputs = {row["id"]: row["sequence"] for row in read("inputs.tsv")}
for run in contract["runs"]:
    rows = [
        row for row in read("scores.tsv") if all(row[k] == str(run[k]) for k in ("fold", "seed"))
    ]
    scores = scores_of(
        run, [(name, inputs[name]) for name in dict.fromkeys(row["id"] for row in rows)]
    )
    expected = np.array([[float(row[column]) for column in COLUMNS] for row in rows])
    apart = np.abs(scores.reshape(expected.shape) - expected)
    print(f"fold {run['fold']}, seed {run['seed']}: largest difference {apart.max():.2g}")
    if not (apart <= list(run["tolerance"].values())).all():
        sys.exit("These are not the expected scores.")
