"""The page as a whole without a browser: its words, its status line, the last measurement."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes import HashEmbedding, ScriptedLLM, opened, until
from six_notes import TEA

from assistant import Assistant, Settings
from assistant.answer import Did
from assistant.errors import IndexUnusable
from assistant.page.quality import run_html
from assistant.page.runs import Measurement
from assistant.page.ui import build_ui, status_html
from assistant.page.words import SAID, both
from assistant.server.queue import Turns
from assistant.text.language import Language


def built(assistant: Assistant) -> Any:
    return build_ui(assistant, None, Turns(assistant))


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


def test_a_measurement_that_fails_says_why(tmp_path: Path) -> None:
    measurement = Measurement(tmp_path / "index", (sys.executable, "-c", "import sys; sys.exit('no such stage')"))
    measurement.begin()
    assert until(lambda: measurement.runs == 1)
    assert measurement.trouble == "no such stage"


def test_the_status_line_names_a_server_that_passages_are_sent_to(
    settings: Settings, embed_model: HashEmbedding
) -> None:
    opened(settings, embed_model)
    sent_to = replace(settings, llm="openai-like", llm_model="big", llm_address="http://10.0.0.2/v1", llm_key="secret")
    html = status_html(Assistant(sent_to, embed_model=embed_model), None)
    assert "big, http://10.0.0.2/v1" in html and "secret" not in html and "노트 6개" in html and "6 notes" in html
    assert "language model: scripted" in status_html(opened(settings, embed_model, ScriptedLLM.saying()), None)


def test_a_page_says_nothing_of_what_may_change_before_it_is_opened(
    settings: Settings, embed_model: HashEmbedding
) -> None:
    page = built(opened(settings, embed_model))
    values = [str(part["props"].get("value")) for part in page.get_config_file()["components"]]
    assert not [value for value in values if "6 notes" in value or "sourdough.md" in value or "extractive</b>" in value]


def test_every_word_stands_in_both_languages() -> None:
    assert SAID[Language.KO].keys() == SAID[Language.EN].keys()
    assert all(SAID[language][str(did)] for language in Language for did in Did)


def test_the_page_tells_nobody_and_has_no_public_endpoint(settings: Settings, embed_model: HashEmbedding) -> None:
    page = built(opened(settings, embed_model))
    assert page.analytics_enabled is False
    assert {handler.api_visibility for handler in page.fns.values()} == {"private"}


def test_a_page_needs_an_index(settings: Settings, embed_model: HashEmbedding) -> None:
    with pytest.raises(IndexUnusable):
        built(Assistant(settings, embed_model=embed_model))


def test_a_measurement_can_be_stopped_and_one_that_dies_silently_says_so(tmp_path: Path) -> None:
    waiting = Measurement(tmp_path / "index", (sys.executable, "-c", "import time; time.sleep(60)"))
    waiting.begin()
    waiting.stop()
    assert until(lambda: not waiting.running)
    assert (waiting.trouble, waiting.runs) == ("", 1)
    dying = Measurement(tmp_path / "index", (sys.executable, "-c", "import os; os._exit(3)"))
    dying.begin()
    assert until(lambda: not dying.running)
    assert "status 3" in dying.trouble
