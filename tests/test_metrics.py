"""graders.similarity: what it takes, what it refuses, and the same bits for any threads."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from graders import metrics as module
from graders.errors import UsageError
from graders.metrics import chunks, similarity
from graders.options import Options
from graders.text.table import METRICS
from texts import PAIRS, words_pair

OURS, THEIRS = [a for a, _ in PAIRS], [b for _, b in PAIRS]


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_gives_one_number_a_pair(metric: str) -> None:
    found = similarity(metric, OURS, THEIRS)
    assert found.dtype == np.float64
    assert found.shape == (len(PAIRS),)


def test_equal_texts_are_1_and_different_ones_0() -> None:
    ours, theirs = ["a b c d e", "a b c d e"], ["a b c d e", "v w x y z"]
    for metric in METRICS:
        if metric != "fuzzy_match":
            expected = [pytest.approx(1, abs=0.01), 0.0]  # METEOR's penalty spares no text
            assert similarity(metric, ours, theirs).tolist() == expected, metric


@pytest.mark.parametrize(
    ("metric", "message"),
    [
        ("rougeL", r"unknown metric 'rougeL' \(did you mean 'rouge_l'\?\); known: rouge_1, "),
        ("blue", "did you mean 'bleu'"),
        ("nothing like it", "unknown metric 'nothing like it'; known"),
        ("cosine", "cosine compares embeddings"),
    ],
)
def test_an_unknown_metric_is_refused_with_the_nearest(metric: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        similarity(metric, ["a"], ["a"])


@pytest.mark.parametrize(
    ("ours", "theirs", "message"),
    [
        (["a"], ["a", "b"], "1 inputs but 2 references"),
        (["a", None], ["a", "b"], r"inputs\[1\] is NoneType; expected str"),
        (["a"], [b"a"], r"references\[0\] is bytes; expected str"),
        ("abc", ["a", "b", "c"], "inputs is one str; expected a list"),
    ],
)
def test_columns_that_make_no_sense_are_refused(ours: Any, theirs: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        similarity("bleu", ours, theirs)


@pytest.mark.parametrize("path", ["plain", "compiled"])
@pytest.mark.parametrize("value", [None, b"a", 1, ["a"]])
@pytest.mark.parametrize("metric", METRICS)
def test_a_value_that_is_no_str_is_named_by_every_metric(
    metric: str, value: Any, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADERS_KERNELS", path)
    with pytest.raises(UsageError, match=rf"references\[2\] is {type(value).__name__}"):
        similarity(metric, ["a"] * 4, ["a", "b", value, "a"])


def test_threads_below_one_are_refused() -> None:
    with pytest.raises(UsageError, match="threads is 0"):
        similarity("bleu", ["a"], ["a"], threads=0)


def test_columns_may_be_any_iterable_of_str() -> None:
    class Text(str):
        __slots__ = ()

    assert similarity("rouge_1", (t for t in "ab"), np.array(["a", "x"])).tolist() == [1.0, 0.0]
    assert similarity("rouge_1", [Text("a")], ("a",)).tolist() == [1.0]


def test_no_rows_give_an_empty_array() -> None:
    assert similarity("rouge_l", [], [], threads=2).shape == (0,)


@pytest.mark.parametrize("path", ["plain", "compiled"])
@pytest.mark.parametrize("metric", ["rouge_2", "rouge_l", "bleu", "gleu", "fuzzy_match"])
def test_threads_and_chunks_change_no_bit(
    metric: str, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADERS_KERNELS", path)
    monkeypatch.setattr(module, "PARALLEL_CHARACTERS", 1)
    monkeypatch.setattr(module, "SAMPLED_ROWS", 11)
    rows = [*PAIRS, *(words_pair(n, 9, n) for n in (1, 40, 7, 90, 3))]
    ours, theirs = [a for a, _ in rows], [b for _, b in rows]
    alone = similarity(metric, ours, theirs, threads=1)
    for threads in (2, 3, 16):
        assert similarity(metric, ours, theirs, threads=threads).tobytes() == alone.tobytes()


def test_chunks_hold_about_as_many_characters_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PARALLEL_CHARACTERS", 1)
    sizes = [1] * 100 + [1000] + [1] * 100
    ours = ["x" * n for n in sizes]
    cuts = chunks(ours, [""] * len(ours), 2)
    assert cuts[0] == 0
    assert cuts[-1] == len(ours)
    assert cuts == sorted(set(cuts))
    monkeypatch.setattr(module, "SAMPLED_ROWS", 30)
    sampled = chunks(ours, [""] * len(ours), 2)
    assert sampled[0] == 0
    assert sampled[-1] == len(ours)
    monkeypatch.setattr(module, "SAMPLED_ROWS", 80)
    even = chunks(["x" * 10] * 80, [""] * 80, 2)
    assert np.diff(even).tolist() == [10] * 8


def test_few_characters_stay_in_one_chunk() -> None:
    assert chunks(OURS, THEIRS, 8) == [0, len(OURS)]


def test_a_pair_that_is_too_large_is_nan() -> None:
    found = similarity(
        "fuzzy_match", ["a", "b"], ["a" * 20, "b"], options=Options(fuzzy_max_chars=9)
    )
    assert np.isnan(found).tolist() == [True, False]


def test_a_text_beyond_two_gigabytes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from graders.text import compiled

    monkeypatch.setenv("GRADERS_KERNELS", "compiled")
    monkeypatch.setattr(compiled, "TEXT_BYTES", 10)
    with pytest.raises(UsageError, match="more than 10 bytes"):
        similarity("bleu", ["a" * 11], ["a"])
