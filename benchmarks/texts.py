"""Pairs of texts to measure with: synthetic ones of three sizes, and real ones where they are."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

Pairs = tuple[list[str], list[str]]  # inputs, references

# name -> pairs, words a text
SIZES = {"S": (20_000, 20), "M": (4_000, 200), "L": (200, 4_000)}
VOCABULARY = 30_000


@cache
def words() -> tuple[list[str], list[float]]:
    """A vocabulary and its Zipf-Mandelbrot weights, cumulated."""
    draw = random.Random(1)
    vocabulary: dict[str, None] = {}
    while len(vocabulary) < VOCABULARY:
        length = min(14, 2 + int(draw.expovariate(0.25)))
        vocabulary["".join(draw.choices("etaoinshrdlucmfwypvbgkjqxz", k=length))] = None
    total, cumulated = 0.0, []
    for rank in range(VOCABULARY):
        total += 1.0 / (rank + 2.7)
        cumulated.append(total)
    return list(vocabulary), cumulated


@cache
def synthetic(size: str) -> Pairs:
    """30 % of the words edited; 15 % of the pairs unrelated, 3 % identical, 2 % not ASCII."""
    n, length = SIZES[size]
    vocabulary, cumulated = words()
    draw = random.Random(f"pairs {size}")
    inputs, references = [], []
    for _ in range(n):
        reference = sentence(draw, vocabulary, cumulated, length)
        kind = draw.random()
        if kind < 0.15:
            candidate = sentence(draw, vocabulary, cumulated, length)
        elif kind < 0.18:
            candidate = list(reference)
        else:
            candidate = edited(draw, vocabulary, cumulated, reference)
        if draw.random() < 0.02:
            candidate[draw.randrange(len(candidate))] = "naïve…"
        inputs.append(punctuated(draw, candidate))
        references.append(punctuated(draw, reference))
    return inputs, references


def sentence(
    draw: random.Random, vocabulary: list[str], cumulated: list[float], length: int
) -> list[str]:
    """About `length` words."""
    n = max(1, round(length * draw.uniform(0.8, 1.2)))
    return draw.choices(vocabulary, cum_weights=cumulated, k=n)


def edited(
    draw: random.Random, vocabulary: list[str], cumulated: list[float], source: list[str]
) -> list[str]:
    """A copy with 30 % of the words replaced, left out or moved."""
    out: list[str] = []
    for word in source:
        change = draw.random()
        if change < 0.15:
            out.append(draw.choices(vocabulary, cum_weights=cumulated)[0])
        elif change < 0.25 or not out:
            out.append(word)
        elif change < 0.30:
            out.insert(draw.randrange(len(out)), word)
        else:
            out.append(word)
    return out


def punctuated(draw: random.Random, tokens: list[str]) -> str:
    """The words as a text with capitals, commas and full stops."""
    out, start = [], True
    for token in tokens:
        word = token.capitalize() if start else token
        end = draw.random()
        start = end < 0.08
        out.append(word + ("." if start else "," if end < 0.16 else ""))
    return " ".join(out)


def data_folder() -> Path | None:
    """The folder of real texts, if GRADERS_TEST_DATA names one."""
    folder = os.environ.get("GRADERS_TEST_DATA")
    return Path(folder) if folder and Path(folder).is_dir() else None


@cache
def real(name: str) -> Pairs | None:
    """`udhr`, `wmt17_ende` or `summeval`, None without the data folder."""
    folder = data_folder()
    if folder is None:
        return None
    pairs = list(READERS[name](folder))
    return [a for a, _ in pairs], [b for _, b in pairs]


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSON Lines file."""
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def udhr(folder: Path) -> Iterator[tuple[str, str]]:
    """Articles of the Universal Declaration of Human Rights in 79 language pairs."""
    for row in lines(folder / "text_pairs" / "udhr.jsonl"):
        yield row["candidate"], row["reference"]


def wmt17(folder: Path) -> Iterator[tuple[str, str]]:
    """German system outputs and references of newstest2017."""
    for row in lines(folder / "text_pairs" / "wmt17_ende.jsonl"):
        yield row["candidate"], row["reference"]


def summeval(folder: Path) -> Iterator[tuple[str, str]]:
    """Summaries of 16 systems, each with its first reference."""
    labels = folder / "human_labels"
    references = {
        row["doc_id"]: row["references"][0] for row in lines(labels / "summeval_docs.jsonl")
    }
    for row in lines(labels / "summeval_ratings.jsonl"):
        yield row["summary"], references[row["doc_id"]]


def rare_disease(folder: Path) -> Iterator[tuple[str, str]]:
    """Findings of published patients, each with those of the next patient with the same gene."""
    last: dict[str, str] = {}
    for row in lines(folder / "rare_disease" / "train.jsonl"):
        findings = "; ".join((*row["present"], *row["absent"]))
        if row["gene"] in last:
            yield findings, last[row["gene"]]
        last[row["gene"]] = findings


READERS = {"rare_disease": rare_disease, "udhr": udhr, "wmt17_ende": wmt17, "summeval": summeval}


def pairs(name: str) -> Pairs | None:
    """A set by its name: S, M, L, or a real one."""
    return synthetic(name) if name in SIZES else real(name)
