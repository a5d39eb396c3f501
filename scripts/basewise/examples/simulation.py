"""The two generated data sets of the demo: motif promoters, and peaks on a small genome."""

import random
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from basewise.sequences.alphabet import complement_letters, letters_of

MOTIFS = ("TATAAA", "CAAT", "GGGCGG", "TTGACA")

DECOYS = ("AAAAAAA", "TTTTTTT", "CCCCCCC", "GGGGGGG")

DECOY_RATE = 0.3


class Promoters(NamedTuple):
    """Simulated promoters: positives first, then negatives."""

    sequences: list[str]
    labels: NDArray[np.int64]


class Peaks(NamedTuple):
    """A simulated genome and its peaks.

    `genome` has the character codes of each chromosome, shape (bases,); `regions` chrom, start, end
    (0-based, half-open), name; `labels` id (the region's name), label (1: a motif is planted in
    it).
    """

    genome: dict[str, NDArray[np.uint8]]
    regions: pd.DataFrame
    labels: pd.DataFrame


def simulate_promoters(rows: int = 10_000, length: int = 200, seed: int = 42) -> Promoters:
    """Draw the synthetic motif task of the multi-scale attention tutorial.

    Half the sequences are positives: random bases, one of four promoter motifs at a random place.
    The rest are negatives: random bases, in 30 % of them a run of seven equal bases. The order of
    draws is the tutorial's own, so that its seed, 42, gives its sequences; for that reason alone
    this function uses Python's `random`, through an instance of its own.
    """
    generator = random.Random(seed)

    def overwrite(letters: str, motifs: tuple[str, ...]) -> str:
        motif = generator.choice(motifs)
        start = generator.randint(0, length - len(motif))
        return letters[:start] + motif + letters[start + len(motif) :]

    sequences = []
    for row in range(rows):
        letters = "".join(generator.choices("ATGC", k=length))
        if row < rows // 2:
            letters = overwrite(letters, MOTIFS)
        elif generator.random() < DECOY_RATE:
            letters = overwrite(letters, DECOYS)
        sequences.append(letters)
    return Promoters(sequences, (np.arange(rows) < rows // 2).astype(np.int64))


def likelihood_ratio(sequences: list[str]) -> NDArray[np.float64]:
    """Exact odds of promoter to background under `simulate_promoters`, classes equally likely.

    A sequence that holds a motif of m bases in c places has 4^m c / (length - m + 1) times its
    background probability of coming from an insertion of that motif; overlapping places count.
    Above 1 the best possible classifier says promoter.
    """
    letters = letters_of(sequences)
    promoter = np.mean([_insertion_odds(letters, motif) for motif in MOTIFS], axis=0)
    decoy = np.mean([_insertion_odds(letters, motif) for motif in DECOYS], axis=0)
    ratio: NDArray[np.float64] = promoter / (1 - DECOY_RATE + DECOY_RATE * decoy)
    return ratio


def population_ceiling(rows: int = 100_000, seed: int = 1) -> pd.DataFrame:
    """What the exact likelihood ratio reaches on any large sample: metric, value."""
    from sklearn.metrics import accuracy_score, roc_auc_score  # takes a second; peaks save it

    promoters = simulate_promoters(rows, seed=seed)
    ratio = likelihood_ratio(promoters.sequences)
    values = {
        "accuracy": accuracy_score(promoters.labels, ratio > 1),
        "auroc": roc_auc_score(promoters.labels, ratio),
    }
    return pd.DataFrame({"metric": list(values), "value": list(values.values())})


def _insertion_odds(letters: NDArray[np.uint8], motif: str) -> NDArray[np.float64]:
    places = letters.shape[1] - len(motif) + 1
    hit = np.ones((len(letters), places), dtype=np.bool_)
    for offset, letter in enumerate(motif):
        hit &= letters[:, offset : offset + places] == ord(letter)
    odds: NDArray[np.float64] = hit.sum(axis=1) * 4.0 ** len(motif) / places
    return odds


SITE = "TGACTCAT"

SITE_FIDELITY = 0.9

COMPOSITION = (0.3, 0.2, 0.2, 0.3)
"""Shares of A, C, G and T on the genome."""

SPACING = 250

UNLABELED = 12

WINDOW = 200
"""Letters of a new sequence."""


def simulate_peaks(
    generator: np.random.Generator, chromosomes: int = 10, bases: int = 100_000
) -> Peaks:
    """Draw a small genome with regions, half of which hold one or two sites of a motif.

    Bases are independent with 40 % GC. A site is TGACTCAT with each base kept with probability
    0.9, on either strand, within 40 bases of the center of its region. The last few regions have
    no label, and the first region of each chromosome lies so close to its end that no window fits:
    a run shows what becomes of such rows.
    """
    genome, tables = {}, []
    for number in range(1, chromosomes + 1):
        letters = _random_letters(generator, bases)
        centers = np.arange(20, bases - SPACING, SPACING)
        centers[1:] += generator.integers(20, size=len(centers) - 1)
        bound = generator.random(len(centers)) < 0.5
        for center in centers[bound]:
            for _ in range(generator.integers(1, 3)):
                _plant_site(generator, letters, int(center))
        half = generator.integers(10, 80, size=len(centers))
        name = f"chr{number}"
        genome[name] = letters
        tables.append(
            pd.DataFrame(
                {
                    "chrom": name,
                    "start": np.maximum(centers - half, 0),
                    "end": centers + half,
                    "label": bound.astype(int),
                }
            )
        )
    regions = pd.concat(tables, ignore_index=True)
    regions["name"] = [f"peak{row:05d}" for row in range(1, len(regions) + 1)]
    labels = regions[["name", "label"]].rename(columns={"name": "id"})[:-UNLABELED]
    return Peaks(genome, regions[["chrom", "start", "end", "name"]], labels)


def simulate_new(generator: np.random.Generator, peaks: Peaks, each: int = 100) -> pd.DataFrame:
    """Draw sequences of 200 bp as `simulate_peaks` does, for a trained model to score.

    Columns: id, which tells what each is, and sequence. Some are ``bound``, as many
    ``background``; three are windows of the first chromosome, ``old``, which a model may know.
    """
    rows = []
    for kind in ("bound", "background"):
        for number in range(1, each + 1):
            letters = _random_letters(generator, WINDOW)
            if kind == "bound":
                _plant_site(generator, letters, WINDOW // 2)
            rows.append((f"{kind}{number:03d}", letters.tobytes().decode()))

    chrom = peaks.regions["chrom"].iloc[0]
    inner = peaks.regions[peaks.regions["chrom"] == chrom].iloc[1:4]
    for region in inner.itertuples():
        start = (region.start + region.end) // 2 - WINDOW // 2
        window = peaks.genome[chrom][start : start + WINDOW]
        rows.append((f"old_{region.name}", window.tobytes().decode()))
    return pd.DataFrame(rows, columns=["id", "sequence"])


def promoter_motifs() -> str:
    """The motifs of `simulate_promoters`, as JASPAR writes counts."""
    return "".join(_profile(motif, fidelity=1) for motif in MOTIFS)


def peak_motifs() -> str:
    """The motif of `simulate_peaks`, as JASPAR writes counts."""
    return _profile(SITE, SITE_FIDELITY)


def _profile(consensus: str, fidelity: float) -> str:
    """Counts of a thousand planted sites, in one profile."""
    shares = {
        letter: [fidelity * (letter == kept) + (1 - fidelity) * share for kept in consensus]
        for letter, share in zip("ACGT", COMPOSITION, strict=True)
    }
    rows = [
        f"{letter} [{' '.join(f'{1000 * share:4.0f}' for share in row)}]\n"
        for letter, row in shares.items()
    ]
    return "".join([f">{consensus} planted\n", *rows])


def _random_letters(generator: np.random.Generator, bases: int) -> NDArray[np.uint8]:
    codes = np.frombuffer(b"ACGT", dtype=np.uint8)
    return generator.choice(codes, bases, p=COMPOSITION)


def _plant_site(generator: np.random.Generator, letters: NDArray[np.uint8], center: int) -> None:
    site = letters_of([SITE])[0].copy()
    changed = generator.random(len(site)) > SITE_FIDELITY
    site[changed] = _random_letters(generator, int(changed.sum()))
    if generator.random() < 0.5:
        site = complement_letters(site)
    start = max(0, center + int(generator.integers(-40, 33)))
    letters[start : start + len(site)] = site
