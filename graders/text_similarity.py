"""`text_similarity`: how alike two rendered texts are, by one of eleven metrics."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal

import numpy as np

from .batch import Batch
from .compose import Operand
from .errors import RowError, model_error
from .fields import TemplateText
from .grader import EmbeddingCall, EmbeddingReply, Job, Reply, Scores
from .judging.replies import fill
from .options import Options
from .template import Template

EMBEDDING_MODEL = "text-embedding-3-large"  # what the format prescribes for cosine

Metric = Literal[
    "cosine",
    "fuzzy_match",
    "bleu",
    "gleu",
    "meteor",
    "rouge_1",
    "rouge_2",
    "rouge_3",
    "rouge_4",
    "rouge_5",
    "rouge_l",
]


class TextSimilarity(Operand):
    """The similarity of `input` to `reference`, 0 to 1 (cosine: -1 to 1)."""

    type: Literal["text_similarity"] = "text_similarity"
    input: TemplateText
    reference: TemplateText
    evaluation_metric: Metric

    def templates(self) -> Mapping[str, Template]:
        return {"input": Template.parse(self.input), "reference": Template.parse(self.reference)}

    @property
    def is_cosine(self) -> bool:
        """Whether the score comes from embeddings, which are asked for, not computed."""
        return self.evaluation_metric == "cosine"

    def pairs(self) -> Iterator[tuple[str, str, str]]:
        if not self.is_cosine:
            yield self.input, self.reference, self.evaluation_metric

    def job_columns(self) -> int:
        return int(self.is_cosine)

    def jobs(self, batch: Batch) -> Sequence[Job | None]:
        if not self.is_cosine:
            return ()
        input, reference = batch.column(self.input), batch.column(self.reference)
        without = {*batch.failed, *batch.skipped, *input.errors, *reference.errors}
        return [
            None if i in without else EmbeddingCall(EMBEDDING_MODEL, *texts)
            for i, texts in enumerate(zip(input.texts, reference.texts, strict=True))
        ]

    def score(self, batch: Batch, replies: Sequence[Reply | None]) -> Scores:
        if not self.is_cosine:
            return batch.similarity(self.evaluation_metric, self.input, self.reference)
        columns = batch.column(self.input), batch.column(self.reference)
        return fill(batch.scores(np.full(len(batch), np.nan), *columns), replies, cosine_of)

    def signature(self, options: Options) -> str:
        choices = CHOICES[self.evaluation_metric](options)
        return f"text_similarity|metric:{self.evaluation_metric}|{choices}|def:1"


def rouge_choices(options: Options) -> str:
    """How texts become words, and which measure of overlap is meant."""
    return options.signature("rouge_tokens", "rouge_stem") + "|f:1"


def fuzzy_choices(options: Options) -> str:
    """rapidfuzz has changed its numbers between versions, so its version is part of them."""
    from importlib.metadata import version

    return options.signature("fuzzy", "fuzzy_max_chars") + f"|rapidfuzz:{version('rapidfuzz')}"


# metric -> the choices that its numbers depend on
CHOICES: Mapping[str, Callable[[Options], str]] = {
    "cosine": lambda options: f"model:{EMBEDDING_MODEL}",
    "fuzzy_match": fuzzy_choices,
    "bleu": lambda options: f"tok:split|{options.signature('bleu_smoothing')}|n:4",
    "gleu": lambda options: "tok:split|n:4",
    "meteor": lambda options: "tok:split|stem:porter|wordnet:3.0",
    **dict.fromkeys((*(f"rouge_{n}" for n in range(1, 6)), "rouge_l"), rouge_choices),
}


def cosine_of(reply: Reply | None) -> float | RowError:
    """The cosine of both embeddings, in float64; an error if they have no direction."""
    if isinstance(reply, RowError):
        return reply
    if not isinstance(reply, EmbeddingReply):
        return model_error("server", f"expected embeddings, found {type(reply).__name__}")
    try:
        a, b = np.asarray(reply.input, np.float64), np.asarray(reply.reference, np.float64)
    except (TypeError, ValueError):
        return model_error("server", "an embedding is no list of numbers")
    if a.ndim != 1 or a.shape != b.shape:
        return model_error("server", f"embeddings of shapes {a.shape} and {b.shape}")
    with np.errstate(all="ignore"):
        cosine = float(a @ b / (np.sqrt(a @ a) * np.sqrt(b @ b)))
    if not np.isfinite(cosine):
        return model_error("server", "an embedding is zero or not finite")
    return min(1.0, max(-1.0, cosine))
