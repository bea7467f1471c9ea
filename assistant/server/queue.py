"""The way from many requests at a time to the assistant, which answers one at a time.

In: questions, from an event loop that must not wait. Out: answers, in the order in which the questions came. One thread
asks the assistant; a question whose asker is gone is not begun, and one that is being answered ends at its next word.
"""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import aclosing, closing
from typing import Any, TypeVar, cast

from assistant.answer import Answer, Turn
from assistant.assistant import Assistant
from assistant.errors import GenerationFailed
from assistant.index.note_text import NoteText, read
from assistant.messages.said import BUSY
from assistant.server.forms import hits

Value = TypeVar("Value")
MOST = 64
"""Requests that may wait at a time."""


class Turns:
    """Asks one assistant for all the doors; made once, used from one event loop."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="turns")
        self._under_way: set[threading.Event] = set()

    async def answers(self, question: str, history: Sequence[Turn] = ()) -> AsyncGenerator[Answer]:
        """Yield the growing answer; the last one is checked and whole. Closing this ends the writing.

        Raises:
            AssistantError: what `Assistant.stream` raises; GenerationFailed if too many wait already.

        """
        loop = asyncio.get_running_loop()
        coming: asyncio.Queue[Answer | None] = asyncio.Queue()

        def make(stopped: threading.Event) -> None:
            with closing(cast(Generator[Answer], self._assistant.stream(question, history))) as growing:
                for answer in growing:
                    if stopped.is_set():
                        return
                    loop.call_soon_threadsafe(coming.put_nowait, answer)

        job, stopped = self._admit(make)
        finished = asyncio.wrap_future(job)
        finished.add_done_callback(lambda _: coming.put_nowait(None))
        try:
            while (answer := await coming.get()) is not None:
                yield answer
            await finished
        finally:
            self._leave(job, stopped)

    async def ask(self, question: str, history: Sequence[Turn] = ()) -> Answer:
        """Return the whole answer; raise what `answers` raises."""
        last: Answer | None = None
        async with aclosing(self.answers(question, history)) as growing:
            async for answer in growing:
                last = answer
        if last is None:
            raise GenerationFailed("the server is being stopped")
        return last

    async def search(self, query: str, top_k: int | None = None) -> list[dict[str, Any]]:
        """Return the passages found, in the contract's form; raise what `Assistant.search` raises."""
        return await self._take(lambda: hits(self._assistant.search(query, top_k)))

    async def note(self, source: str) -> NoteText:
        """Return an indexed note's text; raise NoteError if the index has none, IndexUnusable without an index."""
        return await self._take(lambda: read(self._assistant.snapshot, source))

    async def close(self) -> None:
        """Begin nothing any more, end what is being written, and wait for that."""
        for stopped in self._under_way:
            stopped.set()
        await asyncio.to_thread(self._pool.shutdown, cancel_futures=True)

    async def _take(self, make: Callable[[], Value]) -> Value:
        job, stopped = self._admit(lambda stopped: make())
        try:
            return await asyncio.wrap_future(job)
        finally:
            self._leave(job, stopped)

    def _admit(self, make: Callable[[threading.Event], Value]) -> tuple["Future[Value]", threading.Event]:
        if len(self._under_way) >= MOST:
            raise GenerationFailed(BUSY.format(most=MOST))
        stopped = threading.Event()
        try:
            job = self._pool.submit(make, stopped)
        except RuntimeError as error:  # after `close`
            raise GenerationFailed("the server is being stopped") from error
        self._under_way.add(stopped)
        return job, stopped

    def _leave(self, job: "Future[Any]", stopped: threading.Event) -> None:
        stopped.set()
        job.cancel()
        self._under_way.discard(stopped)
