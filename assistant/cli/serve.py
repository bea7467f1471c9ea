"""Starts the page and the doors for other programs, and keeps them up until they are stopped.

Checks first what they cannot do without, so that what is missing is said on the command line. Other machines are served
only behind a log-in.
"""

import socket
import threading
import webbrowser
from collections.abc import Callable
from typing import TYPE_CHECKING

from assistant.assistant import Assistant
from assistant.config import Settings
from assistant.errors import SettingsError
from assistant.models import registry as models
from assistant.models.language_model import EXTRACTIVE, OPENAI_LIKE
from assistant.server.arrival import Arrival
from assistant.server.guard import Access

if TYPE_CHECKING:
    import uvicorn
    from starlette.types import ASGIApp

_PORTS_TRIED = 20
_PATIENCE = 3
"""Seconds that open connections have to end after Ctrl-C."""


def serve(settings: Settings, host: str, port: int, pull: bool, open_browser: bool, say: Callable[[str], None]) -> None:
    """Serve until Ctrl-C; `say` gets the page's address, and the port if another one had to be taken.

    Raises:
        SettingsError: another machine could come in without a log-in, no port is free, or the language model has an
            unknown name.
        ModelMissing: the embedding model was not pulled.
        IndexUnusable: there is no index.

    """
    access = Access.to(host, settings)
    assistant = Assistant.open(settings)
    if assistant.settings.embedding in models.MODELS:
        models.locate(assistant.settings.embedding, settings)
    arrival = None if settings.llm in (EXTRACTIVE, OPENAI_LIKE) else Arrival(settings)
    _ = assistant.snapshot  # raises here what would otherwise only be said on the page
    free = _free_port(host, port)
    # Who comes from now on waits until the page is there.
    with listening(host, free) as door:
        from assistant.page.mount import mount_page
        from assistant.server.app import build_app

        app = build_app(assistant, access)
        mount_page(app, assistant, arrival)
        if arrival is not None and pull:
            arrival.begin(then=assistant.warm_up)
        if port not in (free, 0):
            say(f"Port {port} is taken; using {free}")
        address = f"http://[{host}]:{free}" if ":" in host else f"http://{host}:{free}"
        say(f"The page is at {address}")
        threading.Thread(target=assistant.warm_up, name="warm-up", daemon=True).start()
        if open_browser:
            webbrowser.open(address)
        try:
            server_of(app).run(sockets=[door])
        except KeyboardInterrupt:  # it has been obeyed; uvicorn raises it again
            return


def server_of(app: "ASGIApp") -> "uvicorn.Server":
    """Return the server that answers for an application, not yet started."""
    import uvicorn

    config = uvicorn.Config(
        app,
        log_level="error",
        access_log=False,
        ws="none",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=_PATIENCE,
    )
    return uvicorn.Server(config)


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


def _free_port(host: str, port: int) -> int:
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
