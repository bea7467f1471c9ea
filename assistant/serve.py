"""Starts the page on this machine and keeps it up until it is stopped.

Checks first what the page cannot do without, so that what is missing is said on the command line. Nothing on the page
reaches another machine: Gradio's own telling home is off, and the browser is told to load from here alone.
"""

import ipaddress
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant import models
from assistant.arrival import Arrival
from assistant.config import Settings
from assistant.errors import SettingsError
from assistant.language_model import EXTRACTIVE, OPENAI_LIKE
from assistant.load import MAX_BYTES
from assistant.pipeline import Assistant

if TYPE_CHECKING:
    import gradio as gr
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PORTS_TRIED = 20
_POLICY = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; base-uri 'self'; object-src 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
_FONTS = ("system-ui", "Apple SD Gothic Neo", "Malgun Gothic", "Noto Sans KR", "Noto Sans CJK KR", "sans-serif")


def serve(settings: Settings, host: str, port: int, pull: bool, open_browser: bool, say: Callable[[str], None]) -> None:
    """Serve the page until Ctrl-C; `say` gets its address, and the port if another one had to be taken.

    Raises:
        SettingsError: the host is not this machine's own, no port is free, or the language model has an unknown name.
        ModelMissing: the embedding model was not pulled.
        IndexUnusable: there is no index.

    """
    _refuse_other_machines(host)
    assistant = Assistant.open(settings)
    if assistant.settings.embedding in models.MODELS:
        models.locate(assistant.settings.embedding, settings)
    arrival = None if settings.llm in (EXTRACTIVE, OPENAI_LIKE) else Arrival(settings)
    assistant.notes  # noqa: B018 - raises here what would otherwise only be said on the page
    free = _free_port(host, port)
    page = _launch(assistant, arrival, host, free, open_browser)
    if arrival is not None and pull:
        arrival.begin(then=assistant.warm_up)
    if port not in (free, 0):
        say(f"Port {port} is taken; using {free}")
    say(f"The page is at http://{host}:{free}")
    threading.Thread(target=assistant.warm_up, name="warm-up", daemon=True).start()
    try:
        # Woken now and then, for an endless wait cannot be interrupted on every system.
        while page.is_running:
            threading.Event().wait(0.5)
    except KeyboardInterrupt:
        page.close(verbose=False)


def _launch(assistant: Assistant, arrival: Arrival | None, host: str, port: int, open_browser: bool) -> "gr.Blocks":
    _keep_to_this_machine()
    from starlette.middleware import Middleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    from assistant.ui import I18N, build_ui

    # A page of another name that resolves to this machine must not read the notes.
    only_local = Middleware(TrustedHostMiddleware, allowed_hosts=[host, "127.0.0.1", "localhost"])
    page = build_ui(assistant, arrival)
    options: dict[str, Any] = {
        "theme": _theme(),
        "css": Path(__file__).with_name("ui.css").read_text(encoding="utf-8"),
        "js": Path(__file__).with_name("page.js").read_text(encoding="utf-8"),
        "i18n": I18N,
        "app_kwargs": {"middleware": [only_local, Middleware(_with_policy)], "docs_url": None, "redoc_url": None},
        "footer_links": [],
        "max_file_size": MAX_BYTES,
    }
    options |= dict.fromkeys(("share", "show_error", "run_history", "ssr_mode", "mcp_server", "pwa"), False)
    try:
        page.launch(
            server_name=host,
            server_port=port,
            inbrowser=open_browser,
            quiet=True,
            prevent_thread_lock=True,
            enable_monitoring=False,
            **options,
        )
    except (OSError, ValueError) as error:
        raise SettingsError(f"the page could not be started on {host}:{port} ({error}); try another --port") from error
    return page


def _theme() -> "gr.themes.Base":
    """Return the look; its fonts are the machine's own, and its buttons are dark enough for white words."""
    import gradio as gr

    base = gr.themes.Base(primary_hue="teal", neutral_hue="slate", font=_FONTS, font_mono=("monospace",))
    dark = {f"button_primary_background_fill{when}": "*primary_700" for when in ("", "_dark")}
    hover = {f"button_primary_background_fill_hover{when}": "*primary_800" for when in ("", "_dark")}
    return base.set(**dark, **hover)


def _refuse_other_machines(host: str) -> None:
    try:
        local = host == "localhost" or ipaddress.IPv4Address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise SettingsError(
            f"the page is for this machine only: expected --host 127.0.0.1 or localhost, found '{host}'; serving "
            "other machines needs a log-in, which a later release adds"
        )


def _free_port(host: str, port: int) -> int:
    """Return the port, or the next free one; 0 lets the system choose."""
    if not 0 <= port <= 65535:
        raise SettingsError(f"expected --port between 0 and 65535, found {port}")
    for candidate in range(port, min(port + _PORTS_TRIED, 65536)):
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((host, candidate))
            except OSError:
                continue
            return int(trial.getsockname()[1])
    raise SettingsError(f"no port from {port} on is free; name another with --port")


def _keep_to_this_machine() -> None:
    """Set what Gradio and its HTTP client read from the environment: nothing told home, no proxy to ourselves."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    for name in ("NO_PROXY", "no_proxy"):
        others = [host for host in os.environ.get(name, "").split(",") if host]
        os.environ[name] = ",".join(dict.fromkeys((*others, "127.0.0.1", "localhost")))


def _with_policy(app: "ASGIApp") -> "ASGIApp":
    """Add to every response the rule that the browser loads nothing from elsewhere."""

    async def sealed(scope: "Scope", receive: "Receive", send: "Send") -> None:
        async def sending(message: "Message") -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"content-security-policy", _POLICY.encode())]
            await send(message)

        await app(scope, receive, sending)

    return sealed
