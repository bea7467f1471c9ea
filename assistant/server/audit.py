"""Writes down who asked a server for what, without what they said: a line of JSON for each request.

In: a request's owner, method and path, and how it went. Out: a line in a file. Queries, bodies and answers are left
out.
"""

import json
import logging
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

logger = logging.getLogger(__name__)


class Audit:
    """A file of lines; without one nothing is written. Thread-safe."""

    def __init__(self, file: Path | None = None) -> None:
        """Open nothing yet."""
        self._file, self._lock = file, threading.Lock()

    def write(self, owner: str, method: str, path: str, status: int, began: float) -> None:
        """Append a line about a request that began at this time of the monotonic clock."""
        if self._file is None:
            return
        line = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "who": owner,
            "method": method,
            "path": path,
            "status": status,
            "seconds": round(time.monotonic() - began, 3),
        }
        try:
            with self._lock, open(self._file, "a", encoding="utf-8") as file:
                file.write(f"{json.dumps(line, ensure_ascii=False)}\n")
        except OSError as error:  # a full disk must not stop the answers
            logger.warning("cannot write %s: %s", self._file, error.strerror)
