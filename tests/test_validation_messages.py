"""Every message about a wrong grader, as a user reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from graders.config import check
from graders.config.validation import problems_of
from graders.errors import ConfigError, render_problems
from graders.multi import Multi
from graders.python import Python
from graders.score_model import ScoreModel
from graders.string_check import StringCheck
from graders.suggest import FIELD_HINTS, VALUE_HINTS, for_field, for_value, nearest, quoted
from graders.text_similarity import TextSimilarity

TWELVE_FAULTS = """\
{
  "type": "multi",
  "name": "twelve faults",
  "naem": "a field that does not exist",
  "graders": {
    "answer": {
      "type": "string_check",
      "input": "{{sample.output_text}}",
      "reference": "{{item.answer}}",
      "operation": "contains"
    },
    "style": {
      "type": "string_chek",
      "input": "a"
    },
    "close": {
      "type": "text_similarity",
      "input": "{{sample.output_text}}",
      "evaluation_metric": "rouge_l"
    },
    "upper": {
      "type": "string_check",
      "input": "{{ item.answer | upper }}",
      "reference": "YES",
      "operation": "neq"
    },
    "quality": {
      "type": "score_model",
      "model": "o3-mini",
      "input": "Grade {{sample.output_text}}",
      "range": [1, 0],
      "sampling_params": {"top_p": "1"}
    },
    "tone": {
      "type": "label_model"
    },
    "code": {
      "type": "python",
      "source": "def score(sample, item):\\n    return 1.0"
    },
    "inner": {
      "type": "multi",
      "graders": {},
      "calculate_output": "a + b"
    },
    "tone": {
      "type": "endpoint",
      "url": "https://grader.example/score"
    }
  },
  "calculate_output": "0.3 * graders.answer + 0.7 * style"
}
"""
TWELVE_MESSAGES = """\
faults.json: 12 errors, 1 warning. Nothing was run.
  line 4   $.naem   unknown field "naem"   expected type, name, graders, calculate_output, \
pass_threshold, invalid_grade
    fix    rename it to "name"
  line 10  $.graders.answer.operation   unknown operation "contains"   expected eq, ne, like, ilike
    fix    "like" (passes when input contains reference, case-sensitive)
  line 13  $.graders.style.type   unknown type "string_chek"   expected string_check, \
text_similarity, python, score_model, label_model, multi, endpoint
    fix    "string_check"
  line 16  $.graders.close.reference   missing   expected text
    fix    add "reference": "{{item.answer}}"
  line 23  $.graders.upper.input   column 1: "{{item.answer | upper}}": filters are not part of \
the format   expected {{item.name}} or {{sample.output_text}}
    fix    prepare the value in the dataset, or use a python grader
  line 30  $.graders.quality.input   "Grade {{sample.output_text}}" is text   expected a list of \
messages
    fix    "input": [{"role": "user", "content": "Grade {{sample.output_text}}"}]
  line 31  $.graders.quality.range   runs downwards   expected the lower one first
    fix    [0, 1]
  line 32  $.graders.quality.sampling_params.top_p   "1" is text   expected a number
    fix    write 1 without quotes
  line 39  $.graders.code.source   no top-level function grade; it defines score   expected \
def grade(sample, item):
    fix    def grade(sample, item):
  line 41  $.graders.inner   a multi inside a multi   expected any other type
    fix    inline its formula: move its graders up and write (a + b) for "inner"
  line 46  $.graders.tone   key "tone" stands twice in one object   expected one value (the first \
is on line 34)
    fix    delete one of the two, or rename it
  line 51  $.calculate_output   column 7: "0.3 * graders.answer + 0.7 * style"   not a variable; \
known: answer, style, close, upper, quality, tone, code, inner
    fix    write the key alone: answer
  line 25  $.graders.upper.operation   warning: "neq" is read as "ne\""""


def test_twelve_faults_of_twelve_kinds_are_reported_at_once(tmp_path: Path) -> None:
    path = tmp_path / "faults.json"
    path.write_text(TWELVE_FAULTS, "utf-8")
    grader, problems = check(path)
    assert grader is None
    assert render_problems(problems, "faults.json") == TWELVE_MESSAGES


