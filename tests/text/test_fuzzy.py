"""fuzzy_match is rapidfuzz's scorer on processed texts, by 100, within a bound."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from rapidfuzz import fuzz
from rapidfuzz.utils import default_process

from graders.options import Options
from graders.text.fuzzy import fuzzy_match, work
from graders.text.similarities import similarities, too_large
from texts import PAIRS, pairs

SCORERS = ("WRatio", "ratio", "QRatio", "token_set_ratio", "token_sort_ratio", "partial_ratio")


def fuzzy(ours: str, theirs: str, **options: Any) -> float:
    return float(
        similarities(["fuzzy_match"], [ours], [theirs], Options(**options))["fuzzy_match"][0]
    )


@pytest.mark.parametrize("scorer", SCORERS)
def test_each_scorer_is_rapidfuzzs_on_the_table(scorer: Any) -> None:
    for ours, theirs in PAIRS:
        expected = getattr(fuzz, scorer)(ours, theirs, processor=default_process) / 100
        assert fuzzy(ours, theirs, fuzzy=scorer) == expected


@given(pairs())
def test_the_default_is_wratio(pair: tuple[str, str]) -> None:
    assert fuzzy(*pair) == fuzz.WRatio(*pair, processor=default_process) / 100


@pytest.mark.parametrize(
    ("shorter", "longer", "refused"),
    [
        (10, 8192, False),
        (10, 8193, True),
        (0, 8193, True),
        (5462, 8193, True),
        (5463, 8193, False),
        (9000, 9000, False),
    ],
)
def test_long_pairs_of_unlike_length_are_refused(shorter: int, longer: int, refused: bool) -> None:
    pair = "a" * shorter, "b" * longer
    for ours, theirs in (pair, pair[::-1]):
        assert too_large(ours, theirs, Options()) is refused
        if refused:
            assert math.isnan(fuzzy(ours, theirs))


def test_what_rapidfuzz_strips_counts_for_neither_side() -> None:
    short, long, blanks = "ab " * 33, "cd " * 3000, "\n.-" * 3000
    padded = short + blanks  # about as long as the other text, but not for rapidfuzz
    for ours, theirs in ((padded, long), (long, padded)):
        assert too_large(ours, theirs, Options())
        assert math.isnan(fuzzy(ours, theirs))
    for ours, theirs in ((padded, short), (blanks, short), (blanks, "")):
        assert not too_large(ours, theirs, Options())
        expected = fuzz.WRatio(ours, theirs, processor=default_process) / 100
        assert fuzzy(ours, theirs) == expected


def test_partial_ratio_is_refused_whatever_the_ratio_of_lengths() -> None:
    options = {"fuzzy": "partial_ratio", "fuzzy_max_chars": 100}
    for ours, theirs in (("a" * 101, "b" * 101), ("a" * 90, "b" * 101)):
        assert too_large(ours, theirs, Options(**options))
        assert math.isnan(fuzzy(ours, theirs, **options))
        assert not too_large(ours, theirs, Options(fuzzy="ratio", fuzzy_max_chars=100))
    assert fuzzy("a" * 100, "b" * 100, **options) == 0.0


def test_the_bound_is_an_option() -> None:
    assert math.isnan(fuzzy("a", "b" * 11, fuzzy_max_chars=10))
    assert fuzzy("a", "b" * 10, fuzzy_max_chars=10) == 0.0


def test_a_refused_pair_leaves_its_neighbours_alone() -> None:
    found = similarities(["fuzzy_match"], ["x", "x", "x"], ["x", "y" * 9000, "x"], Options())[
        "fuzzy_match"
    ]
    assert found[[0, 2]].tolist() == [1.0, 1.0]
    assert math.isnan(found[1])


def test_slices_are_cut_where_pairs_take_long() -> None:
    from graders.text.similarities import slices

    short, long = "a b c " * 3, "x" * 8000
    sizes = work([short] * 100, [short] * 100, "WRatio")
    assert list(slices(sizes)) == [(0, 100)]
    slow = work([long[:5000], long[:5000], short], [long, long, short], "WRatio")
    assert list(slices(slow)) == [(0, 1), (1, 2), (2, 3)]
    quick = work([long] * 3, [long] * 3, "WRatio")
    assert list(slices(quick)) == [(0, 3)]
    both_ways = work([long[:3000]] * 3, [long[:3000]] * 3, "partial_ratio")
    assert list(slices(both_ways)) == [(0, 1), (1, 2), (2, 3)]


def test_no_pairs_are_no_work() -> None:
    assert fuzzy_match([], [], Options()).shape == (0,)
    assert work([], [], "WRatio").shape == (0,)
