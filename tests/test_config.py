from __future__ import annotations

import json
import logging
import pickle
import string
from pathlib import Path
from typing import Any

import openai.types.graders as openai_graders
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graders.config import TYPES, check, dump, load
from graders.config.source import read
from graders.config.tolerated import TOLERATED
from graders.criteria import Criteria
from graders.errors import ConfigError, Problem, UsageError
from graders.grader import Grader
from graders.multi import Multi
from graders.string_check import StringCheck

EXACT = {
    "type": "string_check",
    "name": "exact",
    "input": "{{sample.output_text}}",
    "reference": "{{item.answer}}",
    "operation": "eq",
}
SIMILAR = {
    "type": "text_similarity",
    "name": "similar",
    "input": "{{sample.output_text}}",
    "reference": "{{item.answer}}",
    "evaluation_metric": "rouge_l",
    "pass_threshold": 0.5,
}
MESSAGES = [{"role": "user", "content": "Rate {{sample.output_text}}"}]
JUDGE = {"type": "score_model", "name": "judge", "model": "m", "input": MESSAGES}
LABEL = {
    "type": "label_model",
    "name": "tone",
    "model": "m",
    "input": MESSAGES,
    "labels": ["polite", "rude"],
    "passing_labels": ["polite"],
}
PYTHON = {"type": "python", "name": "code", "source": "def grade(sample, item):\n    return 1.0"}
ENDPOINT = {
    "type": "endpoint",
    "name": "remote",
    "url": "https://grader.example/score",
    "headers": {"x-team": "evals"},
    "rate_limit": 50,
}
MULTI = {
    "type": "multi",
    "name": "both",
    "graders": {"exact": EXACT, "similar": SIMILAR},
    "calculate_output": "0.8 * exact + 0.2 * similar",
}
ALL = (EXACT, SIMILAR, PYTHON, JUDGE, LABEL, MULTI, ENDPOINT)
EVERY_TYPE = pytest.mark.parametrize("config", ALL, ids=[str(c["type"]) for c in ALL])


def errors(x: object) -> list[Problem]:
    grader, problems = check(x)
    assert grader is None
    found = [p for p in problems if p.severity == "error"]
    assert found
    return found


def warnings(x: object) -> dict[str, str]:
    grader, problems = check(x)
    assert grader is not None, problems
    assert {p.severity for p in problems} <= {"warning"}
    return {p.path: p.message for p in problems}


# --- what is loaded ------------------------------------------------------------------------------


def test_the_examples_cover_every_type() -> None:
    assert {c["type"] for c in ALL} == TYPES.keys()


