from __future__ import annotations

import pickle
from datetime import date
from pathlib import Path

import pytest

from graders.errors import ConfigError
from graders.options import Options
from graders.retired import RETIRED, retirement, shutdown
from graders.settings import ModelSettings, Price, Settings, load_settings, matches
from graders.settings_checks import line_of

CONTRACT_EXAMPLE = """\
[judges."gpt-4o-*"]              # the name in the grader JSON; longest match wins
base_url = "http://127.0.0.1:8000/v1"
model = "qwen3-32b"
api_key_env = "JUDGE_API_KEY"    # must match *_API_KEY or *_API_TOKEN
max_tokens = 16384
drop = ["reasoning_effort", "seed"]
rpm = 600
tpm = 200000
concurrency = 32
price = { input = 0.10, output = 0.40 }   # per million tokens
[embeddings]                     # same keys
model = "nomic-embed"
[sandbox]
tier = "landlock"
[options]
rouge_tokens = "unicode"
[run]
deadline = 60
"""


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("GRADE_SANDBOX", raising=False)
    monkeypatch.chdir(tmp_path)


def write(text: str | bytes, name: str = "grade.toml") -> Path:
    path = Path(name)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refused(text: str | bytes) -> str:
    with pytest.raises(ConfigError) as caught:
        load_settings(write(text))
    return str(caught.value)


def test_the_example_of_the_contract_is_read_whole() -> None:
    path = write(CONTRACT_EXAMPLE)
    settings = load_settings(path)
    assert settings.judges == {
        "gpt-4o-*": ModelSettings(
            base_url="http://127.0.0.1:8000/v1",
            model="qwen3-32b",
            api_key_env="JUDGE_API_KEY",
            max_tokens=16384,
            drop=("reasoning_effort", "seed"),
            rpm=600,
            tpm=200000,
            concurrency=32,
            price=Price(input=0.10, output=0.40),
        )
    }
    assert settings.embeddings == ModelSettings(model="nomic-embed")
    assert settings.sandbox == "landlock"
    assert settings.options == Options(rouge_tokens="unicode")
    assert settings.deadline == 60.0
    assert settings.path == path


def test_without_a_file_everything_is_by_default() -> None:
    assert load_settings() == Settings()
    assert Settings().sandbox == "auto"
    assert Settings().options == Options()


def test_the_working_directory_counts_and_its_parents_do_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("[run]\ndeadline = 5\n")
    assert load_settings().deadline == 5.0
    below = tmp_path / "below"
    below.mkdir()
    monkeypatch.chdir(below)
    assert load_settings() == Settings()


def test_a_named_file_replaces_the_one_of_the_working_directory() -> None:
    write("[run]\ndeadline = 5\n")
    other = write("[sandbox]\ntier = 'bwrap'\n", "other.toml")
    settings = load_settings(other)
    assert (settings.sandbox, settings.deadline) == ("bwrap", None)


def test_the_longest_pattern_wins_and_a_plain_name_beats_all() -> None:
    settings = load_settings(
        write(
            '[judges."*"]\nmodel = "any"\n[judges."gpt-*"]\nmodel = "gpt"\n'
            '[judges."gpt-4o-*"]\nmodel = "4o"\n[judges."gpt-4o-m"]\nmodel = "exact"\n'
        )
    )
    found = {name: settings.judge(name) for name in ("o3", "gpt-5", "gpt-4o-x", "gpt-4o-m")}
    assert {name: judge.model for name, judge in found.items() if judge} == {
        "o3": "any",
        "gpt-5": "gpt",
        "gpt-4o-x": "4o",
        "gpt-4o-m": "exact",
    }
    assert Settings().judge("o3") is None


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("gpt-4.1", "gpt-4.1", True),
        ("gpt-4.1", "gpt-4x1", False),
        ("gpt-4?", "gpt-4o", False),
        ("[g]pt", "gpt", False),
        ("*-mini", "o4-mini", True),
        ("*-mini", "o4-mini-2025", False),
        ("o*i", "oi", True),
        ("O3", "o3", False),
        ("*", "", True),
    ],
)
def test_only_the_star_is_special_in_a_pattern(pattern: str, name: str, expected: bool) -> None:
    assert matches(pattern, name) is expected


def test_the_environment_beats_the_file_for_the_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("[sandbox]\ntier = 'bwrap'\n")
    monkeypatch.setenv("GRADE_SANDBOX", "unsafe_local")
    settings = load_settings(path)
    assert settings.sandbox == "unsafe_local"
    assert settings.sources["sandbox.tier"] == "GRADE_SANDBOX"
    monkeypatch.setenv("GRADE_SANDBOX", "docker")
    with pytest.raises(ConfigError, match='GRADE_SANDBOX   "docker" is not'):
        load_settings(path)


