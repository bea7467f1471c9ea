"""An index that an earlier version made opens, answers and goes on, and nothing is embedded again."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from six_notes import NOTES
from update_parts import finds, in_line, load, no_model, passages, run

from assistant.config import Settings
from assistant.index.database import FILE
from assistant.index.update import update

EARLIER = sorted(Path(__file__).with_name("earlier").glob("*.sql"))
"""What each version wrote; the folder of its notes stands as `<notes>`."""


@pytest.fixture(params=EARLIER, ids=lambda file: file.stem)
def earlier(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """Settings with an index that an earlier version made of the same notes."""
    settings.index.mkdir()
    written = request.param.read_text(encoding="utf-8").replace("<notes>", str(settings.notes))
    with closing(sqlite3.connect(settings.index / FILE)) as connection:
        connection.executescript(written)
    return settings


def test_it_opens_and_finds_what_an_index_of_today_does(earlier: Settings, tmp_path: Path) -> None:
    found = load(earlier)
    held, before = passages(found), finds(found)
    assert found.about.notes == len(NOTES) and {note.source for note in found.notes} == set(NOTES)
    (earlier.index / FILE).unlink()
    run(earlier)
    assert (passages(load(earlier)), finds(load(earlier))) == (held, before)


def test_it_goes_on_and_embeds_nothing(earlier: Settings) -> None:
    report = update([earlier.notes], earlier, no_model)
    assert (sorted(report.unchanged), report.indexed, report.embedded) == (sorted(NOTES), (), 0)
    (earlier.notes / "sourdough.md").write_text("# Bread\nRye needs a day.", encoding="utf-8")
    assert run(earlier).indexed == ("sourdough.md",)
    in_line(earlier)