@EVERY_TYPE
def test_a_grader_is_loaded_from_a_dict_text_and_file(
    config: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "grader.json"
    path.write_text(json.dumps(config, indent=2), "utf-8")
    grader = load(config)
    assert type(grader) is TYPES[config["type"]]
    assert dump(grader) == config
    for other in (json.dumps(config), "\ufeff \n" + json.dumps(config), path, str(path), grader):
        assert load(other) == grader


@EVERY_TYPE
def test_graders_are_equal_hashable_and_pickle(config: dict[str, Any]) -> None:
    grader = load(config)
    assert hash(grader) == hash(load(config))
    assert pickle.loads(pickle.dumps(grader)) == grader
    assert grader != load({**config, "name": "another name"})


@EVERY_TYPE
def test_loading_leaves_the_dict_as_it_was(config: dict[str, Any]) -> None:
    before = json.dumps(config)
    load(config)
    assert json.dumps(config) == before


def test_a_grader_does_not_change_when_its_dict_does() -> None:
    config = json.loads(json.dumps(LABEL))
    grader = load(config)
    config["labels"].append("third")
    config["input"][0]["content"] = "other"
    assert dump(grader) == LABEL


def test_an_order_of_keys_does_not_matter_and_is_kept() -> None:
    swapped = {**MULTI, "graders": {"similar": SIMILAR, "exact": EXACT}}
    assert load(swapped) == load(MULTI)
    assert hash(load(swapped)) == hash(load(MULTI))
    assert list(dump(load(swapped))["graders"]) == ["similar", "exact"]


def test_numbers_keep_their_spelling() -> None:
    text = json.dumps(
        {**JUDGE, "range": [0, 5.0], "pass_threshold": 1, "sampling_params": {"top_p": 1.0}}
    )
    assert '"range": [0, 5.0]' in json.dumps(dump(load(text)))
    assert '"pass_threshold": 1' in json.dumps(dump(load(text)))
    assert '"top_p": 1.0' in json.dumps(dump(load(text)))


def test_lone_surrogates_and_nul_survive_a_round_trip() -> None:
    config = {**EXACT, "reference": "half \ud83d, zero \0, K\u212a \u0130", "name": "\udc00"}
    grader = load(json.dumps(config))
    assert dump(grader) == config
    assert load(dump(grader)) == grader


@pytest.mark.parametrize(
    "wrapper",
    [
        {"testing_criteria": [EXACT]},
        {"object": "eval", "id": "eval_1", "testing_criteria": [EXACT], "metadata": None},
        {
            "model": "o4-mini",
            "method": {"type": "reinforcement", "reinforcement": {"grader": EXACT}},
        },
        {"type": "reinforcement", "reinforcement": {"grader": EXACT, "hyperparameters": {}}},
        {"grader": EXACT, "model_sample": "text", "item": {}},
    ],
)
def test_a_single_grader_comes_out_of_its_wrapper(wrapper: dict[str, Any]) -> None:
    assert load(wrapper) == load(EXACT)
    assert load(json.dumps(wrapper)) == load(EXACT)


def test_several_criteria_become_criteria_that_dump_as_such() -> None:
    grader = load({"name": "my eval", "testing_criteria": [EXACT, SIMILAR, LABEL]})
    assert isinstance(grader, Criteria)
    assert dump(grader) == {"testing_criteria": [EXACT, SIMILAR, LABEL]}
    assert load(dump(grader)) == grader


def test_criteria_may_share_a_name() -> None:
    grader = load({"testing_criteria": [EXACT, {**EXACT, "operation": "like"}]})
    assert dump(grader)["testing_criteria"][1] == {**EXACT, "operation": "like"}
    assert load(dump(grader)) == grader


def test_an_eval_as_served_may_hold_hidden_fields() -> None:
    served = {
        "object": "eval",
        "testing_criteria": [
            {**LABEL, "id": "tone-1f3a", "sampling_params": None, "hidden": {"a": 1}},
            {**EXACT, "id": "exact-77", "pass_threshold": None, "trace": []},
        ],
    }
    grader, problems = check(served)
    assert not problems
    assert grader == load({"testing_criteria": [LABEL, EXACT]})
    assert [p.path for p in errors({**served, "object": "list"})] == [
        "$.testing_criteria[0].hidden",
        "$.testing_criteria[1].trace",
    ]


def test_objects_of_the_openai_package_are_loaded() -> None:
    theirs = openai_graders.StringCheckGrader(**EXACT)
    assert load(theirs) == load(EXACT)
    assert load({**MULTI, "graders": {"exact": theirs, "similar": SIMILAR}}) == load(MULTI)


def test_graders_made_in_python_may_stand_in_a_dict() -> None:
    mixed = {**MULTI, "graders": {"exact": load(EXACT), "similar": SIMILAR}}
    assert load(mixed) == load(MULTI)


def test_dump_takes_graders_only() -> None:
    with pytest.raises(UsageError, match="load it first"):
        dump(EXACT)  # type: ignore[arg-type]


# --- names ---------------------------------------------------------------------------------------


def test_a_missing_name_comes_from_the_content_and_is_a_warning() -> None:
    nameless = {k: v for k, v in EXACT.items() if k != "name"}
    grader = load(nameless)
    assert (
        grader.name == load({**nameless, "name": None}).name == load({**nameless, "name": ""}).name
    )
    assert dump(grader) == {**nameless, "name": grader.name}
    assert warnings(nameless) == {"$.name": f"missing; using {grader.name} (from the content)"}
    assert load({**nameless, "operation": "ne"}).name != grader.name
    assert load(dict(reversed(nameless.items()))).name == grader.name


def test_a_name_is_made_of_the_canonical_json() -> None:
    import hashlib

    nameless = {k: v for k, v in EXACT.items() if k != "name"}
    text = json.dumps(nameless, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    number = int(hashlib.sha256(text.encode()).hexdigest(), 16)
    digits = string.digits + string.ascii_lowercase
    low_to_high = [digits[number // 36**i % 36] for i in range(12)]
    assert load(nameless).name == "grader-" + "".join(reversed(low_to_high))


def test_inside_a_multi_the_key_is_the_name_without_a_warning() -> None:
    nameless = {k: v for k, v in EXACT.items() if k != "name"}
    config = {**MULTI, "graders": {"exact": nameless, "similar": {**SIMILAR, "name": None}}}
    grader = load(config)
    assert isinstance(grader, Multi)
    assert [child.name for child in grader.graders.values()] == ["exact", "similar"]
    assert not warnings(config)


# --- what is tolerated ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("config", "extra", "path", "words", "dumped"),
    [
        (EXACT, {"id": "x-1"}, "$.id", "dropped", {}),
        (EXACT, {"pass_threshold": 1}, "$.pass_threshold", "kept", {"pass_threshold": 1}),
        (LABEL, {"pass_threshold": 0.5}, "$.pass_threshold", "kept", {"pass_threshold": 0.5}),
        (MULTI, {"pass_threshold": 0.5}, "$.pass_threshold", "kept", {"pass_threshold": 0.5}),
        (MULTI, {"invalid_grade": 0.0}, "$.invalid_grade", "kept", {"invalid_grade": 0.0}),
        (JUDGE, {"sampling_params": None}, "$.sampling_params", "null; dropped", {}),
        (LABEL, {"sampling_params": None}, "$.sampling_params", "null; dropped", {}),
        (
            LABEL,
            {"sampling_params": {"seed": 1}},
            "$.sampling_params",
            "kept, and sent to the judge",
            {"sampling_params": {"seed": 1}},
        ),
        (
            JUDGE,
            {"sampling_parameters": {"seed": 1}},
            "$.sampling_parameters",
            "read as sampling_params",
            {"sampling_params": {"seed": 1}},
        ),
        (
            JUDGE,
            {"sampling_params": {"max_tokens": 9}},
            "$.sampling_params.max_tokens",
            "read as max_completions_tokens",
            {"sampling_params": {"max_completions_tokens": 9}},
        ),
        (
            JUDGE,
            {"sampling_parameters": {"max_completion_tokens": 9}},
            "$.sampling_parameters.max_completion_tokens",
            "read as max_completions_tokens",
            {"sampling_params": {"max_completions_tokens": 9}},
        ),
        (EXACT, {"operation": "neq"}, "$.operation", '"neq" is read as "ne"', {"operation": "ne"}),
    ],
)
def test_a_tolerated_field_is_a_warning_and_normalised(
    config: dict[str, Any], extra: dict[str, Any], path: str, words: str, dumped: dict[str, Any]
) -> None:
    assert words in warnings({**config, **extra})[path]
    grader = load({**config, **extra})
    assert dump(grader) == {**config, **dumped}
    assert load(dump(grader)) == grader


def test_every_tolerated_field_is_tried_above() -> None:
    tried = {"id", "pass_threshold", "invalid_grade", "sampling_params", "sampling_parameters"}
    assert TOLERATED.keys() == tried


@pytest.mark.parametrize(
    ("config", "extra"),
    [
        (SIMILAR, {"pass_threshold": 0.5}),
        (JUDGE, {"pass_threshold": 0.5}),
        (PYTHON, {"pass_threshold": 0.5}),
        (PYTHON, {"image_tag": None}),
        (JUDGE, {"range": None, "pass_threshold": None}),
        (ENDPOINT, {"headers": None, "rate_limit": None}),
    ],
)
def test_fields_of_the_schema_and_null_options_need_no_warning(
    config: dict[str, Any], extra: dict[str, Any]
) -> None:
    assert not warnings({**config, **extra})
    given_fields = {k: v for k, v in {**config, **extra}.items() if v is not None}
    assert dump(load({**config, **extra})) == given_fields


@pytest.mark.parametrize(
    ("config", "path"),
    [
        ({**EXACT, "invalid_grade": 0}, "$.invalid_grade"),
        ({**EXACT, "sampling_params": None}, "$.sampling_params"),
        ({**PYTHON, "sampling_parameters": {}}, "$.sampling_parameters"),
        ({**JUDGE, "max_tokens": 3}, "$.max_tokens"),
        ({**JUDGE, "sampling_params": {"id": 3}}, "$.sampling_params.id"),
        (
            {**JUDGE, "sampling_params": {"max_tokens": 1, "max_completions_tokens": 2}},
            "$.sampling_params.max_tokens",
        ),
        (
            {**JUDGE, "sampling_params": {"max_tokens": 1, "max_completion_tokens": 2}},
            "$.sampling_params.max_completion_tokens",
        ),
        (
            {**JUDGE, "sampling_params": {}, "sampling_parameters": {}},
            "$.sampling_parameters",
        ),
    ],
)
def test_what_the_table_does_not_name_is_refused(config: dict[str, Any], path: str) -> None:
    assert [p.path for p in errors(config)] == [path]


def test_load_logs_every_warning(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="graders"):
        load({**EXACT, "operation": "neq", "id": "x"})
    assert [(r.name, r.levelname, r.getMessage()) for r in caplog.records] == [
        ("graders", "WARNING", "grader: $.id: not part of a grader; dropped"),
        ("graders", "WARNING", 'grader: $.operation: "neq" is read as "ne"'),
    ]


@pytest.mark.parametrize(
    ("variable", "meant"),
    [("output", "output_text"), ("tool_calls", "output_tools"), ("json.a", "output_json")],
)
def test_a_variable_that_no_text_sample_has_is_a_warning(variable: str, meant: str) -> None:
    config = {**EXACT, "input": f"{{{{sample.{variable}}}}}"}
    (problem,) = check(config)[1]
    assert (problem.severity, problem.path) == ("warning", "$.input")
    assert problem.fix == f"write {{{{sample.{meant}}}}}"
    assert not warnings({**EXACT, "input": f"{{{{item.{variable}}}}}"})


# --- sources that cannot be read -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.json", b"", "is empty"),
        ("blank.json", b"\xef\xbb\xbf \r\n", "is empty"),
        ("utf16.json", '{"a": 1}'.encode("utf-16"), "is UTF-16, not JSON text"),
        ("g.json.gz", b"\x1f\x8b\x08\x00\xff", "is a gzip file, not JSON text"),
        ("junk.json", b'{"a": "\xff"}', "byte 8 is 0xff"),
        ("half.json", b'{"a": "\xc3', "is not UTF-8"),
        ("nul.json", b"\0\0\0", "not JSON at column 1"),
        ("text.json", b"def grade(): pass", "not JSON at column 1, before def grade(): pass"),
        ("list.json", b"[1]", "expected an object: one grader, an eval or a job"),
        ("number.json", b"42", "42 is a number"),
        ("string.json", b'"{}"', '"{}" is text'),
        ("null.json", b"null", "null"),
    ],
)
def test_a_file_that_holds_no_grader_is_refused_in_words(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert words in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_missing_file_suggests_its_neighbour(tmp_path: Path) -> None:
    (tmp_path / "grader.json").write_text("{}")
    with pytest.raises(ConfigError, match="no such file") as caught:
        load(tmp_path / "graders.json")
    assert f"did you mean {tmp_path / 'grader.json'}" in str(caught.value)
    with pytest.raises(ConfigError, match="does not exist"):
        load(tmp_path / "nowhere" / "grader.json")


def test_a_folder_lists_its_files(tmp_path: Path) -> None:
    (tmp_path / "eval.json").write_text("{}")
    with pytest.raises(ConfigError, match="is a folder") as caught:
        load(str(tmp_path))
    assert str(tmp_path / "eval.json") in str(caught.value)


@pytest.mark.parametrize(
    ("x", "words"),
    [
        ("", "an empty text"),
        ("  \n ", "an empty text"),
        ("hello\nworld", "text that does not start with { or ["),
        ("a\0b.json", "cannot be read"),
        ("x" * 5000, "cannot be read"),
        (b"{}", "text.decode()"),
        (None, "None cannot be loaded"),
        (3, "a number cannot be loaded"),
        (True, "true or false cannot be loaded"),
        (StringCheck, "cannot be loaded"),
        ([EXACT], '{"testing_criteria": […]} grades with several'),
        ("[]", "a list"),
        ({}, "$.type"),
    ],
)
def test_other_things_are_refused_with_what_is_accepted(x: object, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(x)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("x", "path"),
    [
        ({"method": {"type": "supervised"}}, "$.method"),
        ({"method": "dpo"}, "$.method"),
        ({"method": {"reinforcement": {}}}, "$.method.reinforcement"),
        ({"grader": 3}, "$.grader"),
        ({"testing_criteria": []}, "$.testing_criteria"),
        ({"testing_criteria": EXACT}, "$.testing_criteria"),
        ({"testing_criteria": [3]}, "$.testing_criteria[0]"),
    ],
)
def test_a_wrapper_without_a_grader_is_refused_at_its_place(x: object, path: str) -> None:
    assert [p.path for p in errors(x)] == [path]


def test_read_raises_and_check_does_not(tmp_path: Path) -> None:
    absent = tmp_path / "absent.json"
    with pytest.raises(ConfigError):
        read(absent)
    grader, problems = check(absent)
    assert grader is None
    assert problems[0].message == "no such file"
    path = tmp_path / "grader.json"
    path.write_text(json.dumps(EXACT))
    assert check(read(path))[0] == load(EXACT)
    assert check(load(EXACT)) == (load(EXACT), [])


# --- limits --------------------------------------------------------------------------------------


def nested(depth: int) -> dict[str, Any]:
    value: Any = "x"
    for _ in range(depth - 1):
        value = [value]
    return {"deep": value}


def test_depth_is_limited_from_both_sides() -> None:
    assert [p.path for p in errors(nested(100))] == ["$.type"]
    for x in (nested(101), json.dumps(nested(101))):
        assert "nested more than 100 levels deep" in errors(x)[0].message


@pytest.mark.parametrize(
    "x", ["[" * 200_000, '{"a":' * 200_000, "[" * 500 + "]" * 500, "[" * 9999 + "]" * 99999]
)
def test_hostile_nesting_is_refused_without_a_crash(x: str) -> None:
    assert "nested" in errors(x)[0].message


def test_a_dict_that_holds_itself_is_refused() -> None:
    config: dict[str, Any] = dict(EXACT)
    config["graders"] = config
    assert "nested more than 100 levels" in errors(config)[0].message


def test_a_dict_that_holds_one_part_exponentially_often_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GRADERS_LIMIT_GRADER_FILE_BYTES", "80000")
    part: list[Any] = []
    for _ in range(60):
        part = [part, part]
    assert "more values than a grader may hold" in errors({"a": part})[0].message


def test_the_size_of_a_file_is_limited_from_both_sides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = json.dumps(EXACT)
    path = tmp_path / "grader.json"
    path.write_text(text)
    monkeypatch.setenv("GRADERS_LIMIT_GRADER_FILE_BYTES", str(len(text)))
    assert load(path) == load(text)
    path.write_text(text + " ")
    for x in (path, text + " "):
        with pytest.raises(ConfigError, match=f"larger than {len(text)} bytes"):
            load(x)


def test_a_file_of_the_default_limit_is_read(tmp_path: Path) -> None:
    path = tmp_path / "grader.json"
    text = json.dumps(EXACT)
    path.write_text(text + " " * ((16 << 20) - len(text)))
    assert load(path) == load(EXACT)
    path.write_text(text + " " * ((16 << 20) - len(text) + 1))
    with pytest.raises(ConfigError, match="16,777,216 bytes"):
        load(path)


def test_sub_graders_are_limited_from_both_sides() -> None:
    many = {f"g{i}": {**EXACT, "name": f"g{i}"} for i in range(1001)}
    config = {**MULTI, "graders": many, "calculate_output": "g0"}
    (problem,) = errors(config)
    assert (problem.path, problem.message) == ("$.graders", "1,001 graders")
    assert "GRADERS_LIMIT_SUB_GRADERS" in problem.fix
    del many["g1000"]
    assert isinstance(load(config), Multi)


def test_criteria_are_limited_from_both_sides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADERS_LIMIT_SUB_GRADERS", "2")
    assert isinstance(load({"testing_criteria": [EXACT, SIMILAR]}), Criteria)
    assert errors({"testing_criteria": [EXACT, SIMILAR, LABEL]})[0].message == "3 graders"


def test_labels_are_limited_from_both_sides() -> None:
    labels = [f"label {i}" for i in range(1001)]
    assert [p.path for p in errors({**LABEL, "labels": labels, "passing_labels": labels[:1]})] == [
        "$.labels"
    ]
    fewer = {**LABEL, "labels": labels[:1000], "passing_labels": labels[:1]}
    assert dump(load(fewer)) == fewer


def test_of_very_many_faults_a_thousand_are_told_and_the_others_counted() -> None:
    some, many = ({**JUDGE, "input": list(range(n))} for n in (1000, 3000))
    assert len(errors(json.dumps(some))) == 1000
    told = errors(json.dumps(many))
    assert len(told) == 1001
    assert told[-1].message == "2,000 more problems"


# --- hypothesis ----------------------------------------------------------------------------------

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["string_check", "multi", "{{item.a}}", "{{item", "eq", "a + b", "user"])
)
FIELDS = st.sampled_from(
    [
        *sorted({field for cls in TYPES.values() for field in cls.model_fields}),
        *("testing_criteria", "method", "reinforcement", "grader", "role", "content", "object"),
    ]
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(FIELDS | st.text(max_size=5), inner, max_size=5)
    ),
    max_leaves=20,
)


