"""Real files of strangers: what is known of them, and what is counted."""

import math
from pathlib import Path

import pytest
from fakes import HashEmbedding, opened, write_notes

from assistant import Settings
from assistant.errors import SettingsError
from assistant.text.language import Language
from eval.report.run import Run
from eval.report.tables import print_run
from eval.stages.real_files import Asked, measure, read_asked


def test_half_of_the_questions_are_korean_and_each_file_has_several() -> None:
    asked = read_asked()
    assert len({one.id for one in asked}) == len(asked) > 90
    assert 0.45 < sum(one.language is Language.KO for one in asked) / len(asked) < 0.55
    assert {Path(one.file).suffix for one in asked} >= {".pdf", ".docx", ".pptx", ".xlsx", ".hwp", ".hwpx", ".csv"}


def test_what_a_file_does_not_hold_is_counted_as_unread_and_files_that_are_not_there_are_left_out(
    settings: Settings, embed_model: HashEmbedding, tmp_path: Path
) -> None:
    folder = write_notes(tmp_path / "real", {"oven.csv": "oven,degrees\nElectric,250\nGas,190\n"})
    asked = [
        Asked("heat", "oven.csv", Language.EN, "How hot is the electric oven?", "Electric 250", {"row": 2}),
        Asked("gone", "oven.csv", Language.EN, "How hot is the wood oven?", "Wood 300", {"row": 4}),
        Asked("other", "other.csv", Language.KO, "다른 파일은?", "없다", {}),
    ]
    counted: list[tuple[int, int]] = []
    stage = measure(opened(settings, embed_model), asked, folder, lambda *step: counted.append(step))
    assert counted == [(1, 2), (2, 2)]
    assert stage.cases["read"] == {"heat": 1.0, "gone": 0.0} and stage.cases["judged"]["heat"] == 1.0
    assert stage.cases["locator"]["heat"] == 1.0 and math.isnan(stage.cases["locator"]["gone"])
    assert stage.figures["all"]["read"] == 0.5 and list(stage.figures) == ["all", "en", ".csv"]
    lines: list[str] = []
    print_run(Run({}, {"files": stage}), lines.append)
    assert any(line.split()[:3] == [".csv", "2", "0.500"] for line in lines)
    with pytest.raises(SettingsError, match="found none"):
        measure(opened(settings, embed_model), asked, tmp_path, lambda *step: None)
