"""Parses a question once: its language, search terms, names and content words, for all later stages.

In: the typed text, earlier turns and the scope. Out: a `Question`; also a reworded one, or one with its vector. No
other module parses a question's text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from assistant.answer import Question, Scope, Turn, Word
from assistant.errors import SettingsError
from assistant.index.store import EVERYWHERE
from assistant.messages.said import NO_WORDS
from assistant.models.embedding import Embedder, embed_question
from assistant.text import claims
from assistant.text.invisible import plain
from assistant.text.language import detect, is_foreign
from assistant.text.terms import kiwi, names, terms, whole_words

LONGEST = 2000
"""A question is cut to this many characters; more could not be embedded whole."""
_LATIN = r"[A-Za-zÀ-ɏ0-9]+"
_WORD = re.compile(rf"{_LATIN}(?:(?:[-_.'’]|(?<=\d),(?=\d)){_LATIN})*|[가-힣]+")
_NOMINAL = frozenset(("NNG", "NNP", "NNB", "NR", "XR", "XPN", "XSN", "SL", "SN"))
_FRAME = frozenset(
    "얼마 어느 누가 개 대 몇 번 쪽 정도 종류 방법 이름 내용 차이 예 답 질문 노트 "
    "many much long far often kind sort list name give get use every all any here work said like need want happen "
    "come take make one other exactly actually called note notes question answer please".split()
)
"""Words that only frame a question ("how many", 종류): it does not matter whether the notes contain them."""


def typed(text: str) -> str:
    """Return the typed text without invisible characters, cut to `LONGEST`; raise SettingsError if it has no word."""
    text = plain(text).strip()
    if not any(map(str.isalnum, text)):
        raise SettingsError(NO_WORDS)
    return text[:LONGEST]


def read(asked: str, history: Sequence[Turn] = (), scope: Scope = EVERYWHERE) -> Question:
    """Parse a question; it has no vector yet."""
    asked = asked[:LONGEST]
    search_terms = tuple(terms(asked))
    return Question(
        asked=asked,
        text=asked,
        language=detect(asked),
        terms=search_terms,
        names=tuple(names(asked)),
        titles=tuple(claims.names(asked)),
        words=tuple(_words(asked, frozenset(search_terms))),
        wholes=tuple(whole_words(asked)),
        foreign=is_foreign(asked),
        scope=scope,
        history=tuple(history),
    )


def reworded(question: Question, text: str) -> Question:
    """Return the question with another text; the typed text, its history and its scope stay."""
    other = read(text, question.history, question.scope)
    return replace(other, asked=question.asked, foreign=question.foreign)


def embedded(question: Question, embed_model: Embedder) -> Question:
    """Return the question with its vector."""
    return replace(question, vector=embed_question(embed_model, question.text))


def _words(text: str, searched: frozenset[str]) -> Iterator[Word]:
    """Yield the words of a text that contain its search terms, in order, each once."""
    seen: set[tuple[str, ...]] = set()
    for match in _WORD.finditer(text):
        present = tuple(term for term in terms(match.group()) if term in searched)
        if present and present not in seen:
            seen.add(present)
            noun = _noun(match.group())
            yield Word(noun or match.group(), present, bool(noun) and noun.lower() not in _FRAME)


@lru_cache(maxsize=2_000)
def _noun(word: str) -> str:
    """Return a Korean noun without its particles, empty for other Korean words; a Latin word is returned unchanged."""
    if word[0] < "가":
        return word
    end = 0
    for token in kiwi().tokenize(word):
        if token.tag not in _NOMINAL:
            break
        end = token.start + token.len
    return word[:end]
