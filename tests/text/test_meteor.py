"""METEOR equals nltk's on every text, on both paths."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nltk.translate.meteor_score import single_meteor_score
from numba import config

import reference_meteor
from graders.text import meteor as module
from graders.text import vocabulary, wordnet
from graders.text.meteor import align, meteor, score, warmup

FreshPython = Callable[..., CompletedProcess[str]]

# Inflections that WordNet lists as exceptions, stems that nltk treats specially, words of one
# stem or one synset, and texts that are no words.
TEXT = """
the The a of geese goose better good well best ran run running runs ties tie dying die news skies
sky inning innings proceed proceeds proceeded auto autos automobile automobiles car cars machine
quick fast speedy quickly big large bigger largest child children kid kids tot happy happily happy.
break broke broken breaking interrupt suspension ice_cream icecream May may Paris us US fly flies
a*ding ad İ i̇ ΑΣ ας ﬁre 🙂 👩‍👧 \ud800 \udfff \x00 K ç Ｃar
"""
WORDS = TEXT.split()
SPACES = (" ", "  ", "\n", "\t", "\x1c", "\x85", "\xa0", "\u2003", "\u2028", "\u3000")


@pytest.fixture(params=["plain", "compiled"])
def path(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("GRADERS_KERNELS", request.param)
    return str(request.param)


def by_nltk(input: str, reference: str, reader: Any) -> float:
    return float(single_meteor_score(reference.split(), input.split(), wordnet=reader))


def rows_of(data: Path, file: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (data / file).read_text(encoding="utf-8").splitlines()]


@st.composite
def texts(draw: st.DrawFn) -> str:
    words = draw(st.lists(st.sampled_from(WORDS) | st.text(max_size=4), max_size=25))
    return "".join(word + draw(st.sampled_from(SPACES)) for word in words)


def sentences(seed: int, n: int) -> tuple[list[str], list[str]]:
    """Pairs of texts over dictionary words, with inflections and synonyms on the other side."""
    rng = random.Random(seed)
    words = rng.sample(wordnet.wordnet().words, 150)
    words += [other for word in words for other in sorted(wordnet.wordnet().synonyms(word))[:4]]
    words += [word + rng.choice(("s", "ed", "ing", "ly")) for word in words] + WORDS
    few = [rng.sample(words, rng.choice((4, 40, 200))) for _ in range(n)]
    sides = [[" ".join(rng.choices(w, k=rng.randrange(50))) for w in few] for _ in range(2)]
    return sides[0], sides[1]


@pytest.mark.usefixtures("path")
def test_every_reference_value_of_real_texts(data: Path) -> None:
    rows = rows_of(data, "meteor_reference.jsonl")
    assert len(rows) == 540
    found = meteor([row["candidate"] for row in rows], [row["reference"] for row in rows])
    expected = [row["nltk.meteor(split,wordnet3.0)"] for row in rows]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


@pytest.mark.usefixtures("path")
def test_values_from_the_tests_of_others(data: Path) -> None:
    rows = [r for r in rows_of(data, "metric_vectors.jsonl") if r["metric"] == "nltk.meteor"]
    assert rows
    for row in rows:
        references = [" ".join(words) for words in row["references"]]
        best = meteor([" ".join(row["candidate"])] * len(references), references).max()
        assert best == pytest.approx(row["expected"], abs=row["tolerance"]), row["id"]


def test_synonyms_only_add_to_what_exact_and_stem_stages_find(data: Path) -> None:
    for row in rows_of(data, "metric_reference.jsonl"):
        without = row["values"]["nltk.meteor(split,no_wordnet)"]
        partners = align(row["candidate"].lower().split(), row["reference"].lower().split())
        assert bool(partners) >= (without > 0)


@pytest.mark.usefixtures("path")
def test_sentences_of_dictionary_words_equal_nltk(nltk_wordnet: Any) -> None:
    inputs, references = sentences(seed=7, n=400)
    expected = [by_nltk(*pair, nltk_wordnet) for pair in zip(inputs, references, strict=True)]
    assert len(set(expected)) > 200
    np.testing.assert_allclose(meteor(inputs, references), expected, rtol=0, atol=1e-12)


@given(input=texts(), reference=texts())
def test_any_text_equals_nltk_and_the_naive_twin_on_both_paths(
    nltk_wordnet: Any, input: str, reference: str
) -> None:
    plain = score(input, reference)
    assert plain == pytest.approx(by_nltk(input, reference, nltk_wordnet), abs=1e-12)
    assert plain == reference_meteor.meteor(input.lower().split(), reference.lower().split())
    assert module._batch([input, reference], [reference, input])[0] == plain


@given(st.lists(st.tuples(texts(), st.text(st.characters(exclude_categories=()))), max_size=8))
def test_a_batch_gives_the_bits_of_its_rows(pairs: list[tuple[str, str]]) -> None:
    inputs, references = [a for a, _ in pairs], [b for _, b in pairs]
    assert module._batch(inputs, references).tolist() == [score(*pair) for pair in pairs]


def test_both_paths_give_the_same_bits() -> None:
    inputs, references = sentences(seed=8, n=300)
    expected = [score(*pair) for pair in zip(inputs, references, strict=True)]
    assert module._batch(inputs, references).tolist() == expected


SCORES = [
    ("the car is fast", "the automobile is quick", 0.75 * (1 - 4 / 27)),
    ("", "", 0.0),  # nltk divides by zero and returns 0
    ("", "word", 0.0),
    ("word", "", 0.0),
    (" \n\u3000", "word", 0.0),
    ("cat", "dog", 0.0),
    ("WORD", "word", 0.5),  # one chunk of one match: the penalty is a half
    ("a\x1cb\x85c", "a b c", 1 - 0.5 / 27),
    ("\ud800 \x00", "\ud800 \x00", 1 - 0.5 / 8),
    ("🙂 👩‍👧", "🙂 👩‍👧", 1 - 0.5 / 8),
    ("\u212a", "k", 0.5),  # KELVIN SIGN
    ("İ", "i̇", 0.5),
    ("ΟΔΟΣ Σ", "οδος σ", 1 - 0.5 / 8),
]


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize(("input", "reference", "expected"), SCORES)
def test_score_of_a_known_pair(input: str, reference: str, expected: float) -> None:
    assert meteor([input], [reference]).tolist() == [pytest.approx(expected, abs=1e-15)]


@pytest.mark.parametrize(("input", "reference", "expected"), SCORES)
def test_nltk_gives_the_known_scores(
    input: str, reference: str, expected: float, nltk_wordnet: Any
) -> None:
    assert by_nltk(input, reference, nltk_wordnet) == pytest.approx(expected, abs=1e-15)


def test_words_take_the_last_free_place_from_the_last_word_on() -> None:
    assert align(["a", "a"], ["a", "b", "a", "a"]) == {1: 3, 0: 2}
    assert align(["ties", "tied"], ["tied", "tie", "ties"]) == {0: 2, 1: 0}
    assert align(["car"], ["auto", "motorcar", "tree"]) == {0: 1}
    assert align(["car", "car"], ["auto", "motorcar", "motorcar"]) == {1: 2, 0: 1}


def test_the_synonym_stage_compares_stems() -> None:
    assert align(["vehicles"], ["vehicle"]) == {0: 0}
    assert align(["automobiles"], ["cars"]) == {}  # stems automobil, car: no lemma
    assert align(["autos"], ["cars"]) == {0: 0}


LONG = 2_000 if config.DISABLE_JIT else 20_000


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize(
    ("input", "reference", "expected"),
    [
        ("word " * LONG, "word " * LONG, 1 - 0.5 / LONG**3),
        ("auto " * LONG, "car " * LONG, 1 - 0.5 / LONG**3),
        ("x" * 50 * LONG, "x" * 50 * LONG, 0.5),
        ("🙂" * 5 * LONG, "🙂" * 5 * LONG, 0.5),
        ("car " * LONG, "tree " * LONG, 0.0),
    ],
    ids=["same word", "synonym", "long word", "long emoji", "no match"],
)
def test_very_long_texts(input: str, reference: str, expected: float) -> None:
    assert meteor([input], [reference])[0] == pytest.approx(expected, abs=1e-12)


@pytest.mark.usefixtures("path")
def test_no_rows_give_no_scores() -> None:
    assert meteor([], []).tolist() == []


@pytest.mark.usefixtures("path")
def test_columns_of_different_length_are_an_error() -> None:
    with pytest.raises(ValueError, match="1 inputs, but 2 references"):
        meteor(["a"], ["a", "b"])


@pytest.mark.usefixtures("path")
def test_slices_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    inputs, references = sentences(seed=9, n=40)
    whole = meteor(inputs, references)
    for size in (1, 500):
        monkeypatch.setattr(module, "SLICE", size)
        assert meteor(inputs, references).tolist() == whole.tolist()


@pytest.mark.usefixtures("path")
def test_rows_after_a_stop_have_no_score(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SLICE", 1)
    answers = iter([False, False, True])
    scores = meteor(["a", "b", "c"], ["a", "b", "c"], lambda: next(answers))
    assert scores[:2].tolist() == [0.5, 0.5]
    assert np.isnan(scores[2])


def test_the_collection_of_words_is_bounded_and_dropping_it_changes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(vocabulary, "MAX_WORDS", 50)
    monkeypatch.setattr(module, "SLICE", 400)
    inputs, references = sentences(seed=10, n=60)
    expected = [score(*pair) for pair in zip(inputs, references, strict=True)]
    assert meteor_compiled(inputs, references, monkeypatch) == expected
    assert vocabulary._lexicon is not None
    assert vocabulary._lexicon.known.words.words < 500


def test_letters_count_towards_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabulary, "MAX_LETTERS", 1000)
    monkeypatch.setattr(vocabulary, "_lexicon", None)
    module._batch(["x" * 5000], ["y"])
    full = vocabulary._lexicon
    assert full is not None
    assert full.is_full
    module._batch(["new"], ["words"])
    assert vocabulary._lexicon is not full


def meteor_compiled(
    inputs: list[str], references: list[str], monkeypatch: pytest.MonkeyPatch
) -> list[float]:
    monkeypatch.setenv("GRADERS_KERNELS", "compiled")
    return [float(score) for score in meteor(inputs, references)]


def test_a_collection_grows_with_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabulary, "_lexicon", None)
    words = [f"word{i}" for i in range(5 * vocabulary.ROOM)]
    for some in (words[:10], words, words[::-1]):
        inputs, references = [" ".join(some), "word7 x"], [" ".join(some), "word7 y"]
        assert module._batch(inputs, references).tolist() == [1 - 0.5 / len(some) ** 3, 0.25]
    assert vocabulary._lexicon is not None
    assert vocabulary._lexicon.known.words.words == len(words) + 2


def test_threads_share_the_collection_of_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabulary, "_lexicon", None)
    monkeypatch.setattr(vocabulary, "MAX_WORDS", 300)
    inputs, references = sentences(seed=11, n=160)
    expected = [score(*pair) for pair in zip(inputs, references, strict=True)]
    parts = [slice(i, i + 4) for i in range(0, len(inputs), 4)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda part: module._batch(inputs[part], references[part]), parts))
    assert np.concatenate(found).tolist() == expected


def test_an_interrupted_addition_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(word: str) -> str:
        if word == "bad":
            raise KeyboardInterrupt
        return word

    module._batch(["known"], ["words"])
    with monkeypatch.context() as patch:
        patch.setattr(vocabulary, "stem", interrupted)
        with pytest.raises(KeyboardInterrupt):
            module._batch(["ties tied autos bad"], ["words"])
    pairs = ["ties autos bad", "known words"], ["tied cars bad", "known words"]
    assert module._batch(*pairs).tolist() == [score(*pair) for pair in zip(*pairs, strict=True)]


def test_it_works_after_fork(fresh_python: FreshPython) -> None:
    code = """
import os
from graders.text import meteor, vocabulary, wordnet
meteor.warmup()
vocabulary._lock.acquire()  # as another thread might hold it
wordnet._lock.acquire()
wordnet._loaded = None
child = os.fork()
if not child:
    os._exit(int(meteor.meteor(["unseen"], ["unseen"])[0] != 0.5))
print(os.waitpid(child, 0)[1])
"""
    assert fresh_python(code, env={"GRADERS_KERNELS": "compiled"}).stdout == "0\n"


def test_locks_are_renewed() -> None:
    for holder in (vocabulary, wordnet):
        before = holder._lock
        holder._renew_lock()
        assert holder._lock is not before


def test_the_plain_path_loads_no_kernel(fresh_python: FreshPython) -> None:
    code = """
import sys
from graders.text.meteor import meteor
print(meteor(["a car"], ["an auto"])[0] > 0, "numba" in sys.modules)
"""
    assert fresh_python(code, env={"GRADERS_KERNELS": "plain"}).stdout == "True False\n"


def test_warmup_loads_the_kernels() -> None:
    warmup()
    assert vocabulary._lexicon is not None