def test_sources_name_every_setting_that_the_file_makes() -> None:
    sources = load_settings(write(CONTRACT_EXAMPLE)).sources
    assert set(sources.values()) == {"grade.toml"}
    assert {"judges.gpt-4o-*.base_url", "sandbox.tier", "options.rouge_tokens"} <= sources.keys()
    assert {"run.deadline", "embeddings.model"} <= sources.keys()


def test_everything_wrong_is_reported_at_once_with_its_line() -> None:
    message = refused(
        '[judges."gpt-4o-*"]\n'
        'base_url = "127.0.0.1:8000"\n'
        'modl = "qwen"\n'
        'api_key_env = "sk-a-real-secret"\n'
        "rpm = -1\n"
        "[judge.x]\n"
        "[sandbox]\n"
        'tier = "docker"\n'
        "[options]\n"
        'rouge_token = "unicode"\n'
        "[run]\n"
        'deadline = "60"\n'
    )
    assert message == (
        "grade.toml: 8 errors. Nothing was run.\n"
        '  line 2   $.judges["gpt-4o-*"].base_url   this text is not an http or https URL without'
        " user name and password\n"
        '    fix    base_url = "http://127.0.0.1:8000/v1"\n'
        '  line 3   $.judges["gpt-4o-*"].modl   unknown key "modl"   expected base_url, model,'
        " api_key_env, max_tokens, drop, rpm, tpm, concurrency, price\n"
        '    fix    did you mean "model"\n'
        '  line 4   $.judges["gpt-4o-*"].api_key_env   this text is not the name of an environment'
        " variable *_API_KEY or *_API_TOKEN\n"
        '    fix    api_key_env = "JUDGE_API_KEY"\n'
        '  line 5   $.judges["gpt-4o-*"].rpm   -1 is not a positive number of requests a minute\n'
        "    fix    rpm = 600\n"
        '  line 6   $.judge   unknown section "judge"   expected judges, embeddings, sandbox,'
        " options, run\n"
        '    fix    did you mean "judges"\n'
        '  line 8   $.sandbox.tier   "docker" is not auto, bwrap, landlock or unsafe_local\n'
        '    fix    tier = "auto"\n'
        '  line 10  $.options.rouge_token   unknown option "rouge_token"   expected fuzzy,'
        " fuzzy_max_chars, bleu_smoothing, rouge_tokens, rouge_stem, failed_child, clamp\n"
        '    fix    did you mean "rouge_tokens"\n'
        '  line 12  $.run.deadline   "60" is not a positive number of seconds\n'
        "    fix    deadline = 60"
    )


@pytest.mark.parametrize(
    "line",
    [
        'api_key = "sk-secret"',
        'key = "sk-secret"',
        'api_key_env = "sk-secret"',
        'base_url = "https://user:sk-secret@host/v1"',
        'base_url = "ftp://sk-secret"',
        'max_tokens = "sk-secret"',
        'rpm = "sk-secret"',
        'concurrency = ["sk-secret"]',
        'drop = "sk-secret"',
        'drop = ["sk-secret", 1]',
        'model = ["sk-secret"]',
        'price = "sk-secret"',
        'price = { input = "sk-secret" }',
    ],
)
def test_a_secret_in_the_file_is_not_repeated_in_the_message(line: str) -> None:
    for section in ("judges.a", "embeddings"):
        assert "sk-secret" not in refused(f"[{section}]\n{line}\n")


@pytest.mark.parametrize("secret", ["sk-secret", "my sk-secret", "AbCdEfGhIjKlMnOpQrStUvWx"])
@pytest.mark.parametrize(
    "line",
    [
        "[sandbox]\ntier",
        "[run]\ndeadline",
        "[options]\nrouge_tokens",
        "[options]\nfuzzy_max_chars",
        "[options]\nclamp",
    ],
)
def test_what_looks_like_a_secret_is_not_repeated_anywhere(line: str, secret: str) -> None:
    assert secret[-6:] not in refused(f'{line} = "{secret}"\n')
    assert secret[-6:] not in refused(f'{line} = ["{secret}"]\n')


def test_a_secret_in_the_environment_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADE_SANDBOX", "sk-secret")
    with pytest.raises(ConfigError, match="this text is not auto, bwrap") as caught:
        load_settings()
    assert str(caught.value).startswith("environment: 1 error")


def test_an_api_key_in_the_file_is_answered_with_the_variable_to_name() -> None:
    assert 'api_key_env = "JUDGE_API_KEY"' in refused('[judges.a]\napi_key = "sk-1"\n')


@pytest.mark.parametrize("name", ["JUDGE_API_KEY", "OPENAI_API_KEY", "my_API_TOKEN", "A1_API_KEY"])
def test_variables_that_name_a_key_are_accepted(name: str) -> None:
    settings = load_settings(write(f'[judges.a]\napi_key_env = "{name}"\n'))
    assert settings.judges["a"].api_key_env == name


