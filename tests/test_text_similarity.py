from __future__ import annotations

import math
from collections.abc import AsyncIterator, Sequence

import numpy as np
import pytest

import graders
from graders.errors import model_error
from graders.grader import EmbeddingCall, EmbeddingReply, Job, Reply

METRICS = ("rouge_1", "rouge_5", "rouge_l", "bleu", "gleu", "meteor", "fuzzy_match")


def similar(metric: str, **more: float) -> graders.TextSimilarity:
    return graders.TextSimilarity(
        name=metric,
        input="{{sample.output_text}}",
        reference="{{item.reference}}",
        evaluation_metric=metric,  # type: ignore[arg-type]
        **more,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("metric", METRICS)
def test_scores_what_the_bare_metric_scores(metric: str) -> None:
    inputs = ["fuzzy wuzzy was a bear", "the cat", ""]
    references = ["fuzzy wuzzy had no hair", "the cat", "x"]
    items = [{"reference": text} for text in references]
    got = graders.grade(similar(metric), samples=inputs, items=items).rewards
    ref = graders.similarity(metric, inputs, references)
    assert got.tolist() == ref.tolist()


def test_errored_rows_in_the_middle_leave_their_neighbours_alone() -> None:
    items = [{"reference": "a b c"}, {}, {"reference": "a b c"}]
    results = graders.grade(similar("rouge_l"), samples=["a b c", "a b c", "a x c"], items=items)
    assert results.outcomes == ["scored", "errored", "scored"]
    assert results.rewards[0] == 1.0
    assert math.isnan(results.rewards[1])
    assert results.rewards[2] == pytest.approx(2 / 3)


def test_a_pair_that_is_too_large_is_named_not_zero() -> None:
    options = graders.Options(fuzzy_max_chars=100)
    result = similar("fuzzy_match")("x" * 101, {"reference": "y" * 10}, options=options)
    assert math.isnan(result.reward)
    assert result.error is not None
    assert (result.error.cause, result.error.flag) == ("too_large", "other_error")


def test_a_threshold_gives_a_verdict() -> None:
    grader = similar("rouge_1", pass_threshold=0.5)
    assert grader("a b", {"reference": "a b"}).passed is True
    assert grader("a b", {"reference": "c d"}).passed is False
    assert similar("rouge_1")("a b", {"reference": "a b"}).passed is None


class Canned:
    """A runner that gives the same replies to every batch."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = replies
        self.jobs: list[Job] = []

    async def run(self, jobs: Sequence[Job]) -> AsyncIterator[tuple[int, Reply]]:
        self.jobs += jobs
        for i in range(len(jobs)):
            yield i, self.replies[i]


def vectors(a: list[float], b: list[float]) -> EmbeddingReply:
    return EmbeddingReply(np.array(a, np.float32), np.array(b, np.float32))


def test_cosine_asks_for_embeddings_and_scores_them() -> None:
    runner = Canned(
        vectors([1, 0], [1, 0]),
        vectors([1, 0], [0, 2]),
        vectors([1, 0], [-3, 0]),
        vectors([0, 0], [1, 0]),
        vectors([1, 0], [1, 0, 0]),
        model_error("rate_limited", "429"),
    )
    items = [{"reference": "r"}] * 3 + [{}] + [{"reference": "r"}] * 3
    results = graders.grade(similar("cosine"), samples=["s"] * 7, items=items, runner=runner)
    assert results.rewards[:3].tolist() == [1.0, 0.0, -1.0]
    causes = [results.errors[i].cause for i in range(3, 7)]
    assert causes == ["missing_variable", "server", "server", "rate_limited"]
    assert runner.jobs[0] == EmbeddingCall("text-embedding-3-large", "s", "r")
    assert len(runner.jobs) == 6


def test_cosine_without_a_runner_says_what_is_missing() -> None:
    with pytest.raises(graders.ConfigError, match="needs an embedding model"):
        similar("cosine")("a", {"reference": "b"})


def test_signatures_name_every_choice() -> None:
    options = graders.Options(rouge_tokens="unicode")
    assert similar("rouge_l").signature(graders.Options()) == (
        "text_similarity|metric:rouge_l|tok:ascii|stem:no|f:1|def:1"
    )
    assert "tok:unicode" in similar("rouge_2").signature(options)
    assert "rapidfuzz:" in similar("fuzzy_match").signature(options)


def test_embeddings_that_are_no_numbers_are_errors_of_the_row() -> None:
    bad = EmbeddingReply(["a"], ["b"])  # type: ignore[arg-type]
    result = similar("cosine")("s", {"reference": "r"}, runner=Canned(bad))
    assert result.error is not None
    assert result.error.cause == "server"
