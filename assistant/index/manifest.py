"""The fingerprint of an index: what made it, and whether it fits the settings.

In: settings, and the fingerprint that the index keeps. Out: the settings with the index's embedding model, or
IndexUnusable. Loads no model and no search engine.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from assistant.config import Settings
from assistant.errors import IndexUnusable
from assistant.index import passages
from assistant.index.store import IndexedNote, Store
from assistant.index.stores import open_store
from assistant.models.embedding import name_of, weights_of
from assistant.notes.files import NoteFile
from assistant.text import terms

FORMAT = 3


def fingerprint(settings: Settings) -> dict[str, Any]:
    """Return the fingerprint that an index must have to be used with these settings."""
    return {
        "format": FORMAT,
        "embedding": name_of(settings),
        "weights": weights_of(settings),
        "chunking": passages.VERSION,
        "terms": terms.TERMS_VERSION,
    }


def check(made: Mapping[str, Any], settings: Settings, place: str = "") -> None:
    """Raise IndexUnusable if the fingerprint `made` of the index at a place (default: its folder) does not fit."""
    if not settings.embedding:
        settings = replace(settings, embedding=str(made.get("embedding") or ""))
    wanted = fingerprint(settings)
    if differing := [key for key in wanted if made.get(key) != wanted[key]]:
        differences = "; ".join(f"{key}: index {made.get(key)}, settings {wanted[key]}" for key in differing)
        raise IndexUnusable(
            f"the index at {place or settings.index} was made otherwise ({differences}); renew it with: "
            "assistant index [FOLDER]"
        )


def made_with(settings: Settings, store: Store | None = None) -> Settings:
    """Return the settings with an embedding model: the one they name, else the index's, else the default.

    Only this function knows that order. A damaged index counts as none here; opening a snapshot reports the damage.
    Without a store it is the one that the settings name.
    """
    if settings.embedding:
        return settings
    name = (store or open_store(settings)).made().get("embedding")
    return replace(settings, embedding=str(name or "") or name_of(settings))


def file_of(note: IndexedNote) -> NoteFile:
    """Return the file that a note was read from."""
    return NoteFile(Path(note.root), note.source)
