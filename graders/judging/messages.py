"""Messages of model graders: as written in the JSON, and as a Chat Completions judge gets them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, TypeAdapter

from ..fields import TemplateText, refusal
from ..grader import GraderMeta
from ..suggest import nearest, quoted
from ..template import Template

Role = Literal["user", "assistant", "system", "developer"]
ROLES: tuple[str, ...] = get_args(Role)

ChatPart = dict[str, Any]
ChatMessage = dict[str, Any]


class _Frozen(BaseModel, metaclass=GraderMeta):
    """A piece of a message."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


class CacheBreakpoint(_Frozen):
    """A hint to the hosted prompt cache; kept, not sent."""

    mode: Literal["explicit"]


class _Part(_Frozen):
    """One content part. Exactly one of its strings is a template, found at `path`."""

    path: ClassVar[str]

    type: str
    file_id: str | None = None
    detail: Literal["auto", "low", "high"] | None = None
    prompt_cache_breakpoint: CacheBreakpoint | None = None

    @property
    @abstractmethod
    def template(self) -> str:
        """The text of the template."""

    @abstractmethod
    def to_chat(self, text: str) -> ChatPart:
        """The Chat Completions part, with the rendered template."""


class _Text(_Part):
    path = ".text"

    text: TemplateText

    @property
    def template(self) -> str:
        return self.text

    def to_chat(self, text: str) -> ChatPart:
        return text_part(text)


class InputText(_Text):
    """Text."""

    type: Literal["input_text"]


class OutputText(_Text):
    """Text that a model wrote."""

    type: Literal["output_text"]


class InputImage(_Part):
    """An image by URL or data URL."""

    path = ".image_url"

    type: Literal["input_image"]
    image_url: TemplateText

    @property
    def template(self) -> str:
        return self.image_url

    def to_chat(self, text: str) -> ChatPart:
        return {"type": "image_url", "image_url": {"url": text, "detail": self.detail or "auto"}}


class Audio(_Frozen):
    """Base64 audio."""

    data: TemplateText
    format: Literal["mp3", "wav"]


class InputAudio(_Part):
    """An audio clip."""

    path = ".input_audio.data"

    type: Literal["input_audio"]
    input_audio: Audio

    @property
    def template(self) -> str:
        return self.input_audio.data

    def to_chat(self, text: str) -> ChatPart:
        audio = {"data": text, "format": self.input_audio.format}
        return {"type": "input_audio", "input_audio": audio}


Part = InputText | OutputText | InputImage | InputAudio
PARTS: Mapping[str, type[Part]] = {
    "input_text": InputText,
    "output_text": OutputText,
    "input_image": InputImage,
    "input_audio": InputAudio,
}


def text_part(text: str) -> ChatPart:
    """A Chat Completions text part."""
    return {"type": "text", "text": text}


def _read_part(value: Any) -> Any:
    """The part that the object's `type` names, so that errors are about that type alone."""
    if isinstance(value, _Part):
        return value
    if not isinstance(value, Mapping):
        raise refusal("not a content part", expected="a string or an object with a type")
    known = ", ".join(PARTS)
    kind = value.get("type")
    if kind is None:
        raise refusal("a content part without a type", expected=known)
    part = PARTS.get(kind) if isinstance(kind, str) else None
    if part is None:
        near = nearest(kind, PARTS)
        fix = quoted(near) if near else ""
        raise refusal(f"unknown content part {quoted(kind)}", expected=known, fix=fix, at=".type")
    return part.model_validate(value)


def _read_element(value: Any) -> Any:
    return TEXT.validate_python(value) if isinstance(value, str) else _read_part(value)


DEFERRED = ConfigDict(defer_build=True)
TEXT = TypeAdapter[str](TemplateText, config=DEFERRED)
Element = Annotated[str | Part, BeforeValidator(_read_element)]
ELEMENTS = TypeAdapter[tuple[str | Part, ...]](tuple[Element, ...], config=DEFERRED)


def _read_content(value: Any) -> Any:
    if not isinstance(value, list | tuple):
        return _read_element(value)
    if not value:
        raise refusal("content without parts", expected="a string, a part or a list of parts")
    return ELEMENTS.validate_python(tuple(value))


Content = Annotated[str | Part | tuple[str | Part, ...], BeforeValidator(_read_content)]


class Message(_Frozen):
    """A role and what it says."""

    role: str
    content: Content
    type: Literal["message"] | None = None

    @property
    def elements(self) -> tuple[str | Part, ...]:
        """The content as a tuple of its parts, whichever form it has."""
        return self.content if isinstance(self.content, tuple) else (self.content,)

    def templates(self) -> Iterator[tuple[str, str]]:
        """Path below the message and text of each template, in order."""
        several = isinstance(self.content, tuple)
        for i, element in enumerate(self.elements):
            path = f".content[{i}]" if several else ".content"
            if isinstance(element, str):
                yield path, element
            else:
                yield path + element.path, element.template

    def to_chat(self, texts: Iterator[str]) -> ChatMessage:
        """The Chat Completions message; takes one rendered text for each template."""
        parts = [
            text_part(text) if isinstance(element, str) else element.to_chat(text)
            for element, text in zip(self.elements, islice(texts, len(self.elements)), strict=True)
        ]
        # many servers' chat templates know string content only
        lone = len(parts) == 1 and parts[0]["type"] == "text"
        role = self.role if self.role in ROLES else "user"
        return {"role": role, "content": parts[0]["text"] if lone else parts}


class EvalItem(Message):
    """A message of one of the four roles: text, images, audio."""

    role: Role


class SimpleMessage(Message):
    """A message of any role with string content, as label_model takes it; sent as user."""

    content: TemplateText


def label_message(value: Any) -> Any:
    """A SimpleMessage where the role is none of the four and the content is a string."""
    if isinstance(value, Message) or not isinstance(value, Mapping):
        return value
    role, content = value.get("role"), value.get("content")
    simple = isinstance(role, str) and role not in ROLES and isinstance(content, str)
    return (SimpleMessage if simple else EvalItem).model_validate(value)


def as_tuple(value: Any) -> Any:
    """A list as a tuple, anything else as it is: the validation of tuples is strict."""
    return tuple(value) if isinstance(value, list) else value


def templates_of(messages: Sequence[Message]) -> dict[str, Template]:
    """Path below the grader -> template, in the order in which `to_chat` takes the texts."""
    return {
        f"input[{i}]{path}": Template.parse(text)
        for i, message in enumerate(messages)
        for path, text in message.templates()
    }


def to_chat(messages: Sequence[Message], texts: Sequence[str]) -> list[ChatMessage]:
    """Chat Completions messages; `texts` are the rendered templates, in order."""
    remaining = iter(texts)
    return [message.to_chat(remaining) for message in messages]
