"""The real default language model over real notes; run with `make test-llm`."""

from dataclasses import replace
from pathlib import Path

import pytest
from fakes import write_notes

from assistant import Assistant, Settings
from assistant.text.language import detect

pytestmark = pytest.mark.llm


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    from fakes import REAL_MODELS

    folder = tmp_path_factory.mktemp("llm")
    settings = Settings(notes=write_notes(folder / "notes"), index=folder / "index", models=REAL_MODELS)
    opened = Assistant.open(settings)
    opened.index()
    return opened


@pytest.mark.parametrize(
    ("question", "fact"),
    [
        ("솔섬 등대는 몇 년에 세워졌어?", "1931"),
        ("녹차는 몇 도의 물에 우리나요?", "70"),
        ("How often is the sourdough starter fed?", "12 hours"),
        ("How wide is the primary mirror of the Mirinae telescope?", "1.8"),
    ],
)
def test_an_answer_is_written_in_the_questions_language_and_cited(
    assistant: Assistant, question: str, fact: str
) -> None:
    *growing, answer = assistant.stream(question)
    assert fact in answer.answer
    assert not answer.abstained and answer.citations
    assert detect(answer.answer.replace("“", " ")) == detect(question)
    assert len(growing) > 1
    for citation in answer.citations:
        text = (assistant.settings.notes / citation.source).read_text(encoding="utf-8")
        assert text[citation.start : citation.end] == citation.quote
    assert all(sentence.citations for sentence in answer.sentences)


def test_the_same_question_gets_the_same_answer(assistant: Assistant) -> None:
    first, second = (assistant.ask("솔섬 등대의 높이는?").answer for _ in range(2))
    assert first == second


@pytest.mark.parametrize("question", ["2022년 월드컵 우승국은?", "What is the boiling point of tungsten?"])
def test_what_the_notes_do_not_hold_is_not_invented(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    assert answer.abstained and answer.citations == ()


def test_the_embedded_server_refuses_strangers(assistant: Assistant) -> None:
    import openai

    assert assistant.ready.llm() is not None
    address = assistant.ready.llm().api_base  # type: ignore[attr-defined]
    assert address.startswith("http://127.0.0.1:")
    with pytest.raises(openai.AuthenticationError):
        openai.OpenAI(base_url=address, api_key="guess").chat.completions.create(
            model="x", messages=[{"role": "user", "content": "hello"}]
        )


def test_an_openai_compatible_server_answers_as_the_embedded_one(assistant: Assistant, tmp_path: Path) -> None:
    """The embedded server stands in for any OpenAI-compatible address."""
    embedded = assistant.ready.llm()
    assert embedded is not None
    settings = replace(
        assistant.settings,
        llm="openai-like",
        llm_address=embedded.api_base,  # type: ignore[attr-defined]
        llm_key=embedded.api_key,  # type: ignore[attr-defined]
        llm_model="any",
    )
    answer = Assistant(settings, embed_model=assistant.ready.embed_model).ask("솔섬 등대는 몇 년에 세워졌어?")
    assert "1931" in answer.answer and answer.llm == "openai-like"
    assert settings.llm_key not in repr(settings)
