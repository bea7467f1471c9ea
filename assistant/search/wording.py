"""A question's telling words, as the asker spelled them: the key terms, their counterparts, and those notes lack.

In: a question and what the index knows of words. Out: words. Searches nothing and judges nothing.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from assistant.index.term_weights import TermWeights
from assistant.text.language import Language, detect, kiwi, names, terms
from assistant.text.lexicon import Lexicon

KEY_WORDS = 3
"""Corrective RAG (arXiv 2401.15884, section 4.5 and appendix B.1) rewrites a question to at most three keywords."""
TRUSTED = 0.3
"""A counterpart that is trusted less does not stand for its word."""
_OWN = 0.1
"""A term with a translation that is trusted this much has a meaning of its own, whatever it sounds like."""
LACKED = 3
"""Words that are named as lacking, at most."""
_LATIN = r"[A-Za-zÀ-ɏ0-9]+"
_WORD = re.compile(rf"{_LATIN}(?:(?:[-_.'’]|(?<=\d),(?=\d)){_LATIN})*|[가-힣]+")
_NOMINAL = frozenset(("NNG", "NNP", "NNB", "NR", "XR", "XPN", "XSN", "SL", "SN"))
_FRAME = frozenset(
    "얼마 어느 누가 개 대 몇 번 쪽 정도 종류 방법 이름 내용 차이 예 답 질문 노트 "
    "many much long far often kind sort list name give get use every all any here work said like need want happen "
    "come take make one other exactly actually called note notes question answer please".split()
)
"""Words that frame a question: that notes lack them says nothing."""


@dataclass(frozen=True)
class Word:
    """A word of a question without particles and endings, its search terms, and whether it names something."""

    spelled: str
    terms: tuple[str, ...]
    nominal: bool


def words(question: str) -> list[Word]:
    """Return the words that hold search terms, in order, each once."""
    searched = set(terms(question))
    found: dict[tuple[str, ...], Word] = {}
    for match in _WORD.finditer(question):
        held = tuple(term for term in terms(match.group()) if term in searched)
        if held:
            noun = _noun(match.group())
            found.setdefault(held, Word(noun or match.group(), held, bool(noun) and noun.lower() not in _FRAME))
    return list(found.values())


def key_words(question: str, weights: TermWeights) -> str:
    """Return the question's most telling words, at most three, in its order; names and nouns before verbs."""
    found = words(question)
    ranked = sorted(found, key=lambda word: (not word.nominal, -max(weights[term] for term in word.terms)))
    return " ".join(word.spelled for word in found if word in ranked[:KEY_WORDS])


def crossed(question: str, lexicon: Lexicon, weights: TermWeights) -> str:
    """Return the question's words in the other language, as far as the notes use them; empty if too few have one.

    Names in Latin letters stay beside their counterpart: both languages write them so. Where less than half of the
    names and nouns come across, what does is another question.
    """
    found: list[str] = []
    korean, named = detect(question) is Language.KO, set(names(question))
    moved, nominal, carried = False, 0, 0
    for word in words(question):
        latin = word.spelled.isascii()
        best = "" if latin and korean else _counterpart(word, lexicon, weights)
        kept = latin and bool(named & set(word.terms))
        found += [word.spelled] * (kept or (latin and not best)) + [best] * bool(best)
        moved = moved or bool(best)
        nominal += word.nominal
        carried += word.nominal and (kept or bool(best))
    return " ".join(dict.fromkeys(found)) if moved and 2 * carried >= nominal else ""


def lacking(question: str, held: Collection[str], lexicon: Lexicon, weights: TermWeights) -> list[str]:
    """Return the question's names, numbers and nouns that are not among the terms held, in either language.

    The most telling ones, at most `LACKED`, in the question's order.
    """
    missing = [word for word in words(question) if _lacks(word, held, lexicon)]
    named = set(names(question))
    ranked = sorted(missing, key=lambda word: (not named & set(word.terms), -max(weights[term] for term in word.terms)))
    return [word.spelled for word in missing if word in ranked[:LACKED]]


def all_held(question: str, held: Collection[str]) -> bool:
    """Tell whether every name, number and noun of the question is among the terms held, and there is one."""
    named = [word for word in words(question) if word.nominal]
    return bool(named) and all(_holds(word, held) for word in named)


def _lacks(word: Word, held: Collection[str], lexicon: Lexicon) -> bool:
    if not word.nominal or _holds(word, held):
        return False
    return not set(_translations(word, lexicon)) & set(held)


def _holds(word: Word, held: Collection[str]) -> bool:
    """Tell whether a word is there; of one joined of several parts, its parts or the whole."""
    *parts, whole = word.terms
    joined = word.spelled.isascii() and (whole in held or bool(parts and set(parts) <= set(held)))
    return joined or set(word.terms) <= set(held)


def _counterpart(word: Word, lexicon: Lexicon, weights: TermWeights) -> str:
    """Return the counterpart that is trusted most among those in the notes, the more common of two alike."""
    translations = _translations(word, lexicon).items()
    known = {term: weight for term, weight in translations if weight >= TRUSTED and term in weights.weights}
    return min(known, key=lambda term: (-known[term], weights[term], term)) if known else ""


def _translations(word: Word, lexicon: Lexicon) -> dict[str, float]:
    """Return what stands for a word in the other language; what only sounds alike must mean nothing else there.

    보장 sounds like Busan, but it is a word of its own: guarantee.
    """
    spelled, found = set(_spellings(word)), dict[str, float]()
    for one in _spellings(word):
        known = lexicon.translations(one)
        for term, weight in lexicon.counterparts(one).items():
            if term in known or not _means_another(term, spelled, lexicon):
                found[term] = max(weight, found.get(term, 0.0))
    return found


def _means_another(term: str, spelled: Collection[str], lexicon: Lexicon) -> bool:
    own = lexicon.translations(term).items()
    return any(weight >= _OWN and other not in spelled for other, weight in own)


def _spellings(word: Word) -> Sequence[str]:
    return list(dict.fromkeys((word.spelled.lower(), *word.terms)))


@lru_cache(maxsize=20_000)
def _noun(word: str) -> str:
    """Return a Korean word without its particles, empty if it is no noun; a Latin one as it stands."""
    if word[0] < "가":
        return word
    end = 0
    for token in kiwi().tokenize(word):
        if token.tag not in _NOMINAL:
            break
        end = token.start + token.len
    return word[:end]
