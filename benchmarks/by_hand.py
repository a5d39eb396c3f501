"""The tutorial's task as one script does it; `workflow.py` compares the workflow with it.

Usage: python benchmarks/by_hand.py EPOCHS
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import altair as alt
import keras
import numpy as np
import pandas as pd
import tensorflow as tf
import vl_convert
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    confusion_matrix,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)
from sklearn.model_selection import train_test_split

from basewise.architectures import build
from basewise.examples.simulation import simulate_promoters

BASES = "ACGT"
RESAMPLES = 1000


def encoded(sequences: list[str]) -> np.ndarray:
    """One-hot arrays of float32, as a script does it."""
    letters = np.array([list(sequence) for sequence in sequences])
    return (letters[:, :, None] == np.array(list(BASES))).astype(np.float32)


def figure(table: pd.DataFrame, x: str, y: str, path: str, mark: str = "line") -> str:
    """Draw a table, write it as SVG and give it back."""
    chart = alt.Chart(table, width=300, height=300)
    chart = (chart.mark_line() if mark == "line" else chart.mark_bar()).encode(x=x, y=y)
    svg = str(vl_convert.vegalite_to_svg(chart.to_json()))
    Path(path).write_text(svg, encoding="utf-8")
    return svg


def main() -> None:
    """Simulate, train, test and draw."""
    tf.config.threading.set_intra_op_parallelism_threads(2)
    tf.config.threading.set_inter_op_parallelism_threads(2)
    tf.config.experimental.enable_op_determinism()
    keras.utils.set_random_seed(1)
    sequences, labels = simulate_promoters(10_000, 200)
    onehot, target = encoded(sequences), np.asarray(labels, dtype=np.float32)
    x_rest, x_test, y_rest, y_test = train_test_split(
        onehot, target, test_size=0.2, stratify=target, random_state=42
    )
    x_train, x_valid, y_train, y_valid = train_test_split(
        x_rest, y_rest, test_size=0.2, stratify=y_rest, random_state=42
    )
    epochs = int(sys.argv[1])
    model = build("multiscale_attention", length=200)
    model.compile(keras.optimizers.Adam(), "binary_crossentropy", metrics=["accuracy"])
    stopping = keras.callbacks.EarlyStopping("val_loss", patience=epochs, restore_best_weights=True)
    plateau = keras.callbacks.ReduceLROnPlateau("val_loss", factor=0.5, patience=epochs // 2)
    history = model.fit(
        x_train,
        y_train,
        validation_data=(x_valid, y_valid),
        epochs=epochs,
        batch_size=64,
        verbose=0,
        callbacks=[stopping, plateau],
    )
    model.save("by_hand.keras")
    score = model.predict(x_test, batch_size=64, verbose=0)[:, 0]
    generator = np.random.default_rng(1)
    resampled = []
    for _ in range(RESAMPLES):
        rows = generator.integers(len(score), size=len(score))
        truth, found = y_test[rows], score[rows]
        resampled.append(
            (
                accuracy_score(truth, found > 0.5),
                roc_auc_score(truth, found),
                average_precision_score(truth, found),
            )
        )
    low, high = np.percentile(resampled, [2.5, 97.5], axis=0)
    fpr, tpr, _ = roc_curve(y_test, score)
    precision, recall, _ = precision_recall_curve(y_test, score)
    counts = confusion_matrix(y_test, score > 0.5)
    curves = pd.DataFrame(history.history).rename_axis("epoch").reset_index()
    histogram = pd.DataFrame({"score": score.round(2)}).value_counts().reset_index()
    svgs = [
        figure(pd.DataFrame({"fpr": fpr, "tpr": tpr}), "fpr", "tpr", "roc.svg"),
        figure(pd.DataFrame({"r": recall, "p": precision}), "r", "p", "pr.svg"),
        figure(curves, "epoch", "val_loss", "learning.svg"),
        figure(histogram, "score", "count", "scores.svg", mark="bar"),
    ]
    text = f"<pre>{counts}\n{low}\n{high}</pre>{''.join(svgs)}"
    Path("report.html").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
