"""Every path to a similarity gives the same bits, and the references' values."""

from __future__ import annotations

import json
import os
import random
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from numpy.typing import NDArray

import reference
from graders.options import Options
from graders.text import similarities as module
from graders.text.similarities import Stopped, similarities, slices
from graders.text.table import METRICS
from texts import PAIRS, pairs, words_pair

JIT_OFF = os.environ.get("NUMBA_DISABLE_JIT", "0") == "1"
ROUGE = ["rouge_1", "rouge_2", "rouge_3", "rouge_4", "rouge_5", "rouge_l"]
COUNTING = [*ROUGE, "bleu", "gleu"]
OPTIONS = (
    Options(),
    Options(rouge_tokens="unicode"),
    Options(rouge_stem=True),
    Options(rouge_tokens="unicode", rouge_stem=True),
    Options(bleu_smoothing="none"),
)

Values = dict[str, NDArray[np.float64]]


def values(
    path: str,
    rows: Sequence[tuple[str, str]],
    options: Options = OPTIONS[0],
    metrics: Sequence[str] = COUNTING,
) -> Values:
    """The values of all rows by one path: `plain` or `compiled`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADERS_KERNELS", path)
        return similarities(metrics, [a for a, _ in rows], [b for _, b in rows], options)


def assert_same_bits(one: Values, other: Values) -> None:
    for metric in one:
        assert one[metric].tobytes() == other[metric].tobytes(), metric


def naive(ours: str, theirs: str) -> dict[str, float]:
    one, other = reference.latin_words(ours), reference.latin_words(theirs)
    found = {
        f"rouge_{n}": reference.f_measure(
            reference.common_ngrams(one, other, n), len(one) - n + 1, len(other) - n + 1
        )
        for n in range(1, 6)
    }
    found["rouge_l"] = reference.f_measure(reference.lcs(one, other), len(one), len(other))
    one, other = reference.split_words(ours), reference.split_words(theirs)
    found["bleu"] = reference.bleu(one, other, smooth=True)
    found["gleu"] = reference.gleu(one, other)
    return found


# Plain, compiled, naive


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_plain_and_compiled_agree_to_the_bit_on_the_table(options: Options) -> None:
    assert_same_bits(values("plain", PAIRS, options), values("compiled", PAIRS, options))


@given(pairs())
@example(("x" * 40 + "a", "x" * 40 + "b"))
def test_plain_and_compiled_agree_to_the_bit(pair: tuple[str, str]) -> None:
    for options in OPTIONS:
        assert_same_bits(values("plain", [pair], options), values("compiled", [pair], options))


@pytest.mark.parametrize("path", ["plain", "compiled"])
def test_values_are_those_of_the_naive_twins_on_the_table(path: str) -> None:
    got = values(path, PAIRS)
    for i, pair in enumerate(PAIRS):
        for metric, value in naive(*pair).items():
            assert got[metric][i] == pytest.approx(value, abs=1e-12), (metric, pair)


@given(pairs())
def test_values_are_those_of_the_naive_twins(pair: tuple[str, str]) -> None:
    got = values("compiled", [pair])
    for metric, value in naive(*pair).items():
        assert got[metric][0] == pytest.approx(value, abs=1e-12), metric


@pytest.mark.skipif(JIT_OFF, reason="compares with the compiled kernels")
def test_kernels_run_by_python_give_the_same_bits(fresh_python: Any, tmp_path: Path) -> None:
    rows = [*PAIRS, *(words_pair(n, n, n) for n in (20, 70, 150))]
    code = """
