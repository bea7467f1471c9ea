"""The queue: many clients ask at a time, the assistant answers one question at a time.

In: questions, from an event loop, which must not block, and from threads, which may. Out: answers, in the order of the
questions. One worker thread calls the assistant. If a client leaves, its question is not started, or its answer ends at
the next word. Jobs without hurry, such as suggestions, run when nobody else waits.
"""

import asyncio
import threading
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, aclosing
from dataclasses import dataclass
from typing import Any, TypeVar

from assistant.answer import Answer, Scope, Turn
from assistant.assistant import Assistant
from assistant.errors import GenerationFailed
from assistant.index import beside
from assistant.index.note_text import NoteText, picture, read
from assistant.index.store import IndexedNote
from assistant.messages.said import BUSY, STOPPED
from assistant.server.forms import hits
from assistant.server.job import Job

Value = TypeVar("Value")
MOST = 64
"""Questions that may wait or be in progress at a time."""
BEAT = 0.3
"""Seconds after which a waiting thread gets None, so that it can notice that its client has left."""
_PATIENCE = 1.0
"""Seconds that a running turn may take to end when the queue is closed; after that it ends with the process."""


@dataclass(frozen=True)
class Waits:
    """Stands where an answer will: so many questions come `before`, the one in progress included."""

    before: int


