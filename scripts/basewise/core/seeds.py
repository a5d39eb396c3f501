"""Every random choice of a run, derived from one root seed."""

import hashlib

import numpy as np


def derive_seed(root: int, *purpose: str | int) -> int:
    """Seed of one random choice, from 0 to 2**32 - 1, the same on every machine.

    It derives from the root seed of the configuration and the names that say what it is for, for
    example the dataset, the model, the fold and the replicate.
    """
    text = "\x1f".join([str(root), *map(str, purpose)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")


def generator(root: int, *purpose: str | int) -> np.random.Generator:
    """A NumPy generator on `derive_seed`."""
    return np.random.default_rng(derive_seed(root, *purpose))
