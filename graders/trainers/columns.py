"""Dataset columns, as trainers pass them, to the items of rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .. import strict_json
from ..errors import RowError, UsageError, row_error
from ..limits import limit
from ..sample import kind


def items_of(
    columns: Mapping[str, Sequence[Any]], paths: Mapping[str, str] | None, n: int
) -> tuple[list[dict[str, Any]], dict[int, RowError]]:
    """One item for each of `n` rows, and the errors of rows whose item cannot be read.

    `paths` says where a column goes: `{"answer": "item.answer", "meta": "item"}`; without it each
    column is a key of the item, and a column `item` of mappings (or of JSON text) is the item.
    null means missing, since table formats fill absent keys with it.
    """
    chosen = paths if paths is not None else {name: default_path(name) for name in columns}
    for name in chosen:
        if name not in columns:
            known = ", ".join(sorted(columns)) or "none"
            raise UsageError(f'the trainer passed no column "{name}"; it passed: {known}')
        if len(columns[name]) != n:
            raise UsageError(f'column "{name}" has {len(columns[name])} values for {n} completions')
    items: list[dict[str, Any]] = [{} for _ in range(n)]
    errors: dict[int, RowError] = {}
    for name, path in sorted(chosen.items(), key=lambda entry: entry[1].count(".")):
        steps = steps_of(name, path)
        for i, value in enumerate(columns[name]):
            try:
                put(items[i], steps, value)
            except ValueError as error:
                errors.setdefault(i, row_error("row", f'column "{name}": {error}'))
    return items, errors


def default_path(name: str) -> str:
    """`item` for a column that holds whole items, else a key of the item."""
    return "item" if name in ("item", "item_json") else f"item.{name}"


def steps_of(name: str, path: str) -> list[str]:
    """The keys below the item. Raises UsageError for a path that is not `item` or `item.key`."""
    root, *steps = path.split(".")
    if root != "item" or not all(steps):
        raise UsageError(f'column "{name}" goes to "{path}"; expected "item" or "item.<key>"')
    return steps


def put(item: dict[str, Any], steps: Sequence[str], value: Any) -> None:
    """Place a column's value in the item. Raises ValueError where there is no such place."""
    if value is None:
        return
    if not steps:
        item |= without_nulls(mapping_of(value))
        return
    for step in steps[:-1]:
        item = item.setdefault(step, {})
        if not isinstance(item, dict):
            raise ValueError(f"item.{'.'.join(steps)} lies below a value that is no object")
    item[steps[-1]] = without_nulls(value)


def mapping_of(value: Any) -> Mapping[str, Any]:
    """A whole item: a mapping, or the JSON text of one. Raises ValueError."""
    if isinstance(value, str):
        value = strict_json.decode(value, limit("row_depth"))
    if not isinstance(value, Mapping):
        raise ValueError(f"expected an item (an object, or its JSON text), found {kind(value)}")
    return value


def without_nulls(value: Any) -> Any:
    """The value without keys whose value is null, at every depth."""
    if isinstance(value, Mapping):
        return {key: without_nulls(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list | tuple):
        return [without_nulls(inner) for inner in value]
    return value
