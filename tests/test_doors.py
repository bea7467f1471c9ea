"""The doors over HTTP, with real clients: the API, the openai package, many at once, those who go away, refusals."""

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import httpx
import openai
import pytest
from conftest import NOTES, HashEmbedding, ScriptedLLM

from assistant import Answer, Assistant, Settings
from assistant.answer import Action, Citation
from assistant.app import build_app
from assistant.errors import GenerationFailed, IndexUnusable, ModelMissing
from assistant.forms import hits
from assistant.guard import MOST, Access
from assistant.language import Language
from assistant.openai_door import inert, readable
from eval.load import served

TEA = "녹차는 몇 도의 물에 우려?"
LOAF = "At how many degrees is the loaf baked under a lid?"
ASKED = [(TEA, "70도", "출처:"), (LOAF, "250", "Sources:")]
each = pytest.mark.parametrize


def client(address: str, **options: Any) -> httpx.Client:
    return httpx.Client(base_url=address, timeout=60, trust_env=False, **options)


@pytest.fixture
def assistant(settings: Settings, embed_model: HashEmbedding) -> Assistant:
    made = Assistant(settings, embed_model=embed_model)
    made.index()
    return made


@pytest.fixture
def address(assistant: Assistant) -> Iterator[str]:
    with served(build_app(assistant, Access.to("127.0.0.1", assistant.settings))) as found:
        yield found


@pytest.fixture
def http(address: str) -> Iterator[httpx.Client]:
    with client(address) as found:
        yield found


def events(text: str) -> list[tuple[str, dict[str, Any]]]:
    said = [block.split("\n", 1) for block in text.strip().split("\n\n")]
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in said]


@each(("question", "fact", "_"), ASKED)
def test_an_answer_is_the_contracts(http: httpx.Client, assistant: Assistant, question: str, fact: str, _: str) -> None:
    said = http.post("/api/ask", json={"question": question, "id": "q1", "history": [["a?", "b."]]})
    expected = json.loads(json.dumps(assistant.ask(question).to_json("q1")))
    found = said.json()
    assert said.status_code == 200 and found.pop("seconds").keys() == expected.pop("seconds").keys()
    assert found == expected and fact in found["answer"]
    for cited in found["citations"]:
        note = http.get("/api/note", params={"source": cited["source"]}).json()
        assert note["text"] == NOTES[cited["source"]]
        assert note["text"][cited["start"] : cited["end"]] == cited["quote"]


@each(("question", "fact", "_"), ASKED)
def test_a_streamed_answer_grows_and_ends_checked(
    settings: Settings, embed_model: HashEmbedding, question: str, fact: str, _: str
) -> None:
    written = {
        TEA: "녹차는 70도의 물에 우린다 [1]. 달은 치즈다 [1].",
        LOAF: "The loaf is baked at 250 degrees [1]. Moons are cheese.",
    }
    llm = ScriptedLLM.saying(written[question])
    assistant = Assistant(replace(settings, llm="scripted"), embed_model=embed_model, llm=llm)
    assistant.index()
    with served(build_app(assistant, Access.to("127.0.0.1", settings))) as address, client(address) as http:
        said = http.post("/api/ask", json={"question": question, "stream": True})
    assert said.headers["content-type"].startswith("text/event-stream")
    names, answers = zip(*events(said.text), strict=True)
    assert set(names[:-1]) == {"growing"} and names[-1] == "answer"
    texts = [answer["answer"] for answer in answers]
    assert any("치즈" in text or "cheese" in text for text in texts[:-1])
    assert fact in texts[-1] and "치즈" not in texts[-1] and "cheese" not in texts[-1]
    assert answers[-1]["citations"] and answers[-1]["llm"] == "scripted"


