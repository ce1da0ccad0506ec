"""Tables as mappings: Arrow, Parquet, pandas, polars, or anything that iterates over mappings.

In a table null means missing: the key is left out, inside structs too. Only a sample that is null
stays, as "no sample".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from typing import Any

from ..errors import RowsError, UsageError
from .shape import SAMPLE_FIELDS

BATCH = 1024
NEEDS_EXTRA = "Parquet needs the extra `data`: pip install 'graders-sdk[data]'"


def from_table(table: Any, sample_field: str | None = None) -> Iterator[dict[str, Any]]:
    """The rows of a table as mappings for `graders.grade`. Raises UsageError if it is no table."""
    fields = SAMPLE_FIELDS if sample_field is None else (sample_field,)
    return (without_null(record, fields) for record in records_of(table))


def records_of(table: Any) -> Iterator[Mapping[str, Any]]:
    """The records of a table, by the first of the known ways that it offers."""
    if hasattr(table, "to_batches"):  # pyarrow.Table, Dataset
        for batch in table.to_batches():
            yield from batch.to_pylist()
    elif hasattr(table, "to_pylist"):  # pyarrow.RecordBatch
        yield from table.to_pylist()
    elif hasattr(table, "iter_rows"):  # polars
        yield from table.iter_rows(named=True)
    elif hasattr(table, "itertuples"):  # pandas
        names = [str(column) for column in table.columns]
        for cells in table.itertuples(index=False, name=None):
            yield dict(zip(names, cells, strict=True))
    elif isinstance(table, Iterable) and not isinstance(table, str | bytes | Mapping):
        for record in table:  # datasets.Dataset, pyarrow.RecordBatchReader, lists
            yield from records_of(record) if hasattr(record, "to_pylist") else (record,)
    else:
        raise UsageError(f"{type(table).__name__} is no table: expected Arrow, pandas or polars")


def read_parquet(path: str) -> Iterator[dict[str, Any]]:
    """The rows of a Parquet file. Raises RowsError."""
    try:
        arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError:
        raise RowsError(f"{path}: {NEEDS_EXTRA}") from None
    try:
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=BATCH):
                yield from from_table(batch)
    except (arrow.ArrowException, OSError) as error:
        raise RowsError(f"{path}: {error}") from None


def without_null(record: Mapping[str, Any], sample_fields: Iterable[str]) -> dict[str, Any]:
    """The record without null, but with a null sample if it has no other."""
    kept = pruned(record)
    columns = [field for field in sample_fields if field in record]
    if columns and not any(field in kept for field in columns):
        kept[columns[0]] = None
    return kept


def pruned(record: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of plain Python values without the keys whose value is null."""
    values = ((key, plain(value)) for key, value in record.items())
    return {key: value for key, value in values if not is_null(value)}


def plain(value: Any) -> Any:
    """JSON-like values for numpy's scalars and arrays, for structs and for dates."""
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, Mapping):
        return pruned(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    return value.isoformat() if hasattr(value, "isoformat") and not is_null(value) else value


def is_null(value: Any) -> bool:
    """None, and pandas' NaN, NaT and NA."""
    if isinstance(value, float):
        return value != value
    return value is None or type(value).__name__ in ("NAType", "NaTType")
