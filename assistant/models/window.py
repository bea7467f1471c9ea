"""Asks the server of a language model how many tokens the model reads at once.

In: the settings of a served model. Out: the tokens of its context window, or None if the server does not say. vLLM,
llama.cpp, Mistral, Groq and OpenRouter tell it among their models; Ollama tells it of a loaded model (`/api/ps`) or of
one whose Modelfile sets it (`/api/show`), and cuts longer prompts without a word.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import httpx

from assistant.config import Settings

_TOLD = ("max_model_len", "n_ctx", "context_length", "context_window", "max_context_length", "n_ctx_train")
"""What the servers call it, the most exact first."""
_OLLAMA = 4096
"""What Ollama gives a model if nobody says otherwise and the graphics card is small."""
_WAIT = 3.0
"""Seconds that an answer may take."""
_met: dict[tuple[str, str], int] = {}


def window(settings: Settings) -> int | None:
    """Return the context window of the served model; it is asked for once, and again if there was no answer."""
    own = settings.llm_address, settings.llm_model
    if own not in _met and (found := next(_asked(settings), None)):
        _met[own] = found
    return _met.get(own)


def _asked(settings: Settings) -> Iterator[int]:
    address = settings.llm_address.rstrip("/")
    headers = {"Authorization": f"Bearer {settings.llm_key}"} if settings.llm_key else {}
    with httpx.Client(timeout=_WAIT, headers=headers) as client:
        for model in _listed(_json(client, "GET", f"{address}/models"), "data"):
            if model.get("id") == settings.llm_model:
                yield from _told(model)
        root = address.removesuffix("/v1")
        shown = _json(client, "POST", f"{root}/api/show", {"model": settings.llm_model})
        if "model_info" not in shown:
            return
        for model in _listed(_json(client, "GET", f"{root}/api/ps"), "models"):
            if settings.llm_model in (model.get("name"), model.get("model")):
                yield from _told(model)
        said = re.search(r"^num_ctx\s+(\d+)", str(shown.get("parameters")), re.MULTILINE)
        yield int(said[1]) if said else _OLLAMA


def _told(model: Mapping[str, Any]) -> Iterator[int]:
    meta = model.get("meta")
    for place in (model, meta if isinstance(meta, dict) else {}):
        for name in _TOLD:
            if isinstance(found := place.get(name), int) and found > 0:
                yield found


def _listed(said: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found = said.get(name)
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _json(client: httpx.Client, method: str, address: str, body: object = None) -> dict[str, Any]:
    """Return what the server says, or nothing if it says no JSON object."""
    try:
        said = client.request(method, address, json=body).json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        return {}
    return said if isinstance(said, dict) else {}
