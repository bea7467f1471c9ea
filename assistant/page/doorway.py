"""Middleware before Gradio: only the page's own addresses, and only plain values in its events.

In: requests to the page. Out: the same requests, or a refusal in one line of JSON. In any field, Gradio takes a value
such as {"path": …, "meta": …} for a file of this machine, copies it and serves the copy; it also follows a "url" to
other machines. Therefore only the field for dropped files may hold such a value, and only for an uploaded file.
"""

import json
import re
from typing import Any

import gradio as gr
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.messages.catalogue import line
from assistant.messages.said import NO_DOOR
from assistant.page import uploads
from assistant.server.refusal import refusal

_GRADIO = "/gradio_api"
_UPLOAD = f"{_GRADIO}/upload"
_EVENTS = re.compile(rf"{_GRADIO}/(?:queue/join|run/[\w-]+)")
_READ = re.compile(
    r"/|/config|/theme\.css|/favicon\.ico|/robots\.txt|/(?:assets|static|svelte)/.+"
    rf"|{_GRADIO}/(?:app_id|startup-events|queue/data|upload_progress|heartbeat/\w+)"
)
_SENT = re.compile(rf"{_GRADIO}/(?:upload|cancel)")
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
        path, method = scope["path"], scope["method"]
        if method in ("GET", "HEAD") and _READ.fullmatch(path):
            passed_on = scope if _KNOWN_QUERY.match(path) else {**scope, "query_string": b""}
            await self._app(passed_on, receive, send)
        elif method == "POST" and _EVENTS.fullmatch(path):
            await self._event(scope, receive, send)
        elif method == "POST" and _SENT.fullmatch(path):
            if path.startswith(_UPLOAD):
                uploads.sweep()
            await self._app(scope, receive, send)
        else:
            await refusal(path, 404, NO_DOOR)(scope, receive, send)

    async def _event(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = json.dumps(_checked(await _body(receive), self._page)).encode()
        except Unwanted as error:
            await refusal(scope["path"], 400, str(error))(scope, receive, send)
            return
        except HTTPException as error:
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

        await self._app({**scope, "headers": headers}, again, send)


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
    takes_files = [isinstance(field, gr.File) for field in event.inputs]
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
