"""The negative control: a model that learns shuffled labels, so that there is nothing to learn."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from basewise.core.seeds import generator
from basewise.store.run_records import RunRecord
from basewise.store.shards import Tensors


def fitted_parts(again: bool) -> list[str]:
    """Parts that a model is fitted on: train, and validation where a second fit takes both.

    Labels of these parts have to be shuffled. What is only chosen by, such as the epoch, keeps
    its labels: it cannot tell a control anything about the test part.
    """
    return ["train", "validation"] if again else ["train"]


def shuffle_labels(
    tensors: Tensors,
    part: NDArray[np.str_],
    shuffled: Sequence[str],
    root_seed: int,
    run: RunRecord,
) -> Tensors:
    """Shuffle the targets among the examples of some parts (`fitted_parts`), each part by itself.

    The targets of an example stay together: all outputs, or all positions. How often each occurs
    in a part does not change, nor does the target of an example in another part. The order derives
    from the root seed and the names of the run.
    """
    target: NDArray[Any] = tensors.target.copy()
    draws = generator(root_seed, "control", *run.names)
    for name in shuffled:
        rows = np.flatnonzero(part == name)
        target[rows] = target[draws.permutation(rows)]
    return tensors.with_target(target)
