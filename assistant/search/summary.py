"""Chooses the note that a summary is asked of, and what a writer reads of it.

In: a question that asks for a summary, the passages that search found for it, and the index. Out: strips of one note,
or of its sections that the question names, in the note's order. A summary is of the whole, so strips are not taken for
being like the question: each section gives its first ones, then its second ones, as long as the writer can read them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from assistant.answer import Passage, Question, Scored, Strip
from assistant.index.scopes import fits
from assistant.index.store import IndexedNote, Snapshot
from assistant.index.units import estimate_tokens
from assistant.search.folders import named_folder
from assistant.search.strips import cut
from assistant.text.overlap import by_terms

_FOUND = 0.3
"""What the note gains that search found first, the next half of it, and so on (docs/decisions.md)."""
_NAMED = 0.5
"""The least share of a question's words, weighted by rarity, that a title holds if nothing found helps."""
_STRIP_TOKENS = 40
"""A strip's usual size: of a note with more sections than fit, evenly spaced ones are read."""


def summed_up(question: Question, found: Sequence[Scored], notes: Snapshot, helps: bool, tokens: int) -> list[Strip]:
    """Return what a summary is written from: an outline of the folder or the note that is named; none if none is."""
    _, folder = named_folder(question, [note for note in notes.notes if fits(question.scope, note)], called_so=True)
    if folder:
        return outline_of_all([notes.of(note.source) for note in folder], tokens)
    source = named_note(question, found, notes, helps)
    return outline(question, notes.of(source), tokens) if source else []


def named_note(question: Question, found: Sequence[Scored], notes: Snapshot, helps: bool) -> str:
    """Return the source of the note whose title, file or folder the question names; empty if it names none.

    Where nothing found helps, a title must hold half of what the question says: "summarise my trip to Busan" is not
    about any note that happens to be found.

    Notes that search found come first: the titles of a large collection take seconds to compare.
    """
    held = [note for note in notes.notes if fits(question.scope, note)]
    places = {source: place for place, source in enumerate(dict.fromkeys(item.passage.source for item in found))}
    near = [note for note in held if note.source in places]
    least = 0.0 if helps else _NAMED
    return _best_named(question, near, places, notes, least) or _best_named(question, held, places, notes, least)


def _best_named(
    question: Question, held: Sequence[IndexedNote], places: Mapping[str, int], notes: Snapshot, least: float
) -> str:
    """Return the source of the best note; the one found first counts even where its title is in other words."""
    titles = [note.names for note in held]
    shares = by_terms(titles, [question.text] * len(held), notes.weight)
    ranked = [
        (share + _FOUND / (1 + places.get(note.source, len(places))), note.source)
        for note, share in zip(held, shares, strict=True)
        if share >= least and (share or places.get(note.source) == 0)
    ]
    return max(ranked, default=(0.0, ""))[1]


def outline(question: Question, passages: Sequence[Passage], tokens: int) -> list[Strip]:
    """Return strips of a note's passages of about `tokens` tokens at most, numbered from 1 in the note's order."""
    read = _named_sections(question, passages)
    most = max(1, tokens // _STRIP_TOKENS)
    if len(read) > most:
        read = [read[at * len(read) // most] for at in range(most)]
    chosen = sorted(_within([cut(passage) for passage in read], tokens), key=lambda strip: strip.start)
    return [replace(strip, number=number, relevance=0.5) for number, strip in enumerate(chosen, start=1)]


def outline_of_all(notes: Sequence[Sequence[Passage]], tokens: int) -> list[Strip]:
    """Return strips of several notes, the first ones of each, numbered from 1 in the notes' order."""
    most = max(1, tokens // _STRIP_TOKENS)
    read = notes if len(notes) <= most else [notes[at * len(notes) // most] for at in range(most)]
    strips = [[strip for passage in passages for strip in cut(passage)] for passages in read]
    places = {own[0].source: place for place, own in enumerate(strips) if own}
    chosen = sorted(_within(strips, tokens), key=lambda strip: (places[strip.source], strip.start))
    return [replace(strip, number=number, relevance=0.5) for number, strip in enumerate(chosen, start=1)]


def _named_sections(question: Question, passages: Sequence[Passage]) -> Sequence[Passage]:
    """Return the passages whose headings name more of the question's words than the title alone; else all."""
    above = [passage.title for passage in passages], [f"{passage.title} {passage.heading}" for passage in passages]
    titles, headings = (by_terms(texts, [question.text] * len(texts)) for texts in above)
    best = max(headings, default=0.0)
    if best <= max(titles, default=0.0):
        return passages
    return [passage for passage, share in zip(passages, headings, strict=True) if share == best]


def _within(sections: Sequence[Sequence[Strip]], tokens: int) -> Iterator[Strip]:
    used = 0.0
    for turn in range(max(map(len, sections), default=0)):
        for strips in sections:
            if turn < len(strips):
                size = estimate_tokens(strips[turn].shown)
                if used and used + size > tokens:
                    return
                used += size
                yield strips[turn]
