"""Which words of one language stand for a word of the other: those learned, and those that the notes themselves give.

In: a search term and an index. Out: terms of the other language, and how far each may be trusted.
"""

from assistant.answer import Word
from assistant.index.store import Snapshot
from assistant.text.lexicon import Lexicon
from assistant.text.sounds import sound_key

_OWN = 0.1
"""A term with a translation that is trusted this much has a meaning of its own, whatever it sounds like."""


def counterparts(term: str, notes: Snapshot) -> dict[str, float]:
    """Return terms of the other language and their weights, in 0..1; none for an unknown term."""
    return _lexicon(term, notes).counterparts(term)


def translations(word: Word, notes: Snapshot) -> dict[str, float]:
    """Return what stands for a word in the other language; what only sounds alike must mean nothing else there.

    보장 sounds like Busan, but it is a word of its own: guarantee.
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
    """Return what is known of one term."""
    key = f"{'ko' if term.isascii() else 'en'} {sound_key(term)}"
    return Lexicon({key: notes.alike(key)}, {term: notes.bracketed(term)})
