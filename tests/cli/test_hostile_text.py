"""Names and keys from files never command a terminal, and never fill it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graders.cli.text import MOST_CHARS, safe

from .conftest import EXACT, MULTI, SIMILAR, Done, Grade, row

Files = Callable[..., Path]

EVIL = "\x1b[2J\x9b31m\u202e\x07"
HUGE = "k" * 3_000_000


@given(st.text())
def test_safe_text_is_printable_lines(text: str) -> None:
    assert all(line.isprintable() for line in safe(text).split("\n"))
    if text.isprintable() and len(text) <= MOST_CHARS:
        assert safe(text) == text


def harmless(done: Done) -> None:
    for text in (done.out, done.err):
        assert all(line.isprintable() for line in text.splitlines()), text[:300]
        assert len(text) < 30_000


@pytest.mark.parametrize("key", [EVIL, HUGE, EVIL + HUGE], ids=["evil", "huge", "both"])
def test_keys_and_names_are_shown_harmlessly(grade: Grade, files: Files, key: str) -> None:
    rows = files("rows.jsonl", [row("a", "a", **{key: {key: 1}})])
    exact = files("exact.json", EXACT)
    harmless(grade("run", exact, rows, "--by", "none"))
    harmless(grade("run", exact, rows, "--sample-field", "none"))
    harmless(grade("run", exact, files("bad.jsonl", [{key: 1}]), "-o", "bad.out"))
    named = [{**EXACT, "name": key}, {**SIMILAR, "name": f"{key}2"}]
    evaluation = files("eval.json", {"testing_criteria": named})
    harmless(grade("run", evaluation, rows, "--criterion", "none"))
    harmless(grade("run", evaluation, rows, "--fail-under", "1"))
    harmless(grade("run", evaluation, rows, "--min-pass-rate", "1"))
    harmless(grade("run", evaluation, rows, "-o", "eval.out"))
    harmless(grade("validate", evaluation))
    harmless(grade("validate", files("unknown.json", {**EXACT, key: key, "operation": key})))
    multi = {**MULTI, "graders": {key: {**EXACT, "input": "{{x}}"}, "b": EXACT}}
    harmless(grade("validate", files("multi.json", multi)))
    harmless(grade("run", "multi.json", rows))


def test_names_of_files_are_shown_harmlessly(grade: Grade, files: Files) -> None:
    exact, rows = (
        files("exact.json", EXACT),
        files(f"{EVIL}.jsonl", [row("a", "a", human={EVIL: 1})]),
    )
    harmless(grade("run", exact, rows, "-o", f"{EVIL}.out", "--compare", "human", "--by", "human"))
    harmless(grade("run", exact, rows, "-o", f"{EVIL}.out"))
    harmless(grade("run", exact, f"{EVIL}.none"))
    harmless(grade("run", exact, rows, "--summary", "markdown", "-o", f"{EVIL}.md"))
    done = grade("run", exact, rows, "--summary", "json", "-o", f"{EVIL}.json", "--by", "human")
    assert json.loads(done.out)["output"] == f"{EVIL}.json"