@pytest.mark.parametrize(
    "name",
    ["HOME", "API_KEY", "AWS_SECRET_ACCESS_KEY", "X_API_KEY\\n", "X_API_KEY2", "Ä_API_KEY", ""],
)
def test_other_variables_are_refused(name: str) -> None:
    assert "*_API_KEY or *_API_TOKEN" in refused(f'[judges.a]\napi_key_env = "{name}"\n')


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("max_tokens = 0", "0 is not a positive whole number"),
        ("max_tokens = true", "true is not a positive whole number"),
        ("max_tokens = 1.5", "1.5 is not a positive whole number"),
        ("concurrency = 99999999999999999999", "is not a positive whole number"),
        ("rpm = inf", "is not a positive number of requests a minute"),
        ("tpm = nan", "is not a positive number of tokens a minute"),
        ('drop = "seed"', "this text is not a list of parameter names"),
        ("drop = [1]", "this list is not a list of parameter names"),
        ("price = 3", "is not dollars for a million tokens"),
        ("price = { inputs = 1 }", "is not dollars for a million tokens"),
        ("price = { input = -1 }", "is not dollars for a million tokens"),
        ('model = " "', "is not the name of a model"),
        ("base_url = 3", "not an http or https URL"),
        ('base_url = "http://[::1"', "not an http or https URL"),
        ('base_url = "http://h:99999/"', "not an http or https URL"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(line: str, words: str) -> None:
    message = refused(f"[judges.a]\n{line}\n")
    assert words in message
    assert "line 2 " in message


def test_price_zero_and_a_partial_price_are_accepted() -> None:
    settings = load_settings(write("[judges.a]\nprice = { input = 0 }\n"))
    assert settings.judges["a"].price == Price(input=0.0, output=0.0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[a\nb=1", "line 1   $   not TOML at column 3"),
        ("a = \n", "line 1   $   not TOML"),
        ("judges = 3\n", "$.judges"),
        ("[run]\ndeadline = 1\ndeadline = 2\n", "not TOML"),
        ("options = []\n", "expected [options]"),
        (b"\xff\xfe[\x00r\x00", "not UTF-8 text"),
        (b"[run]\n#" + b"x" * (1 << 20), "larger than"),
        ("x = " + "[" * 5000, "not TOML"),
    ],
)
def test_a_file_that_is_no_toml_is_refused_in_words(text: str | bytes, words: str) -> None:
    assert words in refused(text)


def test_a_byte_order_mark_is_dropped() -> None:
    assert load_settings(write(b"\xef\xbb\xbf[run]\ndeadline = 2.5\n")).deadline == 2.5


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("judges", "a.b", "rpm"), 3),
        (("judges", "a.b", "tpm"), 2),
        (("judges", "a.b"), 2),
        (("judges",), 2),
        (("run", "deadline"), 6),
        (("price", "input"), 1),
        (("absent",), None),
    ],
)
def test_a_key_is_found_on_its_line_else_on_that_of_its_table(
    path: tuple[str, ...], line: int | None
) -> None:
    text = 'price.input = 1\n[judges."a.b"] # mine\nrpm = 1\n[[x]]\n[run]\n"deadline" = 1\n[= ]\n'
    assert line_of(text, path) == line


@pytest.mark.parametrize(("path", "words"), [("absent.toml", "No such file"), (".", "directory")])
def test_a_named_file_that_cannot_be_read_is_an_error(path: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        load_settings(path)


def test_settings_pickle() -> None:
    settings = load_settings(write(CONTRACT_EXAMPLE))
    assert pickle.loads(pickle.dumps(settings)) == settings


@pytest.mark.parametrize(
    ("model", "day"),
    [
        ("o3-mini", date(2026, 10, 23)),
        ("o4-mini-2025-04-16", date(2026, 10, 23)),
        ("o3", date(2026, 12, 11)),
        ("gpt-4o-2024-08-06", date(2027, 1, 14)),
        ("gpt-audio", date(2027, 1, 20)),
        ("ft:gpt-4.1-mini:team::abc", date(2027, 1, 14)),
        ("ft:", None),
        ("qwen3-32b", None),
        ("", None),
    ],
)
def test_the_day_on_which_a_hosted_model_stops(model: str, day: date | None) -> None:
    assert shutdown(model) == day


def test_the_sentence_about_a_model_has_its_date() -> None:
    today = date(2026, 11, 22)
    assert retirement("o3-mini", today) == '"o3-mini" was shut down on 2026-10-23'
    assert retirement("gpt-4.1", today) == '"gpt-4.1" shuts down on 2027-01-14'
    assert retirement("gpt-4.1", date(2027, 1, 14)) == '"gpt-4.1" was shut down on 2027-01-14'
    assert retirement("mine") == ""


def test_a_retired_alias_stops_with_its_snapshot() -> None:
    snapshots = {name: day for name, day in RETIRED.items() if name[-10:-6].isdigit()}
    for name, day in snapshots.items():
        alias = name[:-11]
        assert RETIRED[alias] == day
