"""Answers what needs no search: small talk, and questions about the collection itself.

In: a question, its kind, and the index. Out: a whole answer without citations, in the question's language: a sentence
that says what the assistant is for; or how many notes there are, and the latest ones.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from assistant.answer import Answer, Kind, Question
from assistant.index.snapshot import fits
from assistant.index.store import IndexedNote, Snapshot
from assistant.messages.said import COLLECTION, COLLECTION_MORE, TALK
from assistant.text.shown import inert
from assistant.text.terms import terms

LISTED = 20
"""Notes that are named at most."""


def told(answer: Answer, kind: Kind, question: Question, notes: Snapshot) -> Answer:
    """Return the answer to small talk or to a question about the collection; notes outside the scope do not count."""
    held = [note for note in notes.notes if fits(question.scope, [note.source, *note.copies], note.tags)]
    text = TALK[answer.language].format(count=len(held))
    if kind is Kind.COLLECTION:
        text = "\n".join(_collection(answer, question, held))
    return answer.with_(answer=text, kind=kind, action=None, llm="")


def _collection(answer: Answer, question: Question, held: Sequence[IndexedNote]) -> Iterator[str]:
    """Yield how many notes there are, and a line for each of the first: those that are named, then the latest."""
    asked = frozenset(question.terms)
    ranked = sorted(held, key=lambda note: (not asked & set(terms(f"{note.title} {note.source}")), -note.modified))
    yield COLLECTION[answer.language].format(count=len(held))
    for note in ranked[:LISTED]:
        changed = datetime.fromtimestamp(max(note.modified, 0) / 1e9, UTC).astimezone()
        yield f"- {inert(note.title)} ({inert(note.source)}{f', {changed:%Y-%m-%d}' * (note.modified > 0)})"
    if len(held) > LISTED:
        yield COLLECTION_MORE[answer.language].format(count=len(held) - LISTED)
