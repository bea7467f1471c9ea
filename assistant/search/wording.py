"""Rewords a question: its key words, its translation, and the words that the notes lack.

In: a question and the index. Out: words, spelled as in the question or as in the notes. It does not search or judge.
"""

from collections.abc import Collection, Sequence

from assistant.answer import Question, Word
from assistant.index.store import Snapshot
from assistant.search.counterparts import translations
from assistant.text.language import Language

KEY_WORDS = 3
"""Corrective RAG (arXiv 2401.15884, section 4.5 and appendix B.1) rewrites a question to at most three keywords."""
TRUSTED = 0.3
"""A counterpart with a lower weight is not used as a translation."""
LACKED = 3
"""At most this many words are named as lacking."""


def key_words(question: Question, notes: Snapshot) -> str:
    """Return the question's rarest words, at most three, in its order; names and nouns go before verbs."""
    ranked = sorted(question.words, key=lambda word: (not word.nominal, -_weight(word, notes)))
    return " ".join(word.spelled for word in question.words if word in ranked[:KEY_WORDS])


def crossed(question: Question, notes: Snapshot) -> str:
    """Translate the question's words into terms that the notes use; empty if too few have a translation.

    Names in Latin letters stay beside their translation, since both languages write them so. If less than half of the
    names and nouns can be translated, the rest would be another question, and the result is empty.
    """
    translated: list[str] = []
    korean, named = question.language is Language.KO, set(question.names)
    moved, nominal, carried = False, 0, 0
    for word in question.words:
        latin = word.spelled.isascii()
        best = "" if latin and korean else _counterpart(word, notes)
        kept = latin and bool(named & set(word.terms))
        translated += [word.spelled] * (kept or (latin and not best)) + [best] * bool(best)
        moved = moved or bool(best)
        nominal += word.nominal
        carried += word.nominal and (kept or bool(best))
    return " ".join(dict.fromkeys(translated)) if moved and 2 * carried >= nominal else ""


def lacking(question: Question, present: Collection[str], notes: Snapshot) -> list[str]:
    """Return the question's names, numbers and nouns that are not among the terms of the notes, in either language.

    At most `LACKED`, the rarest ones, in the question's order. Empty if the notes contain none of its words: notes on
    another topic do not lack anything in particular.
    """
    others = [word for word in question.words if word.nominal and not _holds(word, present)]
    if len(others) == sum(word.nominal for word in question.words):
        return []
    missing = [word for word in others if not set(translations(word, notes)) & set(present)]
    named = set(question.names)
    ranked = sorted(missing, key=lambda word: (not named & set(word.terms), -_weight(word, notes)))
    return [word.spelled for word in missing if word in ranked[:LACKED]]


def all_held(words: Sequence[Word], present: Collection[str]) -> bool:
    """Tell whether the words include names, numbers or nouns, and the terms of the notes contain all of those."""
    nominal = [word for word in words if word.nominal]
    return bool(nominal) and all(_holds(word, present) for word in nominal)


def _weight(word: Word, notes: Snapshot) -> float:
    return max(notes.weight(term) for term in word.terms)


def _holds(word: Word, present: Collection[str]) -> bool:
    """Tell whether the terms contain a word; for a Latin compound (GPT-4) either its parts or the whole."""
    *parts, whole = word.terms
    joined = word.spelled.isascii() and (whole in present or bool(parts and set(parts) <= set(present)))
    return joined or set(word.terms) <= set(present)


def _counterpart(word: Word, notes: Snapshot) -> str:
    """Return the translation with the highest weight that the notes contain; of equal ones the more common."""
    known = {
        term: weight for term, weight in translations(word, notes).items() if weight >= TRUSTED and notes.holds(term)
    }
    return min(known, key=lambda term: (-known[term], notes.weight(term), term)) if known else ""
