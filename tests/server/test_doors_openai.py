"""`/v1` over HTTP, with OpenAI's own package and without."""

from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest
from door_parts import ASKED, Recorder, client, doors
from six_notes import LOAF, TEA

from assistant import Answer, Assistant, Settings
from assistant.answer import Action, Citation
from assistant.server.doors.openai import inert, readable
from assistant.text.language import Language

each = pytest.mark.parametrize


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


@each("question", [TEA, LOAF])
def test_the_earlier_turns_are_the_history(settings: Settings, question: str) -> None:
    recorder = Recorder(settings, Answer(question, Language.KO, "답. [1]"))
    with doors(recorder, settings) as address, client(address) as http:
        said = [
            ("system", "s"),
            *(("user", "first?"), ("assistant", "One. [1]\n\nSources:\n[1] tea.md: “x”")),
            *(("user", "둘째?"), ("assistant", "둘. [1]\n\n출처:\n[1] 녹차.md: “x”")),
            *(("user", "unanswered"), ("user", question)),
        ]
        messages = [{"role": role, "content": content} for role, content in said]
        assert http.post("/v1/chat/completions", json={"model": "notes", "messages": messages}).status_code == 200
    assert recorder.asked == [(question, [("first?", "One. [1]"), ("둘째?", "둘. [1]")])]
    assert recorder.how[-1]["wish"] == "s"


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
