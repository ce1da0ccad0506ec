"""Texts to counts to scores through the kernels: this module owns their arrays."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from grader_kernels import gather, ids, lcs, ngrams, scores, words

from ..errors import UsageError
from ..options import Options
from .table import METRICS, Metric, Words
from .words import words as plain_words

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

TEXT_BYTES = 2**31 - 1  # of one text: positions are 32-bit numbers

# Multipliers of the hash functions. Random, so that nobody can write texts that collide; they
# decide how long a lookup takes, never what it finds.
ODD = np.frombuffer(os.urandom(16), np.uint64) | np.uint64(1)

FIND = {"rouge": words.latin_words_batch, "split": words.split_words_batch}


class Texts:
    """A column of texts as addresses and numbers of UTF-8 bytes. Keeps the texts alive."""

    def __init__(self, texts: list[str]) -> None:
        self.texts = texts
        self.addresses: Integers = np.empty(len(texts), np.int64)
        self.lengths: Integers = np.empty(len(texts), np.int64)
        self._bytes: list[bytes] = []
        if gather.gather(id(texts), self.addresses, self.lengths):
            for i in np.flatnonzero(self.addresses == 0).tolist():
                self._replace(i, texts[i].encode("utf-8", "surrogatepass"))
        self.longest = int(self.lengths.max())
        self.most_words = int(self.lengths.sum()) // 2 + len(texts)
        if self.longest > TEXT_BYTES:
            raise UsageError(f"a text has more than {TEXT_BYTES:,} bytes")

    def _replace(self, i: int, data: bytes) -> None:
        self._bytes.append(data)
        self.addresses[i] = np.frombuffer(data, np.uint8).ctypes.data
        self.lengths[i] = len(data)

    def lower(self) -> None:
        """Lower the texts with characters beyond ASCII that lower to a-z."""
        for i, text in enumerate(self.texts):
            if "\u0130" in text or "\u212a" in text:
                self._replace(i, text.lower().encode("utf-8", "surrogatepass"))


class Column:
    """Arrays for the words of one side, reused from slice to slice and grown when too small."""

    def __init__(self) -> None:
        self.bounds: NDArray[np.uint32] = np.empty(0, np.uint32)
        self.keys: NDArray[np.uint64] = np.empty((0, 2), np.uint64)
        self.ids: NDArray[np.int32] = np.empty(0, np.int32)
        self.offsets: Integers = np.empty(0, np.int64)
        self._texts: Texts | None = None

    def fill(self, texts: Texts, tokeniser: Words) -> None:
        """Write the keys of the words of all texts."""
        self._texts = texts  # keys of long words are addresses
        if len(self.bounds) < texts.longest + words.SLACK:
            self.bounds = np.empty(texts.longest + words.SLACK, np.uint32)
        if len(self.keys) < texts.most_words:
            self.keys = np.empty((texts.most_words, 2), np.uint64)
            self.ids = np.empty(texts.most_words, np.int32)
        if len(self.offsets) <= len(texts.texts):
            self.offsets = np.empty(len(texts.texts) + 1, np.int64)
        find = FIND[tokeniser]
        out = self.bounds, self.keys, self.offsets
        if not find(texts.addresses, texts.lengths, *out):
            texts.lower()
            find(texts.addresses, texts.lengths, *out)


class Kernels:
    """Scores slices of rows. Not for several threads at once."""

    def __init__(self) -> None:
        self.inputs = Column()
        self.references = Column()

    def similarities(
        self,
        metrics: Sequence[str],
        inputs: list[str],
        references: list[str],
        options: Options,
    ) -> list[Floats]:
        """The values of metrics that count the words of one tokeniser, metric by metric."""
        rows = [METRICS[metric] for metric in metrics]
        ours, theirs, tokeniser = prepared(inputs, references, rows[0].words, options)
        # Hashes wrap around, which numpy reports where Python runs the kernels.
        with np.errstate(over="ignore"):
            self.inputs.fill(ours, tokeniser)
            self.references.fill(theirs, tokeniser)
            counts = self._count(
                len(inputs),
                max(1, *(row.order for row in rows)),
                any(row.family == "rouge_l" for row in rows),
                words.LOWER if tokeniser == "rouge" else words.NO_FOLD,
            )
        return [self._score(row, *counts, options) for row in rows]

    def _count(
        self, pairs: int, order: int, subsequence: bool, fold: np.uint64
    ) -> tuple[Integers, Integers]:
        """Common n-grams up to `order`, and lengths of longest common subsequences if asked."""
        ours, theirs = self.inputs, self.references
        common = np.empty((pairs, order), np.int64)
        keys = ours.keys, ours.offsets, theirs.keys, theirs.offsets
        found = ours.ids, ours.offsets, theirs.ids, theirs.offsets
        lengths = np.empty(pairs if subsequence else 0, np.int64)
        ids.ids_batch(*keys, ODD, fold, ours.ids, theirs.ids, common)
        if order > 1:
            ngrams.ngrams_batch(*found, ODD[0], common)
        if subsequence:
            lcs.lcs_batch(*found, lengths)
        return common, lengths

    def _score(self, row: Metric, common: Integers, lengths: Integers, options: Options) -> Floats:
        offsets = self.inputs.offsets, self.references.offsets
        out = np.empty(len(common))
        match row.family:
            case "rouge_n":
                scores.rouge_n_batch(common, *offsets, row.order, out)
            case "rouge_l":
                scores.rouge_l_batch(lengths, *offsets, out)
            case "bleu":
                smooth = options.bleu_smoothing == "method1"
                scores.bleu_batch(common, *offsets, smooth, out)
            case _:
                scores.gleu_batch(common, *offsets, out)
        return out


def prepared(
    inputs: list[str], references: list[str], tokeniser: Words, options: Options
) -> tuple[Texts, Texts, Words]:
    """Both columns and the tokeniser to use: Python finds the words that the kernels cannot."""
    if tokeniser == "rouge" and (options.rouge_stem or options.rouge_tokens == "unicode"):
        joined = (
            [" ".join(plain_words(text, tokeniser, options)) for text in texts]
            for texts in (inputs, references)
        )
        return Texts(next(joined)), Texts(next(joined)), "split"
    return Texts(inputs), Texts(references), tokeniser


def warmup() -> None:
    """Load or compile the kernels by running each once."""
    texts = ["a b c d e", "a b c d e f"]
    for metrics in (["rouge_5", "rouge_l"], ["bleu", "gleu"]):
        Kernels().similarities(metrics, texts, texts[::-1], Options())
