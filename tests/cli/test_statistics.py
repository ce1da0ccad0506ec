"""Streaming statistics equal those of the whole."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graders.cli.compare import Pairs, as_number, average_ranks, flips, spearman
from graders.cli.tally import BINS, DISTINCT, Moments, deviation, histogram, middle
from graders.grader import Grader
from graders.string_check import StringCheck
from graders.text_similarity import TextSimilarity

FLOATS = st.floats(-1e6, 1e6, allow_nan=False)
EXACT = StringCheck(name="e", input="", reference="", operation="eq")
CLOSE = TextSimilarity(
    name="c", input="", reference="", evaluation_metric="rouge_l", pass_threshold=0.5
)
FREE = TextSimilarity(name="f", input="", reference="", evaluation_metric="rouge_l")


@given(st.lists(st.lists(st.one_of(FLOATS, st.just(math.nan)), max_size=20), max_size=8))
def test_moments_of_batches_are_those_of_all_values(batches: list[list[float]]) -> None:
    moments = Moments()
    for batch in batches:
        moments.add(np.array(batch, dtype=np.float64))
    values = [v for batch in batches for v in batch if v == v]
    assert moments.n == len(values)
    if values:
        assert moments.mean == pytest.approx(statistics.fmean(values), rel=1e-9, abs=1e-6)
    if len(values) > 1:
        expected = statistics.stdev(values)
        assert deviation(np.sort(values), moments.mean) == pytest.approx(expected, rel=1e-9)
        assert moments.standard_error == pytest.approx(
            expected / math.sqrt(len(values)), rel=1e-6, abs=1e-4
        )
    else:
        assert deviation(np.array(values), 0.0) is None
        assert moments.standard_error is None


HUGE = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(st.lists(HUGE, max_size=9), max_size=4))
def test_the_mean_is_exact_whatever_the_rewards(batches: list[list[float]]) -> None:
    moments = Moments()
    for batch in batches:
        moments.add(np.array(batch, dtype=np.float64))
    values = [v for batch in batches for v in batch]
    exact = sum(map(Fraction, values), Fraction(0)) / max(1, len(values))
    assert moments.mean == pytest.approx(float(exact), rel=1e-15, abs=1e-300)


@given(st.floats(1e-6, 1e308), st.integers(1, 5000))
def test_the_mean_of_equal_rewards_is_that_reward(value: float, n: int) -> None:
    moments = Moments()
    for start in range(0, n, 1024):
        moments.add(np.full(min(1024, n - start), value))
    assert moments.mean == value


def test_huge_rewards_raise_nothing_and_give_figures() -> None:
    values = np.sort([1e308, 1.5e308, -1e308])
    moments = Moments()
    moments.add(values)
    assert moments.mean == pytest.approx(5e307)
    assert moments.standard_error is None
    assert deviation(values, moments.mean) == pytest.approx(1.3228756555322954e308)
    assert deviation(np.array([-1.7e308, 1.7e308]), 0.0) is None
    assert deviation(np.array([1e-200, 3e-200]), 2e-200) == pytest.approx(math.sqrt(2) * 1e-200)
    assert middle(np.array([1.5e308, 1.7e308])) == 1.6e308
    pairs = Pairs(FREE)
    pairs.add(-1.7e308, 1.7e308, 0)
    assert pairs.facts("reward")["equal"] == 0.0


@given(st.lists(FLOATS, min_size=1, max_size=50))
def test_the_median_of_sorted_values(values: list[float]) -> None:
    assert middle(np.sort(values)) == pytest.approx(statistics.median(values))


@given(st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=1, max_size=50))
def test_few_different_rewards_are_counted_one_by_one(values: list[float]) -> None:
    cells = histogram(np.sort(values))
    assert {cell["from"]: cell["count"] for cell in cells} == {
        value: values.count(value) for value in set(values)
    }
    assert all(cell["from"] == cell["to"] for cell in cells)


@given(st.lists(st.floats(-1e308, 1e308), min_size=DISTINCT + 1, max_size=200, unique=True))
def test_many_different_rewards_are_binned_and_none_is_lost(values: list[float]) -> None:
    cells = histogram(np.sort(values))
    assert len(cells) == BINS
    assert sum(cell["count"] for cell in cells) == len(values)
    edges = [cell["from"] for cell in cells] + [cells[-1]["to"]]
    assert edges == sorted(edges)
    assert edges[0] <= min(values)
    assert edges[-1] >= max(values) or edges[-1] == pytest.approx(max(values))


def test_bins_of_rewards_between_0_and_1_are_those_of_numpy() -> None:
    values = np.sort(np.random.default_rng(3).random(500))
    expected, _ = np.histogram(values, bins=BINS, range=(0, 1))
    assert [cell["count"] for cell in histogram(values)] == expected.tolist()
    assert [cell["to"] for cell in histogram(values)] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])


def naive_ranks(values: Sequence[float]) -> list[float]:
    """1 + values below + half of the equal others."""
    return [
        1 + sum(v < value for v in values) + (sum(v == value for v in values) - 1) / 2
        for value in values
    ]


def naive_spearman(a: Sequence[float], b: Sequence[float]) -> float | None:
    try:
        return statistics.correlation(naive_ranks(a), naive_ranks(b))
    except statistics.StatisticsError:
        return None


@given(st.lists(st.sampled_from([0.0, 0.1, 0.5, 0.5000001, 1.0, -3.0]), max_size=30))
def test_ranks_share_the_mean_of_their_places(values: list[float]) -> None:
    assert average_ranks(np.array(values, dtype=np.float64)).tolist() == naive_ranks(values)


@given(st.lists(st.tuples(st.sampled_from([0, 0.5, 1]), st.sampled_from([0, 0.3, 1])), max_size=30))
def test_spearman_is_the_correlation_of_ranks(pairs: list[tuple[float, float]]) -> None:
    a, b = [p[0] for p in pairs], [p[1] for p in pairs]
    got = spearman(np.array(a, dtype=np.float64), np.array(b, dtype=np.float64))
    expected = naive_spearman(a, b)
    assert (got is None) is (expected is None)
    if expected is not None:
        assert got == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, 1.0), (True, 1.0), (False, 0.0), (0.5, 0.5), ("0.5", 0.5), (" 1 ", 1.0), ("pass", None),
        (None, None), ([1], None), (math.inf, None), ("nan", None), (10**400, None),
        ("1e999", None), ("1_0", None), ("١", None), ("-.5e-1", -0.05), ("5.", 5.0), ("", None),
    ],
)  # fmt: skip
def test_what_counts_as_a_recorded_score(value: object, expected: float | None) -> None:
    assert as_number(value) == expected


@pytest.mark.parametrize(
    ("grader", "expected"), [(EXACT, 3), (CLOSE, 1), (FREE, None)], ids=["perfect", "from 0.5", "-"]
)
def test_flips_follow_the_rule_of_the_grader(grader: Grader, expected: int | None) -> None:
    ours, theirs = np.array([1.0, 0.6, 0.4, 1.0]), np.array([0.9, 0.5, 1.0, 0.5])
    assert flips(grader, ours, theirs) == expected


def test_the_largest_differences_come_first_and_ties_by_row() -> None:
    pairs = Pairs(EXACT)
    scores = [(1, 1), (0, 1), (1, 0.5), (0, 1), (1, 0.9), (0, 0.8), (1, 0)]
    for row, (ours, theirs) in enumerate(scores):
        pairs.add(float(ours), theirs, row)
    pairs.add(math.nan, 1, 99)
    pairs.add(1.0, None, 100)
    facts = pairs.facts("reward")
    assert [one["row"] for one in facts["largest"]] == [1, 3, 6, 5, 2]
    assert (facts["rows"], facts["without"]) == (7, 2)
    assert facts["equal"] == pytest.approx(1 / 7)


def test_scores_rounded_to_six_places_are_equal() -> None:
    pairs = Pairs(FREE)
    pairs.add(2 / 3, 0.666667, 0)
    facts = pairs.facts("reward")
    assert (facts["equal"], facts["largest"]) == (1.0, [])


def test_no_pair_at_all_gives_no_figure() -> None:
    facts = Pairs(FREE).facts("reward")
    assert (facts["rows"], facts["equal"], facts["spearman"], facts["largest"]) == (
        0,
        None,
        None,
        [],
    )
