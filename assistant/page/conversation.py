"""The conversation's room: its components, and the handlers of its events.

In: the assistant, and the queue in which questions wait. Out: Gradio components. What the browser alone knows,
such as which notes are chosen, comes with each question from the page's scripts.
"""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.answer import Scope
from assistant.assistant import Assistant
from assistant.errors import AssistantError
from assistant.messages.said import MARK_NOT_KEPT
from assistant.page import exchanges, feedback, notebook, scope
from assistant.page.answer import conversation_html, suggestions_html, with_links
from assistant.page.chat import converse
from assistant.page.events import place, told
from assistant.page.exchanges import Exchange, Marks, Talk, dumped, loaded
from assistant.page.labels import HIDDEN, QUIET, Labels, html
from assistant.page.note import address_of, hint_html, note_html
from assistant.page.notes import Shelf, adding
from assistant.page.render import render
from assistant.page.suggest import first_questions, follow_ups
from assistant.page.writers import writers_html
from assistant.server.queue import Turns
from assistant.text.invisible import plain

_AT_ONCE = 16
"""Questions from pages that may wait at the same time; the assistant answers one at a time."""
_OPEN = 500
"""Notes whose list is open from the start; a longer one is fetched when it is wanted."""
_KEPT_EVERY = 1.0
"""Seconds after which a growing answer is kept again."""
_MARKS = 1000
"""The latest marks that are remembered until the answers that were under way have come."""
# These run in the browser. The first sends along what the browser alone knows.
_ASK = "(question, text) => window.notesAssistant.asking(question, text)"
_REOPEN = "async () => [await window.notesAssistant.text()]"
# Just before suggestions are shown: those for an earlier exchange are dropped.
_OFFER = """(text, now, offered) => {
  const last = JSON.parse(text || "{}").exchanges?.at(-1), { of = null, html = "" } = JSON.parse(offered || "{}");
  return !now && last && last.id === of ? html : "";
}"""
_KEEP = "(text) => { window.notesAssistant.keep(text); }"


def chat_room(assistant: Assistant, turns: Turns, shelf: Shelf, labels: Labels) -> tuple[list[Any], Any, Any]:
    """Build the room.

    Return the components that `opened` gives values to, the first of which holds the conversation; where the progress
    of indexing is shown; and where the writer is chosen.
    """
    text, pending = gr.Textbox(visible="hidden", elem_id="kept", **HIDDEN), gr.State(None)
    offered, sent, within = *(gr.Textbox(visible="hidden", **HIDDEN) for _ in "12"), gr.State(None)
    with gr.Row(elem_id="panels"):
        with gr.Column(min_width=240, elem_id="side"):
            lists = html(render("side", open=len(assistant.snapshot.notes) <= _OPEN), "lists", "select")
            added, progress, add = html("", "added"), html("", "renewing"), adding(labels)
        with gr.Column(scale=3, min_width=320, elem_id="middle"):
            html(render("bar"), "bar")
            with gr.Column(elem_id="talk"):
                talk = html(conversation_html(()), "said", "submit", "select", "like")
                now = html("", "now")
                more = html("", "more", "submit")
            with gr.Row(elem_id="asked"):
                html(render("scope"), "scope")
                writer = html(writers_html(assistant), "writers")
            with gr.Row(elem_id="asking"):
                box = labels.textbox("question", "placeholder", "box")
                ask = labels.button("ask", variant="primary", elem_id="ask")
                stop = labels.button("stop", elem_id="stop", visible=False)
        with gr.Column(scale=2, min_width=320, elem_id="beside"):
            note = html(hint_html(), "note", "select")
    reopen, whole = gr.Button(visible="hidden", elem_id="reopen"), [text, talk, now, more, note]
    controls = [box, ask, stop]
    triggers = [box.submit, ask.click, talk.submit, more.submit]
    outputs = [talk, now, more, text, pending, note, within, *controls]
    marks: Marks = {}  # given while another answer was written, which does not know them
    respond, inputs = _responder(assistant, turns, marks), [box, text, sent]
    asking = gr.on(triggers, respond, inputs, outputs, js=_ASK, concurrency_limit=_AT_ONCE, **QUIET)
    # A running answer may still reach the page after a click on Stop; `asking` ends only after that.
    rested = asking.then(_rest, [text, pending], [talk, now, text, pending, ask, stop], **QUIET)
    following = rested.then(_follow(turns), [text, within], offered, concurrency_limit=_AT_ONCE, **QUIET)
    following.then(None, [text, now, offered], more, js=_OFFER, **QUIET)
    stop.click(None, cancels=asking, **QUIET)
    gr.on([*triggers, reopen.click], None, cancels=following, **QUIET)
    add.upload(shelf.drop, add, [added, progress, add], preprocess=False, **QUIET)
    reopen.click(partial(opened, assistant), text, whole, js=_REOPEN, trigger_mode="always_last", **QUIET)
    # A click while another one's note is being opened would be lost otherwise.
    opening = [talk.select, note.select, lists.select]
    gr.on(opening, _open(assistant), None, note, concurrency_limit=_AT_ONCE, trigger_mode="multiple", **QUIET)
    talk.like(_rate(marks, assistant.settings.home / feedback.FILE), [text, pending], [text, talk], **QUIET)
    text.change(None, text, None, js=_KEEP, **QUIET)
    return whole, progress, writer


