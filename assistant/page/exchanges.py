"""A conversation: exchanges of a question and its answer, stored in the browser.

In: a conversation. Out: JSON that the browser stores and sends back, and the turns for the assistant. The browser's
JSON is validated; an invalid one counts as an empty conversation. Exchanges are found by id, since their places change
when the oldest ones are dropped.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from pydantic import TypeAdapter, ValidationError

from assistant.answer import Answer, Turn
from assistant.page.scope import Chosen

KEPT = 50
"""Exchanges that are shown and stored; a browser stores a few megabytes."""

EARLIER = 5
"""Earlier answers that are kept of a question that was asked anew."""

MARKS = ("up", "down")
"""A reader's ratings of an answer."""

Marks = dict[str, tuple[str, str]]
"""The rating and the reason of exchanges, by their ids."""


class Opens(NamedTuple):
    """A link of a quoted sentence: as it is `shown` in the answer, its words, the note and heading that it opens."""

    shown: str
    words: str
    source: str
    heading: str


@dataclass(frozen=True)
class Exchange:
    """A question and its answer; if there is none, `trouble` says why, or it was stopped, or the page was left.

    `rated` is one of `MARKS`, or empty; `reason` is the reader's comment. `chosen` is what it was asked of, if not of
    all notes. `stopped` says that its reader stopped the answer, and `draft` is as much of it as was shown.
    `links` are the quoted links to other notes. `earlier` are the exchanges whose place it took, oldest first.
    """

    question: str
    answer: Answer | None = None
    trouble: str = ""
    rated: str = ""
    reason: str = ""
    chosen: Chosen | None = None
    draft: str = ""
    stopped: bool = False
    links: tuple[Opens, ...] = ()
    earlier: tuple["Exchange", ...] = ()
    id: str = field(default_factory=lambda: secrets.token_hex(6))


@dataclass(frozen=True)
class Talk:
    """A conversation: its exchanges, oldest first, and its id in the browser's list."""

    exchanges: tuple[Exchange, ...] = ()
    id: str = ""

    def with_(self, exchanges: Sequence[Exchange]) -> "Talk":
        """Return the conversation with other exchanges, the last `KEPT` of them."""
        return replace(self, exchanges=tuple(exchanges[-KEPT:]))


_ADAPTER = TypeAdapter(Talk)


def before(exchanges: Sequence[Exchange], id: str) -> tuple[Exchange, ...]:
    """Return the exchanges before the one with that id; all if there is none."""
    return tuple(exchanges[: next((at for at, item in enumerate(exchanges) if item.id == id), len(exchanges))])


def of(exchanges: Sequence[Exchange], id: str) -> Exchange | None:
    """Return the exchange with that id; None if there is none."""
    return next((item for item in exchanges if item.id == id), None)


def with_marks(exchanges: Sequence[Exchange], marks: Marks) -> tuple[Exchange, ...]:
    """Return the exchanges with the ratings and reasons that are given for some of them."""
    return tuple(
        replace(item, rated=marks[item.id][0], reason=marks[item.id][1]) if item.id in marks else item
        for item in exchanges
    )


def instead(asked: Exchange, of: Exchange | None) -> Exchange:
    """Return an exchange that takes the place of another, whose answers stay with it."""
    if of is None:
        return asked
    told = (replace(of, earlier=()),) if of.answer or of.draft else ()
    return replace(asked, earlier=(*of.earlier, *told)[-EARLIER:])


def settled(exchanges: Sequence[Exchange], ended: Exchange) -> tuple[Exchange, ...]:
    """Return the exchanges, with the one that has ended in its place, or at the end."""
    return *(item for item in exchanges if item.id != ended.id), ended


def dumped(talk: Talk) -> str:
    """Return a conversation's JSON, without the texts of its passages."""
    return _ADAPTER.dump_json(replace(talk, exchanges=tuple(map(_slim, talk.exchanges)))).decode()


def _slim(exchange: Exchange) -> Exchange:
    earlier, answer = tuple(map(_slim, exchange.earlier)), exchange.answer
    if answer is not None:
        answer = answer.with_(passages=tuple(replace(passage, text="") for passage in answer.passages))
    return replace(exchange, answer=answer, earlier=earlier)


def loaded(kept: str) -> Talk:
    """Return the conversation in a browser's JSON; an empty one if it is invalid."""
    try:
        return _ADAPTER.validate_json(kept or "{}")
    except ValidationError:
        return Talk()


def turns(exchanges: Sequence[Exchange]) -> list[Turn]:
    """Return the conversation as turns for the assistant: questions with their answers, oldest first."""
    return [(exchange.question, exchange.answer.answer) for exchange in exchanges if exchange.answer]
