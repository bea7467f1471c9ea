"""The HTML of a question and its answer.

In: exchanges. Out: HTML from the templates, which escape all text of questions, answers and notes. A button's
`data-event` names the event that the page handles (`assistant.page.ui`).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from assistant.answer import Answer, Citation, RankedPassage
from assistant.answering.decline import NEAREST_NOTES
from assistant.index.links import resolved
from assistant.index.store import IndexedNote
from assistant.messages.said import UNCONFIRMED
from assistant.page.exchanges import Exchange, Opens
from assistant.page.markdown import markdown, words
from assistant.page.render import render
from assistant.page.rendered import rendered
from assistant.server.queue import Waits
from assistant.text.language import Language
from assistant.text.links import links

_DOUBTED, _ENDED = "\U00010a54", "\U00010a55"
"""Marks around what the notes do not confirm: characters that no script has."""


@dataclass(frozen=True)
class Shown:
    """An exchange with the values that its template needs; `last` marks the last one, which can be asked again.

    `written` is the answer's text as HTML, with marks that open what they cite.
    `sources` are its citations, those of one note together. `nearest` are the nearest passages if the answer cites
    nothing, one for each note. `earlier` are the answers whose place it took.
    """

    exchange: Exchange
    last: bool
    written: Markup
    sources: tuple[tuple[Citation, ...], ...]
    nearest: tuple[RankedPassage, ...]
    markdown: str
    words: str
    earlier: tuple["Shown", ...]


def conversation_html(
    exchanges: Sequence[Exchange], questions: Sequence[tuple[Language, str]] | None = None, example: bool = False
) -> str:
    """Return the conversation so far; if it is empty, what to begin with: `questions`, or, without any, to add notes.

    None says nothing of notes. `example` says that they are not the reader's own, and leads to where those are chosen.
    """
    last = exchanges[-1:]
    turns = [_shown(exchange, exchange in last) for exchange in exchanges]
    return render("conversation", turns=turns, questions=questions, example=example, heading="examples")


def exchange_html(exchange: Exchange, last: bool) -> str:
    """Return a single exchange."""
    return render("conversation", turns=[_shown(exchange, last)], example=False)


def suggestions_html(questions: Sequence[str], heading: str = "follow") -> str:
    """Return suggested questions, which are asked by a click; empty if there are none."""
    return render("suggestions", questions=[(None, question) for question in questions], heading=heading)


def draft_html(asked: Exchange, answer: Answer | Waits | None) -> str:
    """Return the HTML of an answer that is still growing and unchecked, or that waits for others."""
    text = answer.answer.strip() if isinstance(answer, Answer) else ""
    before = answer.before if isinstance(answer, Waits) else 0
    return render("draft", exchange=asked, text=rendered(text, {}), before=before, first=answer is None)


def _shown(exchange: Exchange, last: bool) -> Shown:
    answer = exchange.answer
    written = _written(answer, exchange.links) if answer else rendered(exchange.draft, {})
    nearest = answer.passages[:NEAREST_NOTES] if answer and not answer.citations else ()
    earlier = tuple(_shown(one, False) for one in exchange.earlier)
    return Shown(exchange, last, written, _by_note(answer), nearest, markdown(exchange), words(exchange), earlier)


def _by_note(answer: Answer | None) -> tuple[tuple[Citation, ...], ...]:
    """Return the citations of each note, the one that is cited first before the others."""
    notes: dict[str, list[Citation]] = {}
    for cited in answer.citations if answer else ():
        notes.setdefault(cited.source, []).append(cited)
    return tuple(map(tuple, notes.values()))


def _written(answer: Answer, opens: Sequence[Opens]) -> Markup:
    """Return an answer's HTML; a bracketed number without a citation stays text."""
    marks = {link.shown: Markup(render("link", **link._asdict())) for link in opens}
    marks |= {f"[{cited.n}]": Markup(render("mark", cited=cited)) for cited in answer.citations}
    opening, _, closing = render("doubted", sentence=_ENDED).strip().partition(_ENDED)
    marks |= {_DOUBTED: Markup(opening), _ENDED: Markup(closing)}
    return rendered(_with_doubts(answer), marks)


def _with_doubts(answer: Answer) -> str:
    """Return an answer's text with its unconfirmed sentences between marks; rows and code are left alone."""
    text, said = answer.answer.strip(), UNCONFIRMED[answer.language]
    for sentence in answer.sentences:
        whole = f"{sentence.text} {said}"
        if not sentence.citations and "\n" not in whole and not whole.startswith("|"):
            text = text.replace(whole, f"{_DOUBTED}{whole}{_ENDED}", 1)
    return text


def with_links(exchange: Exchange, notes: Collection[IndexedNote]) -> Exchange:
    """Return an exchange with the links in its answer that a cited sentence holds, and that lead to other notes."""
    opens: dict[str, Opens] = {}
    for cited in exchange.answer.citations if exchange.answer else ():
        held = [link for link in links(cited.quote) if exchange.answer and link.shown in exchange.answer.answer]
        sources = resolved({link.target for link in held}, cited.source, notes)
        for link in held:
            if link.target in sources:
                opens.setdefault(link.shown, Opens(link.shown, link.words, sources[link.target], link.heading))
    return replace(exchange, links=tuple(opens.values()))
