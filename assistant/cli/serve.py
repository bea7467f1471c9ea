"""Starts the page and the doors for other programs, and serves until it is stopped.

It first checks that the index and the embedding model are there, so that errors appear on the command line; where there
is no index yet, one is begun, and the page shows how it is filled. Other machines are served only with a log-in.
"""

import os
import signal
import sys
import threading
import webbrowser
from collections.abc import Callable
from contextlib import suppress

from assistant.assistant import Assistant
from assistant.config import Settings
from assistant.models import registry as models
from assistant.models.language_model import EXTRACTIVE, OPENAI_LIKE
from assistant.server.access import Access
from assistant.server.arrival import Arrival
from assistant.server.listen import free_port, listening, server_of


def serve(settings: Settings, host: str, port: int, pull: bool, open_browser: bool, say: Callable[[str], None]) -> None:
    """Serve until Ctrl-C or SIGTERM; `say` prints the page's address, and another port if the wanted one is taken.

    With `pull` an absent embedding model is fetched first, an absent language model behind the open page.

    Raises:
        SettingsError: other machines could connect without a log-in, no port is free, or the language model is unknown.
        ModelMissing: the embedding model was not pulled.
        PullFailed: it could not be fetched.
        IndexUnusable: the index is damaged, or cannot be made.

    """
    access = Access.to(host, settings)
    # The first process of a container is not ended by SIGTERM unless it asks for that.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    assistant = Assistant.open(settings)
    if (embedding := assistant.settings.embedding) in models.MODELS:
        if pull and not models.is_here(models.find(embedding), settings):
            say(f"Fetching {embedding}")
            models.pull(embedding, settings)
        models.locate(embedding, settings)
    arrival = None if settings.llm in (EXTRACTIVE, OPENAI_LIKE) else Arrival(settings)
    assistant.begin()
    _ = assistant.snapshot  # fail here, rather than on the page
    free = free_port(host, port)
    # Connections from now on wait until the page is ready.
    with listening(host, free) as door:
        from assistant.page import uploads
        from assistant.page.mount import apart, mount_page
        from assistant.server.app import build_app

        app = build_app(assistant, access, apart(assistant, access, arrival))
        mount_page(app, assistant, arrival, watching=True, local=access.local)
        if arrival is not None and pull:
            arrival.begin(then=app.state.turns.warm_up)
        if port not in (free, 0):
            say(f"Port {port} is taken; using {free}")
        address = f"http://[{host}]:{free}" if ":" in host else f"http://{host}:{free}"
        say(f"The page is at {address}")
        app.state.turns.warm_up()
        if open_browser:
            webbrowser.open(address)
        with suppress(KeyboardInterrupt):  # it has been obeyed; uvicorn raises it again
            server_of(app).run(sockets=[door])
        uploads.clear()
        _leave()


def _leave() -> None:
    """End the process at once if a thread is in the midst of something.

    Python would end such threads inside the C++ of a model, which then aborts the process with a message of its own.
    """
    if any(thread.daemon for thread in threading.enumerate()):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)
