"""From a bundle and a file of new examples to the file of their scores."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from basewise.core.errors import InputError
from basewise.scoring.applying import load_model, score_blocks
from basewise.scoring.checking import Checked, check_bundle
from basewise.scoring.new_individuals import open_individuals
from basewise.scoring.new_regions import open_regions
from basewise.scoring.new_sequences import open_records
from basewise.scoring.predictors import check_applicable
from basewise.store.bundles import CHECKSUMS
from basewise.store.scored import writing_scored


class NewExamples:
    """A file of new examples and the bundle that scores them, both checked.

    Parameters
    ----------
    bundle
        A zip, the folder that it unpacks to, or the list of members in that.
    path, form
        The file, and what it is: ``regions``, ``genotypes``, or what `new_sequences.read_records`
        reads.
    sha256
        Of the zip, if it is known.
    trust_code
        Whether Python code in the bundle may run, see `check_bundle`.
    **reading
        How the file is read: see `new_regions.open_regions` and `new_individuals.open_individuals`,
        or ``columns`` of a table.

    Raises
    ------
    InputError
        For what is wrong with the bundle or the file, before anything is loaded.
    """

    def __init__(
        self,
        bundle: str | Path,
        path: str | Path,
        *,
        form: str,
        sha256: str | None = None,
        trust_code: bool = False,
        **reading: Any,
    ) -> None:
        place = Path(bundle).parent if Path(bundle).name == CHECKSUMS else Path(bundle)
        self.checked: Checked = check_bundle(place, sha256, trust_code=trust_code)
        contract = self.checked.contract
        check_applicable(contract, place)
        if form == "regions":
            self.blocks = open_regions(path, contract, **reading)
        elif form == "genotypes":
            self.blocks = open_individuals(path, self.checked, **reading)
        elif contract.alphabet == "genotype":
            raise InputError("a model of genotypes reads no sequences; name `genotypes`", path)
        else:
            self.blocks = open_records(path, contract, form=form, **reading)

    def table(self) -> pd.DataFrame:
        """Scores of all of them, see `applying.score_blocks`."""
        return pd.concat(self._tables(), ignore_index=True)

    def write(self, table: str | Path, columnar: str | Path) -> None:
        """Write the same to a table and to a Parquet file, some rows at a time."""
        started, done = time.monotonic(), 0
        with writing_scored(table, columnar) as add:
            for rows in self._tables():
                add(rows)
                done += len(rows)
                speed = done / (time.monotonic() - started)
                print(f"{done:,} scored, {speed:,.0f} a second", flush=True)

    def _tables(self) -> Iterator[pd.DataFrame]:
        return score_blocks(load_model(self.checked), self.blocks())
