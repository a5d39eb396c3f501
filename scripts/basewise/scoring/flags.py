"""What the letters of new examples say of them, whatever their scores: flags, known examples."""

from typing import Any

import numpy as np

from basewise.scoring.familiar import Familiar, known_again
from basewise.scoring.new_sequences import Block
from basewise.sequences.composition import describe
from basewise.store.contracts import Contract

SEEN, UNLIKE, AMBIGUOUS = "seen in training", "unlike training", "ambiguous"
NOT_LOOKED_FOR = "near copies not looked for"


def columns_of_letters(contract: Contract, familiar: Familiar, block: Block) -> dict[str, Any]:
    """Columns of the examples of a block that have letters; their names to their values.

    They are flags, separated by ``; ``, seen_as and partner: how a training example is known again,
    and which.
    """
    letters = block.letters
    gc, unknown = describe(letters, contract.alphabet)
    known = known_again(familiar, block, contract)
    flags = {
        SEEN: known.kind != "",
        UNLIKE: np.zeros(len(letters), dtype=bool),
        AMBIGUOUS: unknown > 0,
        **{text: block.changed == text for text in np.unique(block.changed) if text},
        NOT_LOOKED_FOR: np.full(len(letters), contract.near["limit"] == 0),
    }
    if contract.training["gc"] is not None:
        low, high = contract.training["gc"]
        flags[UNLIKE] = (gc < low) | (gc > high)
    joined = [
        "; ".join(name for name, rows in flags.items() if rows[row]) for row in range(len(letters))
    ]
    return {
        "flags": np.array(joined, dtype=object),
        "seen_as": known.kind,
        "partner": known.partner,
    }
