"""The grader types of the format, each imported when it is first named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from .grader import Grader

# type in the JSON -> (module, class)
HOMES = {
    "string_check": ("string_check", "StringCheck"),
    "text_similarity": ("text_similarity", "TextSimilarity"),
    "python": ("python", "Python"),
    "score_model": ("score_model", "ScoreModel"),
    "label_model": ("label_model", "LabelModel"),
    "multi": ("multi", "Multi"),
    "endpoint": ("endpoint", "Endpoint"),
}


class Types(Mapping[str, type[Grader]]):
    """type -> class."""

    def __getitem__(self, kind: str) -> type[Grader]:
        module, name = HOMES[kind]
        cls: type[Grader] = getattr(import_module(f".{module}", __package__), name)
        return cls

    def __iter__(self) -> Iterator[str]:
        return iter(HOMES)

    def __len__(self) -> int:
        return len(HOMES)


TYPES = Types()
