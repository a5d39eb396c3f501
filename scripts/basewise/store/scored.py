"""The table of scores of new examples, written as it grows: as text and as Parquet."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from basewise.store.receipts import writing


@contextmanager
def writing_scored(
    table: str | Path, columnar: str | Path
) -> Iterator[Callable[[pd.DataFrame], None]]:
    """Write rows, some at a time, to a table and to a Parquet file; whole or not at all.

    Yields what takes the rows, whose columns have the same types each time.
    """
    with writing(table) as text, writing(columnar) as binary:
        writer: parquet.ParquetWriter | None = None

        def add(rows: pd.DataFrame) -> None:
            nonlocal writer
            content = pa.Table.from_pandas(rows, preserve_index=False)
            is_first = writer is None
            writer = writer or parquet.ParquetWriter(binary, content.schema)
            writer.write_table(content)
            rows.to_csv(text, sep="\t", index=False, mode="a", header=is_first, float_format="%.9g")

        try:
            yield add
        finally:
            if writer is not None:
                writer.close()
