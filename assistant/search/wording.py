"""A question in other words: its key terms, the same in the other language, and what notes lack of it.

In: a question and the index. Out: words as the asker spelled them. Searches nothing and judges nothing.
"""

from collections.abc import Collection, Sequence

from assistant.answer import Question, Word
from assistant.index.store import Snapshot
from assistant.search.counterparts import translations
from assistant.text.language import Language

KEY_WORDS = 3
"""Corrective RAG (arXiv 2401.15884, section 4.5 and appendix B.1) rewrites a question to at most three keywords."""
TRUSTED = 0.3
"""A counterpart that is trusted less does not stand for its word."""
LACKED = 3
"""Words that are named as lacking, at most."""


def key_words(question: Question, notes: Snapshot) -> str:
    """Return the question's most telling words, at most three, in its order; names and nouns before verbs."""
    ranked = sorted(question.words, key=lambda word: (not word.nominal, -_weight(word, notes)))
    return " ".join(word.spelled for word in question.words if word in ranked[:KEY_WORDS])


def crossed(question: Question, notes: Snapshot) -> str:
    """Return the question's words in the other language, as far as the notes use them; empty if too few have one.

    Names in Latin letters stay beside their counterpart: both languages write them so. Where less than half of the
    names and nouns come across, what does is another question.
    """
    said: list[str] = []
    korean, named = question.language is Language.KO, set(question.names)
    moved, nominal, carried = False, 0, 0
    for word in question.words:
        latin = word.spelled.isascii()
        best = "" if latin and korean else _counterpart(word, notes)
        kept = latin and bool(named & set(word.terms))
        said += [word.spelled] * (kept or (latin and not best)) + [best] * bool(best)
        moved = moved or bool(best)
        nominal += word.nominal
        carried += word.nominal and (kept or bool(best))
    return " ".join(dict.fromkeys(said)) if moved and 2 * carried >= nominal else ""


def lacking(question: Question, held: Collection[str], notes: Snapshot) -> list[str]:
    """Return the question's names, numbers and nouns that are not among the terms held, in either language.

    The most telling ones, at most `LACKED`, in the question's order. None where no word is held as it was asked:
    notes that have nothing to do with a question do not lack this or that.
    """
    others = [word for word in question.words if word.nominal and not _holds(word, held)]
    if len(others) == sum(word.nominal for word in question.words):
        return []
    missing = [word for word in others if not set(translations(word, notes)) & set(held)]
    named = set(question.names)
    ranked = sorted(missing, key=lambda word: (not named & set(word.terms), -_weight(word, notes)))
    return [word.spelled for word in missing if word in ranked[:LACKED]]


def all_held(words: Sequence[Word], held: Collection[str]) -> bool:
    """Tell whether every name, number and noun of the words is among the terms held, and there is one."""
    nominal = [word for word in words if word.nominal]
    return bool(nominal) and all(_holds(word, held) for word in nominal)


def _weight(word: Word, notes: Snapshot) -> float:
    return max(notes.weight(term) for term in word.terms)


def _holds(word: Word, held: Collection[str]) -> bool:
    """Tell whether a word is there; of one joined of several parts, its parts or the whole."""
    *parts, whole = word.terms
    joined = word.spelled.isascii() and (whole in held or bool(parts and set(parts) <= set(held)))
    return joined or set(word.terms) <= set(held)


def _counterpart(word: Word, notes: Snapshot) -> str:
    """Return the counterpart that is trusted most among those in the notes, the more common of two alike."""
    known = {
        term: weight for term, weight in translations(word, notes).items() if weight >= TRUSTED and notes.holds(term)
    }
    return min(known, key=lambda term: (-known[term], notes.weight(term), term)) if known else ""
