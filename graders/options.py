"""Options of a run: every choice that OpenAI's format leaves open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Any, Literal, Self, get_args, get_type_hints

from . import json_path
from .errors import ConfigError, Problem
from .suggest import nearest, quoted

Fuzzy = Literal["WRatio", "ratio", "QRatio", "token_set_ratio", "token_sort_ratio", "partial_ratio"]
Smoothing = Literal["method1", "none"]
RougeTokens = Literal["ascii", "unicode"]
FailedChild = Literal["error", "zero"]

# option -> its name in signatures
SIGNATURE_NAMES = {
    "fuzzy": "scorer",
    "fuzzy_max_chars": "max",
    "bleu_smoothing": "smooth",
    "rouge_tokens": "tok",
    "rouge_stem": "stem",
    "failed_child": "failed",
    "clamp": "clamp",
}
BOOLEANS = {"true": True, "false": False, "yes": True, "no": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to decide what the JSON does not say. Part of every signature.

    Raises ConfigError for a value that an option does not take.
    """

    fuzzy: Fuzzy = "WRatio"
    fuzzy_max_chars: int = 8192
    bleu_smoothing: Smoothing = "method1"
    rouge_tokens: RougeTokens = "ascii"
    rouge_stem: bool = False
    failed_child: FailedChild = "error"
    clamp: bool = True

    def __post_init__(self) -> None:
        problems = [p for f in fields(self) if (p := value_problem(f.name, getattr(self, f.name)))]
        if problems:
            raise ConfigError(problems, source="options")

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """Options by name, the others as by default. Raises ConfigError with every finding."""
        problems = [p for name, value in values.items() if (p := problem_of(name, value))]
        if problems:
            raise ConfigError(problems, source="options")
        return cls(**values)

    @classmethod
    def parse(cls, settings: Iterable[str], base: Self | None = None) -> Self:
        """Options from texts `name=value`, on top of `base`. Raises ConfigError."""
        values: dict[str, Any] = {}
        problems = []
        for setting in settings:
            name, equals, text = setting.partition("=")
            name = name.strip()
            if equals:
                values[name] = read_text(name, text.strip())
            else:
                form = f"{name}=…" if name in types() else "name=value"
                problems.append(Problem(f"{quoted(setting)} has no value", expected=form))
        problems += [p for name, value in values.items() if (p := problem_of(name, value))]
        if problems:
            raise ConfigError(problems, source="options")
        return replace(base, **values) if base is not None else cls(**values)

    def replace(self, **changes: Any) -> Self:
        """The same options but for `changes`."""
        return type(self).of({**self.to_dict(), **changes})

    def to_dict(self) -> dict[str, str | int | bool]:
        """Every option by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def signature(self, *names: str) -> str:
        """`tok:ascii|stem:no`: the part of a signature that tells these options."""
        return "|".join(f"{SIGNATURE_NAMES[n]}:{plain(getattr(self, n))}" for n in names)


def plain(value: str | int | bool) -> str:
    """A value as signatures write it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


@cache
def types() -> Mapping[str, Any]:
    """Option -> its annotated type."""
    return get_type_hints(Options)


def problem_of(name: str, value: object) -> Problem | None:
    """What is wrong with one setting, None if nothing is."""
    if name in types():
        return value_problem(name, value)
    fix = f'did you mean "{close}"' if (close := nearest(name, types())) else ""
    path = json_path.render((name,))
    return Problem(f"unknown option {quoted(name)}", path, ", ".join(types()), fix)


def value_problem(name: str, value: object) -> Problem | None:
    """What is wrong with the value of an option that exists."""
    wanted, path = types()[name], f"$.{name}"
    if wanted is bool:
        right = isinstance(value, bool)
        return None if right else Problem(f"{quoted(value)} is not true or false", path)
    if wanted is int:
        right = isinstance(value, int) and not isinstance(value, bool) and value > 0
        return None if right else Problem(f"{quoted(value)} is not a positive whole number", path)
    choices = get_args(wanted)
    if isinstance(value, str) and value in choices:
        return None
    fix = f'did you mean "{close}"' if (close := nearest(value, choices)) else ""
    return Problem(f"unknown {name} {quoted(value)}", path, ", ".join(choices), fix)


def read_text(name: str, text: str) -> str | int | bool:
    """The value that `text` writes, in the type of the option; as it is where it fits none."""
    wanted = types().get(name)
    if wanted is bool:
        return BOOLEANS.get(text.lower(), text)
    if wanted is int and text.isascii() and text.isdigit() and len(text) < 19:
        return int(text)
    return text
