"""What the page shows of a question and its answer, as HTML.

Questions, answers and notes are other people's text: the templates escape every bit of it, so nothing in it is rendered
or run. A button says by `data-event` what the page is to do (`assistant.page.ui`).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.answer import Answer, Citation, RankedPassage
from assistant.messages.catalogue import examples
from assistant.messages.said import NEXT
from assistant.page.exchanges import Exchange
from assistant.page.markdown import markdown
from assistant.page.render import render

_MARK = re.compile(r"(\[\d+\])")
_NEAREST = 3
"""Notes that are named where none holds the answer."""


@dataclass(frozen=True)
class Shown:
    """An exchange with what the templates show of it; `last` is the one that can be asked again.

    `pieces` are the answer's text, cut at its marks; a mark goes with what it cites, other text with None. `nearest`
    are the nearest passages where the notes do not hold the answer, one a note.
    """

    exchange: Exchange
    last: bool
    pieces: tuple[tuple[str, Citation | None], ...]
    nearest: tuple[RankedPassage, ...]
    markdown: str


def conversation_html(exchanges: Sequence[Exchange]) -> str:
    """Return the conversation so far; questions to begin with if there is none."""
    last = exchanges[-1:]
    turns = [_shown(exchange, exchange in last) for exchange in exchanges]
    return render("conversation", turns=turns, questions=examples(), heading="examples")


def exchange_html(exchange: Exchange, last: bool) -> str:
    """Return a question with all that is known of its answer."""
    return render("conversation", turns=[_shown(exchange, last)])


def suggestions_html(questions: Sequence[str], heading: str = "follow") -> str:
    """Return questions that a click asks; nothing if there are none."""
    return render("suggestions", questions=questions, heading=heading)


def draft_html(question: str, answer: Answer | None) -> str:
    """Return what is shown while an answer grows; nothing has checked it yet."""
    text = answer.answer.strip() if answer else ""
    queued = answer is not None and answer.fallback in NEXT.values()
    return render("draft", question=question, text=text, queued=queued, first=answer is None)


def _shown(exchange: Exchange, last: bool) -> Shown:
    answer = exchange.answer
    pieces = tuple(_pieces(answer)) if answer else ()
    return Shown(exchange, last, pieces, _nearest(answer) if answer else (), markdown(exchange))


def _pieces(answer: Answer) -> Iterator[tuple[str, Citation | None]]:
    """Cut an answer at its marks; a bracketed number that cites nothing stays text."""
    by_mark = {f"[{cited.n}]": cited for cited in answer.citations}
    return ((text, by_mark.get(text)) for text in _MARK.split(answer.answer.strip()) if text)


def _nearest(answer: Answer) -> tuple[RankedPassage, ...]:
    if not answer.abstained:
        return ()
    best: dict[str, RankedPassage] = {}
    for passage in sorted(answer.passages, key=lambda item: -item.relevance):
        best.setdefault(passage.source, passage)
    return tuple(best.values())[:_NEAREST]
