"""The page: its rooms, and what follows on what a reader does there.

In: an `Assistant`, and the language model that may still be arriving. Out: Gradio blocks; `serve` starts them. What is
shown is made in `page_*.py`; page.js hands on which button was chosen and keeps the conversation in the browser.
"""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from html import escape
from typing import Any, cast

import gradio as gr

from assistant.assistant import Assistant
from assistant.config import Settings
from assistant.errors import AssistantError
from assistant.page import feedback
from assistant.page.answer import conversation_html, suggestions_html
from assistant.page.chat import converse
from assistant.page.exchanges import Exchange, dumped, loaded
from assistant.page.labels import HIDDEN, I18N, QUIET, Labels, html
from assistant.page.models import models_room
from assistant.page.note import hint_html, note_html
from assistant.page.notes import notes_room
from assistant.page.quality import quality_room
from assistant.page.suggest import follow_ups
from assistant.page.words import SAID, both
from assistant.server.arrival import Arrival, in_words
from assistant.server.queue import Turns
from assistant.text.language import Language

__all__ = ["I18N", "build_ui", "status_html"]
_AT_ONCE = 16
"""Questions that may be waiting at the same time; the assistant takes them in turn."""
_KEPT = (
    "() => [sessionStorage.getItem('notes-assistant') ?? localStorage.getItem('notes-assistant') ?? '',"
    " localStorage.getItem('notes-assistant.language') ?? '']"
)
# Looked at in the browser, at the last moment: suggestions of a conversation that has gone on are dropped.
_OFFER = """(text, now, offered) => {
  const last = JSON.parse(text || "[]").at(-1), { of = null, html = "" } = JSON.parse(offered || "{}");
  return !now && last && last.id === of ? html : "";
}"""
_KEEP = "(text) => { sessionStorage.setItem('notes-assistant', text); localStorage.setItem('notes-assistant', text); }"


def build_ui(assistant: Assistant, arrival: Arrival | None, turns: Turns) -> gr.Blocks:
    """Return the page, not yet started; raise IndexUnusable if there is no index.

    `arrival` follows the model; questions wait in `turns` with those of the doors.
    """
    _ = assistant.snapshot  # raises here what would otherwise only be said on the page
    labels = Labels()
    arrivals = {arrival.name: arrival} if arrival else {}
    with gr.Blocks(title="노트 조수 · Notes assistant", analytics_enabled=False, fill_width=True) as page:
        # What may have changed since this was built is said when a page is opened, never before.
        with gr.Column(elem_id="head"):
            head, status = html(head_html(), "status", "select"), html("", "standing")
        spoken = gr.Textbox(visible="hidden", **HIDDEN)
        with gr.Tabs(elem_id="rooms"):
            with labels.tab("chat"):
                kept = _chat_room(assistant, turns, labels)
            with labels.tab("notes"):
                notes_room(assistant, labels, page)
            with labels.tab("quality"):
                quality_room(labels, page)
            with labels.tab("models"):
                models_room(assistant, turns, arrivals, labels, page)

        def now() -> str:
            return status_html(assistant, arrivals.get(assistant.settings.llm))

        page.load(now, None, status, **QUIET)
        gr.Timer(3).tick(now, None, status, **QUIET)
        said = kept["said"]
        page.load(
            lambda text, language: [text, conversation_html(loaded(text)), *labels.in_language(language)],
            [kept["text"], spoken],
            [kept["text"], said, *labels.components],
            js=_KEPT,
            **QUIET,
        )
        head.select(_spoken_to(labels), None, labels.components, **QUIET)
    return cast(gr.Blocks, page)


def _spoken_to(labels: Labels) -> Any:
    def spoken_to(event: gr.EventData) -> list[Any]:
        return labels.in_language(str(event._data.get("language", "")))

    return spoken_to


def _chat_room(assistant: Assistant, turns: Turns, labels: Labels) -> dict[str, Any]:
    text, asked = gr.Textbox(visible="hidden", elem_id="kept", **HIDDEN), gr.State("")
    offered = gr.Textbox(visible="hidden", **HIDDEN)
    with gr.Row(elem_id="panels"):
        with gr.Column(scale=3, min_width=320):
            with gr.Column(elem_id="talk"):
                said = html(conversation_html(()), "said", "submit", "select", "edit", "like")
                now = html("", "now")
                more = html("", "more", "submit")
            with gr.Row(elem_id="asking"):
                box = labels.textbox("question", "placeholder", "box")
                ask = labels.button("ask", variant="primary", elem_id="ask")
                stop = labels.button("stop", elem_id="stop", visible=False)
            with gr.Row(elem_id="keeping"):
                new = labels.button("new", elem_id="new", size="sm")
                export = labels.button("export", elem_id="export", size="sm")
        with gr.Column(scale=2, min_width=320, elem_id="beside"):
            note = html(hint_html(), "note")
    controls = [box, ask, stop]
    triggers = [box.submit, ask.click, said.submit, more.submit]
    shown = [said, now, more, text, asked, note, *controls]
    asking = gr.on(triggers, _responder(assistant, turns), [box, text], shown, concurrency_limit=_AT_ONCE, **QUIET)
    # What was under way may reach the page after the click on Stop; `asking` is done only when that is over.
    rested = asking.then(_rest, [text, asked], [said, now, text, asked, ask, stop], **QUIET)
    following = rested.then(_follow(turns), text, offered, concurrency_limit=_AT_ONCE, **QUIET)
    following.then(None, [text, now, offered], more, js=_OFFER, **QUIET)
    stop.click(None, cancels=asking, **QUIET)
    gr.on([*triggers, new.click, said.edit], None, cancels=following, **QUIET)
    new.click(lambda: ("[]", conversation_html(()), "", "", hint_html()), None, [text, said, now, more, note], **QUIET)
    export.click(None, js="() => window.notesAssistant.save()", **QUIET)
    said.select(_open(assistant), None, note, concurrency_limit=_AT_ONCE, **QUIET)
    said.edit(_edit, text, [box, text, said, more], **QUIET)
    said.like(_rate, text, [text, said], **QUIET)
    text.change(None, text, None, js=_KEEP, **QUIET)
    return {"text": text, "said": said}


