"""Middleware before Gradio: only the page's own addresses, and only plain values in its events.

In: requests to the page. Out: the same requests, or a refusal in one line of JSON; Gradio's own
errors become such a line, too. In any field, Gradio takes a value
such as {"path": …, "meta": …} for a file of this machine, copies it and serves the copy; it also follows a "url" to
other machines. Therefore only the field for dropped files may hold such a value, and only for an uploaded file.
"""

import json
import logging
import re
from typing import Any

import gradio as gr
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.messages.catalogue import line
from assistant.messages.said import MISSHAPEN, NO_DOOR, TOO_LARGE, UNEXPECTED
from assistant.notes.files import MAX_BINARY
from assistant.page import uploads
from assistant.server.refusal import refusal

logger = logging.getLogger(__name__)
_GRADIO = "/gradio_api"
_UPLOAD = f"{_GRADIO}/upload"
_EVENTS = f"{_GRADIO}/queue/join"
_OPEN = re.compile(
    rf"GET {_GRADIO}/(?:queue/data|upload_progress|heartbeat/\w+|app_id)"
    rf"|POST (?:{_EVENTS}|{_UPLOAD}|{_GRADIO}/(?:cancel|reset))"
    r"|(?:GET|HEAD) /(?:config|theme\.css|favicon\.ico)?"
    r"|GET /(?:assets|static)(?:/(?!\.)[\w.@-]+)+"
)
"""What the page asks for in a browser; Gradio's other addresses read files or run what they like."""
_KNOWN_QUERY = re.compile(rf"{_GRADIO}/|/assets/|/theme\.css")
"""Addresses that keep their query; elsewhere a query could open another reader's conversation (deep_link)."""
_SESSION = re.compile(r"[\w-]{1,64}")
_FILES = {"path", "url", "meta"}
"""Keys of Gradio's description of a file; none of our buttons sends them."""
_PLAIN = (str, int, float, bool, type(None))


class Unwanted(Exception):
    """A request that the page itself would not send; its text is the reason, in one line."""


class Doorway:
    """ASGI middleware around Gradio's application, for one page."""

    def __init__(self, app: ASGIApp, page: gr.Blocks) -> None:
        self._app, self._page = app, page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        if not _OPEN.fullmatch(f"{scope['method']} {path}"):
            await refusal(path, 404, NO_DOOR)(scope, receive, send)
        elif path == _EVENTS:
            await self._event(scope, receive, send)
        else:
            if path == _UPLOAD:
                uploads.sweep()
            asked = scope if _KNOWN_QUERY.match(path) else {**scope, "query_string": b""}
            await self._ask(asked, receive, send)

    async def _ask(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask Gradio; whatever breaks there, the browser learns no more than that."""
        said = _OneLine(scope, receive, send)
        try:
            await self._app(scope, receive, said)
        except Exception as error:
            logger.warning("the page was asked for something else than it asks for: %r", error)
            if not said.started:
                await refusal(scope["path"], 500, UNEXPECTED)(scope, receive, send)

    async def _event(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = json.dumps(_checked(await _body(receive), self._page)).encode()
        except Unwanted as error:
            await refusal(scope["path"], 400, str(error))(scope, receive, send)
            return
        except HTTPException as error:  # what the guard says of a body that is too long
            await refusal(scope["path"], error.status_code, error.detail)(scope, receive, send)
            return
        headers = [pair for pair in scope["headers"] if pair[0] not in (b"content-length", b"content-type")]
        headers += [(b"content-length", str(len(body)).encode()), (b"content-type", b"application/json")]
        sent = False

        async def again() -> Message:
            nonlocal sent
            if sent:
                return await receive()
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._ask({**scope, "headers": headers}, again, send)


class _OneLine:
    """Sends a response of Gradio's; in place of an error of its own goes one line of JSON."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._refused = self.started = False

    async def __call__(self, message: Message) -> None:
        """Send a part of the response."""
        if self._refused:
            return
        self.started = True
        if message["type"] == "http.response.start" and (status := message["status"]) >= 400:
            self._refused = True
            await refusal(self._scope["path"], status, _line(status))(self._scope, self._receive, self._send)
        else:
            await self._send(message)


def _line(status: int) -> str:
    if status in (404, 405):
        return NO_DOOR
    if status == 413:
        return TOO_LARGE.format(most=MAX_BINARY)
    return UNEXPECTED if status >= 500 else MISSHAPEN.format(where="page", what="not what the page sends")


async def _body(receive: Receive) -> bytes:
    pieces, more = [], True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Unwanted(line("line.no_event"))
        pieces.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(pieces)


def _checked(body: bytes, page: gr.Blocks) -> dict[str, Any]:
    """Return an event with only the fields that Gradio needs; raise Unwanted if the page would not send it."""
    try:
        event_body = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unwanted(line("line.no_event")) from error
    if not isinstance(event_body, dict):
        raise Unwanted(line("line.no_event"))
    number, data, session, trigger = (event_body.get(key) for key in ("fn_index", "data", "session_hash", "trigger_id"))
    event = page.fns.get(number) if type(number) is int else None
    fits = (
        event is not None
        and isinstance(data, list)
        and (trigger is None or type(trigger) is int)
        and (session is None or (isinstance(session, str) and _SESSION.fullmatch(session)))
        and (bool(event.cancels) or len(data) == len(event.inputs))
    )
    if not fits or event is None or not isinstance(data, list):
        raise Unwanted(line("line.no_event"))
    takes_files = [isinstance(field, gr.UploadButton) for field in event.inputs]
    values = [] if event.cancels else [_value(*pair) for pair in zip(data, takes_files, strict=True)]
    # Gradio repeats dropped files in the event's data; only the field itself is read.
    about = None if any(takes_files) else _about(event_body.get("event_data"))
    return {"fn_index": number, "data": values, "event_data": about, "session_hash": session, "trigger_id": trigger}


def _value(value: Any, takes_files: bool) -> Any:
    """Return a field's value if it is plain, or uploaded files in the field for files; else raise Unwanted."""
    if value is None or (isinstance(value, _PLAIN) and not takes_files):
        return value
    if not takes_files or not isinstance(value, list):
        raise Unwanted(line("line.not_uploaded"))
    return [_file(item) for item in value]


def _file(item: Any) -> dict[str, Any]:
    """Return an uploaded file in Gradio's form, without a URL; raise Unwanted for everything else."""
    path, name = (item.get("path"), item.get("orig_name")) if isinstance(item, dict) else (None, None)
    if not isinstance(path, str) or not uploads.holds(path) or not isinstance(name, str | None):
        raise Unwanted(line("line.not_uploaded"))
    return {"path": path, "orig_name": name, "meta": {"_type": "gradio.FileData"}}


def _about(event_data: Any) -> Any:
    """Return the data of a button's event if it is plain values by name; else raise Unwanted."""
    if event_data is None:
        return None
    if isinstance(event_data, dict) and not event_data.keys() & _FILES:
        if all(isinstance(value, _PLAIN) for value in event_data.values()):
            return event_data
    raise Unwanted(line("line.not_uploaded"))