EXACT: dict[str, Any] = {
    "type": "string_check",
    "name": "exact",
    "input": "{{sample.output_text}}",
    "reference": "{{item.answer}}",
    "operation": "eq",
}
CHAT = [{"role": "user", "content": "Rate {{sample.output_text}}"}]
JUDGE: dict[str, Any] = {"type": "score_model", "name": "judge", "model": "m", "input": CHAT}
MULTI: dict[str, Any] = {
    "type": "multi",
    "name": "both",
    "graders": {"a": EXACT, "b": JUDGE},
    "calculate_output": "a + b",
}
PYTHON: dict[str, Any] = {"type": "python", "name": "code"}


def lines(config: object) -> list[str]:
    """The problems as lines of text, fix appended, without the indent."""
    return [" ".join(p.render().split()) for p in check(config)[1]]


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (
            {**EXACT, "operation": "icontains"},
            '$.operation unknown operation "icontains" expected eq, ne, like, ilike fix "ilike"'
            " (passes when input contains reference, ignoring case)",
        ),
        (
            {**EXACT, "operation": "starts_with"},
            '$.operation unknown operation "starts_with" expected eq, ne, like, ilike fix'
            ' a python grader: sample["output_text"].startswith(…)',
        ),
        (
            {**EXACT, "operation": "EQ"},
            '$.operation unknown operation "EQ" expected eq, ne, like, ilike fix "eq"',
        ),
        (
            {**EXACT, "operation": 3},
            "$.operation 3 is a number expected eq, ne, like, ilike",
        ),
        (
            {**EXACT, "reference": 42},
            '$.reference 42 is a number expected text fix write "42"',
        ),
        (
            {**EXACT, "reference": ["a"]},
            '$.reference a list expected text fix "reference": "{{item.answer}}"',
        ),
        (
            {**EXACT, "reference": None},
            '$.reference null expected text fix "reference": "{{item.answer}}"',
        ),
        (
            {**EXACT, "name": {}},
            '$.name an object expected text fix "name": "exact answer"',
        ),
        (
            {**EXACT, "pass_threshold": "0.5"},
            '$.pass_threshold "0.5" is text expected a number fix write 0.5 without quotes',
        ),
        (
            {**JUDGE, "pass_threshold": True},
            '$.pass_threshold true expected a number fix "pass_threshold": 0.5',
        ),
        (
            {**JUDGE, "prompt": "Rate it"},
            '$.prompt unknown field "prompt" expected type, name, model, input, sampling_params,'
            ' range, pass_threshold fix "input": [{"role": "user", "content": "…"}]',
        ),
        (
            {**JUDGE, "temperature": 0},
            '$.temperature unknown field "temperature" expected type, name, model, input,'
            ' sampling_params, range, pass_threshold fix "sampling_params": {"temperature": …}',
        ),
        (
            {**JUDGE, "sampling_params": {"temprature": 0}},
            '$.sampling_params.temprature unknown field "temprature" expected seed, top_p,'
            " temperature, max_completions_tokens, reasoning_effort fix rename it to"
            ' "temperature"',
        ),
        (
            {**JUDGE, "sampling_params": {"reasoning_effort": "hi"}},
            '$.sampling_params.reasoning_effort unknown reasoning_effort "hi" expected none,'
            ' minimal, low, medium, high, xhigh, max fix "high"',
        ),
        (
            {**JUDGE, "sampling_params": {"max_completions_tokens": 0}},
            "$.sampling_params.max_completions_tokens 0 is out of bounds expected 1 or more",
        ),
        (
            {**JUDGE, "sampling_params": {"seed": 1.5}},
            "$.sampling_params.seed 1.5 is a number expected a whole number",
        ),
        (
            {**JUDGE, "sampling_params": []},
            '$.sampling_params a list expected an object fix "sampling_params": {"temperature": 0}',
        ),
        (
            {**JUDGE, "input": [{"role": "tool", "content": "x"}]},
            '$.input[0].role unknown role "tool" expected user, assistant, system, developer',
        ),
        (
            {**JUDGE, "input": [{"role": "user"}]},
            "$.input[0].content missing expected text, a part, or a list of parts fix add"
            ' "content": "{{sample.output_text}}"',
        ),
        (
            {**JUDGE, "input": [{"role": "user", "content": "{{item}}"}]},
            '$.input[0].content column 1: "{{item}}": item needs a variable expected'
            " {{item.name}} or {{sample.output_text}} fix write {{item.name}}",
        ),
        (
            {**EXACT, "input": "{{item.names[*]}}"},
            '$.input column 1: "{{item.names[*]}}": wildcards and slices are not part of the'
            " format expected {{item.name}} or {{sample.output_text}} fix name one position, or"
            " use a python grader",
        ),
        (
            {**PYTHON, "source_code": "def grade(sample, item): return 1"},
            '$.source_code unknown field "source_code" expected type, name, source, image_tag,'
            ' pass_threshold fix rename it to "source"',
        ),
        (
            {**PYTHON, "image": "python:3.11", "source": "def grade(sample, item): return 1"},
            '$.image unknown field "image" expected type, name, source, image_tag, pass_threshold'
            ' fix rename it to "image_tag", for example "2025-05-08"',
        ),
        (
            {k: v for k, v in EXACT.items() if k != "type"},
            "$.type missing expected string_check, text_similarity, python, score_model,"
            ' label_model, multi, endpoint fix add "type": "string_check"',
        ),
        (
            {**EXACT, "type": "string-check-grader"},
            '$.type unknown type "string-check-grader" expected string_check, text_similarity,'
            ' python, score_model, label_model, multi, endpoint fix "string_check"',
        ),
        (
            {**EXACT, "type": ["string_check"]},
            "$.type a list expected string_check, text_similarity, python, score_model,"
            " label_model, multi, endpoint",
        ),
        (
            {**MULTI, "graders": EXACT},
            '$.graders a single grader expected an object: key -> grader fix "graders": {"answer":'
            ' {"type": "string_check", …}}',
        ),
        (
            {**MULTI, "graders": [{**EXACT, "name": "my answer"}, EXACT], "calculate_output": "1"},
            '$.graders a list expected an object: key -> grader fix "graders": {"my_answer": {…},'
            ' "exact": {…}}; the formula uses these keys',
        ),
        (
            {**MULTI, "graders": {}},
            '$.graders empty expected at least one grader fix "graders": {"answer": {…},'
            ' "format": {…}}',
        ),
        (
            {**MULTI, "graders": "a"},
            '$.graders "a" is text expected an object: key -> grader fix "graders": {"answer": {…},'
            ' "format": {…}}',
        ),
        (
            {**MULTI, "graders": {"a": MULTI}, "calculate_output": "a"},
            "$.graders.a a multi inside a multi expected any other type fix inline its formula:"
            ' move its graders up and write (a + b) for "a"',
        ),
        (
            {
                **MULTI,
                "graders": {"similarity-score": EXACT},
                "calculate_output": "similarity-score",
            },
            '$.graders["similarity-score"] the key "similarity-score" cannot be written in a'
            " formula expected letters a to z, digits and _ fix rename the key: similarity_score",
        ),
        (
            {**MULTI, "graders": {"a": None}, "calculate_output": "a"},
            "$.graders.a null expected a grader: an object with a type",
        ),
        (
            {**MULTI, "calculate_output": 3},
            '$.calculate_output 3 is a number expected a formula over the keys fix write "3"',
        ),
        (
            {**MULTI, "calculate_output": "a +"},
            '$.calculate_output column 4: "a +" nothing after "+", found the end expected a number,'
            " a name or (",
        ),
        (
            {**EXACT, "reference": float("nan")},
            "$.reference nan is not a finite number expected a finite number",
        ),
        (
            {**JUDGE, "range": [0, 10**400]},
            "$.range[1] an integer beyond 1.8e308 is not a finite number expected a finite number",
        ),
        (
            {**EXACT, "input": {1, 2}},
            "$.input a Python object of type set is not JSON expected text, number, list or dict",
        ),
        (
            {**EXACT, 3: "x"},
            "$ 3 is a key that is not text expected text",
        ),
    ],
)
def test_each_fault_has_its_message(config: object, expected: str) -> None:
    assert expected in lines(config)


