"""Error responses of the doors: a status and one line of JSON.

In: errors, or a status and a message. Out: responses. They never contain a stack trace, a key or a folder of this
machine; details go to the server's log.
"""

import logging

from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse

from assistant.errors import (
    AssistantError,
    GenerationFailed,
    IndexUnusable,
    ModelMissing,
    NoteError,
    PullFailed,
    SettingsError,
)
from assistant.messages.said import UNEXPECTED, UNUSABLE
from assistant.server.forms import without_folders

logger = logging.getLogger(__name__)
OPENAI = "/v1"
"""The prefix of the addresses of OpenAI's API."""
_STATUS: dict[type[Exception], int] = {
    SettingsError: 400,
    NoteError: 404,
    **dict.fromkeys((IndexUnusable, ModelMissing, PullFailed, GenerationFailed), 503),
}
_KINDS = {401: "authentication_error", 403: "permission_error"}


def told(error: Exception) -> tuple[int, str]:
    """Return the status and the message for an error; an unexpected one is logged and not described."""
    if not isinstance(error, AssistantError):
        logger.error("a request ended unexpectedly: %r", error, exc_info=logger.isEnabledFor(logging.DEBUG))
        return 500, UNEXPECTED
    status = _STATUS[type(error)]
    if isinstance(error, IndexUnusable):
        logger.error("%s", error)
        return status, UNUSABLE
    return status, without_folders(str(error))


def refusal(path: str, status: int, line: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """Return an error response, in OpenAI's form under `/v1`, else as `{"error": line}`."""
    shape = openai_error(status, line) if is_openai(path) else {"error": line}
    return JSONResponse(shape, status, headers)


def refused(path: str, error: Exception) -> JSONResponse:
    """Return the response for an error."""
    if isinstance(error, ClientDisconnect):
        return refusal(path, 499, "the client went away")
    return refusal(path, *told(error))


def openai_error(status: int, line: str) -> dict[str, object]:
    """Return OpenAI's form of an error."""
    kind = _KINDS.get(status, "invalid_request_error" if status < 500 else "server_error")
    return {"error": {"message": line, "type": kind, "param": None, "code": None}}


def is_openai(path: str) -> bool:
    """Tell whether a path belongs to OpenAI's API."""
    return path == OPENAI or path.startswith(f"{OPENAI}/")
