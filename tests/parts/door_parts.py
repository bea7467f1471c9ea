"""What the tests of the doors over HTTP share: a server, its clients, and what stands for an assistant."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from six_notes import LOAF, TEA

from assistant import Answer, Settings
from assistant.server.access import Access
from assistant.server.app import build_app
from eval.load import served

ASKED = [(TEA, "70도", "출처:"), (LOAF, "250", "Sources:")]


def client(address: str, **options: Any) -> httpx.Client:
    return httpx.Client(base_url=address, timeout=60, trust_env=False, **options)


@contextmanager
def doors(assistant: Any, settings: Settings) -> Iterator[str]:
    """Serve the doors to an assistant, or to what stands for one, and give their address."""
    with served(build_app(assistant, Access.to("127.0.0.1", settings))) as found:
        yield found


def events(text: str) -> list[tuple[str, dict[str, Any]]]:
    said = [block.split("\n", 1) for block in text.strip().split("\n\n")]
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in said]


class Recorder:
    """Stands for an assistant: keeps what it was asked; its answers are given or raised."""

    def __init__(self, settings: Settings, said: Answer | Exception) -> None:
        self.settings, self.said, self.asked = settings, said, list[tuple[str, list[Any]]]()
        self.scopes: list[Any] = []
        self.how: list[Any] = []

    def stream(self, question: str, history: Any = (), scope: Any = None, **how: Any) -> Iterator[Answer]:
        self.asked.append((question, list(history)))
        self.scopes.append(scope)
        self.how.append(how)
        if isinstance(self.said, Exception):
            raise self.said
        yield self.said

    def search(self, query: str, top_k: int | None = None, scope: Any = None) -> Any:
        self.scopes.append(scope)
        return [] if isinstance(self.said, Answer) else self._refuse()

    @property
    def snapshot(self) -> Any:
        return self._refuse()

    def _refuse(self) -> Any:
        assert isinstance(self.said, Exception)
        raise self.said
