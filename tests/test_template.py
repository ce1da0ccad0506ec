from __future__ import annotations

import json
import math
import time
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graders.errors import RowError, TemplateError
from graders.template import Template

SAMPLE = {"output_text": "hi", "output_json": {"a": [{"b": 1.0}], "n": None}}
ITEM = {
    "x": "X",
    "answer": {"key": "deep", "0": "zero key"},
    "expected-answer": "dash",
    "名前": "name",
    "my key": "space",
    "list": ["zero", ["one"]],
    "args": '{"symbols": ["A", "B"], "n": 1.50}',
    "t": True,
    "null": None,
    "big": 2**64,
    "e": 1e20,
    "text": "{{item.x}}",
}


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{item.x}}", "X"),
        ("{{ item.x }}", "X"),
        ("{{\titem.x\n}}", "X"),
        ("a {{item.x}} b {{sample.output_text}} c", "a X b hi c"),
        ('{"smiles": "{{item.x}}"}', '{"smiles": "X"}'),
        ("{{{item.x}}}", "{X}"),
        ("{{{{item.x}}}}", "{{X}}"),
        ("{% if %} {# no #} { } }} x", "{% if %} {# no #} { } }} x"),
        ("", ""),
        ("{{item.answer.key}}", "deep"),
        ("{{item.answer.0}}", "zero key"),
        ("{{item.expected-answer}}", "dash"),
        ("{{item.名前}}", "name"),
        ('{{item["my key"]}}', "space"),
        ("{{item['my key']}}", "space"),
        ("{{item.list[0]}}", "zero"),
        ("{{item.list.0}}", "zero"),
        ("{{item.list[1][0]}}", "one"),
        ("{{item.args.symbols[1]}}", "B"),
        ("{{item.args.n}}", "1.5"),
        ("{{sample.output_json.a[0].b}}", "1.0"),
        ("{{sample.output_json.n}}", "null"),
        ("{{item.t}}", "true"),
        ("{{item.null}}", "null"),
        ("{{item.big}}", "18446744073709551616"),
        ("{{item.e}}", "1e+20"),
        ("{{item.list}}", '["zero", ["one"]]'),
        ("{{item.answer}}", '{"key": "deep", "0": "zero key"}'),
        ("{{item.text}}", "{{item.x}}"),
    ],
)
def test_renders(template: str, expected: str) -> None:
    assert Template.parse(template).render(SAMPLE, ITEM) == expected


@pytest.mark.parametrize(
    ("template", "cause", "part"),
    [
        ("{{item.nope}}", "missing_variable", "no item.nope"),
        ("{{item.x.y}}", "missing_variable", "no item.x.y"),
        ("{{item.list[2]}}", "missing_variable", "no item.list.2"),
        ("{{item.list.x}}", "missing_variable", "no item.list.x"),
        ("{{item.answer[0]}}", "missing_variable", "no item.answer.0"),
        ("{{item.items}}", "missing_variable", "no item.items"),
        ("{{item.x.upper}}", "missing_variable", "no item.x.upper"),
        ("{{item.__class__}}", "missing_variable", "no item.__class__"),
        ("{{item.list.²}}", "missing_variable", "no item.list.²"),
        ("{{sample.nope}}", "missing_variable", "no sample.nope"),
        ("{{sample.output_json.nope}}", "missing_variable", "no sample.output_json.nope"),
        ("{{item.null.x}}", "missing_variable", "no item.null.x"),
    ],
)
def test_a_path_that_leads_nowhere_is_an_error_of_the_row(
    template: str, cause: str, part: str
) -> None:
    found = Template.parse(template).render(SAMPLE, ITEM)
    assert isinstance(found, RowError)
    assert (found.cause, found.flag) == (cause, "invalid_variable_error")
    assert part in found.detail


def test_output_that_is_not_json_has_its_own_cause() -> None:
    found = Template.parse("{{sample.output_json.x}}").render({"output_text": "hi"}, {})
    assert isinstance(found, RowError)
    assert (found.cause, found.flag) == ("output_not_json", "sample_parse_error")


def test_a_missing_sample_has_no_variables() -> None:
    found = Template.parse("{{sample.output_text}}").render(None, {})
    assert isinstance(found, RowError)


