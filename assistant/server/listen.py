"""Listens for connections and keeps them within bounds, and ends everything within seconds when it is told to stop.

In: an application and an address. Out: a server that has not started yet. A client that sends half a request, that
sends or reads as slowly as it can, or that opens connections without end, costs the others nothing for longer than a
bound. It does not know what is asked for.
"""

import asyncio
import json
import socket
from typing import TYPE_CHECKING, Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from assistant.errors import SettingsError
from assistant.messages.said import BUSY, MISSHAPEN

if TYPE_CHECKING:
    from fastapi import FastAPI

CONNECTIONS = 256
"""Connections that are kept open at a time; a tab of the page takes up to six."""
WITHIN = 20.0
"""Seconds in which a request has to be there, or more of it: see `PACE`."""
PACE = 20_000
"""Bytes of a body that have to come in `WITHIN`, unless the body ends sooner."""
UNREAD = 60.0
"""Seconds that a response may wait for a client that reads nothing."""
_IDLE = 20
_PORTS_TRIED = 20
_PATIENCE = 2
"""Seconds that open connections have to end after Ctrl-C; streams are ended a moment after it."""
_MOMENT = 0.5


class Bounded(H11Protocol):
    """One connection. A request's head has `WITHIN` to come whole, its body has to go on at `PACE`."""

    _due: asyncio.TimerHandle | None = None
    _stalled: asyncio.TimerHandle | None = None
    _had = 0
    _given = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request; refuse the connection if there are too many."""
        super().connection_made(transport)
        if len(self.connections) > CONNECTIONS:
            self._refuse(503, BUSY.format(most=CONNECTIONS))
        else:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._rest()
        self._read_on()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came; wait on if the request is not whole yet."""
        self._had += len(data)
        super().data_received(data)
        if self.transport.is_closing() or self._is_whole():
            self._rest()
        elif self._due is None:
            self._wait()

    def on_response_complete(self) -> None:
        """Let a body that nobody reads any more end soon, and a request that came meanwhile begin."""
        super().on_response_complete()
        if not self.transport.is_closing() and not self._is_whole() and self._due is None:
            self._wait()

    def pause_writing(self) -> None:
        """Wait for a client that does not read its response, for so long at most."""
        super().pause_writing()
        self._stalled = self.loop.call_later(UNREAD, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on."""
        self._read_on()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Say in one line of JSON that this is no HTTP, or end the connection in the middle of a response."""
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
        """Tell whether nothing is missing of a request: it was read to its end, or none has begun after another."""
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
        """End the connection unless its body goes on; what the application does not read is not the client's fault."""
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
    """A server that ends what waits before it waits for its end."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop the queue, then the streams, then the rest."""
        state: Any = getattr(self.config.app, "state", None)
        if state is not None:
            state.turns.stop()
            asyncio.get_running_loop().call_later(_MOMENT, state.stopping.set)
        await super().shutdown(sockets)


def server_of(app: "FastAPI") -> uvicorn.Server:
    """Return the server that answers for an application made by `build_app`, not yet started."""
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
        made = socket.create_server((host, port), family=family, backlog=128)
        # asyncio sends small pieces at once (TCP_NODELAY) only where the socket says that it speaks TCP. Otherwise the
        # end of a stream comes some 40 ms late, which Gradio's page may take for the end of the next one.
        return socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP, made.detach())
    except OSError as error:
        reason = error.strerror or error
        raise SettingsError(f"cannot listen on {host}:{port} ({reason}); try another --port or --host") from error


def free_port(host: str, port: int) -> int:
    """Return the port, or the next free one; 0 lets the system choose."""
    if not 0 <= port <= 65535:
        raise SettingsError(f"expected --port between 0 and 65535, found {port}")
    for candidate in range(port, min(port + _PORTS_TRIED, 65536)):
        with socket.socket(_family(host)) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((host, candidate))
            except OSError:
                continue
            return int(trial.getsockname()[1])
    raise SettingsError(f"no port from {port} on is free at {host}; name another with --port")


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
