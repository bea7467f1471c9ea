"""BM25: the scores of an independent implementation, also after passages came and went."""

import random

import bm25s
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.index.keywords import Postings, rarity, saturated

WORDS = ["tea", "녹차", "gpt-4", "물", "70", "a", "항구"]
PASSAGES = st.lists(st.lists(st.sampled_from(WORDS), max_size=30), min_size=1, max_size=20)


def scores(postings: Postings, terms: list[str]) -> np.ndarray:
    total = np.zeros(len(postings.lengths), np.float32)
    mean = float(postings.lengths.mean()) if len(postings.lengths) else 0.0
    for term in terms:
        places, counts = postings.entries(term)
        weight = rarity(len(total), len(places))
        total[places] += weight * saturated(counts, postings.lengths[places], mean)
    return total


def theirs(passages: list[list[str]], terms: list[str]) -> np.ndarray:
    index = bm25s.BM25(method="lucene")
    # A passage without terms has to be given a word; its length is then 1, so tests of scores have none of those.
    index.index(passages, show_progress=False)
    return np.asarray(index.get_scores([term for term in terms if term in index.vocab_dict]), np.float32)


@given(PASSAGES.map(lambda passages: [words or ["x"] for words in passages]), st.lists(st.sampled_from(WORDS)))
def test_scores_are_those_of_bm25s(passages: list[list[str]], terms: list[str]) -> None:
    held = {word for words in passages for word in words}
    terms = [term for term in terms if term in held]
    if terms:
        np.testing.assert_allclose(scores(Postings.of(passages), terms), theirs(passages, terms), rtol=1e-4)


@given(PASSAGES, PASSAGES, st.randoms())
def test_what_is_joined_is_what_is_counted_at_once(
    one: list[list[str]], other: list[list[str]], chance: random.Random
) -> None:
    kept = np.array([chance.random() < 0.6 for _ in one], bool)
    joined = Postings.of(one).joined(kept, Postings.of(other))
    anew = Postings.of([words for words, stays in zip(one, kept, strict=True) if stays] + other)
    for name in ("keys", "starts", "places", "counts", "lengths"):
        np.testing.assert_array_equal(getattr(joined, name), getattr(anew, name))


@pytest.mark.parametrize("word", WORDS)
def test_places_and_counts_are_those_of_the_passages_that_hold_the_term(word: str) -> None:
    passages = [[word, "x", word], [], ["x"], [word]]
    places, counts = Postings.of(passages).entries(word)
    assert (places.tolist(), counts.tolist()) == ([0, 3], [2, 1])
    assert Postings.of(passages).entries("nowhere")[0].tolist() == []


def test_nothing_can_be_searched() -> None:
    for passages in ([], [[]]):
        assert Postings.of(passages).entries("tea")[0].tolist() == []
        assert scores(Postings.of(passages), ["tea"]).sum() == 0
