"""Classes and labels that a dataset leaves out: those it names, and those with few examples."""

from collections.abc import Sequence

import pandas as pd

from basewise.core.errors import InputError
from basewise.core.remarks import RARE, Remark
from basewise.core.text import listed
from basewise.store.tables import OUTPUT, output_of, target_column


def left_out(
    targets: pd.DataFrame,
    task: str,
    *,
    file: str,
    drop_classes: Sequence[str] = (),
    min_class_size: int = 0,
) -> tuple[dict[str, str], list[Remark]]:
    """Tell which classes (`multiclass`) or labels (`multilabel`) are left out, and why.

    Parameters
    ----------
    targets
        From `targets.read_targets`; the size of a label is the number of its positives.
    file
        Name of the file of labels, for what is told.
    drop_classes
        Classes, or labels, to leave out.
    min_class_size
        What is smaller is left out too.

    Returns
    -------
    (reasons, remarks)
        Name to reason, and each with its size.

    Raises
    ------
    InputError
        For a name that no class has, and when fewer than two classes, or no label, would be left.
    """
    of_classes = task == "multiclass"
    noun, plural, fewest = ("class", "classes", 2) if of_classes else ("label", "labels", 1)
    sizes = targets[target_column(OUTPUT)].value_counts() if of_classes else targets.sum()
    sizes = sizes.astype("int64").rename(output_of)
    for name in drop_classes:
        if name not in sizes:
            problem = f"`drop_classes` names {name!r}, and there is no such {noun}"
            raise InputError(f"{problem}; there are {listed(sorted(sizes.index))}", file)

    key = f"`min_class_size: {min_class_size}`"
    named = sizes[sizes.index.isin(drop_classes)]
    small = sizes[(sizes < min_class_size) & ~sizes.index.isin(drop_classes)]
    left = len(sizes) - len(named) - len(small)
    if left < fewest and left < len(sizes):
        problem = f"`drop_classes` and `min_class_size` leave {left} of {len(sizes)} {plural}"
        raise InputError(f"{problem}, and {fewest} are needed; leave out fewer", file)

    reasons = dict.fromkeys(named.index, f"`drop_classes` names its {noun}")
    reasons |= dict.fromkeys(small.index, f"its {noun} is smaller than {key}")
    remarks = [
        Remark(RARE, file, f"{noun} {name}", size, len(targets), cause)
        for of_cause, cause in ((named, "`drop_classes`"), (small, key))
        for name, size in of_cause.items()
    ]
    return reasons, remarks
