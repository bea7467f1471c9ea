"""Builds the page: its rooms, and the handlers of the conversation's events.

In: an `Assistant`, the queue, and the download of the language model, if any. Out: Gradio blocks, not yet started.
`templates/` make the HTML; page.js reports which button was clicked and keeps the conversation in the browser.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any, cast

import gradio as gr

from assistant.assistant import Assistant
from assistant.config import Settings
from assistant.errors import AssistantError
from assistant.messages.said import MARK_NOT_KEPT
from assistant.page import exchanges, feedback
from assistant.page.answer import conversation_html, suggestions_html, with_links
from assistant.page.chat import converse
from assistant.page.events import place, told
from assistant.page.exchanges import Exchange, dumped, loaded
from assistant.page.labels import HIDDEN, I18N, QUIET, Labels, html
from assistant.page.models import models_room
from assistant.page.note import address_of, hint_html, note_html
from assistant.page.notes import notes_room
from assistant.page.quality import quality_room
from assistant.page.render import render
from assistant.page.suggest import follow_ups
from assistant.page.words import SAID
from assistant.server.arrival import Arrival, in_words
from assistant.server.queue import Turns
from assistant.text.language import Language

__all__ = ["I18N", "build_ui", "status_html"]
_TITLE = " · ".join(said["title"] for said in SAID.values())
_AT_ONCE = 16
"""Questions from pages that may wait at the same time; the assistant answers one at a time."""
_KEPT = (
    "() => [sessionStorage.getItem('notes-assistant') ?? localStorage.getItem('notes-assistant') ?? '',"
    " localStorage.getItem('notes-assistant.language') ?? '']"
)
# Runs in the browser, just before suggestions are shown: those for an earlier exchange are dropped.
_OFFER = """(text, now, offered) => {
  const last = JSON.parse(text || "[]").at(-1), { of = null, html = "" } = JSON.parse(offered || "{}");
  return !now && last && last.id === of ? html : "";
}"""
_KEEP = "(text) => { sessionStorage.setItem('notes-assistant', text); localStorage.setItem('notes-assistant', text); }"


def build_ui(assistant: Assistant, arrival: Arrival | None, turns: Turns) -> gr.Blocks:
    """Return the page, not yet started; raise IndexUnusable if there is no index.

    `arrival` is the language model's download, if any; questions wait in `turns` together with those of the doors.
    """
    _ = assistant.snapshot  # fail here, rather than on the page
    labels = Labels()
    arrivals = {arrival.name: arrival} if arrival else {}
    with gr.Blocks(title=_TITLE, analytics_enabled=False, fill_width=True) as page:
        # Values that may change after this is built are set when a page is opened.
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
        talk = kept["said"]
        page.load(
            lambda text, language: [*_conversation(loaded(text)), *labels.in_language(language)],
            [kept["text"], spoken],
            [kept["text"], talk, *labels.components],
            js=_KEPT,
            **QUIET,
        )
        head.select(_spoken_to(labels), None, labels.components, **QUIET)
    return cast(gr.Blocks, page)


def _spoken_to(labels: Labels) -> Any:
    def spoken_to(event: gr.EventData) -> list[Any]:
        return labels.in_language(told(event, "language"))

    return spoken_to


def _chat_room(assistant: Assistant, turns: Turns, labels: Labels) -> dict[str, Any]:
    text, pending = gr.Textbox(visible="hidden", elem_id="kept", **HIDDEN), gr.State("")
    offered = gr.Textbox(visible="hidden", **HIDDEN)
    with gr.Row(elem_id="panels"):
        with gr.Column(scale=3, min_width=320):
            with gr.Column(elem_id="talk"):
                talk = html(conversation_html(()), "said", "submit", "select", "edit", "like")
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
            note = html(hint_html(), "note", "select")
    controls = [box, ask, stop]
    triggers = [box.submit, ask.click, talk.submit, more.submit]
    outputs = [talk, now, more, text, pending, note, *controls]
    asking = gr.on(triggers, _responder(assistant, turns), [box, text], outputs, concurrency_limit=_AT_ONCE, **QUIET)
    # A running answer may still reach the page after a click on Stop; `asking` ends only after that.
    rested = asking.then(_rest, [text, pending], [talk, now, text, pending, ask, stop], **QUIET)
    following = rested.then(_follow(turns), text, offered, concurrency_limit=_AT_ONCE, **QUIET)
    following.then(None, [text, now, offered], more, js=_OFFER, **QUIET)
    stop.click(None, cancels=asking, **QUIET)
    gr.on([*triggers, new.click, talk.edit], None, cancels=following, **QUIET)
    new.click(lambda: ("[]", conversation_html(()), "", "", hint_html()), None, [text, talk, now, more, note], **QUIET)
    export.click(None, js="() => window.notesAssistant.save()", **QUIET)
    gr.on([talk.select, note.select], _open(assistant), None, note, concurrency_limit=_AT_ONCE, **QUIET)
    talk.edit(_edit, text, [box, text, talk, more], **QUIET)
    talk.like(_rate, text, [text, talk], **QUIET)
    text.change(None, text, None, js=_KEEP, **QUIET)
    return {"text": text, "said": talk}


def _responder(assistant: Assistant, turns: Turns) -> Any:
    def respond(question: str, text: str, event: gr.EventData) -> Iterator[tuple[object, ...]]:
        # A button carries its question, or the id of the exchange to repeat; Enter and Ask use the text box.
        kept = loaded(text)
        before, typed = kept, (gr.skip(), gr.Button(visible=False), gr.Button(visible=True))
        if again := told(event, "id"):
            chosen = exchanges.of(kept, again)
            before, question = exchanges.before(kept, again), chosen.question if chosen else ""
        elif suggested := told(event, "question"):
            question = suggested
        else:
            typed = ("", *typed[1:])
        yield (gr.skip(),) * 9  # without any yield Gradio would empty the conversation
        first = True
        for state in converse(turns, question, before):
            if isinstance(state, Exchange):
                state = with_links(state, assistant.snapshot.notes)
                whole = exchanges.recent((*before, state))
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
                talk = conversation_html(before) if before else ""
                yield talk, state, "", dumped(before), question, hint_html(), *typed
                first = False
            else:
                yield gr.skip(), state, *(gr.skip(),) * 7

    return respond


def _rest(text: str, question: str) -> tuple[object, ...]:
    """Replace the unchecked draft of a stopped question by an exchange without an answer."""
    ask, stop = gr.Button(visible=True), gr.Button(visible=False)
    if not question:
        return *(gr.skip(),) * 4, ask, stop
    kept, talk = _conversation((*loaded(text), Exchange(question.strip())))
    return talk, "", kept, "", ask, stop


def _first_note(assistant: Assistant, exchange: Exchange) -> str:
    """Return the HTML of the first cited note, so that the reader can check the answer at once."""
    cited = exchange.answer.citations[0] if exchange.answer and exchange.answer.citations else None
    notes = assistant.snapshot.notes
    return note_html(notes, cited.source, cited.start, cited.end, cited.quote, cited.url) if cited else hint_html()


def _follow(turns: Turns) -> Any:
    def follow(text: str) -> Iterator[object]:
        """Yield suggestions with the id of their exchange; yield while waiting, so that Gradio can cancel this."""
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
        source, quote = told(event, "source"), told(event, "quote")
        url = address_of(assistant, source)
        span = place(event, "start"), place(event, "end")
        return note_html(assistant.snapshot.notes, source, *span, quote, url, told(event, "heading"))

    return opened


def _edit(text: str, event: gr.EventData) -> tuple[object, ...]:
    kept, id = loaded(text), told(event, "id")
    if (chosen := exchanges.of(kept, id)) is None:
        return (gr.skip(),) * 4
    return chosen.question, *_conversation(exchanges.before(kept, id)), ""


def _rate(text: str, event: gr.EventData) -> tuple[str, str]:
    id, rated, reason = (told(event, key) for key in ("id", "rated", "reason"))
    marked = exchanges.with_mark(loaded(text), id, rated if rated in exchanges.MARKS else "", reason.strip()[:500])
    if chosen := exchanges.of(marked, id):
        try:
            feedback.note(chosen)
        except OSError as error:
            raise gr.Error(MARK_NOT_KEPT.format(file=feedback.FILE, reason=error.strerror or error)) from error
    return _conversation(marked)


def _conversation(whole: Sequence[Exchange]) -> tuple[str, str]:
    """Return a conversation as JSON for the browser, and as HTML."""
    kept = exchanges.recent(whole)
    return dumped(kept), conversation_html(kept)


def status_html(assistant: Assistant, arrival: Arrival | None) -> str:
    """Return the status line: the number of notes and passages, and the language model with its download."""
    settings: Settings = assistant.settings
    notes, passages = len(assistant.snapshot.notes), assistant.snapshot.about.passages
    texts = {language: in_words(settings, arrival, language) for language in Language}
    return render("status", notes=notes, passages=passages, said=texts)


def head_html() -> str:
    """Return the head of the page: its title, and the switch to the other language."""
    return render("head")
