"""Middleware before the page and every door: checks requests and sets the security headers of responses.

In: requests. Out: the same requests, or a refusal in one line of JSON. It refuses foreign host names (DNS rebinding),
foreign origins (other pages in the user's browser), wrong log-ins (`assistant.server.access`), and bodies that
are too large. Which addresses of Gradio are open, the page decides (`assistant.page.doorway`).
"""

import asyncio
import time

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import cookie_parser
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.messages.said import FOREIGN_HOST, FOREIGN_ORIGIN, LOG_IN, LOG_INS_AWAY, TOO_LARGE, TOO_OFTEN
from assistant.notes.files import MAX_BINARY
from assistant.server.access import Access, TooOften, is_own
from assistant.server.audit import Audit
from assistant.server.doors.health import OPEN
from assistant.server.kept import Unkept
from assistant.server.limits import QUESTIONS, Limit
from assistant.server.refusal import refusal, refused
from assistant.server.sessions import COOKIE

MOST = 1_000_000
"""Bytes of a request's body; more is accepted only where the page receives notes or keeps a conversation."""
# A pasted note comes as JSON, where line ends and quotation marks take two bytes; files may come several at a time.
_MOST_NOTES = 2 * MAX_BINARY
_NOTES = ("/gradio_api/upload", "/gradio_api/queue/join")
_TALKS = "/conversations/"
LOG_IN_PAGE, LOG_OUT = "/login", "/logout"
_ASKING = ("/api/ask", "/v1/chat/completions", "/mcp")
_DOORS = ("/api/", "/v1/", "/mcp", "/conversations")
_POLICY = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; base-uri 'self'; object-src 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class Guard:
    """ASGI middleware around everything that is served; once `stopping` is set, every stream ends."""

    def __init__(self, app: ASGIApp, access: Access, stopping: asyncio.Event, audit: Audit) -> None:
        self._app, self._access, self._stopping, self._audit = app, access, stopping, audit
        # Not shared between servers: it keeps the queue of this one free, and each has a queue of its own.
        self._questions = Limit(QUESTIONS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._pass(scope, receive, send)
        else:  # nothing here speaks over web sockets
            await send({"type": "websocket.close", "code": 1008})

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, headers, began = scope["path"], Headers(scope=scope), time.monotonic()
        out = _Sealed(path, send)
        most = _MOST_NOTES if path in _NOTES or path.startswith(_TALKS) else MOST
        scope["owner"] = ""
        try:
            against = self._against(path, headers, most) or await self._unknown(scope, headers)
            if against is not None:
                await self._refuse(against, scope, headers)(scope, receive, out)
            else:
                await self._app(scope, self._until_stopped(_bounded(receive, most)), out)
        except Exception as error:  # whatever breaks, the client learns no more than that
            response = refused(path, error)
            if not out.started:
                await response(scope, receive, out)
        finally:
            if path.startswith(_DOORS) or path in (LOG_IN_PAGE, LOG_OUT):
                self._audit.write(scope["owner"], scope["method"], path, out.status, began)

    async def _unknown(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        """Return the status and the line for who is not logged in, or asks too much; None for all others.

        Whose request it is, the scope is told: the page keeps each one's conversations apart.
        """
        if not self._access.asks or scope["path"] in OPEN:
            return None
        path, address, nobody = scope["path"], _address(scope), (401, LOG_IN)
        log_ins, named = headers.getlist("authorization"), headers.getlist(self._access.header or "-")
        log_in, name = (found[0] if len(found) == 1 else "" for found in (log_ins, named))
        cookie = cookie_parser(headers.get("cookie", "")).get(COOKIE, "")
        try:
            # to check a password takes a while, which others need not wait for
            person = await asyncio.to_thread(self._access.person, log_in, cookie, name, address)
        except TooOften:
            return 429, TOO_OFTEN
        except Unkept:
            person, nobody = None, (503, LOG_INS_AWAY)
        if person is None and path != LOG_IN_PAGE:
            return nobody
        scope["owner"] = person or ""
        asking = scope["method"] == "POST" and path in _ASKING
        return (429, TOO_OFTEN) if asking and not self._questions.count(person or address) else None

    def _refuse(self, against: tuple[int, str], scope: Scope, headers: Headers) -> ASGIApp:
        status, line = against
        accounts = status in (401, 503) and self._access.accounts is not None
        if accounts and scope["method"] == "GET" and "text/html" in headers.get("accept", ""):
            return RedirectResponse(LOG_IN_PAGE, 303)
        # A browser would ask for name and password over the page that asks for them.
        asks = status == 401 and not (accounts and "sec-fetch-site" in headers)
        challenge = {"www-authenticate": 'Basic realm="notes", charset="UTF-8"'} if asks else {}
        return refusal(scope["path"], status, line, challenge)

    def _against(self, path: str, headers: Headers, most: int) -> tuple[int, str] | None:
        """Return the status and the line that refuse a request; None if nothing speaks against it."""
        hosts, origins = (headers.getlist(name) for name in ("host", "origin"))
        length = headers.get("content-length", "0")
        if len(hosts) != 1 or not self._access.knows(hosts[0]):
            return 400, FOREIGN_HOST
        if not all(is_own(origin, hosts[0]) for origin in origins):
            return 403, FOREIGN_ORIGIN
        # Browsers send this header even without an Origin. Links from elsewhere may lead to the page, not to the doors.
        if path.startswith(_DOORS) and headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            return 403, FOREIGN_ORIGIN
        if not (length.isascii() and length.isdecimal()) or len(length) > 15 or int(length) > most:
            return 413, TOO_LARGE.format(most=most)
        return None

    def _until_stopped(self, receive: Receive) -> Receive:
        """Wrap `receive`: when the server stops, it reports that the client disconnected."""

        async def receiving() -> Message:
            if self._stopping.is_set():
                return {"type": "http.disconnect"}
            coming = asyncio.ensure_future(receive())
            stopping = asyncio.ensure_future(self._stopping.wait())
            try:
                await asyncio.wait((coming, stopping), return_when=asyncio.FIRST_COMPLETED)
                return coming.result() if coming.done() else {"type": "http.disconnect"}
            finally:
                for task in (coming, stopping):
                    task.cancel()

        return receiving


class _Sealed:
    """Sends a response with the security headers."""

    def __init__(self, path: str, send: Send) -> None:
        self._path, self._send = path, send
        self.started = False
        self.status = 0

    async def __call__(self, message: Message) -> None:
        """Send a part of the response."""
        if message["type"] == "http.response.start":
            self.started, self.status = True, message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers[name] = value
            if self._path.startswith(_DOORS):
                headers["cache-control"] = "no-store"
        await self._send(message)


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""


def _bounded(receive: Receive, most: int) -> Receive:
    received = 0

    async def receiving() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > most:
            raise HTTPException(413, TOO_LARGE.format(most=most))
        return message

    return receiving