import json, sys
from graders.options import Options
from graders.text.similarities import similarities
ours, theirs, metrics = json.load(open("rows.json"))
found = similarities(metrics, ours, theirs, Options())
print(json.dumps({metric: [v.hex() for v in found[metric].tolist()] for metric in found}))
"""
    ours, theirs = [a for a, _ in rows], [b for _, b in rows]
    (tmp_path / "rows.json").write_text(json.dumps([ours, theirs, COUNTING]))
    done: CompletedProcess[str] = fresh_python(
        code, env={"NUMBA_DISABLE_JIT": "1", "GRADERS_KERNELS": "compiled"}
    )
    got = values("compiled", rows)
    assert json.loads(done.stdout) == {m: [v.hex() for v in got[m].tolist()] for m in COUNTING}


# References


@pytest.fixture(scope="module")
def rows() -> list[tuple[str, str]]:
    """Hostile pairs that rouge-score and nltk accept, and texts of up to 300 words."""
    sizes = (5, 30, 80) if JIT_OFF else (5, 30, 80, 130, 300)
    return [*PAIRS, *(words_pair(n, max(n // 3, 2), n) for n in sizes)]


@pytest.mark.parametrize("stem", [False, True])
@pytest.mark.parametrize("path", ["plain", "compiled"])
def test_rouge_has_the_bits_of_rouge_score(
    path: str, stem: bool, rows: list[tuple[str, str]]
) -> None:
    from rouge_score.rouge_scorer import RougeScorer

    names = {metric: "rouge" + metric[6:].upper() for metric in ROUGE}
    scorer = RougeScorer(list(names.values()), use_stemmer=stem)
    got = values(path, rows, Options(rouge_stem=stem), ROUGE)
    for i, (ours, theirs) in enumerate(rows):
        expected = scorer.score(theirs, ours)
        for metric, name in names.items():
            assert got[metric][i] == expected[name].fmeasure, (metric, ours, theirs)


@pytest.fixture(scope="module")
def nltk_scores() -> Callable[..., tuple[float, float, float]]:
    """BLEU with method 1, BLEU without smoothing, GLEU."""
    from nltk.translate.bleu_score import SmoothingFunction, sentence_bleu
    from nltk.translate.gleu_score import sentence_gleu

    method1 = SmoothingFunction().method1

    def scores(ours: str, theirs: str) -> tuple[float, float, float]:
        one, other = ours.split(), [theirs.split()]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            rough = sentence_bleu(other, one)
        smooth = sentence_bleu(other, one, smoothing_function=method1)
        return smooth, rough, sentence_gleu(other, one)

    return scores


@pytest.mark.parametrize("path", ["plain", "compiled"])
def test_bleu_and_gleu_are_nltks(
    path: str, rows: list[tuple[str, str]], nltk_scores: Callable[..., tuple[float, float, float]]
) -> None:
    smooth = values(path, rows, Options(), ["bleu", "gleu"])
    rough = values(path, rows, Options(bleu_smoothing="none"), ["bleu"])["bleu"]
    for i, pair in enumerate(rows):
        got = smooth["bleu"][i], rough[i], smooth["gleu"][i]
        np.testing.assert_allclose(got, nltk_scores(*pair), rtol=0, atol=1e-12, err_msg=str(pair))


@pytest.fixture(scope="module")
def rouge_scorer() -> Any:
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer(["rouge1", "rouge3", "rougeL"])


@given(pair=pairs())
def test_rouge_has_the_bits_of_rouge_score_on_hostile_texts(
    pair: tuple[str, str], rouge_scorer: Any
) -> None:
    ours, theirs = pair
    expected = rouge_scorer.score(theirs, ours)
    got = values("compiled", [pair], metrics=["rouge_1", "rouge_3", "rouge_l"])
    assert [float(found[0]) for found in got.values()] == [
        expected[name].fmeasure for name in ("rouge1", "rouge3", "rougeL")
    ]


@given(pair=pairs())
def test_bleu_and_gleu_are_nltks_on_hostile_texts(
    pair: tuple[str, str], nltk_scores: Callable[..., tuple[float, float, float]]
) -> None:
    smooth = values("compiled", [pair], Options(), ["bleu", "gleu"])
    rough = values("compiled", [pair], Options(bleu_smoothing="none"), ["bleu"])
    got = smooth["bleu"][0], rough["bleu"][0], smooth["gleu"][0]
    np.testing.assert_allclose(got, nltk_scores(*pair), rtol=0, atol=1e-12)


# Slices, stopping, sharing


def test_slices_cover_every_row_once_and_hold_one_pair_at_least(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "SLICE", 100)
    cuts = list(slices(np.array([0, 20, 1000, 0, 60, 60, 60])))
    assert [i for begin, end in cuts for i in range(begin, end)] == list(range(7))
    assert cuts == [(0, 3), (3, 6), (6, 7)]
    assert list(slices(np.array([], np.int64))) == []


@pytest.mark.parametrize("path", ["plain", "compiled"])
def test_the_size_of_slices_changes_no_bit(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [*PAIRS, *(words_pair(n, 10, n) for n in (3, 40, 90))]
    whole = values(path, rows)
    monkeypatch.setattr(module, "SLICE", 64)
    assert_same_bits(whole, values(path, rows))


def test_a_stop_leaves_the_rest_unscored_and_says_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SLICE", 10)
    answers = iter([False, False, True])
    with pytest.raises(Stopped) as stopped:
        similarities(
            ["bleu", "fuzzy_match"], ["a b c d e f"] * 5, ["a b c"] * 5, Options(),
            lambda: next(answers),
        )  # fmt: skip
    assert stopped.value.done == 2
    for found in stopped.value.values.values():
        assert np.isnan(found).tolist() == [False, False, True, True, True]


@pytest.mark.parametrize("path", ["plain", "compiled"])
def test_a_stop_within_a_long_pair_leaves_all_its_metrics_unscored(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from graders.text import compiled, long_lcs, plain

    monkeypatch.setenv("GRADERS_KERNELS", path)
    monkeypatch.setattr(plain, "STRIP", 10)
    for owner in (compiled, long_lcs):
        monkeypatch.setattr(owner, "CELLS", 1)
    ours, theirs = words_pair(1200, 9, 1)
    whole = similarities(["bleu", "rouge_l"], [ours], [theirs], Options())
    asked = iter([False, False, True])
    with pytest.raises(Stopped) as stopped:
        similarities(["bleu", "rouge_l"], [ours], [theirs], Options(), lambda: next(asked))
    assert stopped.value.done == 0
    assert np.isnan([found[0] for found in stopped.value.values.values()]).all()
    again = similarities(["bleu", "rouge_l"], [ours], [theirs], Options(), lambda: False)
    assert_same_bits(whole, again)


def test_a_pair_that_would_keep_the_plain_path_busy_is_estimated() -> None:
    long, short = "a " * 400_000, "a b"
    assert module.plain_seconds(["rouge_l"], [long], [long]) > 10
    assert 0.6 < module.plain_seconds(["rouge_1"], [long], [long]) < 2
    assert module.plain_seconds(["rouge_l"], [long, short], [short, long]) < 1


def test_metrics_asked_together_have_the_bits_of_each_alone() -> None:
    together = values("compiled", PAIRS)
    for metric in COUNTING:
        assert_same_bits({metric: together[metric]}, values("compiled", PAIRS, metrics=[metric]))


def test_no_rows_give_empty_arrays() -> None:
    assert {
        m: v.shape for m, v in similarities(["bleu", "rouge_l"], [], [], Options()).items()
    } == {
        "bleu": (0,),
        "rouge_l": (0,),
    }


def test_every_metric_stays_between_0_and_1() -> None:
    for found in values("compiled", PAIRS, metrics=list(METRICS)).values():
        assert ((found >= 0) & (found <= 1)).all()


# Long texts


@pytest.mark.skipif(JIT_OFF, reason="Python runs the kernels too slowly")
def test_a_pair_of_100_000_words_takes_bounded_memory(fresh_python: Any) -> None:
    code = """
