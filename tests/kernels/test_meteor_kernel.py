"""METEOR's kernels against their naive twins: alignment, chunks, score."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import reference_meteor
from grader_kernels import meteor as kernels
from graders.text.lower import lowered
from graders.text.vocabulary import numbered

# Words of one stem, of one synset, and others.
STEMS = ["ties", "tie", "tied", "car", "cars", "auto", "autos", "motorcar", "tree", "trees"]
WORDS = [*STEMS, "the", "x", "y", "abcdefgh"]


def both(kernel: Any) -> list[Any]:
    """The kernel as compiled and as Python; one and the same where JIT is off."""
    return [kernel, getattr(kernel, "py_func", kernel)]


def pairs(seed: int, n: int) -> list[tuple[list[str], list[str]]]:
    rng = random.Random(seed)
    few = [rng.sample(WORDS, rng.randint(1, 8)) for _ in range(n)]
    return [(rng.choices(w, k=rng.randrange(9)), rng.choices(w, k=rng.randrange(9))) for w in few]


def test_alignments_and_scores_equal_their_twins() -> None:
    cases = [
        *pairs(seed=2, n=60),
        ([], []),
        (["x"], []),
        ([], ["x"]),
        (["ties"] * 30, ["tie"] * 20),
    ]
    texts = [" ".join(a) for a, _ in cases] + [" ".join(b) for _, b in cases]
    words, ends, known = numbered(*lowered(texts))
    last = np.full(max(known.words.words, len(known.stems.ends)), -1, np.int32)
    for meteor_batch in both(kernels.meteor_batch):
        out = np.empty(len(cases))
        meteor_batch(words, ends, known.stems, last, out)
        assert out.tolist() == [reference_meteor.meteor(a, b) for a, b in cases]
        assert (last == -1).all()
    for align in both(kernels.align):
        for k, (a, b) in enumerate(cases):
            hypothesis = words[ends[k - 1] if k else 0 : ends[k]]
            reference = words[ends[len(cases) + k - 1] : ends[len(cases) + k]]
            before, partners = np.empty(len(b), np.int32), np.empty(len(a), np.int32)
            matches = align(hypothesis, reference, known.stems, last, before, partners)
            assert partners.tolist() == reference_meteor.align(a, b)
            assert matches == (partners >= 0).sum()
            assert (last == -1).all()


@given(st.lists(st.integers(-1, 6), max_size=9))
def test_chunks_equal_their_twin(partners: list[int]) -> None:
    for count_chunks in both(kernels.count_chunks):
        assert count_chunks(np.array(partners, np.int32)) == reference_meteor.chunks(partners)


SCORES = [
    (0, 0, 0, 0, 0.0),
    (0, 0, 3, 4, 0.0),
    (1, 1, 1, 1, 0.5),
    (3, 1, 3, 3, 1 - 0.5 / 27),
    (2, 2, 2, 4, 0.5 * (0.5 / 0.95)),  # precision 1, recall 1/2
    (2, 1, 4, 2, (1 - 0.5 / 8) * (0.5 / 0.55)),  # precision 1/2, recall 1
]


@pytest.mark.parametrize(("matches", "chunks", "hypothesis", "reference", "score"), SCORES)
def test_score_of_known_counts(
    matches: int, chunks: int, hypothesis: int, reference: int, score: float
) -> None:
    for meteor in both(kernels.meteor):
        found = meteor(matches, chunks, hypothesis, reference)
        assert found == pytest.approx(score, abs=1e-15)
