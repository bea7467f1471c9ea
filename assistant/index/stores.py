"""Opens the store that the settings name: the only place that knows which stores there are.

In: settings. Out: a `Store`, which has opened no file and reached no server yet.
"""

from dataclasses import replace
from pathlib import Path

from assistant.config import Settings
from assistant.index.keywords import term_key
from assistant.index.store import Store


def open_store(settings: Settings) -> Store:
    """Return the store that the settings name."""
    if settings.store == "milvus":
        from assistant.index.milvus import MilvusStore

        return MilvusStore(settings)
    from assistant.index.local import LocalStore

    return LocalStore(settings)


def named_store(where: str, settings: Settings) -> Store:
    """Return the store that `--from` names: `milvus`, as the settings describe it, or else a folder."""
    if where == "milvus":
        return open_store(replace(settings, store="milvus", embedding=""))
    return open_store(replace(settings, store="", index=Path(where), embedding=""))


def apart(settings: Settings, notes: Path, index: Path) -> Settings:
    """Return settings over other notes with an index of their own, in a folder and under a name of their own."""
    own = f"{settings.store_name}_{term_key(str(notes.absolute())):016x}"
    return replace(settings, notes=notes, index=index, store_name=own)
