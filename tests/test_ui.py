"""The page without a browser: the conversation's generator, the evidence beside it, and the arriving model."""

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import HashEmbedding, ScriptedLLM

from assistant import Answer, Assistant, Settings
from assistant.answer import Action, Citation, RankedPassage
from assistant.arrival import Arrival, Standing, State
from assistant.errors import IndexUnusable, ModelMissing, PullFailed, SettingsError
from assistant.language import Language
from assistant.prompts import NOT_FOUND
from assistant.serve import _free_port, serve
from assistant.ui import SAID, build_ui, converse, evidence_html, hint_html, settled, status_html

TEA = "녹차는 몇 도의 물에 우려?"
LOAF = "At how many degrees is the loaf baked under a lid?"
HOSTILE = '<script>alert(1)</script><img src=x onerror=alert(1)>"><svg onload="a()"> [x](javascript:a()) & ${a()} {{a}}'
TEXT = "Tides turn twice. The tide is high at noon. The tide is high at noon."
MODEL = "qwen2.5-coder-1.5b"
each = pytest.mark.parametrize


class Shown(HTMLParser):
    """What a browser would make of HTML: its elements, their attributes, its text, and the marked text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.marked: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs
        self._open.append(tag)
        if tag == "mark":
            self.marked.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        if "mark" in self._open:
            self.marked[-1] += data


def opened(settings: Settings, embed_model: HashEmbedding, llm: ScriptedLLM | None = None) -> Assistant:
    assistant = Assistant(replace(settings, llm="scripted") if llm else settings, embed_model=embed_model, llm=llm)
    assistant.index()
    return assistant


def streaming(stream: Callable[[str], Iterator[Answer]]) -> Any:
    return SimpleNamespace(stream=stream)


def answered(**changes: Any) -> Answer:
    start = TEXT.rindex("The tide")
    passage = RankedPassage("tide.md", 100, 100 + len(TEXT), "Water > Tides", TEXT, 1.0, 0.9)
    cited = Citation(1, "tide.md", "Tides", "Water > Tides", "", TEXT[start:], 100 + start, 100 + len(TEXT))
    answer = Answer("When is the tide high?", Language.EN, "At noon. [1]", action=Action.CORRECT, confidence=0.934)
    return replace(answer, **{"citations": (cited,), "passages": (passage,), **changes})


@each(("question", "fact", "word"), [(TEA, "70도", "가능성"), (LOAF, "250", "Chance")])
def test_an_answer_ends_with_its_evidence_in_the_questions_language(
    settings: Settings, embed_model: HashEmbedding, question: str, fact: str, word: str
) -> None:
    before = [{"role": "user", "content": "earlier"}, {"role": "assistant", "content": "said"}]
    *growing, (messages, evidence) = converse(opened(settings, embed_model), question, before)
    assert messages[:2] == before and messages[2] == {"role": "user", "content": question}
    assert fact in messages[3]["content"] and messages[3]["content"].endswith("]")
    assert any(fact in marked for marked in Shown(evidence).marked)
    assert word in evidence
    assert all(state[0][:3] == messages[:3] for state in growing)


def test_what_is_being_written_is_marked_as_unchecked(settings: Settings, embed_model: HashEmbedding) -> None:
    llm = ScriptedLLM.saying("The loaf is baked at 250 degrees under a lid [1]. The moon is cheese [1].")
    *growing, (messages, _) = converse(opened(settings, embed_model, llm), LOAF, [])
    drafts = [state[0][-1]["content"] for state in growing if "moon" in state[0][-1]["content"]]
    assert drafts and all(draft.endswith(SAID[Language.EN]["draft"]) for draft in drafts)
    assert "moon" not in messages[-1]["content"]


@each("question", ["", "   ", "\n\t"])
def test_an_empty_question_does_nothing(question: str) -> None:
    assert list(converse(streaming(lambda asked: pytest.fail("was asked")), question, [])) == []


def test_the_conversation_is_plain_text() -> None:
    stream = streaming(lambda question: (answered(answer=text) for text in ("", HOSTILE)))
    *_, (messages, _) = converse(stream, HOSTILE, [])
    for message in messages:
        assert Shown(message["content"]).tags == set()
        assert unescape(message["content"]) == HOSTILE


@each(
    ("error", "said"),
    [
        (IndexUnusable("no index <here>"), "⚠ no index &lt;here&gt;"),
        (ZeroDivisionError(), SAID[Language.EN]["unexpected"]),
    ],
)
def test_an_error_is_said_and_the_conversation_kept(error: Exception, said: str) -> None:
    def stream(question: str) -> Iterator[Answer]:
        yield answered(answer="a draft")
        raise error

    before = [{"role": "user", "content": "earlier"}, {"role": "assistant", "content": "said"}]
    *_, (messages, evidence) = converse(streaming(stream), "why?", before)
    assert messages[:3] == [*before, {"role": "user", "content": "why?"}]
    assert said in messages[3]["content"] and "Traceback" not in messages[3]["content"]
    assert evidence == hint_html()


def test_one_thread_makes_the_whole_answer_and_ends_it_when_the_page_stops_it() -> None:
    seen: list[str] = []
    ended = threading.Event()

    def stream(question: str) -> Iterator[Answer]:
        try:
            while True:
                seen.append(threading.current_thread().name)
                yield answered()
        finally:
            seen.append(threading.current_thread().name)
            ended.set()

    states = converse(streaming(stream), "why?", [])
    for _ in range(5):
        reader = threading.Thread(target=next, args=(states,))
        reader.start()
        reader.join()
    states.close()  # type: ignore[attr-defined]
    assert ended.wait(20)
    assert len(seen) > 2 and len(set(seen)) == 1


@each("language", list(Language))
@each("draft", ["searching", "draft"])
def test_stop_leaves_out_what_nothing_has_checked(language: Language, draft: str) -> None:
    earlier = [
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": "b"},
        {"role": "user", "content": "c"},
    ]
    written = {"role": "assistant", "content": [{"type": "text", "text": f"The moon\n{SAID[language][draft]}"}]}
    said = {"role": "assistant", "content": SAID[language]["stopped"]}
    assert settled([*earlier, written]) == ([*earlier, said], hint_html())


@each("messages", [[], [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]])
def test_what_is_whole_stays(messages: list[dict[str, Any]]) -> None:
    assert settled(messages) is None


@each("action", list(Action))
@each("language", list(Language))
def test_the_badge_says_what_the_relevance_check_decided(action: Action, language: Language) -> None:
    said = Shown(evidence_html(answered(action=action, language=language))).text
    assert SAID[language][action] in said and "93%" in said
    assert sum(SAID[language][other] in said for other in Action) == 1


def test_exactly_the_quoted_words_are_marked_inside_their_passage() -> None:
    html = evidence_html(answered())
    assert Shown(html).marked == ["The tide is high at noon."]
    assert TEXT in Shown(html).text
    assert "noon. <mark>The tide is high at noon.</mark></blockquote>" in html


@each("moved", [{"source": "other.md"}, {"start": 150}, {"end": 120}])
def test_a_quote_that_no_passage_holds_stands_alone(moved: dict[str, Any]) -> None:
    (passage,) = answered().passages
    shown = Shown(evidence_html(replace(answered(), passages=(replace(passage, **moved),))))
    assert shown.marked == ["The tide is high at noon."] and "Tides turn" not in shown.text


def test_nothing_of_a_note_or_a_model_is_rendered() -> None:
    passage = RankedPassage(HOSTILE, 0, len(HOSTILE), HOSTILE, HOSTILE, 1.0, 0.9)
    cited = Citation(1, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE[8:20], 8, 20)
    for answer in (
        answered(citations=(cited,), passages=(passage,), fallback=HOSTILE),
        answered(citations=(), passages=(passage,), abstained=True),
    ):
        shown = Shown(evidence_html(answer))
        assert shown.tags <= set("section h2 h3 p span article blockquote mark code details summary".split())
        assert {name for name, _ in shown.attributes} <= {"class"}
        assert HOSTILE in shown.text


@each("url", ["javascript:alert(1)", " javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "//evil", ""])
def test_an_address_that_may_run_something_is_no_link(url: str) -> None:
    shown = Shown(evidence_html(answered(citations=(replace(answered().citations[0], url=url),))))
    assert "a" not in shown.tags and url in shown.text


def test_a_web_address_is_a_link_that_gives_nothing_away() -> None:
    url = 'https://example.org/a?b="c"&d'
    shown = Shown(evidence_html(answered(citations=(replace(answered().citations[0], url=url),))))
    assert ("href", url) in shown.attributes and ("rel", "noopener noreferrer") in shown.attributes


def test_an_abstention_names_the_nearest_notes_once_each(settings: Settings, embed_model: HashEmbedding) -> None:
    llm = ScriptedLLM.saying(NOT_FOUND[Language.KO])
    *_, (messages, evidence) = converse(opened(settings, embed_model, llm), TEA, [])
    assert messages[-1]["content"].startswith(NOT_FOUND[Language.KO])
    assert "노트에 없음" in evidence and "가장 가까운 노트" in evidence
    assert evidence.count("<code>녹차.md</code>") == 1 and 1 <= evidence.count("<details>") <= 3


def test_a_stand_in_is_explained() -> None:
    assert '<p class="fallback">It &lt;failed&gt;.</p>' in evidence_html(answered(fallback="It <failed>."))


@each(
    ("standing", "korean", "english"),
    [
        (Standing(State.HERE, 1.0), "준비됨", "ready"),
        (Standing(State.ARRIVING, 0.421), "받는 중 42%", "arriving 42%"),
        (Standing(State.ABSENT), "없음", "not here"),
        (Standing(State.FAILED, reason="no <net>"), "no &lt;net&gt;", "no &lt;net&gt;"),
    ],
)
def test_the_status_line_says_where_the_model_stands(
    settings: Settings, standing: Standing, korean: str, english: str
) -> None:
    html = status_html((6, 12), replace(settings, llm=MODEL), SimpleNamespace(standing=standing))  # type: ignore[arg-type]
    in_korean, in_english = html.split('class="in-ko"')[-1].split('class="in-en"')
    assert "노트 6개 · 구절 12개" in in_korean and korean in in_korean and MODEL in in_korean
    assert "6 notes · 12 passages" in in_english and english in in_english


def test_the_status_line_names_a_server_that_passages_are_sent_to(settings: Settings) -> None:
    settings = replace(settings, llm="openai-like", llm_model="big", llm_address="http://10.0.0.2/v1", llm_key="secret")
    html = status_html((6, 12), settings, None)
    assert "big, http://10.0.0.2/v1" in html and "secret" not in html


def test_the_page_tells_nobody_and_has_no_public_endpoint(settings: Settings, embed_model: HashEmbedding) -> None:
    page = build_ui(opened(settings, embed_model), None)
    assert page.analytics_enabled is False
    assert {handler.api_visibility for handler in page.fns.values()} == {"private"}


def test_a_page_needs_an_index(settings: Settings, embed_model: HashEmbedding) -> None:
    with pytest.raises(IndexUnusable):
        build_ui(Assistant(settings, embed_model=embed_model), None)


class Pull:
    """Stands in for the download: goes on when told, then ends as told."""

    def __init__(self, settings: Settings, ends: Exception | None = None) -> None:
        self.settings, self.ends, self.names = settings, ends, []  # type: ignore[var-annotated]
        self.reported, self.may_end = threading.Event(), threading.Event()

    def __call__(self, name: str, settings: Settings, progress: Callable[[int, int], None]) -> Path:
        self.names.append(name)
        progress(30, 120)
        self.reported.set()
        assert self.may_end.wait(20)
        if self.ends:
            raise self.ends
        settings.models.mkdir(parents=True, exist_ok=True)
        return settings.models


def awaited(arrival: Arrival, state: State) -> Standing:
    for _ in range(400):
        if (standing := arrival.standing).state is state:
            return standing
        threading.Event().wait(0.05)
    raise AssertionError(f"expected {state}, found {arrival.standing}")


def test_a_model_arrives_once_and_is_then_made_ready(settings: Settings) -> None:
    pull, ready = Pull(settings), threading.Event()
    arrival = Arrival(replace(settings, llm=MODEL), pull)
    assert arrival.standing == Standing(State.ABSENT)
    for _ in range(3):
        arrival.begin(then=ready.set)
    assert pull.reported.wait(20)
    assert arrival.standing == Standing(State.ARRIVING, 0.25) and not ready.is_set()
    pull.may_end.set()
    assert ready.wait(20)
    assert awaited(arrival, State.HERE).share == 1.0
    assert pull.names == [MODEL]


@each(
    ("ends", "reason"),
    [
        (PullFailed("no source\nhad it"), "no source had it"),
        (OSError(28, "disk full"), "disk full"),
        (KeyError("x"), ""),
    ],
)
def test_a_failed_pull_says_why_and_can_be_begun_again(settings: Settings, ends: Exception, reason: str) -> None:
    pull, ready = Pull(settings, ends), threading.Event()
    pull.may_end.set()
    arrival = Arrival(replace(settings, llm=MODEL), pull)
    arrival.begin(then=ready.set)
    failed = awaited(arrival, State.FAILED)
    assert reason in failed.reason and "\n" not in failed.reason
    assert not ready.is_set()
    pull.ends = None
    arrival.begin(then=ready.set)
    assert ready.wait(20)


def test_a_model_pulled_elsewhere_is_here(settings: Settings) -> None:
    pull = Pull(settings)
    arrival = Arrival(replace(settings, llm=MODEL), pull)
    settings.models.mkdir(parents=True)
    (settings.models / "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf").touch()
    assert arrival.standing.state is State.HERE
    arrival.begin()
    assert pull.names == []


@each(("llm", "error"), [("no-such", ModelMissing), ("multilingual-e5-small", SettingsError)])
def test_only_a_known_language_model_can_arrive(settings: Settings, llm: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        Arrival(replace(settings, llm=llm))


@each("host", ["0.0.0.0", "192.168.0.5", "::", "example.org", ""])
def test_other_machines_are_refused_before_anything_starts(settings: Settings, host: str) -> None:
    with pytest.raises(SettingsError, match="this machine only"):
        serve(settings, host, 0, False, False, say=pytest.fail)


@each(
    ("changes", "error"),
    [({}, IndexUnusable), ({"embedding": "multilingual-e5-small"}, ModelMissing), ({"llm": "no-such"}, ModelMissing)],
)
def test_what_the_page_cannot_do_without_is_said_first(
    settings: Settings, changes: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        serve(replace(settings, **changes), "127.0.0.1", 0, False, False, say=pytest.fail)


def test_a_taken_port_is_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert port < _free_port("127.0.0.1", port) < port + 20
    assert _free_port("127.0.0.1", 0) > 0
    with pytest.raises(SettingsError, match="65536"):
        _free_port("127.0.0.1", 65536)
