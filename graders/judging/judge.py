"""What score_model and label_model share: one question to a judge for each row."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import AfterValidator

from ..batch import Batch
from ..compose import Operand
from ..errors import RowError, model_error
from ..fields import refusal
from ..grader import Job, ModelCall, ModelReply, Reply, Scores
from ..limits import limit
from ..options import Options
from ..template import Template
from .messages import Message, templates_of, to_chat
from .replies import excerpt, fill
from .sampling import SamplingParams, chat_sampling
from .verdict import NoVerdict

# finish_reason -> cause, and how its detail begins, where a reply holds no verdict.
UNFINISHED = {
    "length": ("truncated", "the reply ended at its token limit before a complete verdict: "),
    "content_filter": ("refusal", "the reply was withheld by a content filter: "),
}


def check_model(model: str) -> str:
    """A name with at least one visible character."""
    if not model.strip():
        raise refusal("empty model name", expected="the name of a judge")
    return model


ModelName = Annotated[str, AfterValidator(check_model)]


class Judge(Operand):
    """Shows `input` to `model` and reads a verdict out of its reply."""

    model: ModelName
    input: tuple[Message, ...]
    sampling_params: SamplingParams | None = None

    asks: ClassVar[bool] = True

    def templates(self) -> Mapping[str, Template]:
        return templates_of(self.input)

    @abstractmethod
    def response_format(self) -> dict[str, Any]:
        """The schema of the verdict, as a Chat Completions response format."""

    @abstractmethod
    def verdict(self, text: str, finished: bool) -> float:
        """The number of the verdict in `text`. Raises NoVerdict."""

    def fit(self, value: float, options: Options) -> float:
        """The verdict as a score. Raises OutOfRange."""
        return value

    def jobs(self, batch: Batch) -> Sequence[Job | None]:
        columns = [batch.column(template.text) for template in self.templates().values()]
        without = {*batch.failed, *batch.skipped, *(i for c in columns for i in c.errors)}
        sampling, schema = chat_sampling(self.sampling_params), self.response_format()
        rows = range(len(batch))
        return [
            None
            if i in without
            else ModelCall(
                self.model, to_chat(self.input, [c.texts[i] for c in columns]), sampling, schema
            )
            for i in rows
        ]

    def score(self, batch: Batch, replies: Sequence[Reply | None]) -> Scores:
        columns = (batch.column(template.text) for template in self.templates().values())
        scores = batch.scores(np.full(len(batch), np.nan), *columns)

        def read(reply: Reply | None) -> float | RowError:
            raw = self._read(reply)
            if isinstance(raw, RowError) or not isinstance(reply, ModelReply):
                return raw
            try:
                value = self.fit(raw, batch.options)
            except NoVerdict as problem:
                return self._error(problem.cause, str(problem), reply)
            scores.clamped += value != raw
            return value

        fill(scores, replies, read)
        return scores

    def _read(self, reply: Reply | None) -> float | RowError:
        """The verdict before it is fitted into a range, or why there is none."""
        if isinstance(reply, RowError):
            return reply
        if not isinstance(reply, ModelReply):
            return model_error("server", f"expected a judge's reply, found {type(reply).__name__}")
        text: object = reply.text
        if not isinstance(text, str):
            return model_error("parse", f"{self.type} → {self.model}: the reply has no text")
        if reply.refusal:
            return self._error("refusal", f"the judge refused: {excerpt(reply.refusal)}", reply)
        try:
            return self.verdict(reply.text, reply.finish_reason not in UNFINISHED)
        except NoVerdict as problem:
            cause, ending = UNFINISHED.get(reply.finish_reason, (problem.cause, ""))
            return self._error(cause, f"{ending}{problem}", reply)

    def _error(self, cause: str, problem: str, reply: ModelReply) -> RowError:
        raw = f"; raw: {excerpt(reply.text)}" if reply.text else ""
        detail = f"{self.type} → {reply.model or self.model}: {problem}{raw}"
        return model_error(cause, detail, raw=reply.text[: limit("detail_memory_chars")])
