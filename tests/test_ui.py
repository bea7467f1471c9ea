"""The page without a browser: the conversation's generator, the evidence beside it, and the arriving model."""

import json
import socket
import sys
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

from assistant import Answer, Assistant, Settings, notebook
from assistant.answer import Action, Citation, Did, RankedPassage, Step
from assistant.arrival import Arrival, Standing, State
from assistant.errors import IndexUnusable, ModelMissing, NoteError, PullFailed, SettingsError
from assistant.exchanges import Exchange, dumped, loaded, markdown
from assistant.feedback import note
from assistant.index import Index
from assistant.language import Language
from assistant.page_answer import exchange_html
from assistant.page_chat import converse
from assistant.page_note import note_html
from assistant.page_quality import run_html
from assistant.page_words import SAID, both
from assistant.renewal import Renewal
from assistant.runs import Measurement
from assistant.serve import _free_port, serve
from assistant.suggest import follow_ups
from assistant.ui import build_ui, status_html

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
        if tag not in ("input", "img"):
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


def streaming(stream: Callable[..., Iterator[Answer]]) -> Any:
    return SimpleNamespace(stream=stream)


def answered(**changes: Any) -> Answer:
    start = TEXT.rindex("The tide")
    passage = RankedPassage("tide.md", 100, 100 + len(TEXT), "Water > Tides", TEXT, 1.0, 0.9)
    cited = Citation(1, "tide.md", "Tides", "Water > Tides", "", TEXT[start:], 100 + start, 100 + len(TEXT))
    answer = Answer("When is the tide high?", Language.EN, "At noon. [1]", action=Action.CORRECT, confidence=0.934)
    return replace(answer, **{"citations": (cited,), "passages": (passage,), **changes})


def shown(answer: Answer) -> str:
    return exchange_html(Exchange(answer.question, answer), 0, True)


@each(("question", "fact"), [(TEA, "70도"), (LOAF, "250")])
def test_a_question_ends_in_its_whole_answer(
    settings: Settings, embed_model: HashEmbedding, question: str, fact: str
) -> None:
    *growing, last = converse(opened(settings, embed_model), question, [])
    assert isinstance(last, Exchange) and last.answer and fact in last.answer.answer
    assert all(isinstance(state, str) and question in unescape(state) for state in growing) and growing


def test_what_is_being_written_is_marked_as_unchecked(settings: Settings, embed_model: HashEmbedding) -> None:
    llm = ScriptedLLM.saying("The loaf is baked at 250 degrees under a lid [1]. The moon is cheese [1].")
    *growing, last = converse(opened(settings, embed_model, llm), LOAF, [])
    drafts = [state for state in growing if isinstance(state, str) and "moon" in state]
    assert drafts and all(both("draft") in draft for draft in drafts)
    assert isinstance(last, Exchange) and last.answer and "moon" not in last.answer.answer


@each("question", ["", "   ", "\n\t"])
def test_an_empty_question_does_nothing(question: str) -> None:
    assert list(converse(streaming(lambda *asked: pytest.fail("was asked")), question, [])) == []


def test_the_assistant_is_given_the_conversation_so_far() -> None:
    given: list[Any] = []

    def stream(question: str, history: Any) -> Iterator[Answer]:
        given.append(list(history))
        yield answered()

    list(converse(streaming(stream), "why?", [Exchange("a", answered(answer="b")), Exchange("stopped")]))
    assert given == [[("a", "b")]]


@each(
    ("error", "said"),
    [(IndexUnusable("no index <here>"), "no index <here>"), (ZeroDivisionError(), SAID[Language.EN]["unexpected"])],
)
def test_an_error_is_said_and_escaped(error: Exception, said: str) -> None:
    def stream(question: str, history: Any) -> Iterator[Answer]:
        yield answered(answer="a draft")
        raise error

    *_, last = converse(streaming(stream), "why?", [])
    assert isinstance(last, Exchange) and last.trouble == said and last.answer is None
    assert said in Shown(exchange_html(last, 0, True)).text


def test_one_thread_makes_the_whole_answer_and_ends_it_when_the_page_stops_it() -> None:
    seen: list[str] = []
    ended = threading.Event()

    def stream(question: str, history: Any) -> Iterator[Answer]:
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


@each("action", list(Action))
@each("language", list(Language))
def test_the_badge_says_in_both_languages_what_the_relevance_check_decided(action: Action, language: Language) -> None:
    html = shown(answered(action=action, language=language))
    assert both(action) in html and "93%" in html
    assert sum(both(other) in html for other in Action) == 1


def test_each_mark_of_an_answer_opens_its_note_and_other_brackets_stay_text() -> None:
    html = shown(answered(answer="At noon. [1] See [7]."))
    assert html.count('class="cite" data-event="select" data-source="tide.md"') == 1
    assert f'data-quote="{TEXT[-25:].strip()}"' in html and "See [7]." in Shown(html).text