import resource
from texts import words_pair
from graders.options import Options
from graders.text.similarities import similarities
ours, theirs = words_pair(100_000, 30_000, 1)
similarities(["rouge_5", "rouge_l", "bleu"], ["a b"], ["a c"], Options())
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
before = peak()
found = similarities(["rouge_5", "rouge_l", "bleu"], [ours], [theirs], Options())
print(*(found[m][0].hex() for m in found), peak() - before)
"""
    tests = str(Path(__file__).parents[1])
    root = Path(__file__).parents[2]
    path = os.pathsep.join([str(root), str(root / "kernels"), tests])
    done = fresh_python(code, env={"GRADERS_KERNELS": "compiled", "PYTHONPATH": path})
    *found, kilobytes = done.stdout.split()
    assert int(kilobytes) < 100_000
    ours, theirs = (reference.latin_words(text) for text in words_pair(100_000, 30_000, 1))
    from rapidfuzz.distance import LCSseq

    common = reference.common_ngrams(ours, theirs, 5)
    assert float.fromhex(found[0]) == pytest.approx(
        reference.f_measure(common, len(ours) - 4, len(theirs) - 4), abs=1e-12
    )
    half = len(ours) // 10
    values_ = values(
        "compiled", [(" ".join(ours[:half]), " ".join(theirs[:half]))], metrics=["rouge_l"]
    )
    expected = reference.f_measure(LCSseq.similarity(ours[:half], theirs[:half]), half, half)
    assert values_["rouge_l"][0] == pytest.approx(expected, abs=1e-12)


def test_long_subsequences_agree_across_strips_of_the_plain_path(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from graders.text import plain

    monkeypatch.setattr(plain, "STRIP", 7)
    rows = [words_pair(n, 9, n) for n in (1, 8, 50)]
    got = values("plain", rows, metrics=["rouge_l"])
    expected = [naive(*row)["rouge_l"] for row in rows]
    assert got["rouge_l"].tolist() == pytest.approx(expected, abs=1e-15)


# Data


def test_reference_values_of_real_pairs_are_met(data: Path) -> None:
    columns = {
        ("rouge_score.rouge" + metric[6:].upper() + suffix, metric, options)
        for metric in ROUGE
        for suffix, options in (("", Options()), ("+stem", Options(rouge_stem=True)))
    } | {
        ("nltk.sentence_bleu(split)", "bleu", Options(bleu_smoothing="none")),
        ("nltk.sentence_bleu(split,method1)", "bleu", Options()),
        ("nltk.sentence_gleu(split)", "gleu", Options()),
        ("rapidfuzz.WRatio+default_process", "fuzzy_match", Options()),
    }
    lines = (data / "metric_reference.jsonl").read_text(encoding="utf-8").splitlines()
    cases = [json.loads(line) for line in lines]
    if JIT_OFF:
        cases = random.Random(1).sample(cases, 25)
    pairs = [(case["candidate"], case["reference"]) for case in cases]
    for name, metric, options in sorted(columns, key=str):
        for path in ("plain", "compiled"):
            got = values(path, pairs, options, [metric])[metric]
            scale = 100 if metric == "fuzzy_match" else 1
            expected = [case["values"][name] / scale for case in cases]
            np.testing.assert_allclose(got, expected, rtol=0, atol=5.1e-11, err_msg=name)