@pytest.mark.parametrize(
    ("template", "column", "message", "fix"),
    [
        ("{{item}}", 1, '"{{item}}": item needs a variable', "write {{item.name}}"),
        ("x {{ sample }}", 3, '"{{sample}}": sample needs a variable', "write {{sample.name}}"),
        ("{{}}", 1, "empty placeholder", "write {{item.name}} or {{sample.output_text}}"),
        ("{{item.x | upper}}", 1, "filters are not part", "python grader"),
        ("{{item.x[-1]}}", 1, "negative positions", "count from 0"),
        ("{{item.x[*].y}}", 1, "wildcards and slices", "name one position"),
        ("{{item.x.lower()}}", 1, "calls are not part", "python grader"),
        ("{{answer}}", 1, 'unknown namespace "answer"', "{{item.answer}}"),
        ("{{ input.column }}", 1, 'unknown namespace "input"', "{{item.input}}"),
        ("{{items.x}}", 1, 'unknown namespace "items"', "only item and sample exist, spelt so"),
        ("{{Item.x}}", 1, 'unknown namespace "Item"', "only item and sample exist, spelt so"),
        ("ab {{item.x", 4, "never closed", 'close it with "}}"'),
        ("{{item.x}", 1, "never closed", 'close it with "}}"'),
        ("{{item.my key}}", 1, "not a placeholder", '{{item["my key"]}}'),
        ("{{item..x}}", 1, "not a placeholder", ""),
        ("ok {{item.x}} then {{bad}}", 20, "unknown namespace", ""),
        ("{{item.x[1234567890123456789]}}", 1, "not a placeholder", ""),
    ],
)
def test_refuses_with_column_and_suggestion(
    template: str, column: int, message: str, fix: str
) -> None:
    with pytest.raises(TemplateError) as caught:
        Template.parse(template)
    problem = caught.value.problems[0]
    assert caught.value.column == column
    assert message in problem.message
    assert fix in problem.fix


def test_limits_hold_from_both_sides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADERS_LIMIT_TEMPLATE_CHARS", "30")
    assert Template.parse("a" * 30).text == "a" * 30
    with pytest.raises(TemplateError, match="31 characters; limit 30"):
        Template.parse("a" * 31)
    monkeypatch.setenv("GRADERS_LIMIT_TEMPLATE_CHARS", "1000")
    monkeypatch.setenv("GRADERS_LIMIT_TEMPLATE_PLACEHOLDERS", "3")
    assert len(Template.parse("{{item.limit}}" * 3).placeholders) == 3
    with pytest.raises(TemplateError, match="more than 3 placeholders"):
        Template.parse("{{item.limit}}" * 4)


def test_rendered_text_has_a_limit_from_both_sides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADERS_LIMIT_RENDERED_CHARS", "2000")
    template = Template.parse("{{item.a}}{{item.a}}")
    assert template.render(None, {"a": "x" * 1000}) == "x" * 2000
    found = template.render(None, {"a": "x" * 1001})
    assert isinstance(found, RowError)
    assert found.cause == "too_large"


def test_values_that_cannot_be_json_are_errors_of_the_row() -> None:
    circular: list[Any] = []
    circular.append(circular)
    for value in (circular, {"a": object()}, {1, 2}):
        found = Template.parse("{{item.v}}").render(None, {"v": value})
        assert isinstance(found, RowError)
        assert found.cause == "row"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(JSON)
def test_values_render_as_json_dumps_does(value: Any) -> None:
    assert Template.parse("{{item.v}}").render(None, {"v": value}) == json.dumps(
        value, ensure_ascii=False
    )


@given(st.text())
def test_texts_render_as_they_are(text: str) -> None:
    assert Template.parse("<{{item.v}}>").render(None, {"v": text}) == f"<{text}>"


@given(st.text(alphabet="{}item.sample[]0\"' |x", max_size=40))
def test_any_text_parses_or_is_refused(text: str) -> None:
    try:
        template = Template.parse(text)
    except TemplateError as error:
        column = error.column
        template = None
    if template is None:
        assert text[column - 1 : column + 1] == "{{"
        return
    rebuilt = template.literals[0]
    for placeholder, literal in zip(template.placeholders, template.literals[1:], strict=True):
        rebuilt += "{{" + placeholder.text + "}}" + literal
    assert "".join(rebuilt.split()) == "".join(text.split())


@pytest.mark.parametrize("value", [math.nan, math.inf, [1, -math.inf], {"a": math.nan}])
def test_numbers_that_are_no_json_are_errors_of_the_row(value: Any) -> None:
    found = Template.parse("{{item.v}}").render(None, {"v": value})
    assert isinstance(found, RowError)
    assert found.cause == "row"


def test_json_text_is_decoded_once_however_often_a_path_leads_into_it() -> None:
    text = json.dumps({"k": list(range(200_000))})
    template = Template.parse("{{item.x.k[0]}}" * 900)
    start = time.process_time()
    assert template.render(None, {"x": text}) == "0" * 900
    assert time.process_time() - start < 5  # 900 decodings take more than ten


def test_a_text_that_would_be_too_long_is_refused_before_it_is_made() -> None:
    template = Template.parse("{{item.x}}" * 1000)
    tracemalloc.start()
    found = template.render(None, {"x": "a" * 500_000})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(found, RowError)
    assert "500,000,000 characters" in found.detail
    assert peak < 50_000_000
