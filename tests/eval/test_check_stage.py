"""The check as it ships, measured on pairs of evidence and sentence."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.answering.check import SUPPORTED
from assistant.config import Settings
from assistant.errors import SettingsError
from eval.stages.check import on_file

KO = {"evidence": "차 > 온도\n녹차는 70도의 물에 우린다.", "evidence_lang": "ko"}
EN = {"evidence": "The loaf is baked at 250 degrees.", "evidence_lang": "en"}
PAIRS = [
    {**KO, "id": "1", "sentence": "녹차는 70도의 물에 우린다.", "sentence_lang": "ko", "supported": True, "kind": ""},
    {
        **KO,
        "id": "2",
        "sentence": "녹차는 80도의 물에 우린다.",
        "sentence_lang": "ko",
        "supported": False,
        "kind": "number",
    },
    {**EN, "id": "3", "sentence": "It is baked at 250 degrees.", "sentence_lang": "en", "supported": True, "kind": ""},
    {
        **EN,
        "id": "4",
        "sentence": "It is baked at 25 degrees.",
        "sentence_lang": "en",
        "supported": False,
        "kind": "number",
    },
    {**EN, "id": "5", "sentence": "The loaf is baked.", "sentence_lang": "en", "supported": False, "kind": "added"},
]


def written(folder: Path, *lines: object) -> Path:
    file = folder / "pairs.jsonl"
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    return file


def test_true_sentences_are_kept_and_false_ones_caught_by_direction_and_kind(
    tmp_path: Path, settings: Settings
) -> None:
    """Without the reader shared terms decide, which pass what only leaves something out (pair 5)."""
    found = on_file(written(tmp_path, *PAIRS), replace(settings, models=tmp_path), lambda done, total: None)
    assert found["pairs"] == 5 and 0 < SUPPORTED < 1
    assert (found["kept_supported"], found["caught_unsupported"]) == (1.0, pytest.approx(2 / 3))
    assert found["directions"] == {
        "en>en": {"kept_supported": 1.0, "caught_unsupported": 0.5},
        "ko>ko": {"kept_supported": 1.0, "caught_unsupported": 1.0},
    }
    assert found["kinds"] == {"added": 0.0, "number": 1.0}


def test_a_line_that_is_no_pair_is_one_clear_line(tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(SettingsError, match="each pair needs evidence, evidence_lang, sentence"):
        on_file(written(tmp_path, {"evidence": "a"}), settings, lambda done, total: None)
