"""Rows, and a batch of them: templates rendered to columns, each once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .errors import RowError, row_error
from .grader import FloatArray, Scores
from .limits import limit
from .options import Options
from .sample import SampleError, kind, namespace
from .template import Column, Template, refuse_long

Pair = tuple[str, str]  # the templates of input and reference


@dataclass(slots=True)
class Row:
    """One sample and its item. `error` is set when the line could not become a row.

    `sample` is a str, a mapping of the sample namespace, one message or a list of messages;
    `size` is the length of the line in bytes, 0 if there was no line.
    """

    sample: Any = None
    item: Mapping[str, Any] = field(default_factory=dict)
    id: Any = None
    group: Any = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    line: int | None = None
    error: RowError | None = None
    size: int = 0


@dataclass(frozen=True, slots=True)
class RowColumns(Sequence[Row]):
    """Rows that came as columns, and stay columns: no `Row` is made until one is asked for."""

    samples: Sequence[Any]
    items: Sequence[Mapping[str, Any]]
    groups: Sequence[Any] | None = None

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, i: Any) -> Any:
        if isinstance(i, slice):
            groups = None if self.groups is None else self.groups[i]
            return RowColumns(self.samples[i], self.items[i], groups)
        return Row(self.samples[i], self.items[i], group=self.groups[i] if self.groups else None)


class Batch:
    """Rows that are graded together; columns and similarities are computed once and shared."""

    def __init__(
        self,
        rows: Sequence[Row],
        options: Options | None = None,
        *,
        needs_sample: bool = True,
        pairs: Mapping[Pair, Sequence[str]] | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> None:
        self.rows = rows
        self.options = options or Options()
        self.failed: dict[int, RowError] = {}
        self.skipped: dict[int, str] = {}
        self._stop = stop
        self._pairs = dict(pairs or {})
        self._columns: dict[str, Column] = {}
        self._similarities: dict[tuple[str, str, str], Scores] = {}
        if isinstance(rows, RowColumns):
            self._given, self._items = rows.samples, rows.items
        else:
            self._given = [row.sample for row in rows]
            self._items = [row.item for row in rows]
            self.failed = {i: row.error for i, row in enumerate(rows) if row.error is not None}
            self._refuse_items()
        self._only_texts = set(map(type, self._given)) <= {str}
        self._samples: list[Mapping[str, Any] | None] = (
            [] if self._only_texts else self._namespaces(needs_sample)
        )

    def _refuse_items(self) -> None:
        """Rows made in Python may hold anything; an item is a mapping."""
        if set(map(type, self._items)) <= {dict}:
            return
        items: Sequence[Any] = self._items
        for i, item in enumerate(items):
            if not isinstance(item, Mapping):
                detail = f"the item is {kind(item)}; expected an object"
                self.failed.setdefault(i, row_error("row", detail))
        self._items = [item if isinstance(item, Mapping) else {} for item in items]

    def _namespaces(self, needs_sample: bool) -> list[Mapping[str, Any] | None]:
        """The sample namespace of each row; rows whose sample is none, or no sample, are noted."""
        found: list[Mapping[str, Any] | None] = [None] * len(self)
        for i, sample in enumerate(self._given):
            if i in self.failed:
                continue
            try:
                found[i] = namespace(sample)
            except SampleError as error:
                self.failed[i] = row_error("row", str(error))
            if sample is None and needs_sample:
                self.skipped[i] = "null_sample"
        return found

    def __len__(self) -> int:
        return len(self._given)

    def expire(self) -> None:
        """The deadline has passed: no row of this batch will be scored."""
        for i in range(len(self)):
            if i not in self.skipped:
                self.failed.setdefault(i, row_error("deadline", "not reached before the deadline"))

    def sample(self, i: int) -> Mapping[str, Any] | None:
        """The sample namespace of row `i`, None if there is no sample."""
        return self._sample_roots()[i]

    def item(self, i: int) -> Mapping[str, Any]:
        """The item of row `i`."""
        return self._items[i]

    def _sample_roots(self) -> list[Mapping[str, Any] | None]:
        if not self._samples:
            self._samples = [namespace(sample) for sample in self._given]
        return self._samples

    def column(self, text: str) -> Column:
        """The template rendered for every row that is neither failed nor skipped.

        Raises TooMuch if the texts of several rows are more than is kept at once.
        """
        if text not in self._columns:
            self._columns[text] = self._render(Template.parse(text))
        return self._columns[text]

    def _render(self, template: Template) -> Column:
        if self._only_texts and template.is_output_text:
            texts: list[str] = list(self._given)
            errors: dict[int, RowError] = {}
            refuse_long(list(map(len, texts)), errors)
        else:
            roots: dict[str, Sequence[Any]] = {"item": self._items}
            if template.reads("sample"):
                roots["sample"] = self._sample_roots()
            texts, errors = template.render_rows(roots, len(self), limit("batch_chars"))
        for i in (*self.failed, *self.skipped):
            errors.pop(i, None)
        for i in (*errors, *self.failed, *self.skipped):
            texts[i] = ""
        return Column(texts, errors)

    def scores(self, values: FloatArray, *columns: Column) -> Scores:
        """`values` with NaN and the reason where a row has failed, was skipped or has no text."""
        errors = dict(self.failed)
        for column in columns:
            for i, error in column.errors.items():
                errors.setdefault(i, error)
        if errors or self.skipped:
            values[[*errors, *self.skipped]] = np.nan
        return Scores(values, errors, dict(self.skipped))

    def similarity(self, metric: str, input: str, reference: str) -> Scores:
        """One text metric of two templates. Metrics of the same pair share one tokenisation."""
        key = (metric, input, reference)
        if key not in self._similarities:
            wanted = self._pairs.get((input, reference), ())
            metrics = list(dict.fromkeys((*wanted, metric)))
            for name, scores in self._similar(metrics, input, reference).items():
                self._similarities[name, input, reference] = scores
        return self._similarities[key]

    def _similar(self, metrics: list[str], input: str, reference: str) -> dict[str, Scores]:
        from .text.similarities import Stopped, similarities

        columns = self.column(input), self.column(reference)
        without = {*self.failed, *self.skipped, *columns[0].errors, *columns[1].errors}
        rows = [i for i in range(len(self)) if i not in without] if without else None
        inputs, references = (
            column.texts if rows is None else [column.texts[i] for i in rows] for column in columns
        )
        try:
            found = similarities(metrics, inputs, references, self.options, self._stop)
        except Stopped as stopped:
            found = stopped.values  # NaN where nobody scored; `_spread` says why
        return {name: self._spread(values, rows, columns) for name, values in found.items()}

    def _spread(
        self, values: FloatArray, rows: Sequence[int] | None, columns: tuple[Column, Column]
    ) -> Scores:
        """Values of the rows that have both texts, put back in place; every NaN gets its reason."""
        from .text.fuzzy import too_large

        whole = values
        if rows is not None:
            whole = np.full(len(self), np.nan)
            whole[rows] = values
        scores = self.scores(whole, *columns)
        for i in np.flatnonzero(np.isnan(whole)).tolist():
            if i in scores.errors or i in scores.skipped:
                continue
            texts = columns[0].texts[i], columns[1].texts[i]
            sizes = f"texts of {len(texts[0]):,} and {len(texts[1]):,} characters"
            scores.errors[i] = (
                row_error("too_large", f"{sizes}; limit {self.options.fuzzy_max_chars:,}")
                if too_large(*texts, self.options)
                else row_error("deadline", "not scored before the deadline")
            )
        return scores