def _responder(assistant: Assistant, turns: Turns, marks: Marks) -> Any:
    def respond(question: str, text: str, sent: str, event: gr.EventData) -> Iterator[tuple[object, ...]]:
        # A button carries its question, or the id of the exchange to repeat; Enter and Ask use the text box.
        talk, typed = loaded(text), (gr.skip(), gr.Button(visible=False), gr.Button(visible=True))
        suggested, again = told(event, "question"), told(event, "id")
        if chosen := exchanges.of(talk.exchanges, again):
            question = chosen.question
        elif suggested:
            question = suggested
        else:
            typed = ("", *typed[1:])
        yield (gr.skip(),) * 10  # without any yield Gradio would empty the conversation
        asked, given = _asked(assistant, plain(question).strip(), sent)
        replaced = again or ("" if suggested else given.edits)
        before = exchanges.before(talk.exchanges, replaced)
        asked = exchanges.instead(asked, exchanges.of(talk.exchanges, replaced))
        unanswered = dumped(talk.with_((*before, asked)))  # what is left if the page is left meanwhile
        first, kept_at = True, time.monotonic()
        for state in converse(turns, asked, before, given.scope, given.llm):
            if isinstance(state, Exchange):
                state = with_links(state, assistant.snapshot.notes)
                whole = talk.with_((*exchanges.with_marks(before, marks), state))
                ended = (conversation_html(whole.exchanges), "", gr.skip(), dumped(whole), None)
                yield *ended, _first_note(assistant, state), given.scope, *(typed if first else (gr.skip(),) * 3)
                continue
            pending = talk.with_((*before, replace(asked, draft=state.text, stopped=True)))
            if first:
                shown = (conversation_html(before) if before else "", state.html, "", unanswered, pending)
                yield *shown, gr.skip(), given.scope, *typed
                first = False
            else:
                # What was written so far outlives a reload, too.
                due = bool(state.text) and time.monotonic() - kept_at > _KEPT_EVERY
                kept_at = time.monotonic() if due else kept_at
                kept = dumped(pending) if due else gr.skip()
                yield gr.skip(), state.html, gr.skip(), kept, pending, *(gr.skip(),) * 5

    return respond


def _asked(assistant: Assistant, question: str, sent: str) -> tuple[Exchange, scope.Sent]:
    """Return the exchange that begins, with what it is asked of, and what the page sent along with the question."""
    try:
        given = scope.read(sent)
        return Exchange(question, chosen=scope.chosen(given.scope, assistant.snapshot.notes)), given
    except AssistantError as error:
        return Exchange(question, trouble=str(error)), scope.Sent()


