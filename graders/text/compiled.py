"""Texts to counts to scores through the kernels: this module owns their arrays."""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from grader_kernels import gather, ids, lcs, ngrams, scores, words

from ..errors import UsageError
from ..options import Options
from .long_lcs import CELLS, long_lcs
from .stopping import Stop
from .table import METRICS, Metric, Words
from .words import words as plain_words

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

TEXT_BYTES = 2**31 - 1  # of one text: positions are 32-bit numbers

# Multipliers of the hash functions. Random, so that nobody can tell which words will collide; they
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
                self._replace(i, str.encode(texts[i], "utf-8", "surrogatepass"))
        self.ends = self.lengths.cumsum()
        self.longest = int(self.lengths.max(initial=0))
        if self.longest > TEXT_BYTES:
            raise UsageError(f"a text has more than {TEXT_BYTES:,} bytes")

    def most_words(self, begin: int, end: int) -> int:
        """More words than texts begin..end can have."""
        size = self.ends[end - 1] - (self.ends[begin - 1] if begin else 0)
        return int(size) // 2 + end - begin

    def lowered(self, begin: int, end: int) -> Texts:
        """Texts begin..end; those with a character beyond ASCII that lowers to a-z are lowered."""
        return Texts(
            [
                text.lower() if "\u0130" in text or "\u212a" in text else text
                for text in self.texts[begin:end]
            ]
        )

    def _replace(self, i: int, data: bytes) -> None:
        self._bytes.append(data)
        self.addresses[i] = np.frombuffer(data, np.uint8).ctypes.data
        self.lengths[i] = len(data)


class Column:
    """Arrays for the words of one side, reused from slice to slice and grown when too small."""

    def __init__(self) -> None:
        self.bounds: NDArray[np.uint32] = np.empty(0, np.uint32)
        self.keys: NDArray[np.uint64] = np.empty((0, 2), np.uint64)
        self.ids: NDArray[np.int32] = np.empty(0, np.int32)
        self.offsets: Integers = np.empty(0, np.int64)
        self._texts: Texts | None = None

    def fill(self, texts: Texts, begin: int, end: int, tokeniser: Words) -> None:
        """Write the keys of the words of texts begin..end."""
        if len(self.bounds) < texts.longest + words.SLACK:
            self.bounds = np.empty(texts.longest + words.SLACK, np.uint32)
        if len(self.keys) < (room := texts.most_words(begin, end)):
            self.keys = np.empty((room, 2), np.uint64)
            self.ids = np.empty(room, np.int32)
        if len(self.offsets) <= end - begin:
            self.offsets = np.empty(end - begin + 1, np.int64)
        self._texts = texts  # keys of long words are addresses
        rows = texts.addresses[begin:end], texts.lengths[begin:end]
        if not FIND[tokeniser](*rows, self.bounds, self.keys, self.offsets):
            self.fill(texts.lowered(begin, end), 0, end - begin, tokeniser)

    def words_of(self, i: int) -> NDArray[np.int32]:
        """The numbers of the words of the i-th text."""
        return self.ids[self.offsets[i] : self.offsets[i + 1]]


class Kernels:
    """Scores rows of two columns, slice by slice. Not for several threads at once."""

    def __init__(
        self,
        inputs: list[str],
        references: list[str],
        options: Options,
        stop: Stop | None = None,
    ) -> None:
        self.options = options
        self.stop = stop
        self.texts = Texts(inputs), Texts(references)
        self.inputs = Column()
        self.references = Column()

    def sizes(self) -> Integers:
        """The number of bytes of each pair."""
        ours, theirs = self.texts
        return ours.lengths + theirs.lengths

    def similarities(self, metrics: Sequence[str], begin: int, end: int) -> list[Floats]:
        """The values of metrics that count the words of one tokeniser, metric by metric.

        Raises Interrupted if `stop` becomes true within a pair that takes long.
        """
        rows = [METRICS[metric] for metric in metrics]
        order = max(1, *(row.order for row in rows))
        subsequence = "rouge_l" in metrics
        # Hashes wrap around, which numpy reports where Python runs the kernels.
        with np.errstate(over="ignore"):
            fold = self._fill(rows[0].words, begin, end)
            counts = self._count(end - begin, order, subsequence, fold)
        return [self._score(row, *counts) for row in rows]

    def _fill(self, tokeniser: Words, begin: int, end: int) -> np.uint64:
        """Find the words of both sides; return the bits that two words may differ in."""
        ours, theirs = self.texts
        if tokeniser == "rouge" and not plain_latin(self.options):
            # Python finds what the kernels cannot, and joins it so that they split it again.
            ours, theirs = (self._joined(texts.texts[begin:end]) for texts in self.texts)
            tokeniser, begin, end = "split", 0, end - begin
        self.inputs.fill(ours, begin, end, tokeniser)
        self.references.fill(theirs, begin, end, tokeniser)
        return words.LOWER if tokeniser == "rouge" else words.NO_FOLD

    def _joined(self, texts: list[str]) -> Texts:
        return Texts([" ".join(plain_words(text, "rouge", self.options)) for text in texts])

    def _count(
        self, pairs: int, order: int, subsequence: bool, fold: np.uint64
    ) -> tuple[Integers, Integers]:
        """Common n-grams up to `order`, and lengths of longest common subsequences if asked."""
        ours, theirs = self.inputs, self.references
        common = np.empty((pairs, order), np.int64)
        keys = ours.keys, ours.offsets, theirs.keys, theirs.offsets
        found = ours.ids, ours.offsets, theirs.ids, theirs.offsets
        lengths = np.empty(pairs if subsequence else 0, np.int64)
        ids.ids_batch(*keys, ODD, fold, ours.ids, theirs.ids, common, order > 1 or subsequence)
        if order > 1:
            ngrams.ngrams_batch(*found, ODD[0], common)
        if subsequence:
            lcs.lcs_batch(*found, CELLS, lengths)
            for i in np.flatnonzero(lengths < 0).tolist():
                lengths[i] = long_lcs(ours.words_of(i), theirs.words_of(i), self.stop)
        return common, lengths

    def _score(self, row: Metric, common: Integers, lengths: Integers) -> Floats:
        offsets = self.inputs.offsets, self.references.offsets
        out = np.empty(len(common))
        match row.family:
            case "rouge_n":
                scores.rouge_n_batch(common, *offsets, row.order, out)
            case "rouge_l":
                scores.rouge_l_batch(lengths, *offsets, out)
            case "bleu":
                smooth = self.options.bleu_smoothing == "method1"
                scores.bleu_batch(common, *offsets, smooth, out)
            case _:
                scores.gleu_batch(common, *offsets, out)
        return out


def plain_latin(options: Options) -> bool:
    """Whether ROUGE's words are those that the kernels find."""
    return options.rouge_tokens == "ascii" and not options.rouge_stem


def warmup() -> None:
    """Load or compile the kernels by running each once."""
    texts = ["a b c d e", "a b c d e f"]
    kernels = Kernels(texts, texts[::-1], Options())
    for metrics in (["rouge_5", "rouge_l"], ["bleu", "gleu"]):
        kernels.similarities(metrics, 0, len(texts))
    long_lcs(kernels.inputs.words_of(0), kernels.references.words_of(0))
