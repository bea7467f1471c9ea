"""Checks the notes again before they are cited or named: a file may have been changed or deleted since it was indexed.

In: strips of indexed notes. Out: the strips whose words are still in their notes, with today's offsets; and the sources
of the others. For an unchanged note only the file's size and time are read.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache

from assistant.answer import Answer, RankedPassage, Strip
from assistant.index.manifest import file_of
from assistant.index.note_text import is_current
from assistant.index.store import IndexedNote, Snapshot
from assistant.messages.said import CITED_CHANGED, NOT_CITED
from assistant.notes.files import Unread, contents, parsed


def still_there(strips: Sequence[Strip], notes: Snapshot) -> tuple[list[Strip], list[str], list[str]]:
    """Return the strips that can be cited, numbered from 1; the sources of those that cannot; those of moved ones.

    `text[start:end] == strip.text` holds for the note's present text. Web pages are not checked.
    """
    cited = {strip.source for strip in strips}
    changed = {note.source: _text(note) for note in notes.notes if note.source in cited and not is_current(note)}
    kept: list[Strip] = []
    lost: list[str] = []
    for strip in strips:
        start = _place(strip, changed[strip.source]) if strip.source in changed else strip.start
        if start is None:
            lost.append(strip.source)
        else:
            kept.append(replace(strip, start=start, end=start + len(strip.text), number=len(kept) + 1))
    moved = [strip.source for strip in kept if strip.source in changed and strip.source not in lost]
    return kept, list(dict.fromkeys(lost)), list(dict.fromkeys(moved))


def warned(answer: Answer, gone: Sequence[str], moved: Sequence[str]) -> Answer:
    """Return the answer with a line about notes that changed since they were indexed."""
    lines = [(NOT_CITED, gone), (CITED_CHANGED, moved)]
    said = [line[answer.language].format(sources=", ".join(sources)) for line, sources in lines if sources]
    return answer.with_(fallback=" ".join(filter(None, (answer.fallback, *said)))) if said else answer


def without_deleted(passages: Iterable[RankedPassage], notes: Snapshot) -> tuple[RankedPassage, ...]:
    """Return the passages without those of notes whose file is gone. Web pages are not checked."""
    own = {note.source: note for note in notes.notes}
    gone = cache(lambda source: source in own and not os.path.exists(file_of(own[source]).place))
    return tuple(passage for passage in passages if not gone(passage.source))


def _text(note: IndexedNote) -> str:
    """Return the present text of a note's file; empty if it cannot be read."""
    file = file_of(note)
    data = contents(file)
    document = data if isinstance(data, Unread) else parsed(file, data)
    return "" if isinstance(document, Unread) else document.text


def _place(strip: Strip, text: str) -> int | None:
    """Return the offset of the strip's words in the text, the one nearest to the old offset; None if they are gone."""
    if text.startswith(strip.text, strip.start):
        return strip.start
    return min(_places(strip.text, text), key=lambda start: abs(start - strip.start), default=None)


def _places(words: str, text: str) -> Iterable[int]:
    at = text.find(words)
    while at >= 0:
        yield at
        at = text.find(words, at + 1)
