"""The page for those who see little of it, hear it, or look at it early: contrast, names, room, and nothing untrue."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from browser_parts import IN_CHROMIUM, answer_to, ask, picture, standing
from browser_parts import visit as opened_at
from fakes import ScriptedLLM, until, write_notes
from llama_index.core.llms import CompletionResponseGen
from pydantic import ConfigDict

from assistant import Settings
from assistant.messages.catalogue import count
from assistant.models.registry import MODELS
from assistant.page.words import SAID
from assistant.server.arrival import Arrival, State
from assistant.text.language import Language

pytestmark = IN_CHROMIUM
CONTRAST = (Path(__file__).parent.parent / "parts" / "contrast.js").read_text(encoding="utf-8")
ROOMS = ("chat", "notes", "quality", "models")
LOCALES = {Language.KO: "ko-KR", Language.EN: "en-GB"}
MODEL = "qwen2.5-coder-1.5b"
LOAF = "At how many degrees is the loaf baked under a lid?"
TRAIN = "When does the next train to Busan leave?"
FIGURES = {"auroc": [0.83, 0.76, 0.9], "risk_coverage": [[0.5, 0.0], [1.0, 0.25]]}
RUN = {"fingerprint": {}, "stages": {"relevance": {"figures": dict.fromkeys(("all", "ko", "en"), FIGURES)}}}
EARLY = """
addEventListener("DOMContentLoaded", () => {
  window.early = [];
  const look = () => window.early.push(document.querySelector("#standing")?.innerText ?? "");
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
});
"""
each_language = pytest.mark.parametrize("language", list(Language))


class GatedLLM(ScriptedLLM):
    """Begins to write once it is told."""

    model_config = ConfigDict(arbitrary_types_allowed=True)
    gate: Any = None

    def stream_complete(self, prompt: str, formatted: bool = False, **kwargs: Any) -> CompletionResponseGen:
        assert self.gate.wait(60)
        return super().stream_complete(prompt, formatted, **kwargs)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the page is, with a measurement beside its index."""
    folder = tmp_path_factory.mktemp("access")
    saved = folder / "runs" / "one" / "run.json"
    saved.parent.mkdir(parents=True)
    saved.write_text(json.dumps(RUN), encoding="utf-8")
    notes = write_notes(folder / "notes")
    settings = Settings(notes=notes, index=folder / "index", embedding="hash", llm="extractive", threads=1)
    with standing(settings) as found:
        yield found


@contextmanager
def visit(browser: Any, address: str, language: Language, **looks: Any) -> Iterator[Any]:
    """Open the page once it says what is in use, and note all that it said before."""
    with opened_at(browser, address, LOCALES[language], EARLY, **looks) as page:
        page.wait_for_function("document.querySelector('#standing').innerText")
        yield page


def rooms(page: Any) -> Iterator[str]:
    """Go from room to room, each with all in it that can be opened."""
    for number, name in enumerate(ROOMS):
        page.locator("button[role=tab]").nth(number).click()
        page.wait_for_selector(f"#room-{name}", state="visible")
        if name == "notes":
            page.locator("#list [data-event=select]").first.click()
            page.wait_for_selector("#shown section")
        yield name


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_what_lies_behind_it(browser: Any, address: str, scheme: str) -> None:
    with visit(browser, address, Language.EN, color_scheme=scheme) as page:
        page.wait_for_selector("#tree li")
        page.get_by_role("checkbox", name="deep", exact=True).uncheck()
        page.locator("#box textarea, #box input").press_sequentially("@br")
        page.wait_for_selector("#at li")
        seen = {"start": page.evaluate(CONTRAST)}
        answer_to(page, TRAIN)
        answer_to(page, LOAF)
        page.locator("#said [data-rated=down]").last.click()
        page.wait_for_selector("#said .reason")
        for summary in page.locator("#said .trace summary").all():
            summary.click()
        page.locator("#said .cite").first.click()
        for name in rooms(page):
            picture(page, f"access-{name}-{scheme}")
            seen[name] = page.evaluate(CONTRAST)
        faint = [(name, text) for name, texts in seen.items() for text in texts if text["ratio"] < text["needed"]]
        assert not faint
        assert min(map(len, seen.values())) > 10 and len(seen["chat"]) > 40


