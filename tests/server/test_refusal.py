"""What nobody outside is told: folders, keys, what broke."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from door_parts import Recorder, client, doors, events

from assistant import Answer, Settings
from assistant.answer import Action
from assistant.errors import GenerationFailed, IndexUnusable, ModelMissing
from assistant.text.language import Language

each = pytest.mark.parametrize


SECRET = "/home/zoe/비밀 notes/.assistant/index"


@each(
    ("error", "status"),
    [
        (IndexUnusable(f"no index at {SECRET}; make one"), 503),
        (ModelMissing("loadable: /home/zoe/models/x.bin is not there"), 503),
        (GenerationFailed("llama.cpp cannot load C:\\home\\zoe\\x.gguf: /home/zoe/x.gguf"), 503),
        (ZeroDivisionError("sk-key in /home/zoe/x.py"), 500),
        (OSError(2, "No such file", "/home/zoe/x"), 500),
    ],
)
@each(
    ("path", "body"),
    [
        ("/api/ask", {"question": "why"}),
        ("/api/ask", {"question": "why", "stream": True}),
        ("/api/search", {"query": "why"}),
        ("/api/note?source=a.md", None),
        ("/v1/chat/completions", {"model": "notes", "messages": [{"role": "user", "content": "why"}]}),
        ("/v1/chat/completions", {"model": "notes", "stream": True, "messages": [{"role": "user", "content": "왜"}]}),
    ],
)
def test_an_error_gives_nothing_of_the_machine_away(
    settings: Settings, error: Exception, status: int, path: str, body: Any
) -> None:
    with doors(Recorder(settings, error), settings) as address, client(address) as http:
        said = http.post(path, json=body) if body else http.get(path)
    assert said.status_code == status
    assert not [told for told in ("zoe", "sk-key", "Traceback", "비밀", ".py") if told in said.text], said.text
    line = said.json()["error"]
    assert (line["message"] if path.startswith("/v1") else line).count("\n") == 0


def test_an_error_in_the_middle_of_a_stream_is_its_last_event(settings: Settings) -> None:
    def stream(question: str, history: Any, scope: Any, **how: Any) -> Iterator[Answer]:
        yield Answer(question, Language.KO, "하나", action=Action.CORRECT)
        raise RuntimeError("sk-key in /home/zoe/x.py")

    with doors(SimpleNamespace(stream=stream), settings) as address, client(address) as http:
        own = http.post("/api/ask", json={"question": "왜", "stream": True}).text
        body = {"model": "notes", "stream": True, "messages": [{"role": "user", "content": "왜"}]}
        openais = http.post("/v1/chat/completions", json=body).text
    assert [name for name, _ in events(own)] == ["growing", "error"]
    assert '"type": "server_error"' in openais and "zoe" not in own + openais and "sk-key" not in own + openais


def test_a_fallback_names_no_folder(settings: Settings) -> None:
    given = Answer("q?", Language.EN, "a", fallback="The language model did not answer: cannot load /home/zoe/x.gguf")
    with doors(Recorder(settings, given), settings) as address, client(address) as http:
        said = http.post("/api/ask", json={"question": "why"}).json()
    assert said["fallback"] == "The language model did not answer: cannot load x.gguf"
