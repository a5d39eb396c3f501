"""basewise: deep learning on DNA and genotypes, as plain functions on arrays and tables.

`import basewise as bw` loads nothing; a verb loads what it needs when it is first used. TensorFlow
comes with `bw.train` of a network alone. docs/library.md shows them at work.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from basewise.library import (
        audit,
        evaluate,
        read_fasta,
        read_genotypes,
        read_regions,
        read_table,
        score,
        split,
        train,
    )

__version__ = "0.1.0"

__all__ = [
    "audit",
    "evaluate",
    "read_fasta",
    "read_genotypes",
    "read_regions",
    "read_table",
    "score",
    "split",
    "train",
]


def __getattr__(name: str) -> Any:
    """Load a verb when it is first asked for."""
    if name not in __all__:
        raise AttributeError(f"module 'basewise' has no attribute {name!r}")
    from basewise import library

    return getattr(library, name)


def __dir__() -> list[str]:
    """List the verbs too, for those who complete names."""
    return ["__version__", *__all__]
