"""Stands before the page and every door: who may come in, from where, with how much, and what a response may do.

In: requests. Out: the same requests, or one line of JSON that refuses them. A name that resolves to this machine (DNS
rebinding) and another page in the user's browser are refused; passwords are compared in constant time.
"""

import base64
import binascii
import ipaddress
import secrets
import socket
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.config import Settings
from assistant.errors import SettingsError
from assistant.messages.said import FOREIGN_HOST, FOREIGN_ORIGIN, LOG_IN, TOO_LARGE
from assistant.notes.files import MAX_BYTES
from assistant.server.refusal import refusal, refused

MOST = 1_000_000
"""Bytes of a request's body; more only where the page takes files."""
_UPLOADS, _MOST_UPLOADED = "/gradio_api/upload", 3 * MAX_BYTES
_DOORS = ("/api/", "/v1/", "/mcp")
_ANYWHERE = ("", "0.0.0.0", "::")
_HERE = frozenset(("127.0.0.1", "localhost", "::1"))
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


@dataclass(frozen=True)
class Access:
    """Who may come in: `hosts` are the names that this server goes by, `figures` also lets any IP address be one."""

    hosts: frozenset[str]
    figures: bool = False
    user: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)

    @classmethod
    def to(cls, host: str, settings: Settings) -> "Access":
        """Return who may come in where the server listens on `host`; raise SettingsError if that asks for a log-in."""
        user, password, token = settings.serve_user, settings.serve_password, settings.serve_token
        if bool(user) != bool(password):
            raise SettingsError("expected serve_user and serve_password together, found one of them; set both")
        if not (_is_here(host) or token or user):
            raise SettingsError(
                f"without a log-in the page is for this machine only: expected --host 127.0.0.1 or localhost, found "
                f"'{host}'; to serve other machines set ASSISTANT_SERVE_TOKEN, or ASSISTANT_SERVE_USER and "
                "ASSISTANT_SERVE_PASSWORD"
            )
        anywhere = host in _ANYWHERE
        own = {socket.gethostname().lower(), f"{socket.gethostname().lower()}.local"} if anywhere else {host.lower()}
        return cls(_HERE | own, anywhere, user, password, token)

    def knows(self, host: str) -> bool:
        """Tell whether a Host header names this server; an address in figures cannot be rebound."""
        name = _name(host)
        return name in self.hosts or (self.figures and _is_figures(name))

    def admits(self, authorization: str) -> bool:
        """Tell whether an Authorization header is right, or none is asked for."""
        if not (self.token or self.user):
            return True
        scheme, _, given = authorization.partition(" ")
        if scheme.lower() == "bearer":
            return bool(self.token) and _same(given.strip(), self.token)
        if scheme.lower() != "basic":
            return False
        try:
            user, _, password = base64.b64decode(given, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return False
        # A browser asks for a name, too; with a token alone any name does.
        by_token = bool(self.token) and _same(password, self.token)
        return by_token or (bool(self.user) and _same(user, self.user) & _same(password, self.password))


class Guard:
    """ASGI middleware around everything that is served."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app, self._access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._pass(scope, receive, send)
        else:  # nothing here speaks over web sockets
            await send({"type": "websocket.close", "code": 1008})

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, headers, started = scope["path"], Headers(scope=scope), False
        most = _MOST_UPLOADED if path.startswith(_UPLOADS) else MOST

        async def sealed(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                _seal(message, path)
            await send(message)

        against = self._against(path, headers, most)
        if against is not None:
            status, line = against
            asks = {"www-authenticate": 'Basic realm="notes", charset="UTF-8"'} if status == 401 else {}
            await refusal(path, status, line, asks)(scope, receive, sealed)
            return
        try:
            await self._app(scope, _bounded(receive, most), sealed)
        except Exception as error:  # whatever breaks, the client learns no more than that
            response = refused(path, error)
            if not started:
                await response(scope, receive, sealed)

    def _against(self, path: str, headers: Headers, most: int) -> tuple[int, str] | None:
        """Return the status and the line that refuse a request; None if nothing speaks against it."""
        host, origin, length = headers.get("host", ""), headers.get("origin"), headers.get("content-length", "0")
        if not self._access.knows(host):
            return 400, FOREIGN_HOST
        if origin is not None and not _is_own(origin, host):
            return 403, FOREIGN_ORIGIN
        # A browser says so even where it sends no origin; to the page itself a link may lead.
        if path.startswith(_DOORS) and headers.get("sec-fetch-site") in ("cross-site", "same-site"):
            return 403, FOREIGN_ORIGIN
        if not self._access.admits(headers.get("authorization", "")):
            return 401, LOG_IN
        if not length.isdecimal() or int(length) > most:
            return 413, TOO_LARGE.format(most=most)
        return None


def _bounded(receive: Receive, most: int) -> Receive:
    had = 0

    async def receiving() -> Message:
        nonlocal had
        message = await receive()
        had += len(message.get("body", b""))
        if had > most:
            raise HTTPException(413, TOO_LARGE.format(most=most))
        return message

    return receiving


def _seal(message: Message, path: str) -> None:
    headers = MutableHeaders(scope=message)
    for name, value in _HEADERS.items():
        headers[name] = value
    if path.startswith(_DOORS):
        headers["cache-control"] = "no-store"


def _is_own(origin: str, host: str) -> bool:
    try:
        found = urlsplit(origin)
    except ValueError:
        return False
    return found.scheme in ("http", "https") and found.netloc.lower() == host.lower()


def _is_here(host: str) -> bool:
    return host.lower() == "localhost" or (_is_figures(host) and ipaddress.ip_address(host).is_loopback)


def _name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _is_figures(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _same(given: str, right: str) -> bool:
    return secrets.compare_digest(given.encode("utf-8", "surrogatepass"), right.encode("utf-8", "surrogatepass"))
