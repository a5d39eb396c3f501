"""The table of scores of new examples, written as it grows: as text and as Parquet."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv, parquet

from basewise.store.receipts import writing


@contextmanager
def writing_scored(
    table: str | Path, columnar: str | Path
) -> Iterator[Callable[[pd.DataFrame], None]]:
    """Write rows, some at a time, to a table and to a Parquet file; whole or not at all.

    Yields what takes the rows, whose columns have the same types each time.
    """
    with writing(table) as text, writing(columnar) as binary, open(text, "wb") as lines:
        writer: parquet.ParquetWriter | None = None

        def add(rows: pd.DataFrame) -> None:
            nonlocal writer
            content = pa.Table.from_pandas(rows, preserve_index=False)
            is_first = writer is None
            writer = writer or parquet.ParquetWriter(binary, content.schema)
            writer.write_table(content)
            lines.write(_as_text(rows, content, is_first))

        try:
            yield add
        finally:
            if writer is not None:
                writer.close()


def _as_text(rows: pd.DataFrame, content: pa.Table, is_first: bool) -> bytes:
    """Lines of the table, numbers with nine digits; a text that needs quotes has them."""
    numbers = rows.select_dtypes("floating")
    short = pa.Table.from_pandas(numbers.apply(_nine_digits), preserve_index=False)
    for name in numbers:
        place = content.schema.get_field_index(name)
        content = content.set_column(place, name, short[name])
    stream = io.BytesIO()
    options = csv.WriteOptions(include_header=False, delimiter="\t", quoting_style="none")
    head = "\t".join(rows.columns) + "\n" if is_first else ""
    try:
        csv.write_csv(content, stream, options)
    except pa.ArrowInvalid:  # a name with a quotation mark, or a tab
        text: str = content.to_pandas().to_csv(sep="\t", index=False, header=False)
        return head.encode() + text.encode()
    return head.encode() + stream.getvalue()


def _nine_digits(values: pd.Series) -> pd.Series:
    """Numbers rounded to nine significant digits."""
    size = np.abs(values.to_numpy(dtype=np.float64))
    with np.errstate(divide="ignore", invalid="ignore"):
        digits = 8 - np.floor(np.log10(size))
        power = 10.0 ** np.where(np.isfinite(digits), np.clip(digits, -290, 290), 0)
        rounded = np.rint(values * power) / power
    return rounded.where(np.isfinite(rounded), values)
