"""Re-indexes in the background, one run at a time, on request or whenever notes are saved.

In: an assistant, and a function that returns the notes' folder. Out: the progress of the run, from any thread.
Questions use the previous state of the index until the run has finished; neither waits for the other.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from watchfiles import watch

from assistant.assistant import Assistant
from assistant.errors import AssistantError
from assistant.index.manifest import file_of
from assistant.index.update import READING, Report
from assistant.notes.files import NoteFile, find_files

logger = logging.getLogger(__name__)
State = frozenset[tuple[str, int, int]]
"""Path, time of the last change (nanoseconds) and size (bytes) of each note."""
_QUIET = 1.0
"""Seconds without a change after which saved notes are indexed."""
_LONGEST = 60.0
"""Seconds after which notes are indexed even if a file keeps changing."""


@dataclass(frozen=True)
class Progress:
    """The progress of a run (files read, then passages embedded, of all), and how the last run ended.

    `runs` counts the runs that have ended; `trouble` is one line on why the last one failed.
    """

    running: bool = False
    what: str = READING
    done: int = 0
    total: int = 0
    report: Report | None = None
    trouble: str = ""
    runs: int = 0


class Renewal:
    """Brings the index in line in a background thread; thread-safe."""

    def __init__(self, assistant: Assistant, folder: Callable[[], Path], quiet: float = _QUIET) -> None:
        """Do nothing yet; changes are indexed after `quiet` seconds without another change."""
        self._assistant, self._folder, self._quiet = assistant, folder, quiet
        self._lock = threading.Lock()
        self._chosen: Path | None = None
        self._begun: State | None = None
        self._again = False
        self._ended: threading.Event | None = None
        self.progress = Progress()

    def begin(self) -> None:
        """Start a run; if one is running, another follows it."""
        with self._lock:
            if self.progress.running:
                self._again = True
                return
            self.progress = replace(self.progress, running=True, done=0, total=0, trouble="")
        threading.Thread(target=self._run, name="re-index", daemon=True).start()

    def read(self, folder: Path) -> None:
        """Index another folder in the place of all others; it is the folder from now on."""
        with self._lock:
            self._chosen = folder
        self._begun = self._state()  # the watcher need not begin it once more
        self.begin()

    @property
    def folder(self) -> Path:
        """The folder of the notes."""
        return self._chosen or self._folder()

    @property
    def watching(self) -> bool:
        """Tell whether the folder is being watched."""
        return self._ended is not None

    def watch(self, on: bool) -> None:
        """Start or stop watching the folder for changes."""
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
                only = self._chosen is not None
                report = self._assistant.index([self.folder], self._advance, self._so_far, only)
            except AssistantError as error:
                trouble = str(error)
            except Exception as error:  # whatever went wrong, the page must not wait for ever
                trouble = f"{type(error).__name__} (…)"
                logger.error("re-indexing ended unexpectedly: %r", error)
            with self._lock:
                runs = self.progress.runs + 1
                self.progress = Progress(self._again, report=report, trouble=trouble, runs=runs)
                if not self._again:
                    return
                self._again = False

    def _advance(self, what: str, done: int, total: int) -> None:
        with self._lock:
            self.progress = replace(self.progress, what=what, done=done, total=total)

    def _so_far(self, report: Report) -> None:
        """Have the list of notes shown anew, if the run goes on."""
        with self._lock:
            self.progress = replace(self.progress, runs=self.progress.runs + bool(report.waiting))

    def _watch(self, ended: threading.Event, indexed: State) -> None:
        """Start a run whenever the notes differ from the indexed ones and have stopped changing."""
        while not ended.is_set():
            places = self._places()
            if not places:  # a missing folder cannot be watched
                ended.wait(self._quiet)
                indexed = self._compared(indexed)
                continue
            indexed = self._follow(places, ended, indexed)

    def _follow(self, places: dict[str, int], ended: threading.Event, indexed: State) -> State:
        """Watch these places until one of them is replaced; return the notes' state at the last run's start."""
        changed_at: float | None = time.monotonic()  # something may have changed before watching began
        pause = int(self._quiet * 1000)
        options = {"stop_event": ended, "rust_timeout": pause, "yield_on_timeout": True, "watch_filter": None}
        try:
            for changes in watch(*places, raise_interrupt=False, ignore_permission_denied=True, **options):  # type: ignore[arg-type]
                if changes and changed_at is None:
                    changed_at = time.monotonic()
                if changed_at is not None and (not changes or time.monotonic() - changed_at > _LONGEST):
                    changed_at, indexed = None, self._compared(indexed)
                if not changes and self._places() != places:
                    break
        except OSError as error:  # the folder vanished, or the system's limit on watched folders is reached
            logger.warning("cannot watch the notes: %s", error)
            ended.wait(self._quiet)
        return indexed

    def _compared(self, indexed: State) -> State:
        """Start a run if the notes have changed; return their present state."""
        now, begun, self._begun = self._state(), self._begun, None
        if now not in (indexed, begun):
            self.begin()
        return now

    def _places(self) -> dict[str, int]:
        """Return the folder and the notes outside it, each with its inode, which reveals a replaced file."""
        inodes = {}
        for place in (self.folder.absolute(), *self._elsewhere()):
            try:
                inodes[str(place)] = place.stat().st_ino
            except OSError:
                continue
        return inodes

    def _elsewhere(self) -> list[Path]:
        """Return the indexed files outside the folder; their own folders are not watched."""
        if self._chosen:  # it takes the place of all others
            return []
        try:
            files = {file_of(note).place for note in self._assistant.snapshot.notes}
        except AssistantError:
            return []  # no index yet
        return [file for file in files if not file.is_relative_to(self.folder.absolute())]

    def _state(self) -> State:
        """Return path, time and size of each existing note."""
        files = self._elsewhere()
        try:
            files += [file.path for file in find_files([self.folder]) if isinstance(file, NoteFile)]
        except AssistantError:
            pass  # the folder does not exist yet
        state = set()
        for file in files:
            try:
                status = file.stat()
            except OSError:
                continue
            state.add((str(file), status.st_mtime_ns, status.st_size))
        return frozenset(state)