@pytest.mark.parametrize("metric", ["rouge", "levenshtein", "rougeL", "ROUGE-1", "exact_match"])
def test_the_metric_that_was_meant_is_named(metric: str) -> None:
    config = {**EXACT, "type": "text_similarity", "evaluation_metric": metric}
    del config["operation"]
    (problem,) = check(config)[1]
    assert problem.message == f'unknown evaluation_metric "{metric}"'
    assert problem.expected.startswith("cosine, fuzzy_match, bleu")
    assert problem.fix


@pytest.mark.parametrize("formula", ["{{a}} + b", "a ** b", "a + c", "a if b else 0", "", "a b"])
def test_a_wrong_formula_is_reported_although_children_are_wrong_too(formula: str) -> None:
    config = {**MULTI, "calculate_output": formula, "graders": {"a": {**EXACT, "x": 1}, "b": JUDGE}}
    assert [p.path for p in check(config)[1]] == ["$.graders.a.x", "$.calculate_output"]


def test_children_of_a_list_are_checked_and_the_formula_knows_their_names() -> None:
    listed = [{**EXACT, "name": "a"}, {**EXACT, "name": "a", "x": 1}, {**EXACT, "name": "!!"}, 3]
    config = {**MULTI, "graders": listed, "calculate_output": "a + a_2 + grader_3 + grader_4"}
    assert [p.path for p in check(config)[1]] == ["$.graders", "$.graders[1].x", "$.graders[3]"]


