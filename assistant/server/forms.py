"""What programs get: search results and answers in their JSON forms, the same on the command line and over the network.

In: values of the stages. Out: dictionaries that `json.dumps` takes. Knows no server.
"""

import re
from collections.abc import Iterable
from typing import Any

from assistant.answer import Answer, Scored

# A slash that begins a path: nothing that a word, a web address or a relative path is made of stands before it.
_FOLDERS = re.compile(r"(?<![\w.:/\\~-])(?:~|[A-Za-z]:)?[\\/]+(?:[^\s\\/'\":;,()]+[\\/]+)*(?=[^\s\\/])")


def hits(found: Iterable[Scored]) -> list[dict[str, Any]]:
    """Return passages as the contract has them, best first; scores are comparable within one query only."""
    return [
        {
            "rank": rank,
            "source": item.passage.source,
            "start": item.passage.start,
            "end": item.passage.end,
            "heading": item.passage.heading,
            "score": round(item.score, 4),
            "text": item.passage.text,
        }
        for rank, item in enumerate(found, start=1)
    ]


def answered(answer: Answer, id: str = "") -> dict[str, Any]:
    """Return an answer as the contract has it, for another program: without this machine's folders."""
    fallback = answer.fallback
    return answer.with_(fallback=fallback and without_folders(fallback)).to_json(id)


def without_folders(text: str) -> str:
    """Return the text with each absolute path cut down to its last name."""
    return _FOLDERS.sub("", text)
