"""Mounts the page into the application, with its theme, and switches off what Gradio must not do.

Nothing on the page reaches another machine: Gradio's analytics are off, and `assistant.server.guard` tells the browser
to load from this server alone. `assistant.page.doorway` restricts the requests that Gradio gets.
"""

import logging
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from assistant import machine
from assistant.assistant import Assistant
from assistant.notes.files import MAX_BINARY
from assistant.page import uploads
from assistant.server.arrival import Arrival

if TYPE_CHECKING:
    import gradio as gr
    from fastapi import FastAPI

    from assistant.server.access import Access
    from assistant.server.app import Apart
    from assistant.server.queue import Turns

logger = logging.getLogger(__name__)
_STATIC = Path(__file__).with_name("static")
_SCRIPTS = ("page", "scope", "writer", "at", "talks", "adding")
_FONTS = ("system-ui", "Apple SD Gothic Neo", "Malgun Gothic", "Noto Sans KR", "Noto Sans CJK KR", "sans-serif")


def mount_page(
    app: "FastAPI", assistant: Assistant, arrival: Arrival | None, watching: bool = False, local: bool = False
) -> None:
    """Mount the page at `/`, behind every other route of an application made by `build_app`, whose queue it uses.

    With `watching` the notes' folder is watched from the start. `local` says that whoever sees the page sits at this
    machine, and may choose another folder of it. Raises IndexUnusable if there is no index.
    """
    _keep_to_this_machine()
    import gradio as gr
    from starlette.routing import Mount

    from assistant.page.doorway import Doorway
    from assistant.page.login import login_routes
    from assistant.page.talk_routes import not_kept, talk_routes
    from assistant.page.talks import FILE, Talks
    from assistant.page.ui import I18N, build_ui
    from assistant.server.kept import Unkept

    _keep_traces_to_the_log()

    options: dict[str, Any] = {
        "theme": _theme(),
        "css": (_STATIC / "page.css").read_text(encoding="utf-8"),
        "js": _script(),
        "i18n": I18N,
        "app_kwargs": dict.fromkeys(("docs_url", "redoc_url", "openapi_url")),
        "footer_links": [],
        "max_file_size": MAX_BINARY,
    }
    options |= dict.fromkeys(("show_error", "run_history", "ssr_mode", "mcp_server", "pwa", "enable_monitoring"), False)
    uploads.sweep()
    page = build_ui(assistant, arrival, app.state.turns, watching, local, accounts=bool(app.state.access.accounts))
    app.add_exception_handler(Unkept, not_kept)
    if app.state.access.accounts:
        app.include_router(login_routes(app.state.access))
    app.include_router(talk_routes(Talks(assistant.settings.serve_database or assistant.settings.home / FILE)))
    gr.mount_gradio_app(app, page, "/", **options)
    # A mounted page counts as not launched, and until it is launched Gradio checks no file paths.
    page.has_launched = True
    mounted = next(
        route.app for route in app.routes if isinstance(route, Mount) and isinstance(route.app, gr.routes.App)
    )
    mounted.add_middleware(Doorway, page=page)


def apart(assistant: Assistant, access: "Access", arrival: Arrival | None) -> "Apart | None":
    """Return what makes the application over the notes of one account; None if accounts have no notes of their own.

    Such notes lie in a folder of the account's name below the setting `serve_own_notes`, their index and conversations
    in one beside the shared index.
    """
    settings = assistant.settings
    if (folder := settings.serve_own_notes) is None:
        return None

    def own(name: str, turns: "Turns") -> "FastAPI | None":
        from assistant.server.app import build_doors

        others = {place.name for place in folder.glob("*")} - {name}
        if machine.alike(name) in map(machine.alike, others):  # macOS and Windows take the one folder for the other
            return None
        (folder / name).mkdir(parents=True, exist_ok=True)
        theirs = assistant.over(folder / name, settings.index.with_name("own") / name / "index")
        theirs.begin()
        app = build_doors(theirs, access, turns)
        mount_page(app, theirs, arrival, watching=True)
        return app

    return own


def _script() -> str:
    """Return the page's scripts as the one function that Gradio takes; each is a function, called in this order."""
    scripts = ((_STATIC / f"{name}.js").read_text(encoding="utf-8").strip() for name in _SCRIPTS)
    return "() => {\n" + "".join(f"({script})();\n" for script in scripts) + "}"


def _theme() -> "gr.themes.Base":
    """Return the theme: system fonts, and buttons dark enough for white text."""
    import gradio as gr

    base = gr.themes.Base(primary_hue="teal", neutral_hue="slate", font=_FONTS, font_mono=("monospace",))
    dark = {f"button_primary_background_fill{when}": "*primary_700" for when in ("", "_dark")}
    hover = {f"button_primary_background_fill_hover{when}": "*primary_800" for when in ("", "_dark")}
    return base.set(**dark, **hover)


def _keep_traces_to_the_log() -> None:
    """Make Gradio log a failed event in one line, instead of printing a stack trace to the terminal."""
    from gradio import queueing, route_utils, routes

    def told() -> None:
        logger.warning("an event of the page failed: %r", sys.exc_info()[1])

    for module in (queueing, route_utils, routes):
        vars(module)["traceback"] = SimpleNamespace(print_exc=told)


def _keep_to_this_machine() -> None:
    """Set environment variables of Gradio and its HTTP client.

    They switch analytics off, send uploads to our own folder, and use no proxy for this machine.
    """
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["GRADIO_TEMP_DIR"] = str(uploads.folder())
    for name in ("NO_PROXY", "no_proxy"):
        others = [host for host in os.environ.get(name, "").split(",") if host]
        os.environ[name] = ",".join(dict.fromkeys((*others, "127.0.0.1", "localhost")))
