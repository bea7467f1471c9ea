"""Keeps conversations in a database, each for its owner.

In: conversations as the page has them. Out: the list of an owner's conversations, and each one's text. An owner is the
name of a log-in, or empty where none is asked for. What two devices added to one conversation at the same time is put
together: nothing that was asked is lost.
"""

import json
import re
import time
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from assistant.errors import SettingsError
from assistant.page.exchanges import Talk, dumped, loaded, settled
from assistant.server.kept import Database, Tables, Value

FILE = "conversations.sqlite"
_TITLE = 200
"""Characters of a title or a name."""
_TABLE = """CREATE TABLE IF NOT EXISTS conversation (
    owner TEXT, id TEXT, title TEXT, name TEXT, pinned INTEGER, changed DOUBLE PRECISION, chosen TEXT, text TEXT,
    words TEXT, revision INTEGER, PRIMARY KEY (owner, id)
)"""
_TABLES = Tables("conversations", "conversation_shape", version=1, sql=_TABLE)
_WILD, _LITERAL = re.compile("[!%_]"), r"!\g<0>"
_HEAD = "id, title, name, pinned, changed, chosen, revision"


@dataclass(frozen=True)
class Head:
    """A conversation in the list; `name` is what its reader called it, `title` its first question.

    `changed` is in milliseconds since 1970; `chosen` is what the page keeps of the chosen notes; `revision` counts the
    texts that it has had.
    """

    id: str
    title: str
    name: str
    pinned: bool
    changed: float
    chosen: JsonValue
    revision: int


class Change(BaseModel):
    """What the page changes of a conversation; what is left out stays. `revision` is that of the text it had before."""

    model_config = ConfigDict(extra="forbid")
    text: str | None = None
    revision: int = 0
    name: str | None = Field(default=None, max_length=_TITLE)
    pinned: bool | None = None
    chosen: JsonValue = None
    changed: float | None = None


class Talks:
    """The conversations of all owners: in a file, or in PostgreSQL at an address."""

    def __init__(self, place: Path | str) -> None:
        self._database = Database(place, _TABLES)

    def heads(self, owner: str, words: str = "") -> list[Head]:
        """Return an owner's conversations that hold all of the words: pinned ones first, then the newest."""
        sought = _plain(words).split()
        holds = "".join(" AND words LIKE ? ESCAPE '!'" for _ in sought)
        asked = f"SELECT {_HEAD} FROM conversation WHERE owner = ?{holds} ORDER BY pinned DESC, changed DESC, id"
        held = [f"%{_WILD.sub(_LITERAL, word)}%" for word in sought]
        with self._database.open() as kept:
            return [_head(row) for row in kept.execute(asked, (owner, *held))]

    def text(self, owner: str, id: str) -> tuple[str, int] | None:
        """Return a conversation's text and its revision; None if there is none."""
        asked = "SELECT text, revision FROM conversation WHERE owner = ? AND id = ?"
        with self._database.open() as kept:
            rows = kept.execute(asked, (owner, id))
        return (rows[0][0], rows[0][1]) if rows else None

    def put(self, owner: str, id: str, change: Change) -> tuple[Head, str] | None:
        """Change a conversation, or begin it with a text; return its head and text, None if there is none to change.

        If its text has another revision than the change knows, another device added to it: both are put together.

        Raises:
            SettingsError: the text is no conversation of that id.
            Unkept: the file cannot be read or written.

        """
        came = loaded(change.text) if change.text is not None else None
        if came is not None and (came.id != id or not came.exchanges):
            raise SettingsError(f"expected a conversation with the id '{id}' and a question, found another text")
        with self._database.open() as kept, kept.change(f"{owner}/{id}"):
            asked = f"SELECT {_HEAD}, text FROM conversation WHERE owner = ? AND id = ?"
            row = next(iter(kept.execute(asked, (owner, id))), None)
            if row is None and came is None:
                return None
            old, talk = (_head(row[:-1]), loaded(row[-1])) if row else (Head(id, "", "", False, 0, None, 0), Talk())
            if came is not None:
                talk = came if change.revision == old.revision else _together(talk, came)
            new = _changed(old, change, talk)
            text = dumped(talk)
            kept.execute("DELETE FROM conversation WHERE owner = ? AND id = ?", (owner, id))
            values = (owner, *_row(new), text, _words(talk, new))
            kept.execute(f"INSERT INTO conversation (owner, {_HEAD}, text, words) VALUES (?{', ?' * 9})", values)
        return new, text

    def remove(self, owner: str, id: str) -> None:
        """Remove a conversation, if it is there."""
        with self._database.open() as kept:
            kept.execute("DELETE FROM conversation WHERE owner = ? AND id = ?", (owner, id))

    def all(self, owner: str) -> list[tuple[Head, Talk]]:
        """Return all of an owner's conversations, the newest first."""
        asked = f"SELECT {_HEAD}, text FROM conversation WHERE owner = ? ORDER BY changed DESC, id"
        with self._database.open() as kept:
            return [(_head(row[:-1]), loaded(row[-1])) for row in kept.execute(asked, (owner,))]


def _together(here: Talk, came: Talk) -> Talk:
    """Return what either holds; of an exchange in both, what came."""
    exchanges = here.exchanges
    known = {item.id for item in exchanges}
    for item in came.exchanges:
        if item.id in known:
            exchanges = tuple(item if one.id == item.id else one for one in exchanges)
        else:
            exchanges = settled(exchanges, item)
    return came.with_(exchanges)


def _changed(old: Head, change: Change, talk: Talk) -> Head:
    """Return the head after a change; only what is asked moves a conversation up in the list."""
    given = change.model_dump(include={"name", "pinned"}, exclude_none=True)
    if "chosen" in change.model_fields_set:
        given["chosen"] = change.chosen
    if change.text is not None:
        # In a full conversation the first question leaves, the title stays.
        title = old.title if old.title and len(talk.exchanges) > 1 else talk.exchanges[0].question[:_TITLE]
        given |= {"title": title, "revision": old.revision + 1}
        given["changed"] = change.changed if change.changed is not None else time.time() * 1000
    return Head(**{**vars(old), **given})


def _head(row: tuple[Any, ...]) -> Head:
    id, title, name, pinned, changed, chosen, revision = row
    return Head(id, title, name, bool(pinned), changed, json.loads(chosen), revision)


def _row(head: Head) -> tuple[Value, ...]:
    return head.id, head.title, head.name, int(head.pinned), head.changed, json.dumps(head.chosen), head.revision


def _words(talk: Talk, head: Head) -> str:
    asked = [one for item in talk.exchanges for one in (*item.earlier, item)]
    said = [one.question + "\n" + (one.answer.answer if one.answer else one.draft) for one in asked]
    return _plain("\n".join([head.title, head.name, *said]))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()