def test_a_problem_of_the_shape_is_not_reported_a_second_time() -> None:
    found = check({**EXACT, "reference": float("inf")})[1]
    assert [p.path for p in found] == ["$.reference"]


# --- constructors --------------------------------------------------------------------------------


def test_a_constructor_raises_our_error_with_every_problem() -> None:
    with pytest.raises(ConfigError) as caught:
        StringCheck(input="{{item}}", reference=3, operation="contains", zz=1)
    assert str(caught.value) == (
        "StringCheck: 4 errors. Nothing was run.\n"
        '  $.input   column 1: "{{item}}": item needs a variable   expected {{item.name}} or'
        " {{sample.output_text}}\n"
        "    fix    write {{item.name}}\n"
        "  $.reference   3 is a number   expected text\n"
        '    fix    write "3"\n'
        '  $.operation   unknown operation "contains"   expected eq, ne, like, ilike\n'
        '    fix    "like" (passes when input contains reference, case-sensitive)\n'
        '  $.zz   unknown field "zz"   expected type, name, input, reference, operation,'
        " pass_threshold"
    )


@pytest.mark.parametrize(
    ("make", "paths"),
    [
        (lambda: StringCheck(), ["$.input", "$.reference", "$.operation"]),
        (lambda: Python(source="x = 1"), ["$.source"]),
        (
            lambda: TextSimilarity(input="a", reference="b", evaluation_metric="x"),
            ["$.evaluation_metric"],
        ),
        (
            lambda: ScoreModel(model="m", input=[{"role": "user", "content": 3}]),
            ["$.input[0].content"],
        ),
        (
            lambda: ScoreModel(
                model="m",
                input=[
                    {
                        "role": "user",
                        "content": [
                            {"type": "input_audio", "input_audio": {"data": "x", "format": "ogg"}},
                            {"type": "image_url"},
                        ],
                    }
                ],
            ),
            ["$.input[0].content[0].input_audio.format", "$.input[0].content[1].type"],
        ),
        (
            lambda: Multi(
                graders={
                    "a": {**EXACT, "operation": "x"},
                    "str": {**JUDGE, "input": 3},
                    "b": {"type": "zz"},
                    "list": {},
                    "E": 3,
                },
                calculate_output="a",
            ),
            [
                "$.graders.a.operation",
                "$.graders.str.input",
                "$.graders.b.type",
                "$.graders.list.type",
                "$.graders.E",
            ],
        ),
        (lambda: Multi(graders={"a": EXACT}, calculate_output="a + z"), ["$.calculate_output"]),
        (lambda: Multi(graders=[EXACT], calculate_output="a"), ["$.graders"]),
    ],
)
def test_paths_of_constructors_are_json_paths(make: Any, paths: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        make()
    assert [p.path for p in caught.value.problems] == paths
    for path in paths:
        assert path in str(caught.value)


# --- the translations themselves -----------------------------------------------------------------


def _refuse(value: int) -> int:
    raise ValueError("not this one")


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    depth: int = 0


class Everything(BaseModel):
    """A model with a field for every kind of error."""

    model_config = ConfigDict(extra="forbid", strict=True)

    whole: int = 0
    real: float = 0.0
    number: int | float = 0
    flag: bool = False
    word: str = ""
    either: str | Inner | list[str] = ""
    choice: Literal["red", "green"] = "red"
    bounded: Annotated[int, Field(ge=1, lt=10)] = 1
    above: Annotated[float, Field(gt=0, le=1)] = 1.0
    finite: FiniteFloat = 0.0
    few: Annotated[list[int], Field(min_length=1, max_length=2)] = [1]
    short: Annotated[str, Field(min_length=1, max_length=2)] = "a"
    table: dict[str, int] = {}
    inner: Inner = Inner()
    refused: Annotated[int, AfterValidator(_refuse)] = 0
    uuid: Annotated[str, Field(pattern="^x$")] = "x"


@pytest.mark.parametrize(
    ("field", "value", "path", "message", "expected"),
    [
        ("whole", "3", "$.whole", '"3" is text', "a whole number"),
        ("whole", 1.5, "$.whole", "1.5 is a number", "a whole number"),
        ("real", None, "$.real", "null", "a number"),
        ("number", "x", "$.number", '"x" is text', "a number"),
        ("flag", 1, "$.flag", "1 is a number", "true or false"),
        ("word", False, "$.word", "false", "text"),
        ("either", 3, "$.either", "3 is a number", "text or an object or a list"),
        ("either", {"depth": "x"}, "$.either.depth", '"x" is text', "a whole number"),
        ("either", {"deep": 1}, "$.either.deep", 'unknown field "deep"', "depth"),
        ("either", [3], "$.either[0]", "3 is a number", "text"),
        ("choice", "gren", "$.choice", 'unknown choice "gren"', "red, green"),
        ("bounded", 0, "$.bounded", "0 is out of bounds", "1 or more"),
        ("bounded", 10, "$.bounded", "10 is out of bounds", "less than 10"),
        ("above", 0.0, "$.above", "0.0 is out of bounds", "more than 0.0"),
        ("above", 2.0, "$.above", "2.0 is out of bounds", "1.0 or less"),
        ("finite", float("nan"), "$.finite", "nan is not a finite number", ""),
        ("few", [], "$.few", "empty", "at least 1"),
        ("few", [1, 2, 3], "$.few", "3 entries", "at most 2"),
        ("short", "", "$.short", "empty", "at least 1 characters"),
        ("short", "abc", "$.short", "3 characters", "at most 2 characters"),
        ("table", [], "$.table", "a list", "an object"),
        ("inner", 3, "$.inner", "3 is a number", "an object"),
        ("refused", 3, "$.refused", "not this one", ""),
        ("uuid", "y", "$.uuid", '"y" is text', "String should match pattern '^x$'"),
        ("zz", 3, "$.zz", 'unknown field "zz"', ", ".join(Everything.model_fields)),
    ],
)
def test_each_kind_of_pydantic_error_is_put_into_plain_words(
    field: str, value: object, path: str, message: str, expected: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        Everything.model_validate({field: value})
    (problem,) = problems_of(caught.value, Everything)
    assert (problem.path, problem.message, problem.expected) == (path, message, expected)


@pytest.mark.parametrize(
    ("word", "names", "expected"),
    [
        ("operaton", ["operation", "input"], "operation"),
        ("rougeL", ["rouge_l", "rouge_1"], "rouge_l"),
        ("Pass-Threshold", ["pass_threshold"], "pass_threshold"),
        ("zzz", ["operation"], ""),
        ("", ["operation"], ""),
        ("x" * 10_000, ["xxxx"], ""),
        (3, ["a"], ""),
    ],
)
def test_the_nearest_name(word: object, names: list[str], expected: str) -> None:
    assert nearest(word, names) == expected


def test_a_hint_about_a_field_is_given_only_where_that_field_exists() -> None:
    assert for_field("prompt", ["input"]) == '"input": [{"role": "user", "content": "…"}]'
    assert for_field("prompt", ["source"]) == ""
    assert for_field("weight", []) == "weights stand in calculate_output: 0.7 * a + 0.3 * b"


def test_hints_are_keyed_as_they_are_looked_up() -> None:
    for field, hints in VALUE_HINTS.items():
        for word, hint in hints.items():
            assert for_value(field, word, []) == hint
    assert all(name == name.lower() for name in FIELD_HINTS)


def test_a_value_in_a_message_is_short_and_json() -> None:
    assert quoted("a\n") == '"a\\n"'
    assert len(quoted("x" * 1000)) == 60
    assert quoted({1, 2}) == "set object"
