"""Words of any script: rouge_tokens="unicode"."""

from __future__ import annotations

import pytest

from graders.options import Options
from graders.text.similarities import similarities
from graders.text.words import unicode_words, words

UNICODE = Options(rouge_tokens="unicode")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("Hello, World! 42", ["hello", "world", "42"]),
        ("naïve CAFÉ", ["naïve", "café"]),
        ("cafe\u0301 x", ["cafe\u0301", "x"]),
        ("don't_stop", ["don", "t", "stop"]),
        ("Привет, мир", ["привет", "мир"]),
        ("안녕 세계", ["안녕", "세계"]),
        ("नमस्ते दुनिया", ["नमस्ते", "दुनिया"]),
        ("مرحبا بالعالم", ["مرحبا", "بالعالم"]),
        ("日本語です", list("日本語です")),
        ("GPT4は速い", ["gpt4", "は", "速", "い"]),
        ("カ\u3099ラス", ["カ\u3099", "ラ", "ス"]),
        ("ｶﾞ", ["ｶ", "ﾞ"]),
        ("ที่นี่", ["ที่", "นี่"]),
        ("ກິນ", ["ກິ", "ນ"]),
        ("ខ្មែរ", ["ខ្", "មែ", "រ"]),
        ("မြန်", ["မြ", "န်"]),
        ("\u212aelvin", ["kelvin"]),
        ("\u0301x", ["x"]),
        ("\U0001f600\U0001f44d\U0001f3fd \u2764\ufe0f", []),
        ("a\ud800b", ["a", "b"]),
        ("x² ½", ["x²", "½"]),
        ("𠮷野家", ["𠮷", "野", "家"]),
    ],
)
def test_words_of_every_script(text: str, expected: list[str]) -> None:
    assert unicode_words(text) == expected


@pytest.mark.parametrize("path", ["plain", "compiled"])
def test_scripts_that_the_reference_cannot_read_are_scored(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADERS_KERNELS", path)
    metrics = ["rouge_1", "rouge_2", "rouge_l"]
    ours = [
        "私は猫が好きです",
        "私は猫が好きです",
        "ฉันรักแมว",
        "\U0001f600",
        "日本",
        "",
        "plain words",
    ]
    theirs = [
        "私は猫が好きです",
        "私は犬が好きです",
        "ฉันรักแมว",
        "\U0001f600",
        "中国",
        "日",
        "Plain WORDS",
    ]
    found = similarities(metrics, ours, theirs, UNICODE)
    assert found["rouge_1"].tolist() == [1.0, 0.875, 1.0, 0.0, 0.0, 0.0, 1.0]
    assert found["rouge_2"].tolist() == pytest.approx([1.0, 5 / 7, 1.0, 0.0, 0.0, 0.0, 1.0])
    assert found["rouge_l"].tolist() == [1.0, 0.875, 1.0, 0.0, 0.0, 0.0, 1.0]
    assert similarities(["rouge_1"], ours, theirs, Options())["rouge_1"].tolist() == [
        *[0.0] * 6,
        1.0,
    ]


def test_words_of_three_letters_and_less_are_not_stemmed() -> None:
    stemming = Options(rouge_stem=True)
    assert words("his running goes was", "rouge", stemming) == ["his", "run", "goe", "was"]
    assert words("his running", "split", stemming) == ["his", "running"]
