"""Marks that a reader gave to answers: one JSON object a line, on this machine alone.

`python -m eval feedback` turns them into cases. A later line about the same `id` stands in the place of an earlier one.
"""

import json
import time
from pathlib import Path

from assistant.page.exchanges import Exchange

FILE = Path(".assistant/feedback.jsonl")


def note(exchange: Exchange, file: Path = FILE) -> None:
    """Append the exchange with its mark and reason; raise OSError if the file cannot be written."""
    answer = exchange.answer
    said = {
        "id": exchange.id,
        "when": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "rated": exchange.rated,
        "reason": exchange.reason,
        "answer": answer.to_json() if answer else None,
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(said, ensure_ascii=False) + "\n")
