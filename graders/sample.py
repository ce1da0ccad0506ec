"""The namespace `sample`: what a model gave, in the shape that graders see.

A sample is a text, a mapping of the namespace, one message, or a list of messages. Members that
were not given are derived from those that were, when they are first read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from .limits import limit
from .strict_json import NotJSON, decode

# The only JSON texts that start with a letter.
LITERALS = {"true": True, "false": False, "null": None}


MESSAGE_PARTS = {"content", "tool_calls", "function_call", "refusal", "audio"}


class ABSENT:
    """Stands for a member that was not given and cannot be derived."""


class SampleError(ValueError):
    """The value is no sample; the row errs with cause `row`."""


class Namespace(Mapping[str, Any]):
    """`choices`, `output_text`, `output_json`, `output_tools`, then other members as given.

    `output_json` is there only if `output_text` is RFC 8259 JSON within the depth limit.
    """

    __slots__ = ("_members",)

    def __init__(self, given: dict[str, Any]) -> None:
        self._members = given

    def get(self, name: str, default: Any = None) -> Any:
        """The member, derived now if it was not given; `default` if there is none."""
        try:
            value = self._members[name]
        except KeyError:
            derive = DERIVED.get(name)
            if derive is None:
                return default
            value = self._members[name] = derive(self)
        return default if value is ABSENT else value

    def __getitem__(self, name: str) -> Any:
        value = self.get(name, ABSENT)
        if value is ABSENT:
            raise KeyError(name)
        return value

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name, ABSENT) is not ABSENT

    def __iter__(self) -> Iterator[str]:
        yield from (name for name in DERIVED if name in self)
        yield from (name for name in self._members if name not in DERIVED)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return f"Namespace({dict(self)!r})"

    def given(self, name: str) -> Any:
        """The member as far as it is known already, else ABSENT."""
        return self._members.get(name, ABSENT)


def namespace(sample: Any) -> Namespace | None:
    """The namespace of a sample, None for None. Raises SampleError if the value is no sample."""
    if isinstance(sample, str):
        return Namespace({"output_text": sample})
    if sample is None:
        return None
    if isinstance(sample, Mapping):
        if "role" in sample:
            return of_message(sample)
        return Namespace(dict(sample))
    if isinstance(sample, list | tuple):
        return of_message(last_assistant(sample))
    raise SampleError(
        f"the sample is {kind(sample)}; expected text, a message, a list of messages, "
        "or an object with output_text or choices"
    )


def of_message(message: Mapping[str, Any]) -> Namespace:
    """The namespace of one assistant message."""
    if message["role"] != "assistant":
        role = str(message["role"])[:40]
        raise SampleError(f"the message has role {role!r}; expected assistant")
    if not MESSAGE_PARTS & message.keys():
        found = ", ".join(map(str, message))[:200]
        raise SampleError(f"the message has neither content nor tool_calls; keys found: {found}")
    content = message.get("content")
    if content is not None and not isinstance(content, str | list | tuple):
        raise SampleError(f"content is {kind(content)}; expected text, a list of parts or null")
    return Namespace({"choices": [choice(message, message.get("tool_calls"))]})


def last_assistant(messages: Sequence[Any]) -> Mapping[str, Any]:
    """The last message whose role is assistant."""
    for i, message in enumerate(messages):
        if not isinstance(message, Mapping) or "role" not in message:
            found = "an object without role" if isinstance(message, Mapping) else kind(message)
            raise SampleError(f"element {i} of the messages is {found}; expected a message")
    for message in reversed(messages):
        if message["role"] == "assistant":
            found_message: Mapping[str, Any] = message
            return found_message
    roles = ", ".join(dict.fromkeys(str(m["role"]) for m in messages)) or "none"
    raise SampleError(f"the conversation has no assistant message; roles found: {roles[:200]}")


def choice(message: Mapping[str, Any], tools: Any) -> dict[str, Any]:
    """One entry of `choices` as Chat Completions has it."""
    reason = "tool_calls" if tools else "stop"
    return {"index": 0, "message": message, "finish_reason": reason}


def derive_choices(sample: Namespace) -> Any:
    """One assistant message of the text and the tool calls that were given."""
    text, tools = sample.given("output_text"), sample.given("output_tools")
    if text is ABSENT and tools is ABSENT:
        return ABSENT
    message = {"role": "assistant", "content": None if text is ABSENT else text}
    if tools is ABSENT or not tools:
        return [choice(message, None)]
    return [choice(message | {"tool_calls": tools}, tools)]


def derive_text(sample: Namespace) -> Any:
    """The content of the first choice, "" for null, the text parts of a list joined."""
    message = first_message(sample)
    if message is None:
        return ABSENT
    content = message.get("content")
    if content is None or isinstance(content, str):
        return content or ""
    if isinstance(content, list | tuple):
        return "".join(map(part_text, content))
    return ABSENT


def derive_json(sample: Namespace) -> Any:
    """The value of `output_text` as JSON."""
    text = sample.get("output_text")
    if not isinstance(text, str) or not text:
        return ABSENT
    if text[0].isalpha():  # prose, which a parser refuses slowly
        return LITERALS.get(text.rstrip(" \t\r\n"), ABSENT)
    try:
        return decode(text, limit("row_depth"))
    except NotJSON:
        return ABSENT


def derive_tools(sample: Namespace) -> Any:
    """The tool calls of the first choice."""
    message = first_message(sample)
    return ABSENT if message is None else message.get("tool_calls") or []


# In the order in which a python grader sees them.
DERIVED: dict[str, Callable[[Namespace], Any]] = {
    "choices": derive_choices,
    "output_text": derive_text,
    "output_json": derive_json,
    "output_tools": derive_tools,
}


def first_message(sample: Namespace) -> Mapping[str, Any] | None:
    """`choices[0].message`, None if `choices` does not have that shape."""
    choices = sample.get("choices")
    first = choices[0] if isinstance(choices, list | tuple) and choices else None
    message = first.get("message") if isinstance(first, Mapping) else None
    return message if isinstance(message, Mapping) else None


def part_text(part: Any) -> str:
    """The text of one content part, "" for a part of another kind."""
    text = part.get("text") if isinstance(part, Mapping) else part
    return text if isinstance(text, str) else ""


def kind(value: Any) -> str:
    """What a value is, in words for a message."""
    for types, words in KINDS:
        if isinstance(value, types):
            return words
    return f"a {type(value).__name__}"


KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (str, "text"),
    (bool, "true or false"),
    ((int, float), "a number"),
    (type(None), "null"),
    (Mapping, "an object"),
    ((list, tuple), "a list"),
)