@given(VALUES)
def test_random_json_gives_a_grader_or_a_config_error(value: Any) -> None:
    for x in (value, json.dumps(value)):
        if isinstance(x, str) and not x.strip().startswith(("{", "[")):
            continue  # a path
        try:
            assert isinstance(load(x), Grader)
        except ConfigError as error:
            assert_complete(error)


@given(st.sampled_from(ALL), st.data())
def test_a_damaged_grader_gives_a_grader_or_a_config_error(
    config: dict[str, Any], data: st.DataObject
) -> None:
    damaged = json.loads(json.dumps(config))
    for _ in range(data.draw(st.integers(1, 3))):
        place = damaged
        while inner := [v for v in values_of(place) if isinstance(v, dict | list) and v]:
            if data.draw(st.booleans()):
                break
            place = data.draw(st.sampled_from(inner))
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys)) if keys else None
        if key is not None and data.draw(st.booleans()):
            del place[key]
        elif isinstance(place, dict):
            place[data.draw(FIELDS)] = data.draw(VALUES)
        else:
            place.append(data.draw(VALUES))
    try:
        grader = load(damaged)
    except ConfigError as error:
        assert_complete(error)
    else:
        assert load(dump(grader)) == grader
        assert hash(load(dump(grader))) == hash(grader)


def values_of(place: Any) -> list[Any]:
    return list(place.values()) if isinstance(place, dict) else list(place)


@given(st.text(alphabet='{}[]",: \n\\atrueflsn0123.e-"', max_size=60))
def test_random_text_gives_a_grader_or_a_config_error(text: str) -> None:
    try:
        load("{" + text)
    except ConfigError as error:
        assert_complete(error)


def assert_complete(error: ConfigError) -> None:
    text = str(error)
    assert any(p.severity == "error" for p in error.problems)
    for problem in error.problems:
        assert problem.path in text
        assert problem.path.startswith("$")
        assert problem.message in text
    assert pickle.loads(pickle.dumps(error)).problems == error.problems


@given(st.dictionaries(st.text(max_size=8), SCALARS, max_size=4))
def test_a_grader_that_loads_round_trips_whatever_its_texts(values: dict[str, Any]) -> None:
    texts = [json.dumps(v, default=str) for v in values.values()] + ["", ""]
    config = {
        **EXACT,
        "input": texts[0].replace("{{", "{ "),
        "reference": texts[1].replace("{{", "{ "),
    }
    grader = load(json.dumps(config))
    assert dump(grader) == config
    assert load(dump(grader)) == grader