def test_the_trace_shows_steps_grades_and_seconds() -> None:
    steps = (Step(Did.SEARCHED, "tide", 8, 0.91), Step(Did.DROPPED, "<b>The moon</b>"))
    said = Shown(shown(answered(trace=steps, seconds={"retrieve": 0.5, "odd<": 1.0, "total": 1.5}))).text
    for words in ("찾음", "Searched", "tide", "8개", "best grade 0.91", "<b>The moon</b>", "0.50 s", "odd<", "+0.90"):
        assert words in said


def test_nothing_of_a_note_or_a_model_is_rendered() -> None:
    passage = RankedPassage(HOSTILE, 0, len(HOSTILE), HOSTILE, HOSTILE, 1.0, 0.9)
    cited = Citation(1, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE[8:20], 8, 20)
    ours = set("article p span button section h3 ul li div details summary ol b table tr th td".split())
    for answer in (
        answered(question=HOSTILE, answer=HOSTILE, citations=(cited,), passages=(passage,), fallback=HOSTILE),
        answered(
            question=HOSTILE, citations=(), passages=(passage,), abstained=True, trace=(Step(Did.WROTE, HOSTILE),)
        ),
    ):
        found = Shown(shown(answer))
        assert found.tags <= ours and HOSTILE in found.text
        assert not {name for name, _ in found.attributes if name.startswith("on") or name in ("src", "href")}


def test_a_whole_note_is_shown_as_text_with_the_quoted_words_marked(settings: Settings, indexed: Index) -> None:
    text = (settings.notes / "sourdough.md").read_text(encoding="utf-8")
    quote = "A starter that floats is ready."
    start = text.index(quote)
    found = Shown(note_html(indexed.notes, "sourdough.md", start, start + len(quote), quote))
    assert found.marked == [quote] and text.strip() in found.text
    assert ("href", "https://example.org/bread") in found.attributes


def test_a_quote_is_found_where_it_moved_to_and_shown_where_it_is_gone(settings: Settings, indexed: Index) -> None:
    file = settings.notes / "sourdough.md"
    quote = "A starter that floats is ready."
    file.write_text(f"<img src=x> {quote}", encoding="utf-8")
    moved = Shown(note_html(indexed.notes, "sourdough.md", 300, 300 + len(quote), quote))
    assert moved.marked == [quote] and "img" not in moved.tags
    file.write_text("other words", encoding="utf-8")
    gone = Shown(note_html(indexed.notes, "sourdough.md", 300, 300 + len(quote), quote))
    assert gone.marked == [] and quote in gone.text and SAID[Language.KO]["changed"] in gone.text


@each("source", ["../secret.txt", "/etc/passwd", "no-such.md", ""])
def test_only_notes_of_the_index_can_be_opened(settings: Settings, indexed: Index, source: str) -> None:
    (settings.notes.parent / "secret.txt").write_text("the secret", encoding="utf-8")
    found = note_html(indexed.notes, source, 0, 5)
    assert both("gone") in found and "secret</" not in found and "root:" not in found


