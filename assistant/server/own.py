"""Gives each account notes of its own: behind the one door, an application for each person who logs in.

In: requests whose owner the guard has told. Out: the same requests, to the application over that person's notes; those
of nobody in particular go on to the shared one. The applications share models and take turns; their notes, indexes and
conversations lie in folders of their own, so that no search can reach a colleague's.
"""

import asyncio
import re
from collections.abc import Callable

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.machine import is_device
from assistant.messages.said import NO_OWN_NOTES
from assistant.server.refusal import refusal

_NAME = re.compile(r"[^\W_][\w .@+-]{0,99}")
"""Names that are also a folder's on every system."""
SHARED = ("/login", "/logout")


class Own:
    """ASGI application before the shared one; `build` makes that of a person, if it may, and may take seconds."""

    def __init__(self, app: ASGIApp, build: Callable[[str], FastAPI | None], stopping: asyncio.Event) -> None:
        self._app, self._build, self._stopping = app, build, stopping
        self._made: dict[str, FastAPI] = {}
        self._making = asyncio.Lock()
        self._held: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on to the application of its owner."""
        owner = scope.get("owner", "") if scope["type"] == "http" else ""
        if not owner or scope["path"] in SHARED:
            await self._app(scope, receive, send)
        elif app := await self._of(owner):
            await app(scope, receive, send)
        else:
            await refusal(scope["path"], 403, NO_OWN_NOTES)(scope, receive, send)

    async def _of(self, owner: str) -> FastAPI | None:
        """Return the application of an account; None if no folder can have its name, or another is too alike."""
        if not _NAME.fullmatch(owner) or owner.endswith((".", " ")) or is_device(owner):
            return None
        async with self._making:
            if owner not in self._made:
                app = await asyncio.to_thread(self._build, owner)
                if app is None:
                    return None
                begun = asyncio.Event()
                holding, waiting = asyncio.create_task(self._hold(app, begun)), asyncio.create_task(begun.wait())
                self._held.add(holding)
                await asyncio.wait((holding, waiting), return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
                if holding.done():  # it could not begin
                    holding.result()
                self._made[owner] = app
            return self._made[owner]

    async def _hold(self, app: FastAPI, begun: asyncio.Event) -> None:
        """Keep an application running until the server stops; one task must begin and end it."""
        async with app.router.lifespan_context(app):
            begun.set()
            await self._stopping.wait()
