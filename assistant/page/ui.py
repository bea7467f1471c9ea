"""Builds the page: its head, its rooms, and the language that they speak.

In: an `Assistant`, the queue, and the download of the language model, if any. Out: Gradio blocks, not yet started.
`templates/` make the HTML; the scripts in `static/` report which button was clicked, and keep the conversation.
"""

from typing import Any, cast

import gradio as gr

from assistant.assistant import Assistant
from assistant.config import Settings
from assistant.page.conversation import chat_room, opened
from assistant.page.events import told
from assistant.page.labels import HIDDEN, I18N, QUIET, Labels, html
from assistant.page.models import models_room
from assistant.page.notes import notes_room, shelf_of
from assistant.page.quality import quality_room
from assistant.page.render import render
from assistant.page.words import SAID
from assistant.page.writers import writers_html
from assistant.server.arrival import Arrival, in_words
from assistant.server.queue import Turns
from assistant.text.language import Language

__all__ = ["I18N", "build_ui", "status_html"]
_TITLE = " · ".join(said["title"] for said in SAID.values())
# Runs in the browser when the page is opened, maybe before its scripts are there.
_KEPT = """async () => {
  while (!window.notesAssistant?.text) await new Promise((done) => setTimeout(done, 20));
  return [await window.notesAssistant.text(), localStorage.getItem("notes-assistant.language") ?? ""];
}"""


def build_ui(
    assistant: Assistant,
    arrival: Arrival | None,
    turns: Turns,
    watching: bool = False,
    local: bool = False,
    accounts: bool = False,
) -> gr.Blocks:
    """Return the page, not yet started; raise IndexUnusable if there is no index.

    `arrival` is the language model's download, if any; questions wait in `turns` together with those of the doors. With
    `watching` the notes' folder is watched from now on. `local` says that whoever sees the page sits at this machine,
    `accounts` that they can log out.
    """
    _ = assistant.snapshot  # fail here, rather than on the page
    labels, shelf = Labels(), shelf_of(assistant, watching)
    arrivals = {arrival.name: arrival} if arrival else {}
    with gr.Blocks(title=_TITLE, analytics_enabled=False, fill_width=True) as page:
        # Values that may change after this is built are set when a page is opened.
        with gr.Column(elem_id="head"):
            head, status = html(head_html(accounts), "status", "select"), html("", "standing")
        second = gr.Timer(1)  # in a room that was never opened it would not tick
        spoken = gr.Textbox(visible="hidden", **HIDDEN)
        with gr.Tabs(elem_id="rooms"):
            with labels.tab("chat"):
                talk, progress, writer = chat_room(assistant, turns, shelf, labels)
            with labels.tab("notes"):
                notes_room(shelf, labels, page, second, progress, local)
            with labels.tab("quality"):
                quality_room(labels, page, assistant.settings.index)
            with labels.tab("models"):
                models_room(assistant, turns, arrivals, labels, page)

        def now() -> tuple[str, str]:
            return status_html(assistant, arrivals.get(assistant.settings.llm)), writers_html(assistant)

        page.load(now, None, [status, writer], **QUIET)
        gr.Timer(3).tick(now, None, [status, writer], **QUIET)
        page.load(
            lambda text, language: [*opened(assistant, text), *labels.in_language(language)],
            [talk[0], spoken],
            [*talk, *labels.components],
            js=_KEPT,
            **QUIET,
        )
        head.select(_spoken_to(labels), None, labels.components, **QUIET)
    return cast(gr.Blocks, page)


def _spoken_to(labels: Labels) -> Any:
    def spoken_to(event: gr.EventData) -> list[Any]:
        return labels.in_language(told(event, "language"))

    return spoken_to


def status_html(assistant: Assistant, arrival: Arrival | None) -> str:
    """Return the status line: the number of notes, and the language model with its download."""
    settings: Settings = assistant.settings
    texts = {language: in_words(settings, arrival, language) for language in Language}
    return render("status", notes=len(assistant.snapshot.notes), said=texts)


def head_html(accounts: bool = False) -> str:
    """Return the head of the page: its title, the switch to the other language, and maybe one to log out."""
    return render("head", accounts=accounts)
