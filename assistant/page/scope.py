"""What a question on the page is asked of: the notes that were chosen beside the question field, and the writer.

In: the JSON that the scripts send with a question. Out: a `Scope`, and what of it is shown with the answer. To choose
nothing is not to choose everything: the first is an empty `Scope`, the second none at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from assistant.answer import Scope
from assistant.errors import SettingsError
from assistant.index.scopes import fits
from assistant.index.store import IndexedNote
from assistant.messages.catalogue import line

_NAMED = 3
"""Places and tags that are named with an answer."""


@dataclass(frozen=True)
class Sent:
    """What comes with a question: the chosen notes, None for all, and the id of the exchange that it replaces.

    `llm` names the language model that is to write; empty for the one of the settings.
    """

    scope: Scope | None = None
    edits: str = ""
    llm: str = ""


_ADAPTER = TypeAdapter(Sent)


@dataclass(frozen=True)
class Chosen:
    """What a question was asked of: so many of all notes, and the first `_NAMED` of the names they were chosen by."""

    notes: int
    whole: int
    names: tuple[str, ...] = ()


def read(sent: str) -> Sent:
    """Return what the page sent with a question; raise SettingsError if it is not what our page sends."""
    try:
        return _ADAPTER.validate_json(sent or "{}")
    except ValidationError as error:
        raise SettingsError(line("line.no_event")) from error


def chosen(scope: Scope | None, notes: Sequence[IndexedNote]) -> Chosen | None:
    """Return what a scope holds; None if all notes are asked."""
    if scope is None:
        return None
    held = sum(fits(scope, note) for note in notes) if scope else 0
    titles = {note.source: note.title for note in notes}
    names = [titles.get(place, place) for place in scope.places] + [f"#{tag}" for tag in scope.tags]
    names += [f".{ending}" for ending in scope.formats]
    names += [f"{scope.since} – {scope.until}".strip()] if scope.since or scope.until else []
    return Chosen(held, len(notes), tuple(names[:_NAMED] + ["…"] * (len(names) > _NAMED)))