@each("query", ["프레넬 렌즈", "chainring teeth"])
def test_a_search_is_the_command_lines(http: httpx.Client, assistant: Assistant, query: str) -> None:
    found = http.post("/api/search", json={"query": query, "top_k": 3}).json()
    assert found == hits(assistant.search(query, 3)) and len(found) == 3
    assert found[0].keys() == {"rank", "source", "start", "end", "heading", "score", "text"}


@each(
    "source",
    ["nothing.md", "../notes/녹차.md", "/etc/passwd", "", "deep/../녹차.md", "녹차.md\0", "deep", "..%2f녹차.md"],
)
def test_only_what_was_indexed_can_be_read(http: httpx.Client, source: str) -> None:
    said = http.get("/api/note", params={"source": source})
    assert said.status_code == 404 and "no note" in said.json()["error"] and "색인" in said.json()["error"]


def test_a_note_that_changed_is_not_given_for_what_was_indexed(http: httpx.Client, settings: Settings) -> None:
    (settings.notes / "등대.txt").write_text("다른 글", encoding="utf-8")
    said = http.get("/api/note", params={"source": "등대.txt"})
    assert said.status_code == 404 and "다른 글" not in said.text and "assistant index" in said.json()["error"]


@each(
    ("path", "body"),
    [
        ("/api/ask", "{"),
        ("/api/ask", "[]"),
        ("/api/ask", "{}"),
        ("/api/ask", '{"question": 3}'),
        ("/api/ask", '{"question": "?!"}'),
        ("/api/ask", '{"question": "   "}'),
        ("/api/ask", '{"question": "a", "stream": "yes"}'),
        ("/api/ask", '{"question": "a", "history": [["one"]]}'),
        ("/api/ask", '{"question": "a", "path": "/etc"}'),
        ("/api/ask", '{"question": "why", "id": "\\ud800"}'),
        ("/api/search", '{"query": "a", "top_k": 0}'),
        ("/api/search", '{"query": "a", "top_k": 1000000}'),
        ("/api/search", '{"query": "…"}'),
    ],
)
def test_what_is_no_question_gets_one_line(http: httpx.Client, path: str, body: str) -> None:
    said = http.post(path, content=body, headers={"content-type": "application/json"})
    assert said.status_code == 400, said.text
    assert said.json().keys() == {"error"} and "\n" not in said.json()["error"]


@each(("path", "status"), [("/api/nothing", 404), ("/v1/nothing", 404), ("/api/ask", 404)])
def test_what_is_no_door_is_said_in_json(http: httpx.Client, path: str, status: int) -> None:
    assert (said := http.get(path)).status_code == status and "openapi.json" in json.dumps(said.json())


def test_the_description_names_every_door_with_an_example(http: httpx.Client) -> None:
    described = http.get("/api/openapi.json").json()
    assert {"/api/ask", "/api/search", "/api/note", "/v1/models", "/v1/chat/completions"} <= described["paths"].keys()
    for path, method in (("/api/ask", "post"), ("/api/search", "post"), ("/api/note", "get")):
        door = described["paths"][path][method]
        assert door["summary"] and door["description"]
        assert door["responses"]["200"]["content"]["application/json"]["example"]


@each("chunked", [False, True])
def test_a_body_that_is_too_large_is_refused(http: httpx.Client, chunked: bool) -> None:
    body = json.dumps({"question": "a" * MOST}).encode()
    content: Any = iter([body[:1000], body[1000:]]) if chunked else body
    said = http.post("/api/ask", content=content, headers={"content-type": "application/json"})
    assert said.status_code == 413 and "1,000,000" in said.json()["error"]


# OpenAI's shape


@pytest.fixture
def chat(address: str) -> Iterator[openai.OpenAI]:
    transport = httpx.Client(trust_env=False)
    with openai.OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0, http_client=transport) as found:
        yield found


def test_the_model_is_listed(chat: openai.OpenAI) -> None:
    assert [model.id for model in chat.models.list()] == ["notes"]
    assert chat.models.retrieve("notes").object == "model"


