"""From a bundle and a file of new sequences to the file of their scores."""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from basewise.scoring.applying import load_model, score_records
from basewise.scoring.checking import Checked, check_bundle
from basewise.scoring.new_sequences import check_records, read_records
from basewise.scoring.predictors import check_applicable
from basewise.store.bundles import CHECKSUMS
from basewise.store.scored import writing_scored


class NewSequences:
    """A file of new sequences and the bundle that scores them, both checked.

    Parameters
    ----------
    bundle
        A zip, the folder that it unpacks to, or the list of members in that.
    form, path, columns
        What the file is and where, see `new_sequences.read_records`.
    sha256
        Of the zip, if it is known.

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
        columns: Mapping[str, str] | None = None,
        sha256: str | None = None,
    ) -> None:
        place = Path(bundle).parent if Path(bundle).name == CHECKSUMS else Path(bundle)
        self.checked: Checked = check_bundle(place, sha256)
        self.form, self.path, self.columns = form, path, columns
        check_applicable(self.checked.contract, place)
        check_records(read_records(form, path, columns), path, self.checked.contract)

    def table(self) -> pd.DataFrame:
        """Scores of all of them, see `applying.score_records`."""
        return pd.concat(self._tables(), ignore_index=True)

    def write(self, table: str | Path, columnar: str | Path) -> None:
        """Write the same to a table and to a Parquet file, some rows at a time."""
        started, done = time.monotonic(), 0
        with writing_scored(table, columnar) as add:
            for rows in self._tables():
                add(rows)
                done += len(rows)
                speed = done / (time.monotonic() - started)
                print(f"{done:,} sequences, {speed:,.0f} a second", flush=True)

    def _tables(self) -> Iterator[pd.DataFrame]:
        model = load_model(self.checked)
        records = read_records(self.form, self.path, self.columns)
        return score_records(model, records, self.path)
