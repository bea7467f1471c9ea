"""The sentences of both languages: the same keys and slots, each in use, and prompts that stay what they were."""

import json
import re
from pathlib import Path
from string import Formatter

import pytest

from assistant.answer import Action, Did
from assistant.messages import said
from assistant.messages.catalogue import count, each, line, say, sentences
from assistant.page.words import SAID
from assistant.server.arrival import State
from assistant.text.language import Language

KO, EN = Language.KO, Language.EN
ROOT = Path(__file__).parent.parent.parent / "assistant"
SOURCES = [file for kind in ("py", "html", "js") for file in sorted(ROOT.rglob(f"*.{kind}"))]
TEXT = "\n".join(file.read_text(encoding="utf-8") for file in SOURCES)
CALLED = re.compile(r"""(?<![\w.])(say|count|line|each|_line|both|counted|table)\(\s*["']([\w. ]+)["'][,)]""")
TABLES = {"_line": "line.", "both": "page.", "counted": "page.", "table": "page."}
PROMPTS = json.loads(Path(__file__).with_name("prompts.json").read_text(encoding="utf-8"))


def slots(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def test_both_languages_hold_the_same_keys_with_the_same_slots() -> None:
    assert sentences(KO).keys() == sentences(EN).keys()
    assert {key: slots(text) for key, text in sentences(KO).items()} == {
        key: slots(text) for key, text in sentences(EN).items()
    }
    assert all(text.strip() for language in Language for text in sentences(language).values())


def test_every_slot_has_a_name() -> None:
    assert all(name.isidentifier() for text in sentences(EN).values() for name in slots(text))


def test_every_sentence_is_in_its_language() -> None:
    for key, text in sentences(KO).items():
        shown = re.sub(r"\{[^}]*\}", "", text)
        assert re.search("[가-힣]", shown) or not re.search("[A-Za-z]", shown), key
    assert not [key for key, text in sentences(EN).items() if re.search("[가-힣]", text)]


def test_every_sentence_is_used() -> None:
    of_choices = {f"page.{choice}" for kind in (Action, Did) for choice in kind}
    of_choices |= {f"{table}.{state}" for table in ("model", "page") for state in State}
    unused = []
    for key in sentences(EN).keys() - of_choices:
        table, name = key.split(".")
        names = [name, re.sub("_(?:one|other)$", "", name)]
        words = [f"{table}.{word}" for word in names] + (names if table in ("page", "line") else [])
        if not any(re.search(rf"[\"'=]{re.escape(word)}[\"'\]]", TEXT) for word in words):
            unused.append(key)
    assert not unused


def test_every_key_that_is_named_exists() -> None:
    known = sentences(EN)
    named = [(TABLES.get(by, "") + key, by in ("count", "counted")) for by, key in CALLED.findall(TEXT)]
    assert len(named) > 80
    assert not [key for key, counted in named if (f"{key}_other" if counted else key) not in known]
    assert all(f"page.{did}" in known for did in Did) and all(f"page.{action}" in known for action in Action)
    assert all(f"model.{state}" in known for state in State)


@pytest.mark.parametrize("name", PROMPTS)
def test_what_a_language_model_reads_is_what_it_was_measured_with(name: str) -> None:
    now = getattr(said, name)
    assert (now if isinstance(now, str) else {str(key): text for key, text in now.items()}) == PROMPTS[name]


def test_a_number_of_things_takes_its_form() -> None:
    assert [count("page.note_count", EN, n) for n in (0, 1, 2, 1200)] == ["0 notes", "1 note", "2 notes", "1,200 notes"]
    assert [count("page.note_count", KO, n) for n in (1, 2)] == ["노트 1개", "노트 2개"]


def test_a_line_says_it_in_both_languages() -> None:
    assert line("line.note_gone") == "this note is gone (이 노트는 이제 없습니다)"
    assert said.NO_MODEL.format(name="x") == line("line.no_model", name="x")


def test_a_slot_that_nobody_fills_is_an_error_and_values_are_not_read_as_slots() -> None:
    with pytest.raises(KeyError):
        say("page.added", EN)
    assert say("page.added", EN, names="{names.__class__}") == "Added: {names.__class__}"
    assert each("answer.not_found") == said.NOT_FOUND


def test_the_page_holds_every_word_in_both_languages() -> None:
    assert SAID[KO].keys() == SAID[EN].keys() and SAID[KO]["ask"] == "묻기"
