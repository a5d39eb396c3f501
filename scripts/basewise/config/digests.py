"""Digests of the code that each rule's step runs, for its params."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .code import Code
from .study import Study

Digest = Callable[[Any], str]
"""A params function. Snakemake calls it when it plans a job of the rule, so that the process of a
single job reads the code of one step."""


@dataclass(frozen=True)
class Digests:
    """Digests of the steps of one checkout."""

    code: Code
    study: Study

    def step(self, step: str, files: Iterable[Path] = ()) -> Digest:
        """Return the digest of the code that a step reaches, and of files beside the library."""
        beside = tuple(files)

        def digest(wildcards: Any) -> str:
            return self.code.digest(step, files=beside)

        return digest

    def model(self, step: str) -> Digest:
        """Return the same for a step that looks its model up in a registry."""

        def digest(wildcards: Any) -> str:
            model = self.study.models.entries[wildcards.model]
            functions, settings = self.study.catalog.looked_up(model)
            return self.code.digest(step, *functions, settings=settings)

        return digest