class Turns:
    """The queue before one assistant, shared by the doors and the page; thread-safe."""

    def __init__(self, assistant: Assistant, one: AbstractContextManager[object] | None = None) -> None:
        """Begin nothing yet. Queues that are given the same lock (`one`) work one at a time together."""
        self.assistant, self.one = assistant, one or threading.Lock()
        self._changed = threading.Condition()
        self._waiting: deque[Job[Any]] = deque()
        self._can_wait: deque[Job[Any]] = deque()
        self._now: Job[Any] | None = None
        self._beside: Job[Any] | None = None  # a job without hurry that is in progress
        self._closed = False
        # Is given each finished answer; None for one that failed.
        self.tell: Callable[[Answer | None], None] = lambda answer: None
        self._worker: threading.Thread | None = None

    @property
    def closed(self) -> bool:
        """Whether no more questions are taken."""
        return self._closed

    @property
    def taken(self) -> int:
        """The number of questions that wait or are in progress."""
        with self._changed:
            return len(self._waiting) + (self._now is not None)

    async def answers(
        self, question: str, history: Sequence[Turn] = (), scope: Scope | None = None, wish: str = ""
    ) -> AsyncGenerator[Answer]:
        """Yield the growing answer; the last one is complete and checked. Closing the generator ends the turn.

        The arguments are those of `Assistant.stream`.

        Raises:
            AssistantError: what `Assistant.stream` raises; GenerationFailed if too many wait already.

        """
        async with aclosing(
            self._taken(lambda: self._told(self.assistant.stream(question, history, scope, wish=wish)))
        ) as growing:
            async for answer in growing:
                yield answer

    async def ask(
        self, question: str, history: Sequence[Turn] = (), scope: Scope | None = None, wish: str = ""
    ) -> Answer:
        """Return the complete answer; raise what `answers` raises."""
        last: Answer | None = None
        async with aclosing(self.answers(question, history, scope, wish)) as growing:
            async for answer in growing:
                last = answer
        if last is None:
            raise GenerationFailed(STOPPED)
        return last

    async def search(self, query: str, top_k: int | None = None, scope: Scope | None = None) -> list[dict[str, Any]]:
        """Return the best passages in their JSON form; raise what `Assistant.search` raises."""
        async with aclosing(self._taken(lambda: iter([hits(self.assistant.search(query, top_k, scope))]))) as once:
            async for passages in once:
                return passages
        raise GenerationFailed(STOPPED)

    async def notes(self) -> Sequence[IndexedNote]:
        """Return the indexed notes, without waiting in the queue; raise IndexUnusable if there is no index."""
        return await asyncio.to_thread(lambda: self.assistant.snapshot.notes)

    async def note(self, source: str) -> NoteText:
        """Return an indexed note's text, without waiting in the queue.

        Raises:
            NoteError: the index has no such note, or its file has changed.
            IndexUnusable: there is no index.

        """
        return await asyncio.to_thread(lambda: read(self.assistant.snapshot, source))

    async def picture(self, source: str, page: int) -> bytes:
        """Return a page of an indexed PDF or picture as PNG, without waiting in the queue; raise what `note` raises."""
        return await asyncio.to_thread(lambda: picture(self.assistant.snapshot, source, page))

    async def beside(self, source: str, name: str) -> tuple[bytes, str]:
        """Return a picture beside an indexed note and its media type, without waiting; raise NoteError without one."""
        return await asyncio.to_thread(lambda: beside.picture(self.assistant.snapshot, source, name))

    def stream(
        self, question: str, history: Sequence[Turn] = (), scope: Scope | None = None, llm: str = ""
    ) -> "Queued":
        """Return the growing answer for a thread to read: an answer, or None after each `BEAT` without a new one.

        While others come first, `Waits` says how many, again whenever they become fewer. Raises GenerationFailed if
        too many wait already; reading raises what `Assistant.stream` raises, which takes `llm`, too.
        """
        job: Job[Answer | Waits] = Job(lambda: self._told(self.assistant.stream(question, history, scope, llm=llm)))
        self._admit(job)
        return Queued(self, job)

    def when_idle(self, work: Callable[[], Value]) -> "Reading[Value]":
        """Return the result of the work for a thread to read; the work starts when nobody else waits."""
        job = Job(lambda: iter([work()]))
        with self._changed:
            if self._closed:
                raise GenerationFailed(STOPPED)
            self._can_wait.append(job)
            self._wake()
        return Reading(self, job)

    def warm_up(self) -> None:
        """Queue the loading of index and models; do not wait for it."""

        def work() -> Iterator[None]:
            self.assistant.warm_up()
            yield None

        try:
            self._admit(Job(work))
        except GenerationFailed:
            return  # a full queue loads the models anyway

    def before(self, job: Job[Any]) -> int:
        """Return the number of questions that come before a job's; 0 if its turn has come or it does not wait."""
        with self._changed:
            return self._waiting.index(job) + (self._now is not None) if job in self._waiting else 0

    def leave(self, job: Job[Any]) -> None:
        """Remove a job, whether it waits or is in progress."""
        job.leave()
        with self._changed:
            for line in (self._waiting, self._can_wait):
                if job in line:
                    line.remove(job)

    def stop(self) -> None:
        """Start no more jobs, and end all others with GenerationFailed; do not wait."""
        with self._changed:
            self._closed = True
            for job in (self._now, self._beside, *self._waiting, *self._can_wait):
                if job is not None:
                    job.end(GenerationFailed(STOPPED))
            self._waiting.clear()
            self._can_wait.clear()
            self._changed.notify_all()

    async def close(self) -> None:
        """Stop, and wait a moment for the running turn; the worker thread ends with the process."""
        self.stop()
        if self._worker is not None:
            await asyncio.to_thread(self._worker.join, _PATIENCE)

    async def _taken(self, work: Callable[[], Iterator[Value]]) -> AsyncGenerator[Value]:
        loop, news = asyncio.get_running_loop(), asyncio.Event()

        def tell() -> None:
            try:
                loop.call_soon_threadsafe(news.set)
            except RuntimeError:
                return  # the event loop is closed

        job = Job(work, tell)
        self._admit(job)
        try:
            while True:
                news.clear()
                values, over = job.take()
                for value in values:
                    yield value
                if over:
                    return
                if not values:
                    await news.wait()
        finally:
            self.leave(job)

    def _told(self, growing: Iterator[Answer]) -> Iterator[Answer]:
        """Yield a growing answer, and tell what came of it; one that is left early is not counted."""
        answer: Answer | None = None
        try:
            for answer in growing:
                yield answer
        except Exception:
            self.tell(None)
            raise
        self.tell(answer)

    def _admit(self, job: Job[Any]) -> None:
        """Add a job to the queue; raise GenerationFailed if too many wait already."""
        with self._changed:
            if self._closed:
                raise GenerationFailed(STOPPED)
            if self.taken >= MOST:
                raise GenerationFailed(BUSY.format(most=MOST))
            self._waiting.append(job)
            self._wake()

    def _wake(self) -> None:
        if self._worker is None:
            # A daemon, so that the process can end while a model does not answer.
            self._worker = threading.Thread(target=self._work, name="turns", daemon=True)
            self._worker.start()
        self._changed.notify_all()

    def _work(self) -> None:
        while (job := self._next()) is not None:
            with self.one:
                job.run()

    def _next(self) -> Job[Any] | None:
        """Wait for the next job; None once the queue is closed."""
        with self._changed:
            self._now = self._beside = None
            self._changed.wait_for(lambda: self._closed or self._waiting or self._can_wait)
            if self._closed:
                return None
            if self._waiting:
                self._now = self._waiting.popleft()
                return self._now
            self._beside = self._can_wait.popleft()
            return self._beside


class Reading(Iterator[Value | None]):
    """Reads a job's values in a thread; `close` may be called from any thread at any time."""

    def __init__(self, turns: Turns, job: Job[Value]) -> None:
        self._turns, self._job = turns, job
        self._ready: deque[Value] = deque()
        self._over = False

    def __next__(self) -> Value | None:
        """Return the next value, or None if none came within `BEAT`."""
        if not self._ready and not self._over:
            self._job.wait(BEAT)
            values, self._over = self._job.take()
            self._ready += values
        if self._job.unwanted or (self._over and not self._ready):
            raise StopIteration
        return self._ready.popleft() if self._ready else None

    def close(self) -> None:
        """Leave the job: it is not started, or it ends at its next value."""
        self._turns.leave(self._job)


class Queued(Reading[Answer | Waits]):
    """Reads a growing answer, and before it the question's place in the queue."""

    _told = 0

    def __next__(self) -> Answer | Waits | None:
        """Return the place if it has changed, else what `Reading` returns."""
        before = self._turns.before(self._job)
        if before and before != self._told:
            self._told = before
            return Waits(before)
        return super().__next__()
