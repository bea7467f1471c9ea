"""Stores a reader's ratings of answers in a file on this machine, one JSON object a line.

`python -m eval feedback` turns them into test cases. A later line with the same `id` replaces an earlier one.
"""

import json
import time
from pathlib import Path

from assistant.page.exchanges import Exchange

FILE = "feedback.jsonl"
"""Its name in the folder that the index is in."""


def note(exchange: Exchange, file: Path) -> None:
    """Append the exchange with its rating and reason; raise OSError if the file cannot be written."""
    answer = exchange.answer
    record = {
        "id": exchange.id,
        "when": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "rated": exchange.rated,
        "reason": exchange.reason,
        "answer": answer.to_json() if answer else None,
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(record, ensure_ascii=False) + "\n")