@each(("question", "fact", "heading"), ASKED)
@each("stream", [False, True])
def test_openais_package_gets_answer_sources_and_citations(
    chat: openai.OpenAI, assistant: Assistant, question: str, fact: str, heading: str, stream: bool
) -> None:
    messages: Any = [
        {"role": "system", "content": "You are a pirate."},
        {"role": "user", "content": [{"type": "text", "text": question}]},
    ]
    made = chat.chat.completions.create(
        model="notes", messages=messages, stream=stream, temperature=0.7, top_p=0.9, max_tokens=5, seed=1, n=1
    )
    if stream:
        chunks = list(made)
        content = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
        (cited,) = [extra["citations"] for chunk in chunks if (extra := chunk.choices[0].delta.model_extra)]
        assert len(chunks) > 5 and chunks[-1].choices[0].finish_reason == "stop"
    else:
        content, cited = made.choices[0].message.content, made.choices[0].message.model_extra["citations"]
        assert made.choices[0].finish_reason == "stop"
    expected = assistant.ask(question)
    assert cited == list(expected.to_json()["citations"]) and fact in content
    body, listed = content.split(f"\n\n{heading}\n")
    assert body == expected.answer
    assert [line.split("]")[0] for line in listed.splitlines()] == [f"[{item.n}" for item in expected.citations]
    assert expected.citations[0].source in listed


class Recorder:
    """Stands for an assistant: keeps what it was asked; its answers are given or raised."""

    def __init__(self, settings: Settings, said: Answer | Exception) -> None:
        self.settings, self.said, self.asked = settings, said, []  # type: ignore[var-annotated]

    def stream(self, question: str, history: Any = ()) -> Iterator[Answer]:
        self.asked.append((question, list(history)))
        if isinstance(self.said, Exception):
            raise self.said
        yield self.said

    def search(self, query: str, top_k: int | None = None) -> Any:
        raise self.said  # type: ignore[misc]

    @property
    def notes(self) -> Any:
        raise self.said  # type: ignore[misc]


@each("question", [TEA, LOAF])
def test_the_earlier_turns_are_the_history(settings: Settings, question: str) -> None:
    recorder: Any = Recorder(settings, Answer(question, Language.KO, "답. [1]"))
    with served(build_app(recorder, Access.to("127.0.0.1", settings))) as address, client(address) as http:
        said = [
            ("system", "s"),
            *(("user", "first?"), ("assistant", "One. [1]\n\nSources:\n[1] tea.md: “x”")),
            *(("user", "둘째?"), ("assistant", "둘. [1]\n\n출처:\n[1] 녹차.md: “x”")),
            *(("user", "unanswered"), ("user", question)),
        ]
        messages = [{"role": role, "content": content} for role, content in said]
        assert http.post("/v1/chat/completions", json={"model": "notes", "messages": messages}).status_code == 200
    assert recorder.asked == [(question, [("first?", "One. [1]"), ("둘째?", "둘. [1]")])]


@each(
    ("model", "messages", "kind", "status"),
    [
        ("gpt-9", [{"role": "user", "content": "a"}], "invalid_request_error", 404),
        ("notes", [{"role": "assistant", "content": "a"}], "invalid_request_error", 400),
        ("notes", [{"role": "user", "content": "?!"}], "invalid_request_error", 400),
        ("notes", [], "invalid_request_error", 400),
        ("notes", [{"role": "user", "content": 3}], "invalid_request_error", 400),
    ],
)
@each("stream", [False, True])
def test_openais_package_reads_the_errors(
    chat: openai.OpenAI, model: str, messages: Any, kind: str, status: int, stream: bool
) -> None:
    with pytest.raises(openai.APIStatusError) as raised:
        chat.chat.completions.create(model=model, messages=messages, stream=stream)
    assert (raised.value.status_code, raised.value.type) == (status, kind)
    assert raised.value.body["message"]  # type: ignore[index]


