"""The conversation: exchanges of a question and its answer, stored in the browser.

In: exchanges. Out: JSON that the browser stores and sends back, and the turns for the assistant. The browser's JSON is
validated; an invalid one counts as an empty conversation. Exchanges are found by id, since their places change when the
oldest ones are dropped.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from pydantic import TypeAdapter, ValidationError

from assistant.answer import Answer, Turn

KEPT = 50
"""Exchanges that are shown and stored; a browser stores a few megabytes."""

MARKS = ("up", "down")
"""A reader's ratings of an answer."""


class Opens(NamedTuple):
    """A link of a quoted sentence: as it is `shown` in the answer, its words, the note and heading that it opens."""

    shown: str
    words: str
    source: str
    heading: str


@dataclass(frozen=True)
class Exchange:
    """A question and its answer; if there is none, `trouble` says why, or it was stopped.

    `rated` is one of `MARKS`, or empty; `reason` is the reader's comment. `links` are the quoted links to other notes.
    """

    question: str
    answer: Answer | None = None
    trouble: str = ""
    rated: str = ""
    reason: str = ""
    links: tuple[Opens, ...] = ()
    id: str = field(default_factory=lambda: secrets.token_hex(6))


_ADAPTER = TypeAdapter(tuple[Exchange, ...])


def recent(exchanges: Sequence[Exchange]) -> tuple[Exchange, ...]:
    """Return the last `KEPT` exchanges."""
    return tuple(exchanges[-KEPT:])


def before(exchanges: Sequence[Exchange], id: str) -> tuple[Exchange, ...]:
    """Return the exchanges before the one with that id; all if there is none."""
    return tuple(exchanges[: next((at for at, item in enumerate(exchanges) if item.id == id), len(exchanges))])


def of(exchanges: Sequence[Exchange], id: str) -> Exchange | None:
    """Return the exchange with that id; None if there is none."""
    return next((item for item in exchanges if item.id == id), None)


def with_mark(exchanges: Sequence[Exchange], id: str, rated: str, reason: str) -> tuple[Exchange, ...]:
    """Return the exchanges, with the rating and reason set on the one with that id."""
    return tuple(replace(item, rated=rated, reason=reason) if item.id == id else item for item in exchanges)


def dumped(exchanges: Sequence[Exchange]) -> str:
    """Return the JSON of the last `KEPT` exchanges, without the texts of their passages."""
    return _ADAPTER.dump_json(tuple(map(_slim, recent(exchanges)))).decode()


def _slim(exchange: Exchange) -> Exchange:
    if exchange.answer is None:
        return exchange
    passages = tuple(replace(passage, text="") for passage in exchange.answer.passages)
    return replace(exchange, answer=exchange.answer.with_(passages=passages))


def loaded(kept: str) -> tuple[Exchange, ...]:
    """Return the exchanges in a browser's JSON; none if it is invalid."""
    try:
        return _ADAPTER.validate_json(kept or "[]")
    except ValidationError:
        return ()


def turns(exchanges: Sequence[Exchange]) -> list[Turn]:
    """Return the conversation as turns for the assistant: questions with their answers, oldest first."""
    return [(exchange.question, exchange.answer.answer) for exchange in exchanges if exchange.answer]
