"""A conversation as the browser keeps it: questions, what became of them, and the forms in which it leaves the page.

In: exchanges. Out: JSON that a browser stores and hands back, the turns that the assistant reads, Markdown. What comes
back from a browser is checked; what is no conversation counts as an empty one.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pydantic import TypeAdapter, ValidationError

from assistant.answer import Answer, Turn

KEPT = 50
"""Exchanges that a browser stores; it has room for some megabytes."""


@dataclass(frozen=True)
class Exchange:
    """A question and its answer; without one `trouble` says why, or it was stopped.

    `rated` is `up`, `down` or empty.
    """

    question: str
    answer: Answer | None = None
    trouble: str = ""
    rated: str = ""
    reason: str = ""
    id: str = field(default_factory=lambda: secrets.token_hex(6))


_ADAPTER = TypeAdapter(tuple[Exchange, ...])


def dumped(exchanges: Sequence[Exchange]) -> str:
    """Return the JSON of the last `KEPT` exchanges; of the passages looked at only where they are."""
    return _ADAPTER.dump_json(tuple(map(_slim, exchanges[-KEPT:]))).decode()


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


def markdown(exchange: Exchange) -> str:
    """Return an exchange as Markdown: the question, the answer with its marks, and what each mark stands for."""
    lines = [f"## {_line(exchange.question)}", ""]
    if exchange.answer is None:
        return "\n".join([*lines, exchange.trouble or "…", ""])
    lines += [exchange.answer.answer, ""]
    for cited in exchange.answer.citations:
        place = " > ".join(part for part in (cited.title, cited.heading) if part)
        lines.append(f"[{cited.n}] {_line(place)} ({cited.source}:{cited.start}-{cited.end})")
        lines += [f"> {line}" for line in cited.quote.splitlines()] + [""]
    return "\n".join(lines)


def _line(text: str) -> str:
    return " ".join(text.split())
