"""Re-indexing behind the open page: one run at a time, followed by every tab, and begun by itself when notes are saved.

In: an assistant and a way to name the folder. Out: where the run stands, at any time and from any thread. Questions
work on the previous generation until the new one is in use.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.assistant import Assistant
from assistant.errors import AssistantError
from assistant.index import manifest
from assistant.index.update import Report
from assistant.notes.files import NoteFile, find_notes

logger = logging.getLogger(__name__)
State = frozenset[tuple[str, int, int]]
"""Path, time and size of each note."""
_LOOK = 2.0
"""Seconds between two looks at a folder that is watched; what stayed the same for one is whole."""


@dataclass(frozen=True)
class Progress:
    """Where re-indexing stands: passages embedded of those to be embedded, and how the last run ended."""

    running: bool = False
    done: int = 0
    total: int = 0
    report: Report | None = None
    trouble: str = ""
    runs: int = 0


class Renewal:
    """Brings the index in line in a background thread; thread-safe."""

    def __init__(self, assistant: Assistant, folder: Callable[[], Path], look: float = _LOOK) -> None:
        """Do nothing yet."""
        self._assistant, self._folder, self._look = assistant, folder, look
        self._lock = threading.Lock()
        self._again = False
        self._ended: threading.Event | None = None
        self.progress = Progress()

    def begin(self) -> None:
        """Start a run; if one is under way, another follows it."""
        with self._lock:
            if self.progress.running:
                self._again = True
                return
            self.progress = replace(self.progress, running=True, done=0, total=0, trouble="")
        threading.Thread(target=self._run, name="re-index", daemon=True).start()

    @property
    def watching(self) -> bool:
        """Tell whether the folder is being watched."""
        return self._ended is not None

    def watch(self, on: bool) -> None:
        """Look at the folder every few seconds from now on, or no longer."""
        with self._lock:
            if on and not self._ended:
                self._ended = threading.Event()
                threading.Thread(
                    target=self._watch, args=(self._ended, self._state()), name="watch", daemon=True
                ).start()
            elif not on and self._ended:
                self._ended.set()
                self._ended = None

    def _run(self) -> None:
        while True:
            report, trouble = None, ""
            try:
                report = self._assistant.index([self._folder()], self._advance)
            except AssistantError as error:
                trouble = str(error)
            except Exception as error:  # whatever ended it, the page must not wait for a run that is over
                trouble = f"{type(error).__name__} (…)"
                logger.error("re-indexing ended unexpectedly: %r", error)
            with self._lock:
                runs = self.progress.runs + 1
                self.progress = Progress(self._again, 0, 0, report, trouble, runs)
                if not self._again:
                    return
                self._again = False

    def _advance(self, done: int, total: int) -> None:
        with self._lock:
            self.progress = replace(self.progress, done=done, total=total)

    def _watch(self, ended: threading.Event, before: State) -> None:
        indexed = before
        while not ended.wait(self._look):
            now = self._state()
            if now == before != indexed:
                indexed = now
                self.begin()
            before = now

    def _state(self) -> State:
        """Return path, time and size of each note there is; a file that is being written differs from look to look."""
        found = set()
        known = manifest.read_previous(self._assistant.settings)
        files = [note.file for note in known.notes] if known else []
        try:
            files += [file for file in find_notes([self._folder()]) if isinstance(file, NoteFile)]
        except AssistantError:
            pass  # a folder that is not there yet holds nothing
        for file in files:
            try:
                there = file.path.stat()
            except OSError:
                continue
            found.add((str(file.path), there.st_mtime_ns, there.st_size))
        return frozenset(found)
