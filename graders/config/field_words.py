"""What belongs in each field of the grader JSON, and what a value is, in a reader's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..suggest import quoted

# What belongs in a field, in a reader's words: (expected, an example that can be pasted).
TEXT = ("text", '"input": "{{sample.output_text}}"')
MESSAGES = (
    "a list of messages",
    '"input": [{"role": "user", "content": "{{sample.output_text}}"}]',
)
FIELDS: Mapping[str, tuple[str, str]] = {
    "reference": ("text", '"reference": "{{item.answer}}"'),
    "operation": ("eq, ne, like, ilike", '"operation": "eq"'),
    "evaluation_metric": ("the name of a metric", '"evaluation_metric": "fuzzy_match"'),
    "source": ("Python source text", '"source": "def grade(sample, item):\\n    return 1.0"'),
    "image_tag": ("text", '"image_tag": "2025-05-08"'),
    "model": ("the name of a model", '"model": "gpt-4o-2024-08-06"'),
    "range": ("two numbers, the lower one first", '"range": [0, 1]'),
    "labels": ("a list of texts", '"labels": ["good", "bad"]'),
    "passing_labels": ("a list of texts, all of them in labels", '"passing_labels": ["good"]'),
    "graders": ("an object: key -> grader", '"graders": {"answer": {…}, "format": {…}}'),
    "calculate_output": ("a formula over the keys", '"calculate_output": "0.7 * a + 0.3 * b"'),
    "url": ("an http or https URL", '"url": "https://host/score"'),
    "headers": ("an object: header -> text", '"headers": {"x-team": "evals"}'),
    "rate_limit": ("requests a second, a number", '"rate_limit": 50'),
    "pass_threshold": ("a number", '"pass_threshold": 0.5'),
    "name": ("text", '"name": "exact answer"'),
    "role": ("user, assistant, system, developer", '"role": "user"'),
    "content": ("text, a part, or a list of parts", '"content": "{{sample.output_text}}"'),
    "sampling_params": ("an object", '"sampling_params": {"temperature": 0}'),
}


def belongs(field: str, siblings: Iterable[str]) -> tuple[str, str]:
    """What `field` should hold and an example of it; `siblings` are the fields beside it."""
    if field == "input":
        return MESSAGES if "model" in siblings else TEXT
    return FIELDS.get(field, ("", ""))


def kind(value: object) -> str:
    """What a JSON value is, in a reader's words."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case Mapping():
            return "an object"
        case list() | tuple():
            return "a list"
    return f"a Python object of type {type(value).__name__}"


def shown(value: object) -> str:
    """`"1" is text`, `a list`: what was found, for messages about a wrong kind."""
    if isinstance(value, bool | int | float | str):
        return f"{quoted(value)} is {kind(value)}" if not isinstance(value, bool) else quoted(value)
    return kind(value)
