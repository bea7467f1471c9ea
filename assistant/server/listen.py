"""Listens for connections with limits on time and number, and shuts down within seconds.

In: an application and an address. Out: a server that has not started yet. Half-sent requests, very slow clients and too
many connections are ended after a limit, so that they do not block other clients.
"""

import asyncio
import json
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from assistant.errors import SettingsError
from assistant.messages.said import BUSY, MISSHAPEN

if TYPE_CHECKING:
    from fastapi import FastAPI

CONNECTIONS = 256
"""Open connections at a time; a tab of the page uses up to six."""
WITHIN = 20.0
"""Seconds in which a request's head must be complete, and in which `PACE` more bytes of its body must arrive."""
PACE = 20_000
"""Bytes of a body that must arrive in each period of `WITHIN` seconds, unless the body ends sooner."""
UNREAD = 60.0
"""Seconds that a response may wait for a client that reads nothing."""
_IDLE = 20
_PORTS_TRIED = 20
_PATIENCE = 2
"""Seconds that open connections have to end after Ctrl-C."""
_MOMENT = 0.5
"""Seconds between stopping the queue and ending the streams, so that they can still send the reason."""


class Bounded(H11Protocol):
    """One connection with limits: a request's head must arrive in `WITHIN` seconds, its body at `PACE`."""

    _due: asyncio.TimerHandle | None = None
    _stalled: asyncio.TimerHandle | None = None
    _had = 0
    _given = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the timer for a request; refuse the connection if there are too many."""
        super().connection_made(transport)
        if len(self.connections) > CONNECTIONS:
            self._refuse(503, BUSY.format(most=CONNECTIONS))
        else:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop all timers."""
        self._rest()
        self._read_on()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take data; start the timer if the request is not complete."""
        self._had += len(data)
        super().data_received(data)
        if self.transport.is_closing() or self._is_whole():
            self._rest()
        elif self._due is None:
            self._wait()

    def on_response_complete(self) -> None:
        """Start the timer for the rest of an unread body, or for a next request that has begun."""
        super().on_response_complete()
        if not self.transport.is_closing() and not self._is_whole() and self._due is None:
            self._wait()

    def pause_writing(self) -> None:
        """Start the timer for a client that does not read its response."""
        super().pause_writing()
        self._stalled = self.loop.call_later(UNREAD, self.transport.abort)

    def resume_writing(self) -> None:
        """Stop that timer."""
        self._read_on()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Refuse a request that is not HTTP with one line of JSON; in the middle of a response, only close."""
        self._refuse(400, MISSHAPEN.format(where="request", what=msg))

    def _refuse(self, status: int, line: str) -> None:
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            body = json.dumps({"error": line}, ensure_ascii=False).encode()
            headers = {"content-type": "application/json", "content-length": str(len(body)), "connection": "close"}
            head = h11.Response(status_code=status, headers=list(headers.items()))
            for event in (head, h11.Data(data=body), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _is_whole(self) -> bool:
        """Tell whether no request is incomplete: the last one was read whole, and no next one has begun."""
        theirs = self.conn.their_state
        if theirs is h11.IDLE:
            return self.cycle is not None and not self.conn.trailing_data[0]
        return theirs is not h11.SEND_BODY

    def _wait(self) -> None:
        self._given = self._had
        self._due = self.loop.call_later(WITHIN, self._look)

    def _rest(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _look(self) -> None:
        """End the connection unless its body goes on at `PACE`, or the application has paused reading."""
        self._due = None
        body = self.conn.their_state is h11.SEND_BODY and not self.cycle.response_complete
        if body and (self.flow.read_paused or self._had - self._given >= PACE):
            self._wait()
        else:
            self.transport.abort()

    def _read_on(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None


class Stopping(uvicorn.Server):
    """A server that stops the queue and the streams before it waits for connections to close."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop the queue, then the streams, then the rest."""
        state: Any = getattr(self.config.app, "state", None)
        if state is not None:
            state.turns.stop()
            asyncio.get_running_loop().call_later(_MOMENT, state.stopping.set)
        await super().shutdown(sockets)


def server_of(app: "FastAPI") -> uvicorn.Server:
    """Return a server for an application made by `build_app`, not yet started."""
    config = uvicorn.Config(
        app,
        http=Bounded,
        log_level="error",
        access_log=False,
        ws="none",
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=_IDLE,
        timeout_graceful_shutdown=_PATIENCE,
    )
    return Stopping(config)


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens there; raise SettingsError if it cannot. Port 0 lets the system choose."""
    family = _family(host)
    try:
        created = socket.create_server((host, port), family=family, backlog=128)
        # asyncio sends small pieces at once (TCP_NODELAY) only where the socket says that it speaks TCP. Otherwise the
        # end of a stream comes some 40 ms late, which Gradio's page may take for the end of the next one.
        return socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, created.detach())
    except OSError as error:
        reason = error.strerror or error
        raise SettingsError(f"cannot listen on {host}:{port} ({reason}); try another --port or --host") from error


def free_port(host: str, port: int) -> int:
    """Return the port, or the next free one; 0 lets the system choose."""
    if not 0 <= port <= 65535:
        raise SettingsError(f"expected --port between 0 and 65535, found {port}")
    for candidate in range(port, min(port + _PORTS_TRIED, 65536)):
        # It asks each system in the system's way: what lets a port be used again on Linux lets two have it on Windows.
        with suppress(OSError), socket.create_server((host, candidate), family=_family(host)) as trial:
            return int(trial.getsockname()[1])
    raise SettingsError(f"no port from {port} on is free at {host}; name another with --port")


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
