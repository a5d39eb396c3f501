"""Traits with known causal markers on real genotypes: made, and looked for among marker effects.

Usage: python benchmarks/simulated_traits.py make GENOTYPES FOLDER
       python benchmarks/simulated_traits.py find FOLDER RESULTS

`make` writes traits.tsv and causal.tsv: five traits a1 to a5 to which ten markers add up, five
traits e1 to e5 of five pairs of markers that count as products alone; heritability 0.5.
`find` prints how many of a trait's ten markers stand, or have a neighbor within five markers,
among the 31 with the largest effects.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.genotypes.calls import MISSING
from basewise.genotypes.reading import read_genotypes
from basewise.store.tables import EFFECT_COLUMNS, read_table, write_table

TRAITS, CAUSAL, TOP, NEAR = 5, 10, 31, 5


def standardized(letters: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Dosage of each marker with mean 0 and variance 1, missing as the mean; constant ones 0."""
    dosage = np.where(letters == MISSING, np.nan, letters.astype(np.float64) - ord("0"))
    centered = np.nan_to_num(dosage - np.nanmean(dosage, axis=0))
    spread = centered.std(axis=0)
    return centered / np.where(spread > 0, spread, 1)


def make(genotypes: str, folder: str) -> None:
    """Write the traits of every individual, and the markers that cause them."""
    read = read_genotypes(genotypes)
    markers = standardized(read.letters)
    varied = np.flatnonzero(markers.std(axis=0) > 0)
    traits, causal = {"id": read.individuals["id"]}, []
    for kind in "ae":
        for number in range(1, TRAITS + 1):
            rng = np.random.default_rng([ord(kind), number])
            chosen = rng.choice(varied, CAUSAL, replace=False)
            signs = rng.choice([-1.0, 1.0], CAUSAL)
            if kind == "a":
                value = markers[:, chosen] @ signs
            else:
                value = (markers[:, chosen[::2]] * markers[:, chosen[1::2]]) @ signs[::2]
            noise = rng.normal(scale=value.std(), size=len(value))
            traits[f"{kind}{number}"] = value + noise
            names = read.markers["marker"].iloc[chosen]
            causal += [(f"{kind}{number}", name) for name in names]
    write_table(pd.DataFrame(traits), Path(folder) / "traits.tsv")
    write_table(pd.DataFrame(causal, columns=["trait", "marker"]), Path(folder) / "causal.tsv")


def hits(size: pd.Series, place: NDArray[np.int64]) -> int:
    """How many places have one of the largest sizes near them."""
    top = np.argsort(-size.to_numpy(), kind="stable")[:TOP]
    return int((np.abs(place[:, None] - top).min(axis=1) <= NEAR).sum())


def find(folder: str, results: str) -> None:
    """Print a line a trait and network: causal markers found by its effects, and one by one."""
    causal = pd.read_csv(Path(folder) / "causal.tsv", sep="\t", dtype=str)
    print("| trait | model | by effect | one by one |")
    print("|---|---|---|---|")
    for path in sorted(Path(results).glob("*/evaluation/*/markers.tsv")):
        for trait, table in read_table(path, EFFECT_COLUMNS).groupby("output"):
            table = table.reset_index(drop=True)
            of_trait = causal.loc[causal["trait"] == trait, "marker"]
            place = pd.Index(table["marker"]).get_indexer(of_trait)
            found = [hits(table[column].abs(), place) for column in ("effect", "correlation")]
            print(f"| {trait} | {path.parts[-2]} | {' | '.join(map(str, found))} |")


if __name__ == "__main__":
    {"make": make, "find": find}[sys.argv[1]](*sys.argv[2:])