@each_language
def test_everything_that_takes_the_focus_has_a_name_in_the_pages_language(
    browser: Any, address: str, language: Language
) -> None:
    words = tuple(filter(None, (re.split(r" ?\{", word)[0] for word in SAID[language].values())))
    with visit(browser, address, language) as page:
        page.wait_for_selector("#tree li")
        page.get_by_role("checkbox", name="deep", exact=True).uncheck()
        answer_to(page, LOAF)
        page.locator("#said [data-rated=up]").click()
        page.wait_for_selector("#said .reason")
        # Names of notes and models, other people's questions, and the button to the other language stay what they are,
        # and so does what the browser says of its own calendar.
        theirs = (
            "[data-quote], [data-source], .suggestion, section h2, section a, #status button, #talks .name, #tree *"
        )
        calendar = "(Show date picker ?|Month ?|Day ?|Year ?)+"
        plain = re.compile(rf"\[\d+\] Sourdough bread|extractive|\S+\.(md|txt)|\d+ of \d+ notes|{calendar}")
        tree = page.context.new_cdp_session(page)
        for room in rooms(page):
            kept = [" ".join(text.split()) for text in page.locator(f":is({theirs}):visible").all_inner_texts()]
            for node in tree.send("Accessibility.getFullAXTree")["nodes"]:
                about = {item["name"]: item["value"].get("value") for item in node.get("properties", [])}
                name, role = " ".join(node.get("name", {}).get("value", "").split()), node.get("role", {}).get("value")
                if node["ignored"] or not about.get("focusable") or role == "RootWebArea":
                    continue
                assert name, (room, role)
                known = name.startswith(words) or name in kept or name.split(" (")[0] in MODELS or plain.fullmatch(name)
                assert known, (room, role, name)


@each_language
def test_roles_and_names_tell_the_rooms_the_conversation_a_citation_and_its_note(
    browser: Any, address: str, language: Language
) -> None:
    said = SAID[language]
    with visit(browser, address, language) as page:
        assert page.evaluate("document.documentElement.lang") == language
        assert page.get_by_role("tab").all_inner_texts() == [said[room] for room in ROOMS]
        log = page.get_by_role("log", name=said["conversation"])
        answer_to(page, LOAF)
        cited = log.get_by_role("button", name="[1] Sourdough bread", exact=True)
        cited.first.click()
        page.wait_for_selector("#note mark")
        note = page.get_by_role("region", name="Sourdough bread", exact=True)
        assert "250 degrees" in note.locator("mark").inner_text()
        told = page.locator("#heard").inner_text()
        assert page.get_attribute("#heard", "role") == "status" and told == page.inner_text("#said .answer")
        for room in rooms(page):
            panel = page.get_by_role("tabpanel", name=said[room], exact=True)
            panel.wait_for()
            if room == "notes":
                panel.get_by_role("button", name=f"{said['open']} sourdough.md", exact=True).wait_for()
        page.click("#status button:visible")
        other = next(item for item in Language if item is not language)
        page.get_by_role("tab", name=SAID[other]["models"], exact=True).wait_for()
        page.get_by_role("tabpanel", name=SAID[other]["models"], exact=True).wait_for()
        assert page.evaluate("document.documentElement.lang") == other


@each_language
def test_the_last_row_keeps_clear_of_the_windows_edge(browser: Any, address: str, language: Language) -> None:
    with visit(browser, address, language) as page:
        answer_to(page, LOAF)
        for width, height in ((1280, 800), (1440, 900), (1280, 720), (390, 844)):
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_timeout(400)
            picture(page, f"access-{language}-{width}x{height}")
            last = page.locator("#asking").bounding_box()
            assert 12 <= height - last["y"] - last["height"] <= 40
            whole = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
            assert whole[0] <= width and whole[1] <= height


@each_language
def test_a_question_behind_another_says_that_it_waits_its_turn(
    browser: Any, settings: Settings, language: Language
) -> None:
    llm = GatedLLM.saying(*["The loaf is baked at 250 degrees under a lid [1]."] * 2)
    llm.gate = threading.Event()
    waits = count("page.queued", language, 1)
    with standing(replace(settings, llm="scripted"), llm) as address, visit(browser, address, language) as one:
        ask(one, LOAF)
        one.wait_for_selector("#now .turn")
        assert until(lambda: SAID[language]["first"] not in one.inner_text("#now"))
        other = one.context.new_page()
        other.goto(address)
        other.wait_for_selector("#said .suggestion:visible")
        ask(other, LOAF)
        assert until(lambda: other.locator("#now .waiting").all_inner_texts() == [waits])
        picture(other, f"access-{language}-waits")
        assert other.inner_text("#heard") == waits
        llm.gate.set()
        for page in (one, other):
            page.wait_for_selector("#said .turn")
            assert "250" in page.inner_text("#said .answer")


@each_language
def test_the_head_never_says_of_the_model_what_is_no_longer_true(
    browser: Any, settings: Settings, language: Language
) -> None:
    settings = replace(settings, llm=MODEL)
    may_end = threading.Event()

    def pull(name: str, settings: Settings, progress: Callable[[int, int], None]) -> Path:
        progress(30, 120)
        assert may_end.wait(60)
        return settings.models

    arrival = Arrival(settings, pull)
    with standing(settings, arrival=arrival) as address:
        arrival.begin()
        for words in (("받는 중 25%", "arriving 25%"), ("준비됨", "ready")):
            with visit(browser, address, language) as page:
                word = words[list(Language).index(language)]
                assert word in page.inner_text("#standing")
                assert {text for text in page.evaluate("window.early") if word not in text} <= {""}
            may_end.set()
            assert until(lambda: arrival.standing.state is State.HERE)
