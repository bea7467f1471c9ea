"""The JSON forms of search results and answers, the same on the command line and over the network.

In: values of the stages. Out: dictionaries that `json.dumps` accepts.
"""

import re
from collections.abc import Iterable
from typing import Any

from assistant.answer import Answer, Scored
from assistant.index.scopes import day_of
from assistant.index.store import IndexedNote
from assistant.text.blocks import locator_of

# The folders of an absolute path. No letter, dot or slash may come before it, so web addresses and relative paths stay.
_FOLDERS = re.compile(r"(?<![\w.:/\\~-])(?:~|[A-Za-z]:)?[\\/]+(?:[^\s\\/'\":;,()]+[\\/]+)*(?=[^\s\\/])")


def hits(passages: Iterable[Scored]) -> list[dict[str, Any]]:
    """Return the JSON form of search results, best first; scores are comparable within one query only."""
    return [
        {
            "rank": rank,
            "source": item.passage.source,
            "start": item.passage.start,
            "end": item.passage.end,
            "heading": item.passage.heading,
            "score": round(item.score, 4),
            "text": item.passage.text,
            **({"locator": where} if (where := locator_of(item.passage.places, 0, len(item.passage.text))) else {}),
        }
        for rank, item in enumerate(passages, start=1)
    ]


def listed(notes: Iterable[IndexedNote]) -> list[dict[str, Any]]:
    """Return the JSON form of the indexed notes: what a scope can name, in the order of their sources."""
    return [
        {
            "source": note.source,
            "copies": list(note.copies),
            "title": note.title,
            "language": note.language,
            "tags": list(note.tags),
            "day": day_of(note),
        }
        for note in sorted(notes, key=lambda note: note.source)
    ]


def answered(answer: Answer, id: str = "") -> dict[str, Any]:
    """Return the JSON form of an answer for another program: without the names of this machine's folders."""
    fallback = answer.fallback
    return answer.with_(fallback=fallback and without_folders(fallback)).to_json(id)


def without_folders(text: str) -> str:
    """Return the text with each absolute path shortened to its last name."""
    return _FOLDERS.sub("", text)
