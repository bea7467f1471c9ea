"""Translates search terms to the other language with the learned lexicon and with the pairs that the notes give.

In: a search term and an index. Out: terms of the other language, each with a weight in 0..1.
"""

from assistant.answer import Word
from assistant.index.store import Snapshot
from assistant.text.lexicon import Lexicon, across

_OWN = 0.1
"""A term with a translation of at least this weight has its own meaning, whatever it sounds like."""


def counterparts(term: str, notes: Snapshot) -> dict[str, float]:
    """Return a term's counterparts in the other language with weights in 0..1; empty for an unknown term."""
    return _lexicon(term, notes).counterparts(term)


def translations(word: Word, notes: Snapshot) -> dict[str, float]:
    """Return a word's translations, without terms that only sound alike and have a meaning of their own.

    For example, 보장 sounds like Busan but means guarantee, so it is no translation of Busan.
    """
    spellings = tuple(dict.fromkeys((word.spelled.lower(), *word.terms)))
    weights = dict[str, float]()
    for one in spellings:
        lexicon = _lexicon(one, notes)
        known = lexicon.translations(one)
        for term, weight in lexicon.counterparts(one).items():
            if term in known or not _means_another(term, spellings, notes):
                weights[term] = max(weight, weights.get(term, 0.0))
    return weights


def _means_another(term: str, spellings: tuple[str, ...], notes: Snapshot) -> bool:
    own = _lexicon(term, notes).translations(term).items()
    return any(weight >= _OWN and other not in spellings for other, weight in own)


def _lexicon(term: str, notes: Snapshot) -> Lexicon:
    """Return the part of the lexicon that concerns one term."""
    key = across(term)
    return Lexicon({key: notes.alike(key)}, {term: notes.bracketed(term)})