def _rest(text: str, pending: Talk | None) -> tuple[object, ...]:
    """Keep of a stopped question as much of its answer as was shown."""
    talk, ask, stop = loaded(text), gr.Button(visible=True), gr.Button(visible=False)
    # A click on Stop may end in this twice; by the second time another conversation may be open.
    if pending is None or pending.id != talk.id:
        return *(gr.skip(),) * 3, None, ask, stop
    kept, shown = _kept_and_shown(talk.with_(exchanges.settled(talk.exchanges, pending.exchanges[-1])))
    return shown, "", kept, None, ask, stop


def _first_note(assistant: Assistant, exchange: Exchange) -> str:
    """Return the HTML of the first cited note, so that the reader can check the answer at once."""
    cited = exchange.answer.citations[0] if exchange.answer and exchange.answer.citations else None
    notes = assistant.snapshot.notes
    return note_html(notes, cited.source, cited.start, cited.end, cited.quote, cited.url) if cited else hint_html()


def _follow(turns: Turns) -> Any:
    def follow(text: str, within: Scope | None) -> Iterator[object]:
        """Yield suggestions with the id of their exchange; yield while waiting, so that Gradio can cancel this."""
        last = loaded(text).exchanges[-1:]
        answer = last[0].answer if last else None
        yield gr.skip()
        if answer is None or answer.abstained:
            return
        try:
            with closing(follow_ups(turns, answer, within)) as growing:
                for offered in growing:
                    yield gr.skip() if offered is None else _offer(last[0], offered)
        except AssistantError:
            return

    return follow


def _offer(exchange: Exchange, questions: list[str]) -> str:
    return json.dumps({"of": exchange.id, "html": suggestions_html(questions)})


def _open(assistant: Assistant) -> Any:
    def shown(event: gr.EventData) -> str:
        source, quote = told(event, "source"), told(event, "quote")
        url, span = address_of(assistant, source), (place(event, "start"), place(event, "end"))
        return note_html(assistant.snapshot.notes, source, *span, quote, url, told(event, "heading"))

    return shown


def _rate(marks: Marks, file: Path) -> Any:
    def rate(text: str, pending: Talk | None, event: gr.EventData) -> tuple[str, str]:
        talk, (id, rated, reason) = loaded(text), (told(event, key) for key in ("id", "rated", "reason"))
        mark = rated if rated in exchanges.MARKS else "", reason.strip()[:500]
        marked = talk.with_(exchanges.with_marks(talk.exchanges, {id: mark}))
        if chosen := exchanges.of(marked.exchanges, id):
            marks.pop(id, None)
            marks[id] = mark
            while len(marks) > _MARKS:
                del marks[next(iter(marks))]
            try:
                feedback.note(chosen, file)
            except OSError as error:
                raise gr.Error(MARK_NOT_KEPT.format(file=file, reason=error.strerror or error)) from error
        return _kept_and_shown(marked, pending)

    return rate


def opened(assistant: Assistant, text: str) -> tuple[str, str, str, str, str]:
    """Return the values for a conversation that the browser kept: its text and HTML, and nothing beside or below it."""
    talk = loaded(text)
    notes = assistant.snapshot.notes
    shown = conversation_html(talk.exchanges, first_questions(notes), notebook.are_example(notes))
    return dumped(talk), shown, "", "", hint_html()


def _kept_and_shown(talk: Talk, pending: Talk | None = None) -> tuple[str, str]:
    """Return a conversation as JSON for the browser, and as HTML; the question being answered is shown elsewhere."""
    shown = [item for item in talk.exchanges if pending is None or item.id != pending.exchanges[-1].id]
    return dumped(talk), conversation_html(shown) if shown or not pending else ""
