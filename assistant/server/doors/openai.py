"""OpenAI's chat API over the notes: `/v1/models` and `/v1/chat/completions`.

In: a conversation. Out: the answer to its last question, with a list of sources below it and the citations as a field
of their own. The questions before are its history, and a system message is a wish, which a served model is told. A
stream holds checked text alone, for what such a client has shown it cannot take back. The text is Markdown to most
clients: what notes hold of it is made inert.
"""

import json
import re
import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from assistant.answer import Answer, Citation, Turn
from assistant.errors import SettingsError
from assistant.messages.said import NO_MODEL, NO_QUESTION, SOURCES
from assistant.server.queue import Turns
from assistant.server.refusal import OPENAI, openai_error, refusal, told
from assistant.server.waiting import unless_gone
from assistant.text.shown import seen

MODEL = "notes"
_WISH = 4000
"""Characters of what the system says that a model is told."""
_LIVELY = re.compile(r"<(?=[a-z/!?])|!(?=\[)|\](?=[(:])", re.IGNORECASE)
_LISTED = re.compile(rf"\n\n(?:{'|'.join(SOURCES.values())})\n.*", re.DOTALL)
_WORDS = re.compile(r"\S+\s*|\s+")


class Part(BaseModel):
    """A part of a message; parts that are not text are ignored."""

    model_config = ConfigDict(strict=True)
    type: str
    text: str = ""


class Message(BaseModel):
    """A message of the conversation."""

    model_config = ConfigDict(strict=True)
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None

    @property
    def words(self) -> str:
        """The message's text."""
        parts = self.content or ""
        return parts if isinstance(parts, str) else "\n".join(part.text for part in parts if part.type == "text")


class Conversation(BaseModel):
    """What `/v1/chat/completions` takes; sampling options are ignored, since the answer comes from the notes."""

    model_config = ConfigDict(strict=True)
    model: str = Field(examples=[MODEL])
    messages: list[Message] = Field(
        min_length=1, max_length=1000, examples=[[{"role": "user", "content": "How hot should the water be?"}]]
    )
    stream: bool | None = False


def routes(turns: Turns) -> APIRouter:
    """Return the routes under `/v1`."""
    router = APIRouter(prefix=OPENAI, tags=["OpenAI-compatible"])
    model = {"id": MODEL, "object": "model", "created": int(time.time()), "owned_by": "notes-assistant"}

    @router.get("/models", summary="List the one model: the notes")
    async def models() -> dict[str, Any]:
        return {"object": "list", "data": [model]}

    @router.get("/models/{name}", summary="Describe it")
    async def one(name: str, request: Request) -> Response:
        return JSONResponse(model) if name == MODEL else _no_model(request)

    @router.post("/chat/completions", summary="Answer the last message from the notes")
    async def complete(conversation: Conversation, request: Request) -> Response:
        """Answer the last message; `citations` of the message hold the verbatim words and where they stand."""
        if conversation.model != MODEL:
            return _no_model(request)
        question, history = turns_of(conversation.messages)
        wish = wish_of(conversation.messages)
        if conversation.stream:
            growing = turns.answers(question, history, wish=wish)
            first = await unless_gone(request, anext(growing))
            return StreamingResponse(_chunks(first, growing), media_type="text/event-stream")
        answer = await unless_gone(request, turns.ask(question, history, wish=wish))
        message = {"role": "assistant", "content": readable(answer), "refusal": None, "citations": _cited(answer)}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        return JSONResponse({**_head("chat.completion"), "choices": [choice]})

    return router


def turns_of(messages: Sequence[Message]) -> tuple[str, list[Turn]]:
    """Return the last question, and the earlier turns; raise SettingsError if the last message is not a question."""
    if messages[-1].role != "user" or not messages[-1].words.strip():
        raise SettingsError(NO_QUESTION)
    history: list[Turn] = []
    pending = None
    for message in messages[:-1]:
        if message.role == "user":
            pending = message.words
        elif message.role == "assistant" and pending is not None:
            history.append((pending, _LISTED.sub("", message.words)))
            pending = None
    return messages[-1].words, history


def wish_of(messages: Sequence[Message]) -> str:
    """Return what the client's system messages ask for."""
    return "\n\n".join(message.words.strip() for message in messages if message.role in ("system", "developer"))[:_WISH]


def readable(answer: Answer) -> str:
    """Return the answer and below it its sources, one a line, as Markdown that holds no link, picture or HTML."""
    text = inert(answer.answer)
    if answer.fallback:
        text += "\n\n" + inert(told(SettingsError(answer.fallback))[1])
    if answer.citations:
        listed = "\n".join(_line(cited) for cited in answer.citations)
        text += f"\n\n{SOURCES[answer.language]}\n{listed}"
    return text


def inert(text: str) -> str:
    """Return the text with a backslash before what would be a tag, a picture or a link."""
    return _LIVELY.sub(r"\\\g<0>", text)


def _line(cited: Citation) -> str:
    heading = f" > {cited.heading}" if cited.heading else ""
    quote = " ".join(seen(cited.quote).split())
    return inert(f"[{cited.n}] {cited.source}{heading} ({cited.start}-{cited.end}): “{quote}”")


def _cited(answer: Answer) -> list[dict[str, Any]]:
    citations: list[dict[str, Any]] = answer.to_json()["citations"]
    return citations


def _head(kind: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{uuid.uuid4().hex}", "object": kind, "created": int(time.time()), "model": MODEL}


async def _chunks(first: Answer, growing: AsyncGenerator[Answer]) -> AsyncIterator[str]:
    head, answer = _head("chat.completion.chunk"), first

    def chunk(delta: dict[str, Any], finish: str | None = None) -> str:
        return _data({**head, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})

    async with aclosing(growing):
        try:
            yield chunk({"role": "assistant", "content": ""})
            async for grown in growing:
                answer = grown
            for words in _WORDS.findall(readable(answer)):
                yield chunk({"content": words})
            yield chunk({"citations": _cited(answer)})
            yield chunk({}, "stop")
        except Exception as error:  # the status is sent: what broke is the last event
            yield _data(openai_error(*told(error)))
    yield "data: [DONE]\n\n"


def _data(value: object) -> str:
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n"


def _no_model(request: Request) -> Response:
    return refusal(request.url.path, 404, NO_MODEL.format(name=MODEL))
