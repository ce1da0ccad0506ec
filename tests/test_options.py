from __future__ import annotations

import pickle
import subprocess
from collections.abc import Callable
from dataclasses import FrozenInstanceError

import pytest

from graders.errors import ConfigError
from graders.options import SIGNATURE_NAMES, Options, types


def test_defaults_are_those_of_the_contract() -> None:
    assert Options().to_dict() == {
        "fuzzy": "WRatio",
        "fuzzy_max_chars": 8192,
        "bleu_smoothing": "method1",
        "rouge_tokens": "ascii",
        "rouge_stem": False,
        "failed_child": "error",
        "clamp": True,
    }


@pytest.mark.parametrize(
    ("setting", "name", "value"),
    [
        ("rouge_tokens=unicode", "rouge_tokens", "unicode"),
        (" fuzzy = ratio ", "fuzzy", "ratio"),
        ("rouge_stem=true", "rouge_stem", True),
        ("rouge_stem=YES", "rouge_stem", True),
        ("clamp=no", "clamp", False),
        ("fuzzy_max_chars=100", "fuzzy_max_chars", 100),
        ("bleu_smoothing=none", "bleu_smoothing", "none"),
        ("failed_child=zero", "failed_child", "zero"),
    ],
)
def test_a_text_setting_is_read_in_the_type_of_its_option(
    setting: str, name: str, value: object
) -> None:
    read = getattr(Options.parse([setting]), name)
    assert read == value
    assert type(read) is type(value)


def test_of_a_setting_given_twice_the_last_counts() -> None:
    assert Options.parse(["fuzzy=ratio", "fuzzy=QRatio"]).fuzzy == "QRatio"


def test_settings_go_on_top_of_a_base() -> None:
    base = Options(rouge_tokens="unicode", clamp=False)
    assert Options.parse(["clamp=true"], base) == Options(rouge_tokens="unicode")


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("fuzy=ratio", 'unknown option "fuzy"'),
        ("fuzy=ratio", 'did you mean "fuzzy"'),
        ("rouge-tokens=unicode", 'did you mean "rouge_tokens"'),
        ("fuzzy=wratio", 'unknown fuzzy "wratio"'),
        ("fuzzy=wratio", 'did you mean "WRatio"'),
        ("rouge_tokens=utf8", "expected ascii, unicode"),
        ("clamp=maybe", '"maybe" is not true or false'),
        ("clamp=1", '"1" is not true or false'),
        ("fuzzy_max_chars=0", "0 is not a positive whole number"),
        ("fuzzy_max_chars=-5", '"-5" is not a positive whole number'),
        ("fuzzy_max_chars=1e3", "is not a positive whole number"),
        ("fuzzy_max_chars=٣", "is not a positive whole number"),
        ("fuzzy_max_chars=" + "9" * 5000, "is not a positive whole number"),
        ("clamp", "expected clamp=…"),
        ("nonsense", "expected name=value"),
        ("", "expected name=value"),
        ("=3", 'unknown option ""'),
        ('a b"=3', '$["a b\\""]'),
    ],
)
def test_a_wrong_setting_is_refused_with_what_to_write(setting: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Options.parse([setting])
    assert words in str(caught.value)


def test_all_wrong_settings_are_reported_together() -> None:
    with pytest.raises(ConfigError) as caught:
        Options.parse(["fuzy=ratio", "clamp=maybe", "rouge_stem=true", "rouge_tokens"])
    assert str(caught.value) == (
        "options: 3 errors. Nothing was run.\n"
        '  $   "rouge_tokens" has no value   expected rouge_tokens=…\n'
        '  $.fuzy   unknown option "fuzy"   expected fuzzy, fuzzy_max_chars, bleu_smoothing,'
        " rouge_tokens, rouge_stem, failed_child, clamp\n"
        '    fix    did you mean "fuzzy"\n'
        '  $.clamp   "maybe" is not true or false'
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"fuzzy": "nothing like it"},
        {"fuzzy": 3},
        {"fuzzy": None},
        {"fuzzy": ["ratio"]},
        {"fuzzy_max_chars": True},
        {"fuzzy_max_chars": "8192"},
        {"fuzzy_max_chars": 8192.0},
        {"rouge_stem": 0},
        {"clamp": "yes"},
    ],
)
def test_values_from_python_and_toml_are_not_coerced(wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        Options.of(wrong)
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        Options(**wrong)  # type: ignore[arg-type]


def test_replace_changes_only_what_it_names_and_checks_it() -> None:
    options = Options(rouge_stem=True)
    assert options.replace(clamp=False) == Options(rouge_stem=True, clamp=False)
    with pytest.raises(ConfigError, match="rouge_stem"):
        options.replace(rouge_stemm=True)


def test_options_are_frozen_hashable_and_pickle() -> None:
    options = Options(rouge_tokens="unicode")
    assert pickle.loads(pickle.dumps(options)) == options
    assert hash(options) == hash(Options(rouge_tokens="unicode"))
    with pytest.raises(FrozenInstanceError):
        options.clamp = False  # type: ignore[misc]


def test_every_option_has_a_name_in_signatures() -> None:
    assert SIGNATURE_NAMES.keys() == types().keys()
    assert len(set(SIGNATURE_NAMES.values())) == len(SIGNATURE_NAMES)
    options = Options(rouge_tokens="unicode")
    assert options.signature("rouge_tokens", "rouge_stem") == "tok:unicode|stem:no"
    assert options.signature("clamp", "fuzzy_max_chars") == "clamp:yes|max:8192"


def test_importing_options_and_settings_loads_no_heavy_library(
    fresh_python: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    done = fresh_python(
        "import sys, graders.options, graders.settings, graders.retired\n"
        "heavy = {'numpy', 'numba', 'pydantic', 'openai', 'jinja2', 'rapidfuzz'}\n"
        "print(heavy & set(sys.modules))"
    )
    assert done.stdout.strip() == "set()"
