"""What the letters of new examples say of them, whatever their scores: flags, known examples."""

from typing import Any

import numpy as np

from basewise.scoring.familiar import Recognizer
from basewise.scoring.new_sequences import Block
from basewise.sequences.composition import describe
from basewise.store.contracts import Contract

SEEN, UNLIKE, AMBIGUOUS = "seen in training", "unlike training", "ambiguous"
NOT_LOOKED_FOR = "near copies not looked for"


def columns_of_letters(contract: Contract, memory: Recognizer, block: Block) -> dict[str, Any]:
    """Columns of the examples of a block that have letters; their names to their values.

    They are flags, separated by ``; ``, seen_as and partner: how a training example is known again,
    and which.
    """
    letters = block.letters
    known = memory.known_again(block)
    flags = {
        SEEN: known.kind != "",
        UNLIKE: np.zeros(len(letters), dtype=bool),
        AMBIGUOUS: np.zeros(len(letters), dtype=bool),
        **{text: block.changed == text for text in np.unique(block.changed) if text},
    }
    # a genotype that is missing is a share, and a relative shows in the reliability
    if contract.alphabet != "genotype":
        gc, unknown = describe(letters, contract.alphabet)
        flags[AMBIGUOUS] = unknown > 0
        flags[NOT_LOOKED_FOR] = np.full(len(letters), contract.near["limit"] == 0)
    if contract.training["gc"] is not None:
        low, high = contract.training["gc"]
        flags[UNLIKE] = (gc < low) | (gc > high)
    # the same few texts over and over
    which = sum(rows.astype(np.int64) << place for place, rows in enumerate(flags.values()))
    sets, of_row = np.unique(which, return_inverse=True)
    texts = [
        "; ".join(n for p, n in enumerate(flags) if number >> p & 1) for number in sets.tolist()
    ]
    return {
        "flags": np.array(texts, dtype=object)[of_row],
        "seen_as": known.kind,
        "partner": known.partner,
    }
