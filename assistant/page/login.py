"""The page on which people log in to a server that has accounts, and the address by which they log out.

In: a form with a name and a password. Out: a cookie that `assistant.server.sessions` knows, or the form once more.
"""

import asyncio
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from assistant.messages.said import TOO_OFTEN
from assistant.page.render import render
from assistant.server.access import Access, TooOften
from assistant.server.kept import Unkept
from assistant.server.log_ins import LONGEST
from assistant.server.refusal import refusal
from assistant.server.sessions import COOKIE
from assistant.text.language import Language


def login_routes(access: Access) -> APIRouter:
    """Return the routes `/login` and `/logout`."""
    router = APIRouter(include_in_schema=False)

    @router.get("/login")
    async def form(request: Request) -> Response:
        if request.scope["owner"]:  # as after a while in which log-ins could not be looked up
            return RedirectResponse("./", 303)
        try:
            await asyncio.to_thread(access.log_ins.check)
        except Unkept:
            return _form(request, 503, "log_ins_away")
        return _form(request)

    @router.post("/login")
    async def log_in(request: Request) -> Response:
        address = request.client.host if request.client else ""
        sent = parse_qs((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
        name, password = (sent.get(field, [""])[0] for field in ("name", "password"))
        try:
            cookie = await asyncio.to_thread(access.log_in, address, name, password)
        except TooOften:
            return refusal(request.url.path, 429, TOO_OFTEN)
        except Unkept:
            return _form(request, 503, "log_ins_away")
        if not cookie:
            return _form(request, 401, "wrong_log_in")
        request.scope["owner"] = name[:100]
        answer = RedirectResponse("./", 303)
        secure = request.url.scheme == "https" or request.headers.get("x-forwarded-proto") == "https"
        answer.set_cookie(COOKIE, cookie, int(LONGEST), secure=secure, httponly=True, samesite="strict")
        return answer

    @router.post("/logout")
    async def log_out(request: Request) -> Response:
        await asyncio.to_thread(access.sessions.end, request.cookies.get(COOKIE, ""))
        answer = RedirectResponse("login", 303)
        answer.delete_cookie(COOKIE)
        return answer

    return router


def _form(request: Request, status: int = 200, alert: str = "") -> Response:
    """Return the form, with a word of the page that says what was wrong."""
    first = request.headers.get("accept-language", "").strip().lower()
    language = Language.KO if first.startswith("ko") else Language.EN
    return HTMLResponse(render("login", language=language, alert=alert), status)
