"""Builds the application: all doors behind one guard; `assistant.page.mount` adds the page to it.

In: an assistant and the access rules. Out: a FastAPI application for any ASGI server. Its `state.turns` is the one
queue, which the page uses too; setting `state.stopping` ends every stream.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from assistant import __version__
from assistant.assistant import Assistant
from assistant.errors import AssistantError
from assistant.messages.said import MISSHAPEN, NO_DOOR
from assistant.server.access import Access
from assistant.server.doors import api, health
from assistant.server.doors import openai as openai_door
from assistant.server.doors.mcp import build_mcp, mounted
from assistant.server.guard import Guard
from assistant.server.own import Own
from assistant.server.queue import Turns
from assistant.server.refusal import OPENAI, refusal, refused

Apart = Callable[[str, Turns], FastAPI | None]
"""Makes the application over the notes of an account of this name; None if that may not have its own."""
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_ABOUT = (
    "Ask a person's own notes in Korean or English. Beside these addresses there are an OpenAI-compatible API under "
    '`/v1` and an MCP server at `/mcp`. Errors are one line: `{"error": "…"}`, under `/v1` in OpenAI\'s shape.'
)


def build_app(assistant: Assistant, access: Access, own: Apart | None = None) -> FastAPI:
    """Return the application, without the page; `own` makes that of a person with notes of their own."""
    app = build_doors(assistant, access)
    if own is not None:
        app.add_middleware(Own, build=lambda name: own(name, app.state.turns), stopping=app.state.stopping)
    app.add_middleware(Guard, access=access, stopping=app.state.stopping, audit=access.audit)
    return app


def build_doors(assistant: Assistant, access: Access, beside: Turns | None = None) -> FastAPI:
    """Return an application without a guard, which takes turns with the queue `beside` it."""
    turns, stopping = Turns(assistant, beside.one if beside else None), asyncio.Event()
    server = build_mcp(turns)
    mcp_routes = mounted(server)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with server.session_manager.run():
            yield
        await turns.close()
        if beside is None:
            access.log_ins.close()

    app = FastAPI(
        title="Notes assistant",
        version=__version__,
        description=_ABOUT,
        lifespan=lifespan,
        openapi_url="/api/openapi.json",
        docs_url=None,  # Swagger's page would load its scripts from another host
        redoc_url=None,
    )
    app.state.turns, app.state.stopping = turns, stopping
    app.state.access = access
    app.add_exception_handler(AssistantError, _refused)
    app.add_exception_handler(RequestValidationError, _misshapen)
    app.add_exception_handler(HTTPException, _no_door)
    app.include_router(health.routes(turns, access.log_ins))
    app.include_router(api.routes(turns))
    app.include_router(openai_door.routes(turns))
    app.router.routes.extend(mcp_routes)
    for prefix in ("/api", OPENAI):  # an unknown address under these must not reach the page
        app.add_api_route(f"{prefix}/{{rest:path}}", _nothing, methods=_METHODS, include_in_schema=False)
    return app


async def _refused(request: Request, error: Exception) -> Response:
    return refused(request.url.path, error)


async def _misshapen(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]  # the place and the reason; the sent value is not repeated
    where = ".".join(str(part) for part in first["loc"])
    return refusal(request.url.path, 400, MISSHAPEN.format(where=where, what=first["msg"]))


async def _no_door(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    line = NO_DOOR if error.status_code in (404, 405) else str(error.detail)
    if error.status_code == 400:  # FastAPI's own, for a body that is no UTF-8 or too deep for its parser
        line = MISSHAPEN.format(where="body", what=line)
    return refusal(request.url.path, error.status_code, line)


async def _nothing(request: Request) -> Response:
    return refusal(request.url.path, 404, NO_DOOR)
