"""How many tokens a served model reads, as each kind of server tells it."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from assistant import Settings
from assistant.models.language_model import evidence_tokens
from assistant.models.window import window

Says = Mapping[str, Any]


@contextmanager
def server(says: Says) -> Iterator[tuple[str, list[str]]]:
    """Serve JSON under the paths; yield the address, and the list of what was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(200 if self.path in says else 404)
            self.end_headers()
            self.wfile.write(json.dumps(says.get(self.path)).encode())

        do_POST = do_GET

        def log_message(self, *_: Any) -> None:
            pass

    own = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=own.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{own.server_port}/v1", asked
    own.shutdown()
    own.server_close()


@pytest.fixture
def served(settings: Settings) -> Callable[[str], Settings]:
    return lambda address: replace(settings, llm="openai-like", llm_address=address, llm_model="m")


def models(**told: Any) -> Says:
    return {"/v1/models": {"data": [{"id": "other", "max_model_len": 1}, {"id": "m", **told}]}}


OLLAMA = {"/v1/models": {"data": [{"id": "m"}]}, "/api/show": {"model_info": {"x.context_length": 131072}}}
KINDS: list[tuple[Says, int | None]] = [
    (models(max_model_len=8192), 8192),
    (models(meta={"n_ctx": 16384, "n_ctx_train": 32768}), 16384),
    (models(context_length=5000), 5000),
    (models(), None),
    (models(max_model_len="many"), None),
    ({"/v1/models": ["odd"]}, None),
    ({}, None),
    (OLLAMA, 4096),
    ({**OLLAMA, "/api/show": {"model_info": {}, "parameters": "stop x\nnum_ctx    12000"}}, 12000),
    (
        {**OLLAMA, "/api/ps": {"models": [{"name": "o", "context_length": 1}, {"name": "m", "context_length": 32768}]}},
        32768,
    ),
]


@pytest.mark.parametrize(("says", "tokens"), KINDS)
def test_each_kind_of_server_tells_it_in_its_own_words(
    served: Callable[[str], Settings], says: Says, tokens: int | None
) -> None:
    with server(says) as (address, _):
        assert window(served(address)) == tokens


def test_it_is_asked_once_and_again_where_nothing_answered(served: Callable[[str], Settings]) -> None:
    with server(models(max_model_len=9000)) as (address, asked):
        assert [window(served(address)) for _ in range(3)] == [9000] * 3 and asked == ["/v1/models"]
    with server({}) as (address, asked):
        assert [window(served(address)) for _ in range(2)] == [None] * 2 and asked.count("/v1/models") == 2


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/v1", "nothing", "ftp://127.0.0.1/v1", ""])
def test_where_nothing_can_be_asked_the_users_budget_holds(served: Callable[[str], Settings], address: str) -> None:
    assert window(served(address)) is None
    assert evidence_tokens(served(address)) == 6000


@pytest.mark.parametrize(("tokens", "handed"), [(4096, 1296), (8192, 5392), (32768, 6000), (512, 120)])
def test_a_model_is_handed_no_more_than_it_can_read(
    served: Callable[[str], Settings], tokens: int, handed: int
) -> None:
    with server(models(max_model_len=tokens)) as (address, _):
        assert evidence_tokens(served(address)) == handed


def test_the_model_in_this_process_and_none_are_asked_nothing(settings: Settings) -> None:
    for name, fact, broad in (("extractive", 280, 280), ("qwen2.5-coder-1.5b", 120, 280)):
        chosen = replace(settings, llm=name)
        assert (evidence_tokens(chosen), evidence_tokens(chosen, broad=True)) == (fact, broad)