def _responder(assistant: Assistant, turns: Turns) -> Any:
    def respond(question: str, text: str, event: gr.EventData) -> Iterator[tuple[object, ...]]:
        # A button brings its question, or the number of the one to ask again; Enter and Ask leave it in the box.
        chosen = event._data if isinstance(event._data, dict) else {}
        before, typed = loaded(text), (gr.skip(), gr.Button(visible=False), gr.Button(visible=True))
        if "at" in chosen:
            place = int(chosen["at"])
            before, question = before[:place], before[place].question
        elif "question" in chosen:
            question = str(chosen["question"])
        else:
            typed = ("", *typed[1:])
        yield (gr.skip(),) * 9  # a generator that yields nothing would empty the conversation
        first = True
        for state in converse(turns, question, before):
            if isinstance(state, Exchange):
                whole = (*before, state)
                yield (
                    conversation_html(whole),
                    "",
                    gr.skip(),
                    dumped(whole),
                    "",
                    _first_note(assistant, state),
                    *(gr.skip(),) * 3,
                )
            elif first:
                said = conversation_html(before) if before else ""
                yield said, state, "", dumped(before), question, hint_html(), *typed
                first = False
            else:
                yield gr.skip(), state, *(gr.skip(),) * 7

    return respond


def _rest(text: str, asked: str) -> tuple[object, ...]:
    """Put an exchange that was stopped in the place of a draft that Stop cut off, for nothing has checked that."""
    ask, stop = gr.Button(visible=True), gr.Button(visible=False)
    if not asked:
        return *(gr.skip(),) * 4, ask, stop
    whole = (*loaded(text), Exchange(asked.strip()))
    return conversation_html(whole), "", dumped(whole), "", ask, stop


def _first_note(assistant: Assistant, exchange: Exchange) -> str:
    """Return the note that the answer cites first, so that one look suffices to check it."""
    cited = exchange.answer.citations[0] if exchange.answer and exchange.answer.citations else None
    notes = assistant.snapshot.notes
    return note_html(notes, cited.source, cited.start, cited.end, cited.quote) if cited else hint_html()


def _follow(turns: Turns) -> Any:
    def follow(text: str) -> Iterator[object]:
        """Offer what to ask next, with the exchange that it follows; let Gradio end this while it waits."""
        last = loaded(text)[-1:]
        answer = last[0].answer if last else None
        yield gr.skip()
        if answer is None or answer.abstained:
            return
        try:
            with closing(follow_ups(turns, answer)) as growing:
                for offered in growing:
                    yield gr.skip() if offered is None else _offer(last[0], offered)
        except AssistantError:
            return

    return follow


def _offer(exchange: Exchange, questions: list[str]) -> str:
    return json.dumps({"of": exchange.id, "html": suggestions_html(questions)})


def _open(assistant: Assistant) -> Any:
    def opened(event: gr.EventData) -> str:
        said = {key: str(event._data.get(key, "")) for key in ("source", "start", "end", "quote")}
        start, end = (int(said[key]) if said[key].isdecimal() else 0 for key in ("start", "end"))
        return note_html(assistant.snapshot.notes, said["source"], start, end, said["quote"])

    return opened


def _edit(text: str, event: gr.EventData) -> tuple[object, ...]:
    exchanges, place = loaded(text), int(event._data["at"])
    before = exchanges[:place]
    return exchanges[place].question, dumped(before), conversation_html(before), ""


def _rate(text: str, event: gr.EventData) -> tuple[str, str]:
    exchanges, place = list(loaded(text)), int(event._data["at"])
    rated, reason = str(event._data["rated"]), str(event._data.get("reason", ""))[:500]
    exchanges[place] = replace(exchanges[place], rated=rated, reason=reason.strip())
    feedback.note(exchanges[place])
    return dumped(exchanges), conversation_html(exchanges)


def status_html(assistant: Assistant, arrival: Arrival | None) -> str:
    """Return what is in use now: the index's notes and passages, and the language model, which `arrival` follows."""
    settings: Settings = assistant.settings
    counts = len(assistant.snapshot.notes), assistant.snapshot.about.passages
    lines = "".join(
        f'<span class="in-{spoken}" lang="{spoken}">'
        f"{SAID[spoken]['status'].format(*counts, escape(in_words(settings, arrival, spoken)))}</span>"
        for spoken in Language
    )
    return f"<p>{lines}</p>"


def head_html() -> str:
    """Return the head of the page: its title, and the other language."""
    others = "".join(
        f'<button class="in-{here}" lang="{there}" data-event="select" data-language="{there}">{name}</button>'
        for here, there, name in (("ko", "en", "English"), ("en", "ko", "한국어"))
    )
    return f"<header><h1>{both('title')}</h1>{others}</header>"