@each("url", ["javascript:alert(1)", " javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "//evil"])
def test_an_address_that_may_run_something_is_no_link(settings: Settings, embed_model: HashEmbedding, url: str) -> None:
    (settings.notes / "odd.md").write_text(f'---\nurl: "{url}"\n---\nSome words here.\n', encoding="utf-8")
    assistant = opened(settings, embed_model)
    assert "a" not in Shown(note_html(assistant.notes.notes, "odd.md", 0, 0)).tags


def test_a_conversation_survives_the_browser_and_anything_else_counts_as_none() -> None:
    kept = (Exchange("a", answered(), rated="up"), Exchange("b", trouble="no"))
    back = loaded(dumped(kept))
    assert [item.id for item in back] == [item.id for item in kept]
    assert back[0].answer and back[0].answer.citations == answered().citations and back[1] == kept[1]
    for broken in ("", "[", "{}", '[{"question": 3}]', '["x"]'):
        assert loaded(broken) == ()


def test_an_exchange_leaves_as_markdown_with_its_sources() -> None:
    text = markdown(Exchange("When is the tide high?", answered()))
    assert text.startswith("## When is the tide high?\n\nAt noon. [1]\n")
    assert "[1] Tides > Water > Tides (tide.md:" in text and "> The tide is high at noon." in text


def test_suggestions_are_questions_that_the_check_calls_correct(settings: Settings, embed_model: HashEmbedding) -> None:
    assistant = opened(settings, embed_model)
    answer = assistant.ask(LOAF)
    found = follow_ups(assistant, answer)
    assert all(assistant.judge(question)[1].action is Action.CORRECT for question in found)
    assert len(found) <= 3 and LOAF not in found


def test_marks_are_kept_a_line_each(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "feedback.jsonl"
    for rated, reason in (("down", "길다"), ("up", "")):
        note(Exchange("q", answered(), rated=rated, reason=reason, id="1"), file)
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [(line["rated"], line["reason"]) for line in lines] == [("down", "길다"), ("up", "")]
    assert lines[0]["answer"]["citations"][0]["quote"] == TEXT[-25:].strip()


@each(
    ("name", "kept"),
    [("a.md", "a.md"), ("../../b.txt", "b.txt"), ("C:\\x\\차.md", "차.md"), ("a\u202e<b>.md", "a b.md")],
)
def test_a_note_is_added_inside_the_folder_and_nowhere_else(tmp_path: Path, name: str, kept: str) -> None:
    place = tmp_path / "kept"
    assert notebook.add(place, name, "글".encode()) == place / kept
    assert notebook.add(place, name, b"other").name == f"{Path(kept).stem}-2{Path(kept).suffix}"
    assert (place / kept).read_text(encoding="utf-8") == "글" and len(list(tmp_path.rglob("*.*"))) == 2


@each(
    ("name", "data"),
    [("a.exe", b"x"), (".md", b"x"), ("...md", b"x"), ("a.md", b""), ("a.md", b"\0\1"), ("a.md", b"\xff\xfea")],
)
def test_what_cannot_be_a_note_is_refused_and_nothing_written(tmp_path: Path, name: str, data: bytes) -> None:
    with pytest.raises(NoteError):
        notebook.add(tmp_path / "kept", name, data)
    assert not (tmp_path / "kept").exists()


def test_a_removed_note_is_kept_aside_and_leaves_the_index(settings: Settings, embed_model: HashEmbedding) -> None:
    assistant = opened(settings, embed_model)
    tea = next(note for note in assistant.notes.notes if note.source == "녹차.md")
    aside = notebook.remove(settings.notes, tea)
    assert aside.is_file() and ".removed" in aside.parts
    assert assistant.index().removed == ("녹차.md",)
    with pytest.raises(NoteError):
        notebook.remove(settings.notes / "deep", tea)


def test_re_indexing_runs_behind_and_a_watched_folder_is_indexed_by_itself(
    settings: Settings, embed_model: HashEmbedding
) -> None:
    assistant = opened(settings, embed_model)
    renewal = Renewal(assistant, lambda: settings.notes, look=0.05)
    renewal.begin()
    assert until(lambda: renewal.progress.runs == 1 and not renewal.progress.running)
    renewal.watch(True)
    threading.Event().wait(0.2)
    (settings.notes / "heron.md").write_text("The heron nests on the ninth pylon.\n", encoding="utf-8")
    assert until(lambda: renewal.progress.runs == 2)
    renewal.watch(False)
    assert renewal.progress.report and renewal.progress.report.indexed == ("heron.md",)


def until(true: Callable[[], bool]) -> bool:
    return any(true() or threading.Event().wait(0.05) for _ in range(600))


def test_the_language_model_is_switched(settings: Settings, embed_model: HashEmbedding) -> None:
    assistant = opened(settings, embed_model, ScriptedLLM.saying())
    assistant.use_llm("extractive")
    assert assistant.ask(TEA).llm == "extractive"


def test_the_last_run_is_shown_with_its_curve() -> None:
    figures = {"auroc": [0.83, 0.76, 0.9], "risk_coverage": [[0.5, 0.0], [1.0, 0.25]]}
    run = {
        "fingerprint": {"date": "2026-01-02T03:04:05", "llm": "<x>"},
        "stages": {"relevance": {"figures": {"all": figures}}},
    }
    html = run_html(run)
    assert "0.83" in html and "[0.76–0.90]" in html and "&lt;x&gt;" in html and "<polyline" in html
    assert both("no_run") in run_html(None)


def test_a_measurement_that_fails_says_why() -> None:
    measurement = Measurement((sys.executable, "-c", "import sys; sys.exit('no such stage')"))
    measurement.begin()
    assert until(lambda: measurement.runs == 1)
    assert measurement.trouble == "no such stage"


def test_the_status_line_names_a_server_that_passages_are_sent_to(
    settings: Settings, embed_model: HashEmbedding
) -> None:
    assistant = opened(settings, embed_model)
    assistant.settings = replace(
        settings, llm="openai-like", llm_model="big", llm_address="http://10.0.0.2/v1", llm_key="secret"
    )
    html = status_html(assistant, None)
    assert "big, http://10.0.0.2/v1" in html and "secret" not in html and "노트 6개" in html and "6 notes" in html
    assert "language model: scripted" in status_html(opened(settings, embed_model, ScriptedLLM.saying()), None)


def test_a_page_says_nothing_of_what_may_change_before_it_is_opened(
    settings: Settings, embed_model: HashEmbedding
) -> None:
    page = build_ui(opened(settings, embed_model), None)
    values = [str(part["props"].get("value")) for part in page.get_config_file()["components"]]
    assert not [value for value in values if "6 notes" in value or "sourdough.md" in value or "extractive</b>" in value]


def test_every_word_stands_in_both_languages() -> None:
    assert SAID[Language.KO].keys() == SAID[Language.EN].keys()
    assert all(SAID[language][str(did)] for language in Language for did in Did)


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
