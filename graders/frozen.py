"""An immutable mapping for frozen models: hashable, keeps its order, compares without it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Generic, TypeVar

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

V = TypeVar("V")


class FrozenMap(Mapping[str, V], Generic[V]):
    """`FrozenMap({"a": 1})`: equal to any mapping with the same entries in any order."""

    __slots__ = ("_entries",)
    _entries: dict[str, V]

    def __init__(self, entries: Mapping[str, V] | None = None) -> None:
        object.__setattr__(self, "_entries", dict(entries or {}))

    def __getitem__(self, key: str) -> V:
        return self._entries[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable")

    def __hash__(self) -> int:
        return hash(frozenset(self.items()))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mapping) and dict(self) == dict(other)

    def __repr__(self) -> str:
        return f"FrozenMap({dict(self)!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return FrozenMap, (dict(self),)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        (value_type,) = getattr(source, "__args__", (Any,))
        # strict=False: any Mapping is welcome, the values stay strict
        entries = core_schema.dict_schema(
            core_schema.str_schema(), handler.generate_schema(value_type), strict=False
        )
        return core_schema.no_info_after_validator_function(
            cls,
            entries,
            serialization=core_schema.plain_serializer_function_ser_schema(
                dict, when_used="always"
            ),
        )
