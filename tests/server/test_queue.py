"""Many at the doors and on the page at once, those who go away, what can wait, and the end."""

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from door_parts import client, doors
from fakes import HashEmbedding, ScriptedLLM, opened, until
from llama_index.core.llms import CompletionResponseGen
from pydantic import ConfigDict, Field
from six_notes import LOAF

from assistant import Answer, Assistant, Settings
from assistant.answer import Action
from assistant.errors import GenerationFailed
from assistant.server.queue import MOST, Reading, Turns, Waits
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

    def stream(self, question: str, history: Any = (), scope: Any = None, **how: Any) -> Iterator[Answer]:
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
        assert until(lambda: sum(item.done() for item in waiting) == 6)
        with client(address) as http:
            assert http.get("/v1/models").status_code == 200
            said = http.post("/api/search", json={"query": "a"})
            assert said.status_code == 503 and "64" in said.json()["error"]
        endless.may_go.set()
        assert sorted(item.result() for item in waiting) == [200] * 64 + [503] * 6


class Steps:
    """Stands for an assistant whose every step waits for its permit; `did` says what was begun, in order."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.did = settings, list[str]()
        self.begun, self.permit = threading.Semaphore(0), threading.Semaphore(0)
        self.at_once, self.most = 0, 0

    def stream(self, question: str, history: Any, scope: Any, **how: Any) -> Iterator[Answer]:
        self._step(question)
        yield Answer(question, Language.EN, f"{question}!", action=Action.CORRECT)

    def judge(self, question: str) -> str:
        self._step(question)
        return question

    def warm_up(self) -> None:
        self._step("warm up")

    def _step(self, name: str) -> None:
        self.did.append(name)
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        self.begun.release()
        assert self.permit.acquire(timeout=60)
        self.at_once -= 1


@pytest.fixture
def steps(settings: Settings) -> Iterator[Steps]:
    made = Steps(settings)
    yield made
    made.permit.release(1000)


def queue_of(steps: Steps) -> Turns:
    return Turns(cast(Any, steps))


def read(reading: Reading[Any]) -> list[Any]:
    return [value for value in reading if value is not None]


def test_page_and_doors_wait_in_one_line_first_come_first_served(steps: Steps) -> None:
    turns = queue_of(steps)

    async def all_of_them() -> tuple[list[Answer], list[list[Answer]]]:
        page = [turns.stream("page 1")]
        door = [asyncio.ensure_future(turns.ask("door 1"))]
        await asyncio.sleep(0)  # it takes its place
        await asyncio.sleep(0)
        page.append(turns.stream("page 2"))
        door.append(asyncio.ensure_future(turns.ask("door 2")))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        steps.permit.release(4)
        return await asyncio.gather(*door), [await asyncio.to_thread(read, one) for one in page]

    doors_said, page_said = asyncio.run(all_of_them())
    assert steps.did == ["page 1", "door 1", "page 2", "door 2"] and steps.most == 1
    assert [answer.answer for answer in doors_said] == ["door 1!", "door 2!"]
    assert [answers[-1].answer for answers in page_said] == ["page 1!", "page 2!"]


def test_who_waits_for_others_is_told_for_how_many_and_again_when_they_become_fewer(steps: Steps) -> None:
    turns = queue_of(steps)
    one, two, three = (turns.stream(str(number)) for number in (1, 2, 3))
    assert steps.begun.acquire(timeout=60)
    assert (next(one), next(two), next(three)) == (None, Waits(1), Waits(2))
    assert next(three) is None  # and not again while nothing changes
    steps.permit.release()
    assert [answer.answer for answer in read(one)] == ["1!"]
    assert until(lambda: turns.taken == 2) and next(three) == Waits(1)
    steps.permit.release(2)
    assert [answer.answer for answer in read(two)] == ["2!"] and [answer.answer for answer in read(three)] == ["3!"]


def test_who_is_gone_before_his_turn_is_not_asked_for_and_frees_his_place(steps: Steps) -> None:
    turns = queue_of(steps)
    first = turns.stream("first")
    assert steps.begun.acquire(timeout=60)
    for _ in range(3 * MOST):
        turns.stream("gone").close()
    last = turns.stream("last")
    steps.permit.release(2)
    assert read(first) and read(last) and steps.did == ["first", "last"]


def test_a_reading_is_closed_from_another_thread_while_it_waits(steps: Steps) -> None:
    turns = queue_of(steps)
    first = turns.stream("first")
    assert steps.begun.acquire(timeout=60)
    second = turns.stream("second")
    assert next(second) is not None  # that others come first
    beaten, ended = threading.Event(), threading.Event()

    def wait() -> None:
        for value in second:
            assert value is None
            beaten.set()
        ended.set()

    threading.Thread(target=wait, daemon=True).start()
    assert beaten.wait(60)
    second.close()
    assert ended.wait(60)
    steps.permit.release()
    assert read(first) and steps.did == ["first"]


def test_the_page_is_told_when_too_many_wait(steps: Steps) -> None:
    turns = queue_of(steps)
    waiting = [turns.stream(str(number)) for number in range(MOST)]
    with pytest.raises(GenerationFailed, match=str(MOST)):
        turns.stream("one more")
    waiting[-1].close()
    turns.stream("one more").close()


def test_what_can_wait_comes_after_all_questions_one_at_a_time(steps: Steps) -> None:
    turns = queue_of(steps)
    first = turns.stream("first")
    assert steps.begun.acquire(timeout=60)
    checks = [turns.when_idle(lambda number=number: steps.judge(f"check {number}")) for number in (1, 2)]  # type: ignore[misc]
    second = turns.stream("second")
    steps.permit.release(2)  # both questions
    assert read(first) and read(second)
    assert steps.begun.acquire(timeout=60) and steps.begun.acquire(timeout=60)
    third = turns.stream("third")  # comes while the first check is under way
    assert next(third) is None  # and is not told that a question comes first
    steps.permit.release(3)
    assert read(third) and [read(check) for check in checks] == [["check 1"], ["check 2"]]
    assert steps.did == ["first", "second", "check 1", "third", "check 2"]


def test_warming_up_waits_for_nobody_and_nobody_is_asked_beside_it(steps: Steps) -> None:
    turns = queue_of(steps)
    turns.warm_up()
    asked = turns.stream("why?")
    steps.permit.release(2)
    assert read(asked) and steps.did == ["warm up", "why?"] and steps.most == 1


def test_the_end_lets_everyone_go_on_though_the_assistant_hangs(steps: Steps) -> None:
    turns = queue_of(steps)

    async def ending() -> list[Any]:
        doors = [asyncio.ensure_future(turns.ask(str(number))) for number in range(3)]
        assert await asyncio.to_thread(steps.begun.acquire, timeout=60)
        page, check = turns.stream("page"), turns.when_idle(lambda: steps.judge("check"))
        turns.stop()
        for waiting in (page, check):
            with pytest.raises(GenerationFailed):
                read(cast(Any, waiting))
        for begin in (turns.stream, turns.when_idle):
            with pytest.raises(GenerationFailed):
                cast(Any, begin)("late")
        turns.warm_up()  # says nothing
        return await asyncio.gather(*doors, return_exceptions=True)

    assert [type(said) for said in asyncio.run(ending())] == [GenerationFailed] * 3
    assert steps.did == ["0"]


def test_a_note_is_read_while_an_answer_is_written(assistant: Assistant, settings: Settings) -> None:
    steps = Steps(settings)
    turns = Turns(cast(Any, SimpleNamespace(stream=steps.stream, settings=settings, snapshot=assistant.snapshot)))
    writing = turns.stream("first")
    assert steps.begun.acquire(timeout=60)
    assert "70도" in asyncio.run(turns.note("녹차.md")).text
    steps.permit.release()
    assert read(writing)


def test_indexing_and_answers_do_not_wait_for_each_other(settings: Settings, embed_model: HashEmbedding) -> None:
    llm, gate = GatedLLM.saying("The loaf is baked at 250 degrees [1]."), threading.Event()
    cast(Any, llm).gate = gate
    made = opened(settings, embed_model, llm)
    turns = Turns(made)
    answering = turns.stream(LOAF)
    assert cast(Any, llm).begun.wait(60)
    (settings.notes / "heron.md").write_text("The heron nests on the ninth pylon.\n", encoding="utf-8")
    assert made.index().indexed == ("heron.md",)  # while the model writes
    gate.set()
    assert "250" in read(answering)[-1].answer


class GatedLLM(ScriptedLLM):
    """Begins to write once it is told."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    gate: Any = None
    begun: Any = Field(default_factory=threading.Event)

    def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponseGen:
        self.begun.set()
        assert self.gate.wait(60)
        return super().stream_complete(prompt, formatted, **kwargs)
