"""What an index must agree with to be used, and which embedding model that means.

In: settings. Out: the fingerprint and its check. Imports no model and no search engine.
"""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from assistant.config import Settings
from assistant.errors import IndexUnusable
from assistant.index import database, earlier, passages
from assistant.index.store import IndexedNote
from assistant.models.embedding import name_of, weights_of
from assistant.notes.files import NoteFile
from assistant.text import terms

FORMAT = 3


def fingerprint(settings: Settings) -> dict[str, Any]:
    """Return what an index must agree with to be used under these settings."""
    return {
        "format": FORMAT,
        "embedding": name_of(settings),
        "weights": weights_of(settings),
        "chunking": passages.VERSION,
        "terms": terms.TERMS_VERSION,
    }


def check(made: Mapping[str, Any], settings: Settings) -> None:
    """Raise IndexUnusable if an index of that fingerprint was made otherwise than the settings ask for."""
    if not settings.embedding:
        settings = replace(settings, embedding=str(made.get("embedding") or ""))
    wanted = fingerprint(settings)
    if differing := [key for key in wanted if made.get(key) != wanted[key]]:
        said = "; ".join(f"{key}: index {made.get(key)}, settings {wanted[key]}" for key in differing)
        raise IndexUnusable(
            f"the index at {settings.index} was made otherwise ({said}); renew it with: assistant index [FOLDER]"
        )


def made_with(settings: Settings) -> Settings:
    """Return the settings with an embedding model: the one they name, else the index's own, else the default.

    The one place that knows this order. A damaged index counts as none: a snapshot of it says so.
    """
    if settings.embedding:
        return settings
    try:
        with database.damage_told(settings.index), closing(database.connect(settings.index)) as connection:
            made = (database.meta(connection, "fingerprint") or {}).get("embedding")
    except IndexUnusable:
        made = earlier.fingerprint(settings.index).get("embedding")
    return replace(settings, embedding=str(made or "") or name_of(settings))


def file_of(note: IndexedNote) -> NoteFile:
    """Return where a note was read."""
    return NoteFile(Path(note.root), note.source)
