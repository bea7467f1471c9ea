"""The page on which people log in to a server that has accounts, and the address by which they log out.

In: a form with a name and a password. Out: a cookie that `assistant.server.sessions` knows, or the form once more.
"""

import asyncio
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from assistant.messages.said import TOO_OFTEN
from assistant.page.render import render
from assistant.server.access import Access
from assistant.server.refusal import refusal
from assistant.server.sessions import COOKIE, LONGEST
from assistant.text.language import Language


def login_routes(access: Access) -> APIRouter:
    """Return the routes `/login` and `/logout`."""
    router = APIRouter(include_in_schema=False)

    @router.get("/login")
    async def form(request: Request) -> Response:
        return _form(request)

    @router.post("/login")
    async def log_in(request: Request) -> Response:
        address = request.client.host if request.client else ""
        sent = parse_qs((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
        name, password = (sent.get(field, [""])[0] for field in ("name", "password"))
        if access.guessing(address, name):
            return refusal(request.url.path, 429, TOO_OFTEN)
        if not await asyncio.to_thread(access.knows_person, name.encode(), password.encode()):
            access.was_wrong(address, name)
            return _form(request, wrong=True)
        request.scope["owner"] = name[:100]
        answer = RedirectResponse("./", 303)
        secure = request.url.scheme == "https" or request.headers.get("x-forwarded-proto") == "https"
        answer.set_cookie(COOKIE, access.begin(name), int(LONGEST), secure=secure, httponly=True, samesite="strict")
        return answer

    @router.post("/logout")
    async def log_out(request: Request) -> Response:
        access.sessions.end(request.cookies.get(COOKIE, ""))
        answer = RedirectResponse("login", 303)
        answer.delete_cookie(COOKIE)
        return answer

    return router


def _form(request: Request, wrong: bool = False) -> Response:
    first = request.headers.get("accept-language", "").strip().lower()
    language = Language.KO if first.startswith("ko") else Language.EN
    return HTMLResponse(render("login", language=language, wrong=wrong), 401 if wrong else 200)
