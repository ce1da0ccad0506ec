"""Messages: the forms that are accepted, kept, and sent."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from canned import batch_for, problems_of
from graders.batch import Row
from graders.errors import ConfigError
from graders.grader import ModelCall
from graders.judging.messages import EvalItem, InputText
from graders.label_model import LabelModel
from graders.score_model import ScoreModel

IMAGE = {"type": "input_image", "image_url": "{{item.url}}"}
AUDIO = {"type": "input_audio", "input_audio": {"data": "{{item.clip}}", "format": "mp3"}}
ITEM = {"url": "https://host.example/a.png", "clip": "SUQz", "word": "Wörter {{item.url}}"}


def judge(*messages: dict[str, Any]) -> ScoreModel:
    return ScoreModel(name="j", model="m", input=list(messages))


def sent(*messages: dict[str, Any]) -> Any:
    """What the judge is shown for one row with ITEM."""
    grader = judge(*messages)
    (job,) = grader.jobs(batch_for(grader, Row("some text", ITEM)))
    assert isinstance(job, ModelCall)
    return job.messages


# content as written -> content as sent
CONTENTS: list[tuple[Any, Any]] = [
    ("plain", "plain"),
    ("", ""),
    ("{{item.word}}!", "Wörter {{item.url}}!"),
    ("say {% x %} {#y#} {z}", "say {% x %} {#y#} {z}"),
    ({"type": "input_text", "text": "{{sample.output_text}}"}, "some text"),
    ({"type": "output_text", "text": "a"}, "a"),
    (["only {{item.clip}}"], "only SUQz"),
    ([{"type": "input_text", "text": "only"}], "only"),
    (
        ["one", {"type": "output_text", "text": "two"}],
        [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}],
    ),
    (
        IMAGE,
        [
            {
                "type": "image_url",
                "image_url": {"url": "https://host.example/a.png", "detail": "auto"},
            }
        ],
    ),
    (
        ["look", IMAGE | {"detail": "high", "file_id": None}],
        [
            {"type": "text", "text": "look"},
            {
                "type": "image_url",
                "image_url": {"url": "https://host.example/a.png", "detail": "high"},
            },
        ],
    ),
    ([AUDIO], [{"type": "input_audio", "input_audio": {"data": "SUQz", "format": "mp3"}}]),
    (
        {"type": "input_text", "text": "a", "prompt_cache_breakpoint": {"mode": "explicit"}},
        "a",
    ),
]


@pytest.mark.parametrize(("content", "chat"), CONTENTS)
def test_content_is_sent_as_chat_completions_parts(content: Any, chat: Any) -> None:
    assert sent({"role": "user", "content": content}) == [{"role": "user", "content": chat}]


@pytest.mark.parametrize(("content", "chat"), CONTENTS)
def test_content_is_dumped_as_it_was_written(content: Any, chat: Any) -> None:
    message = {"role": "user", "content": content}
    written = json.loads(json.dumps(message).replace(', "file_id": null', ""))
    assert judge(message).to_dict()["input"] == [written]


@pytest.mark.parametrize("role", ["user", "assistant", "system", "developer"])
def test_the_four_roles_are_sent_as_they_are(role: str) -> None:
    assert sent({"role": role, "content": "a"}) == [{"role": role, "content": "a"}]


def test_messages_and_parts_keep_their_order_and_take_their_own_text() -> None:
    messages = sent(
        {"role": "system", "content": "1 {{item.clip}}"},
        {"role": "user", "content": ["2 {{item.url}}", IMAGE, "3 {{item.clip}}"]},
        {"role": "assistant", "type": "message", "content": {"type": "output_text", "text": "4"}},
    )
    assert messages == [
        {"role": "system", "content": "1 SUQz"},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "2 https://host.example/a.png"},
                {
                    "type": "image_url",
                    "image_url": {"url": "https://host.example/a.png", "detail": "auto"},
                },
                {"type": "text", "text": "3 SUQz"},
            ],
        },
        {"role": "assistant", "content": "4"},
    ]


def test_every_template_has_its_json_path() -> None:
    grader = judge(
        {"role": "system", "content": "{{item.a}}"},
        {"role": "user", "content": {"type": "input_text", "text": "{{item.b}}"}},
        {
            "role": "user",
            "content": ["{{item.c}}", {"type": "input_text", "text": "{{item.d}}"}, IMAGE, AUDIO],
        },
    )
    assert {path: template.text for path, template in grader.templates().items()} == {
        "input[0].content": "{{item.a}}",
        "input[1].content.text": "{{item.b}}",
        "input[2].content[0]": "{{item.c}}",
        "input[2].content[1].text": "{{item.d}}",
        "input[2].content[2].image_url": "{{item.url}}",
        "input[2].content[3].input_audio.data": "{{item.clip}}",
    }


TEXT = {"type": "input_text", "text": "a"}
REFUSED: dict[str, tuple[Any, str]] = {
    "unknown role": ({"role": "tool", "content": "a"}, "$.input[0].role"),
    "missing role": ({"content": "a"}, "$.input[0].role"),
    "missing content": ({"role": "user"}, "$.input[0].content"),
    "null content": ({"role": "user", "content": None}, "$.input[0].content"),
    "number": ({"role": "user", "content": 1}, "$.input[0].content"),
    "no parts": ({"role": "user", "content": []}, "$.input[0].content"),
    "bad template": ({"role": "user", "content": "{{item}}"}, "$.input[0].content"),
    "bad element": ({"role": "user", "content": ["{{x}}"]}, "$.input[0].content[0]"),
    "null element": ({"role": "user", "content": [TEXT, None]}, "$.input[0].content[1]"),
    "nested list": ({"role": "user", "content": [[TEXT]]}, "$.input[0].content[0]"),
    "no type": ({"role": "user", "content": {"text": "a"}}, "$.input[0].content"),
    "chat part": ({"role": "user", "content": [{"type": "text"}]}, "$.input[0].content[0].type"),
    "type of list": ({"role": "user", "content": {"type": []}}, "$.input[0].content.type"),
    "text as number": (
        {"role": "user", "content": [TEXT | {"text": 1}]},
        "$.input[0].content[0].text",
    ),
    "unknown member": (
        {"role": "user", "content": [TEXT | {"txt": "a"}]},
        "$.input[0].content[0].txt",
    ),
    "image detail": (
        {"role": "user", "content": [IMAGE | {"detail": "full"}]},
        "$.input[0].content[0].detail",
    ),
    "bad url template": (
        {"role": "user", "content": [IMAGE | {"image_url": "{{ url }}"}]},
        "$.input[0].content[0].image_url",
    ),
    "audio format": (
        {"role": "user", "content": [AUDIO | {"input_audio": {"data": "", "format": "ogg"}}]},
        "$.input[0].content[0].input_audio.format",
    ),
    "breakpoint": (
        {"role": "user", "content": TEXT | {"prompt_cache_breakpoint": {"mode": "auto"}}},
        "$.input[0].content.prompt_cache_breakpoint.mode",
    ),
    "message type": ({"role": "user", "content": "a", "type": "msg"}, "$.input[0].type"),
    "extra": ({"role": "user", "content": "a", "name": "x"}, "$.input[0].name"),
    "text for a message": ("hello", "$.input[0]"),
}


@pytest.mark.parametrize(("message", "path"), REFUSED.values(), ids=REFUSED)
def test_a_wrong_message_is_refused_at_its_place(message: Any, path: str) -> None:
    assert list(problems_of(ScoreModel, {"model": "m", "input": [message]})) == [path]


def test_all_faults_of_all_messages_are_found_at_once() -> None:
    messages = [message for message, _ in REFUSED.values()]
    found = problems_of(ScoreModel, {"model": "m", "input": messages})
    expected = [path.replace("[0]", f"[{i}]", 1) for i, (_, path) in enumerate(REFUSED.values())]
    assert sorted(found) == sorted(expected)


def test_the_nearest_part_is_suggested() -> None:
    content = {"type": "input_imge", "image_url": "a"}
    found = problems_of(ScoreModel, {"model": "m", "input": [{"role": "user", "content": content}]})
    problem = found["$.input[0].content.type"]
    assert problem.fix == '"input_image"'
    assert problem.expected == "input_text, output_text, input_image, input_audio"


@pytest.mark.parametrize("messages", [[], "text", {"role": "user", "content": "a"}, None, 1])
@pytest.mark.parametrize("cls", [ScoreModel, LabelModel])
def test_input_is_a_list_with_at_least_one_message(
    cls: type[ScoreModel | LabelModel], messages: Any
) -> None:
    labels = {"labels": ["a"], "passing_labels": ["a"]} if cls is LabelModel else {}
    assert list(problems_of(cls, {"model": "m", "input": messages, **labels})) == ["$.input"]


def test_a_message_made_in_python_raises_our_error() -> None:
    with pytest.raises(ConfigError, match=r"\$\.role"):
        EvalItem(role="tool", content="a")
    with pytest.raises(ConfigError, match=r"\$\.text"):
        InputText(type="input_text", text="{{")


def test_messages_and_parts_made_in_python_are_taken_as_they_are() -> None:
    part = InputText(type="input_text", text="{{item.clip}}")
    message = EvalItem(role="user", content=[part, "b"])
    grader = ScoreModel(name="j", model="m", input=(message,))
    assert grader.input[0].content == (part, "b")
    assert grader == judge({"role": "user", "content": [part.model_dump(exclude_none=True), "b"]})


def test_messages_are_hashable_and_pickle() -> None:
    message = EvalItem(role="user", content=["a", IMAGE, AUDIO])
    again = pickle.loads(pickle.dumps(message))
    assert again == message
    assert hash(again) == hash(message)
    assert judge(message.model_dump(exclude_none=True)).input[0] == message
    with pytest.raises(ValidationError, match="frozen"):
        message.role = "system"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["role", "content", "type", "text", "image_url"]) | st.text(), inner
        )
    ),
    max_leaves=8,
)


@given(json_values)
def test_any_json_as_message_is_accepted_or_refused_with_our_error(value: Any) -> None:
    try:
        grader = LabelModel(model="m", input=[value], labels=["a"], passing_labels=["a"])
    except ConfigError as error:
        paths = [problem.path for problem in error.problems]
    else:
        paths = []
        assert grader.jobs(batch_for(grader))
    assert all(path.startswith("$.input[0]") for path in paths)
