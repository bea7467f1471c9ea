"""A conversation as the browser keeps it: questions and what became of them.

In: exchanges. Out: JSON that a browser stores and hands back, and the turns that the assistant reads. What comes back
from a browser is checked; what is no conversation counts as an empty one. An exchange is addressed by its id, for
places move once the oldest exchanges are let go.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pydantic import TypeAdapter, ValidationError

from assistant.answer import Answer, Turn

KEPT = 50
"""Exchanges that a page shows and a browser stores; it has room for some megabytes."""

MARKS = ("up", "down")
"""What a reader can say of an answer."""


@dataclass(frozen=True)
class Exchange:
    """A question and its answer; without one `trouble` says why, or it was stopped.

    `rated` is one of `MARKS`, or empty.
    """

    question: str
    answer: Answer | None = None
    trouble: str = ""
    rated: str = ""
    reason: str = ""
    id: str = field(default_factory=lambda: secrets.token_hex(6))


_ADAPTER = TypeAdapter(tuple[Exchange, ...])


def recent(exchanges: Sequence[Exchange]) -> tuple[Exchange, ...]:
    """Return the exchanges that are kept: the last ones."""
    return tuple(exchanges[-KEPT:])


def before(exchanges: Sequence[Exchange], id: str) -> tuple[Exchange, ...]:
    """Return the exchanges before the one of that id; all of them if there is none."""
    return tuple(exchanges[: next((at for at, item in enumerate(exchanges) if item.id == id), len(exchanges))])


def of(exchanges: Sequence[Exchange], id: str) -> Exchange | None:
    """Return the exchange of that id."""
    return next((item for item in exchanges if item.id == id), None)


def with_mark(exchanges: Sequence[Exchange], id: str, rated: str, reason: str) -> tuple[Exchange, ...]:
    """Return the exchanges with the one of that id marked."""
    return tuple(replace(item, rated=rated, reason=reason) if item.id == id else item for item in exchanges)


def dumped(exchanges: Sequence[Exchange]) -> str:
    """Return the JSON of the exchanges that are kept; of the passages looked at only where they are."""
    return _ADAPTER.dump_json(tuple(map(_slim, recent(exchanges)))).decode()


def _slim(exchange: Exchange) -> Exchange:
    if exchange.answer is None:
        return exchange
    passages = tuple(replace(passage, text="") for passage in exchange.answer.passages)
    return replace(exchange, answer=exchange.answer.with_(passages=passages))


def loaded(kept: str) -> tuple[Exchange, ...]:
    """Return the exchanges of a browser's JSON; none if it is not one."""
    try:
        return _ADAPTER.validate_json(kept or "[]")
    except ValidationError:
        return ()


def turns(exchanges: Sequence[Exchange]) -> list[Turn]:
    """Return what the assistant may read of a conversation: questions with their answers, oldest first."""
    return [(exchange.question, exchange.answer.answer) for exchange in exchanges if exchange.answer]
