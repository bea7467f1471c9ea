"""Asks a web search, if the user switched one on, and turns its results into passages.

In: the question's key terms, which are all that leaves this machine. Out: passages whose source is a web address, with
offsets into the result's text. If the search fails, there is one line in the log and no passages.
"""

import hashlib
import json
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx

from assistant.answer import Passage
from assistant.config import Settings
from assistant.text.invisible import plain
from assistant.text.language import detect
from assistant.text.sentences import sentences
from assistant.text.terms import terms

logger = logging.getLogger(__name__)
RESULTS = 8
"""Results that become passages."""
SECONDS = 6.0
"""Seconds that a whole response may take."""
WAIT = 3.0
"""Seconds that connecting, and each piece of a response, may take."""
LARGEST = 2_000_000
"""Bytes that a response may have."""
_TEXT, _TITLE, _ADDRESS = 2000, 200, 2000
"""Characters of a result's parts that are used."""
TAVILY = "https://api.tavily.com"


class WebSearch(Protocol):
    """Anything that finds web pages by a few words."""

    def search(self, words: str) -> list[Passage]:
        """Return passages, best first; none if the search fails."""
        ...


@dataclass(frozen=True)
class SearXNG:
    """A SearXNG instance that serves JSON (`search.formats` in its settings); `address` is the page's own."""

    address: str

    def search(self, words: str) -> list[Passage]:
        """Return passages, best first; none if the search fails."""
        request = {"params": {"q": words, "format": "json"}}
        return _brought("GET", f"{self.address.rstrip('/')}/search", request)


@dataclass(frozen=True)
class Tavily:
    """Tavily's hosted search (docs.tavily.com, `POST /search`), by key."""

    key: str = field(repr=False)
    address: str = TAVILY

    def search(self, words: str) -> list[Passage]:
        """Return passages, best first; none if the search fails."""
        request = {
            "json": {"query": words, "max_results": RESULTS},
            "headers": {"Authorization": f"Bearer {self.key}"},
        }
        return _brought("POST", f"{self.address}/search", request)


def build_web(settings: Settings) -> WebSearch | None:
    """Return the web search that the settings switch on; None if they do not."""
    if settings.web == "searxng":
        return SearXNG(settings.web_address)
    return Tavily(settings.web_key) if settings.web == "tavily" else None


class _Unusable(Exception):
    """A response cannot be used; the text is our own and safe to log."""


def _brought(method: str, address: str, request: dict[str, Any]) -> list[Passage]:
    # Errors' own texts may hold the words, the address or the key: none of them is logged.
    try:
        host = httpx.URL(address).host
    except (httpx.InvalidURL, ValueError):
        host = "an address that is none"
    try:
        return list(_passages(json.loads(_answer(method, address, request))))
    except _Unusable as error:
        reason = str(error)
    except httpx.TimeoutException:
        reason = "it did not answer in time"
    except (httpx.HTTPError, httpx.InvalidURL, OSError):
        reason = "it cannot be reached or broke off"
    except (ValueError, RecursionError):
        reason = "it sent what is not JSON, or its key cannot be sent"
    logger.warning("web search at %s brought nothing: %s", host, reason)
    return []


def _answer(method: str, address: str, request: dict[str, Any]) -> bytes:
    """Return the response's body; redirects are not followed, since they could send the key and the words elsewhere."""
    until, body = time.monotonic() + SECONDS, b""
    # A small compressed response could unpack to any size.
    headers = {"Accept": "application/json", "Accept-Encoding": "identity", **request.pop("headers", {})}
    near = httpx.URL(address).host in ("127.0.0.1", "localhost", "::1")
    with (
        httpx.Client(timeout=WAIT, follow_redirects=False, trust_env=not near) as client,
        client.stream(method, address, headers=headers, **request) as response,
    ):
        if response.status_code != httpx.codes.OK:
            raise _Unusable(f"it answered {response.status_code}")
        for piece in response.iter_raw():
            body += piece
            if len(body) > LARGEST:
                raise _Unusable(f"it sent more than {LARGEST} bytes")
            if time.monotonic() > until:
                raise _Unusable("it did not answer in time")
    return body


def _passages(response: object) -> Iterator[Passage]:
    """Yield a passage for each result with an address and a text; both services use the same field names."""
    results = response.get("results") if isinstance(response, dict) else None
    if not isinstance(results, list):
        raise _Unusable("its JSON holds no results")
    seen: set[str] = set()
    for result in results:
        if len(seen) == RESULTS:
            return
        if not isinstance(result, dict):
            continue
        url, title, text = (_text(result.get(name)) for name in ("url", "title", "content"))
        if text and url not in seen and _is_page(url):
            seen.add(url)
            yield _passage(url, " ".join(title.split())[:_TITLE] or url, text[:_TEXT])


def _passage(url: str, title: str, text: str) -> Passage:
    return Passage(
        id=hashlib.sha256(f"{url}\0{text}".encode()).hexdigest()[:24],
        source=url,
        title=title,
        heading="",
        url=url,
        language=detect(text),
        text=text,
        start=0,
        end=len(text),
        sentences=tuple(sentences(text)),
        terms=tuple(terms(f"{title}\n{text}")),
    )


def _text(value: object) -> str:
    return plain(value).strip() if isinstance(value, str) else ""


def _is_page(url: str) -> bool:
    fit = url.lower().startswith(("http://", "https://")) and len(url) <= _ADDRESS
    return fit and not any(char.isspace() or char in "<>\"'`" for char in url)