def test_markup_of_notes_is_inert_in_a_chat() -> None:
    lively = "![a](http://x/y.png) [b](javascript:c) <img src=http://x> </p> a < b [1] [2]"
    assert inert(
        lively
    ) == r"!\[a\](http://x/y.png) [b\](javascript:c) \<img src=http://x> \</p> a < b [1] [2]".replace(r"!\[", r"\![")
    cited = Citation(1, "<b>.md", "t", "![h](u)", "", "![q](http://x)", 0, 14)
    said = readable(Answer("q?", Language.EN, "Yes. [1]", action=Action.CORRECT, citations=(cited,)))
    assert r"\<b>.md" in said and "](" not in said.replace(r"\](", "")


# Many at once, and those who go away


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
        self.settings, self.ended, self.began, self.may_go = settings, threading.Event(), [], threading.Event()  # type: ignore[var-annotated]

    def stream(self, question: str, history: Any = ()) -> Iterator[Answer]:
        self.began.append(question)
        try:
            for count in range(100_000):
                yield Answer(question, Language.EN, "word " * count, action=Action.CORRECT)
                if question == "short":
                    return
                time.sleep(0.01)
        finally:
            self.ended.set()

    def search(self, query: str, top_k: int | None = None) -> Any:
        assert self.may_go.wait(60)
        return []


@each("path", ["/api/ask", "/v1/chat/completions"])
@each("stream", [False, True])
def test_a_client_that_goes_away_ends_its_answer(settings: Settings, path: str, stream: bool) -> None:
    endless: Any = Endless(settings)
    body = {"question": "long", "stream": stream}
    if path.startswith("/v1"):
        body = {"model": "notes", "messages": [{"role": "user", "content": "long"}], "stream": stream}  # type: ignore[dict-item]
    with served(build_app(endless, Access.to("127.0.0.1", settings))) as address:
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
    endless: Any = Endless(settings)
    with served(build_app(endless, Access.to("127.0.0.1", settings))) as address, ThreadPoolExecutor(80) as people:

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


# What nobody outside is told


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
    app = build_app(Recorder(settings, error), Access.to("127.0.0.1", settings))  # type: ignore[arg-type]
    with served(app) as address, client(address) as http:
        said = http.post(path, json=body) if body else http.get(path)
    assert said.status_code == status
    assert not [told for told in ("zoe", "sk-key", "Traceback", "비밀", ".py") if told in said.text], said.text
    line = said.json()["error"]
    assert (line["message"] if path.startswith("/v1") else line).count("\n") == 0


def test_an_error_in_the_middle_of_a_stream_is_its_last_event(settings: Settings) -> None:
    def stream(question: str, history: Any = ()) -> Iterator[Answer]:
        yield Answer(question, Language.KO, "하나", action=Action.CORRECT)
        raise RuntimeError("sk-key in /home/zoe/x.py")

    app = build_app(SimpleNamespace(stream=stream), Access.to("127.0.0.1", settings))  # type: ignore[arg-type]
    with served(app) as address, client(address) as http:
        own = http.post("/api/ask", json={"question": "왜", "stream": True}).text
        body = {"model": "notes", "stream": True, "messages": [{"role": "user", "content": "왜"}]}
        openais = http.post("/v1/chat/completions", json=body).text
    assert [name for name, _ in events(own)] == ["growing", "error"]
    assert '"type": "server_error"' in openais and "zoe" not in own + openais and "sk-key" not in own + openais


def test_a_fallback_names_no_folder(settings: Settings) -> None:
    given = Answer("q?", Language.EN, "a", fallback="The language model did not answer: cannot load /home/zoe/x.gguf")
    app = build_app(Recorder(settings, given), Access.to("127.0.0.1", settings))  # type: ignore[arg-type]
    with served(app) as address, client(address) as http:
        said = http.post("/api/ask", json={"question": "why"}).json()
    assert said["fallback"] == "The language model did not answer: cannot load x.gguf"
