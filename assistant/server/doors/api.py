"""The HTTP API: ask, search and read a note, in the contract's JSON.

In: requests. Out: the results of `Turns` in the JSON forms of `assistant.server.forms`.
"""

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from assistant.answer import Answer
from assistant.server.doors.within import Within, scope_of
from assistant.server.forms import answered, listed
from assistant.server.queue import Turns
from assistant.server.refusal import told
from assistant.server.waiting import unless_gone

_PASSAGE = {"source": "tea.md", "start": 40, "end": 66}
_QUOTE = {"title": "Green tea", "heading": "Water", "url": "", "quote": "Steep at 70 degrees."}
_ANSWER = {
    **{"id": "q1", "question": "How hot should the water be?", "language": "en"},
    **{"answer": "Steep at 70 degrees. [1]", "abstained": False, "action": "correct", "confidence": 0.93},
    "citations": [{"n": 1, **_PASSAGE, **_QUOTE}],
    "sentences": [{"text": "Steep at 70 degrees.", "citations": [1], "support": 1.0}],
    "passages": [{**_PASSAGE, "score": 0.81, "relevance": 0.93}],
    **{"llm": "extractive", "fallback": None, "trace": [], "seconds": {"retrieve": 0.02, "total": 0.03}},
}
_FOUND = [{"rank": 1, **_PASSAGE, "heading": "Water", "score": 0.81, "text": "Steep at 70 degrees."}]
_TEXT = "# Green tea\n\nSteep at 70 degrees.\n"
_NOTE = {"source": "tea.md", "title": "Green tea", "language": "en", "text": _TEXT, "changed": False}
_NOTES = [
    {"source": "tea.md", "copies": [], "title": "Green tea", "language": "en", "tags": ["tea"], "day": "2026-10-01"}
]
_EVENTS = "event: growing\ndata: {…}\n\nevent: answer\ndata: {…}\n\n"
_LINE = {"error": "what was expected, what was found, how to mend it"}


def _says(example: object, **others: object) -> dict[int | str, dict[str, Any]]:
    kinds = {"application/json": {"example": example}, **{kind: {"example": other} for kind, other in others.items()}}
    refusals = {400: "not a question", 404: "no such note", 413: "too large", 503: "no index or model, or too many"}
    wrong = {"application/json": {"example": _LINE}}
    return {
        200: {"content": kinds, "description": "the contract's JSON"},
        **{status: {"content": wrong, "description": reason} for status, reason in refusals.items()},
    }


_PICTURE = {**_says({}), 200: {"content": {"image/png": {}}, "description": "the page"}}


class Question(BaseModel):
    """What `/api/ask` takes."""

    model_config = ConfigDict(strict=True, extra="forbid")
    question: str = Field(description="in Korean or English", examples=["녹차는 몇 도의 물에 우리나요?"])
    history: list[Annotated[list[str], Field(min_length=2, max_length=2)]] = Field(
        default=[], max_length=100, description="earlier questions and their answers, oldest first"
    )
    scope: Within | None = Field(default=None, description="the notes to answer from; left out, all of them")
    id: str = Field(default="", max_length=200, description="comes back in the answer")
    stream: bool = Field(default=False, description="server-sent events: `growing` answers, then the checked `answer`")


class Search(BaseModel):
    """What `/api/search` takes."""

    model_config = ConfigDict(strict=True, extra="forbid")
    query: str = Field(description="in Korean or English", examples=["프레넬 렌즈"])
    top_k: int | None = Field(default=None, ge=1, le=100, description="passages wanted; left out, the server's setting")
    scope: Within | None = Field(default=None, description="the notes to search in; left out, all of them")


def routes(turns: Turns) -> APIRouter:
    """Return the routes under `/api`."""
    router = APIRouter(prefix="/api", tags=["notes"])

    @router.post("/ask", responses=_says(_ANSWER, **{"text/event-stream": _EVENTS}), summary="Answer from the notes")
    async def ask(asked: Question, request: Request) -> Response:
        """Answer a question from the notes alone; `citations` has the words and offsets of each `[n]`.

        With `stream`, the `growing` events hold unchecked text. The last event is the complete, checked `answer`, or an
        `error` if the answer could not be finished.
        """
        history = [(question, answer) for question, answer in asked.history]
        scope = scope_of(asked.scope)
        if not asked.stream:
            answer = await unless_gone(request, turns.ask(asked.question, history, scope))
            return JSONResponse(answered(answer, asked.id))
        growing = turns.answers(asked.question, history, scope)
        first = await unless_gone(request, anext(growing))  # errors up to here can still set the status
        return StreamingResponse(_events(first, growing, asked.id), media_type="text/event-stream")

    @router.post("/search", responses=_says(_FOUND), summary="Find passages, without an answer")
    async def search(wanted: Search, request: Request) -> Response:
        """Return the best passages; scores are comparable within one query only."""
        return JSONResponse(
            await unless_gone(request, turns.search(wanted.query, wanted.top_k, scope_of(wanted.scope)))
        )

    @router.get("/notes", responses=_says(_NOTES), summary="List the indexed notes")
    async def notes() -> Response:
        """Return the notes with their tags, which a scope can name; `copies` are other files with the same content."""
        return JSONResponse(listed(await turns.notes()))

    @router.get("/note", responses=_says(_NOTE), summary="Read an indexed note")
    async def note(
        source: Annotated[str, Query(description="as a citation or a passage names it", examples=["tea.md"])],
    ) -> Response:
        """Return a note's whole text; `text[start:end]` of a citation is its quote, unless it `changed` since."""
        return JSONResponse(asdict(await turns.note(source)))

    @router.get("/page", response_class=Response, responses=_PICTURE, summary="See a page of a PDF, or a picture")
    async def page(
        source: Annotated[str, Query(description="as a citation names it", examples=["paper.pdf"])],
        page: Annotated[int, Query(description="the locator's page", ge=1, le=100_000)],
    ) -> Response:
        """Return a page as PNG; the boxes of a citation's locator are shares of its size."""
        return Response(await turns.picture(source, page), media_type="image/png")

    @router.get("/picture", response_class=Response, responses=_PICTURE, summary="See a picture that a note shows")
    async def picture(
        source: Annotated[str, Query(description="the note", examples=["tea.md"])],
        name: Annotated[str, Query(description="as the note names it", examples=["images/leaf.png"], max_length=1000)],
    ) -> Response:
        """Return a PNG, JPEG, GIF or WebP picture that lies in the note's folder or beside it."""
        data, kind = await turns.beside(source, name)
        return Response(data, media_type=kind)

    return router


async def _events(first: Answer, growing: AsyncGenerator[Answer], id: str) -> AsyncIterator[str]:
    answer = first
    async with aclosing(growing):
        try:
            yield event("growing", answered(answer, id))
            async for answer in growing:
                yield event("growing", answered(answer, id))
            yield event("answer", answered(answer, id))
        except Exception as error:  # the status has been sent, so the error is the last event
            yield event("error", {"error": told(error)[1]})


def event(name: str, data: object) -> str:
    """Return one server-sent event."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
