"""Many at the doors at once, and those who go away."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from door_parts import client, doors
from six_notes import LOAF

from assistant import Answer, Assistant, Settings
from assistant.answer import Action
from assistant.text.language import Language

each = pytest.mark.parametrize


def test_twenty_at_once_get_each_their_own_answer(address: str, assistant: Assistant) -> None:
    facts = [
        *(
            "녹차는 몇 도의 물에 우려?",
            "찻잎은 어디에 보관해?",
            "개봉한 찻잎은 몇 개월 안에 마셔?",
            "솔섬 등대는 언제 세워졌어?",
        ),
        *(
            "등대의 높이는 몇 미터야?",
            "등대의 불빛은 어디까지 보여?",
            "등대지기는 누구야?",
            "등대의 렌즈는 무슨 렌즈야?",
        ),
        *(
            "미리내 망원경의 주거울은 지름이 얼마야?",
            "거울은 무엇으로 코팅되어 있어?",
            LOAF,
            "How often is the starter fed?",
        ),
        *("Which flour is the starter fed with?", "How many teeth has the small chainring?", "How long lasts a chain?"),
        *("How many books does the library lend?", "When does the reading room close?", "Who is the librarian?"),
        *("What does Mirinae look for?", "How wide is the primary mirror?"),
    ]
    expected = {question: assistant.ask(question).answer for question in facts}
    assert len(expected) == 20 and len(set(expected.values())) >= 10

    def ask(number: int) -> tuple[str, str, str]:
        with client(address) as http:
            said = http.post("/api/ask", json={"question": facts[number], "id": str(number)}).json()
            return said["id"], said["question"], said["answer"]

    with ThreadPoolExecutor(20) as people:
        got = list(people.map(ask, range(20)))
    assert got == [(str(number), question, expected[question]) for number, question in enumerate(facts)]


class Endless:
    """Stands for an assistant whose answer grows until it is closed; searches wait until they may go on."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.began = settings, list[str]()
        self.ended, self.may_go = threading.Event(), threading.Event()

    def stream(self, question: str, history: Any = (), scope: Any = None) -> Iterator[Answer]:
        self.began.append(question)
        try:
            for count in range(100_000):
                yield Answer(question, Language.EN, "word " * count, action=Action.CORRECT)
                if question == "short":
                    return
                time.sleep(0.01)
        finally:
            self.ended.set()

    def search(self, query: str, top_k: int | None = None, scope: Any = None) -> Any:
        assert self.may_go.wait(60)
        return []


@each("path", ["/api/ask", "/v1/chat/completions"])
@each("stream", [False, True])
def test_a_client_that_goes_away_ends_its_answer(settings: Settings, path: str, stream: bool) -> None:
    endless = Endless(settings)
    body: dict[str, Any] = {"question": "long", "stream": stream}
    if path.startswith("/v1"):
        body = {"model": "notes", "messages": [{"role": "user", "content": "long"}], "stream": stream}
    with doors(endless, settings) as address:
        with client(address) as http:
            if stream:
                with http.stream("POST", path, json=body) as said:
                    assert next(said.iter_lines())
            else:
                with pytest.raises(httpx.ReadTimeout):
                    http.post(path, json=body, timeout=1)
        assert endless.ended.wait(20)
        with client(address) as http:  # and the next one gets its turn
            assert http.post("/api/ask", json={"question": "short"}).status_code == 200
    assert endless.began == ["long", "short"]


def test_the_server_listens_while_it_answers_and_refuses_more_than_it_can_keep(settings: Settings) -> None:
    endless = Endless(settings)
    with doors(endless, settings) as address, ThreadPoolExecutor(80) as people:

        def search(_: int) -> int:
            with client(address) as http:
                return http.post("/api/search", json={"query": "a"}).status_code

        waiting = [people.submit(search, number) for number in range(70)]
        while sum(item.done() for item in waiting) < 6:
            time.sleep(0.05)
        with client(address) as http:
            assert http.get("/v1/models").status_code == 200
            said = http.post("/api/search", json={"query": "a"})
            assert said.status_code == 503 and "64" in said.json()["error"]
        endless.may_go.set()
        assert sorted(item.result() for item in waiting) == [200] * 64 + [503] * 6
