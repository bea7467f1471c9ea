"""Reads the last saved evaluation, and runs a new one in a separate process.

The assistant does not import its evaluation: it starts `python -m eval`, as a user would, and reads the saved JSON.
"""

import json
import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

FOLDER = "runs"
"""Its name in the folder that the index is in."""
_STAGES = ("retrieval", "relevance", "generation")
_BAR = re.compile(r"([\w +-]+): +(\d+)%")


def last(index: Path) -> dict[str, Any] | None:
    """Return the latest readable run.json beside an index; None if there is none."""
    for file in sorted((index.parent / FOLDER).glob("*/run.json"), key=lambda file: file.stat().st_mtime, reverse=True):
        try:
            saved = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(saved, dict) and isinstance(saved.get("stages"), dict):
            return saved
    return None


class Measurement:
    """Runs the evaluation, one at a time, and reports its progress; thread-safe."""

    def __init__(
        self, index: Path, command: tuple[str, ...] = (sys.executable, "-m", "eval", *_STAGES, "--json")
    ) -> None:
        """Do nothing yet; the run will be saved beside the index."""
        self._index, self._command, self._lock = index, command, threading.Lock()
        self.running, self.said, self.trouble, self.runs = False, "", "", 0
        self._process: subprocess.Popen[str] | None = None
        self._stopped = False

    def begin(self) -> None:
        """Start the command unless it is running."""
        with self._lock:
            if self.running:
                return
            self.running, self.said, self.trouble, self._stopped = True, "", "", False
        threading.Thread(target=self._run, name="measurement", daemon=True).start()

    def stop(self) -> None:
        """End the command if it is running; what was measured before stays."""
        with self._lock:
            self._stopped = True
            if self._process is not None:
                self._process.terminate()

    def _run(self) -> None:
        line = ""
        try:
            pipes: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
            pipes["env"] = os.environ | {"ASSISTANT_INDEX": str(self._index.absolute())}
            with subprocess.Popen(self._command, encoding="utf-8", errors="replace", **pipes) as process:
                assert process.stderr is not None
                with self._lock:
                    self._process = process
                    if self._stopped:
                        process.terminate()
                for line in filter(str.strip, process.stderr):
                    if progress := _BAR.search(line):
                        self.said = f"{progress[1].strip()} {progress[2]} %"
                if (status := process.wait()) and not self._stopped:
                    self.trouble = " ".join(line.split()) or f"python -m eval ended with status {status}"
        except OSError as error:
            self.trouble = str(error)
        with self._lock:
            self.running, self.runs, self._process = False, self.runs + 1, None
