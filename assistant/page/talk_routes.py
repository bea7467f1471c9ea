"""The addresses by which the page's scripts keep conversations: listed, read, changed, removed, exported.

In: requests, whose owner `assistant.server.guard` has told. Out: JSON, or a file of all conversations.
"""

import json
from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse, Response

from assistant.page.exchanges import dumped
from assistant.page.markdown import heading, markdown
from assistant.page.talks import Change, Talks
from assistant.server.forms import without_folders
from assistant.server.refusal import refusal

_Id = Annotated[str, Path(pattern=r"^[\w-]{1,64}$")]


def talk_routes(talks: Talks) -> APIRouter:
    """Return the routes under `/conversations`."""
    router = APIRouter(prefix="/conversations", include_in_schema=False)

    @router.get("")
    def heads(request: Request, words: str = "") -> Response:
        return JSONResponse([asdict(head) for head in talks.heads(_owner(request), words)])

    @router.get("/export.json")
    def as_json(request: Request) -> Response:
        whole = [{**asdict(head), **json.loads(dumped(talk))} for head, talk in talks.all(_owner(request))]
        return _file(json.dumps(whole, ensure_ascii=False, indent=1), "application/json", "json")

    @router.get("/export.md")
    def as_markdown(request: Request) -> Response:
        whole = (
            "\n".join([heading(head.name or head.title), "", *map(markdown, talk.exchanges)])
            for head, talk in talks.all(_owner(request))
        )
        return _file("\n\n".join(whole), "text/markdown", "md")

    @router.get("/{id}")
    def text(request: Request, id: _Id) -> Response:
        kept = talks.text(_owner(request), id)
        return JSONResponse({"text": kept[0], "revision": kept[1]}) if kept else _none()

    @router.put("/{id}")
    def put(request: Request, id: _Id, change: Change) -> Response:
        kept = talks.put(_owner(request), id, change)
        if kept is None:
            return _none()
        head, text = kept
        together = text if change.text not in (None, text) else None  # what the page does not have yet
        return JSONResponse({**asdict(head), "text": together})

    @router.delete("/{id}")
    def remove(request: Request, id: _Id) -> Response:
        talks.remove(_owner(request), id)
        return _none()

    return router


def _owner(request: Request) -> str:
    owner: str = request.scope["owner"]
    return owner


def _none() -> Response:
    return Response(status_code=204)


async def not_kept(request: Request, error: Exception) -> Response:
    """Return the refusal where the file of conversations cannot be used."""
    return refusal(request.url.path, 503, without_folders(str(error)))


def _file(text: str, kind: str, ending: str) -> Response:
    named = {"content-disposition": f'attachment; filename="conversations.{ending}"'}
    return Response(text, media_type=f"{kind}; charset=utf-8", headers=named)
