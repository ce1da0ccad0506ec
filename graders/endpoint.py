"""`endpoint`: an HTTP service that is posted the sample and the item and answers with a score."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar, Literal
from urllib.parse import urlsplit

import numpy as np
from pydantic import AfterValidator, Field

from . import json_path
from .batch import Batch
from .compose import Operand
from .errors import RowError, endpoint_error
from .fields import refusal
from .frozen import FrozenMap
from .grader import EndpointCall, EndpointReply, Job, Reply, Scores
from .judging.replies import fill
from .judging.sampling import FiniteNumber, is_number
from .judging.verdict import listed, shown
from .limits import limit
from .options import Options
from .suggest import quoted

EXAMPLE = "https://grader.example/score"
HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
HEADER_VALUE = re.compile(r"[\t\x20-\x7e]*")
# Headers that frame the request or pick its host belong to the HTTP client.
RESERVED = {"connection", "content-length", "host", "te", "trailer", "transfer-encoding", "upgrade"}


def check_url(url: str) -> str:
    """An absolute http or https URL without user name or password."""
    if "{{" in url:
        raise refusal("url is not a template", expected="a fixed URL", fix=EXAMPLE)
    if not url.isprintable() or " " in url:
        raise refusal("url with a space or control character", expected=EXAMPLE)
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError as error:
        raise refusal(f"not a URL: {error}", expected=EXAMPLE) from None
    if parts.scheme not in ("http", "https") or not host:
        raise refusal("not an http or https URL", expected=EXAMPLE)
    if parts.username is not None or parts.password is not None:
        raise refusal("url with a user name or password", fix="put the key into headers")
    return url


def check_headers(headers: Mapping[str, str]) -> Mapping[str, str]:
    """Names and values that HTTP allows, none that the HTTP client sets itself."""
    for name, value in headers.items():
        at = json_path.part(name)
        if not HEADER_NAME.fullmatch(name):
            raise refusal("not a header name", expected="letters, digits and -", at=at)
        if not HEADER_VALUE.fullmatch(value):
            raise refusal("not a header value", expected="printable ASCII on one line", at=at)
        if name.lower() in RESERVED:
            raise refusal("header is set by the HTTP client", fix="remove it", at=at)
    return headers


def check_rate(rate: float) -> float:
    """More than zero requests a second."""
    if rate <= 0:
        raise refusal("rate_limit is not positive", expected="requests a second, above 0")
    return rate


class Endpoint(Operand):
    """The score that a service answers; it is posted `{"sample", "item", "trace_id"}`."""

    type: Literal["endpoint"] = "endpoint"
    url: Annotated[str, AfterValidator(check_url)]
    headers: Annotated[FrozenMap[str], AfterValidator(check_headers)] | None = Field(
        default=None, repr=False
    )
    rate_limit: Annotated[FiniteNumber, AfterValidator(check_rate)] | None = None

    asks: ClassVar[bool] = True

    def needs_sample(self) -> bool:
        return True

    def jobs(self, batch: Batch) -> Sequence[Job | None]:
        without = {*batch.failed, *batch.skipped}
        return [None if i in without else self._job(batch, i) for i in range(len(batch))]

    def _job(self, batch: Batch, i: int) -> EndpointCall:
        sample, item = dict(batch.sample(i) or {}), dict(batch.item(i))
        return EndpointCall(self.url, dict(self.headers or {}), sample, item, self.rate_limit)

    def score(self, batch: Batch, replies: Sequence[Reply | None]) -> Scores:
        return fill(batch.scores(np.full(len(batch), np.nan)), replies, answered)

    def signature(self, options: Options) -> str:
        # the query may hold a key
        return f"endpoint|url:{urlsplit(self.url)._replace(query='', fragment='').geturl()}|def:1"


def answered(reply: Reply | None) -> float | RowError:
    """The number under `score`, or why there is none."""
    if isinstance(reply, RowError):
        return reply
    if not isinstance(reply, EndpointReply):
        return endpoint_error("endpoint_server", f"expected a body, found {type(reply).__name__}")
    body = reply.body
    if isinstance(body, Mapping) and is_number(body.get("score")):
        return float(body["score"])
    if not isinstance(body, Mapping):
        problem = "the body is not a JSON object"
    elif "score" not in body:
        problem = f"no score, but {listed([str(key) for key in body])}"
    else:
        problem = "score is not a finite number"
    detail = f'{problem}; expected {{"score": number}}; body: {shown(body)}'
    return endpoint_error("endpoint_reply", detail, raw=quoted(body, limit("detail_memory_chars")))
