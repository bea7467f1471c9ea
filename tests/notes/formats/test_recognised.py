"""What was recognised is kept, so that it takes its seconds once."""

import json
from pathlib import Path

import pytest
from ocr_parts import page

from assistant.notes.formats import recognised
from assistant.notes.formats.recognised import Kept

PAGE = json.loads(json.dumps(page("물은 70도")))


def test_pages_of_a_file_are_kept_apart_from_those_of_others() -> None:
    Kept(b"one").add([(1, PAGE), (7, PAGE)])
    Kept(b"one").add([(2, PAGE)])
    Kept(b"two").add([(1, [])])
    assert sorted(Kept(b"one").pages) == [(1, PAGE), (2, PAGE), (7, PAGE)]
    assert Kept(b"two").pages == [(1, [])]
    assert Kept(b"three").pages == []


def test_the_file_is_its_users_alone() -> None:
    Kept(b"one").add([(1, PAGE)])
    assert recognised.file().stat().st_mode & 0o077 == 0


def test_why_a_page_failed_is_known_in_this_process_and_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    Kept(b"late").add([(4, "hold words that cannot be read (Tesseract took too long)")])
    assert not recognised.file().exists()
    assert Kept(b"late").pages == [(4, "hold words that cannot be read (Tesseract took too long)")]


def test_what_another_process_read_counts_for_more_than_a_failure_in_this_one() -> None:
    Kept(b"twice").add([(1, "hold words that cannot be read (Tesseract took too long)")])
    Kept(b"twice").add([(1, PAGE)])
    assert Kept(b"twice").pages == [(1, PAGE)]


def test_the_oldest_pages_go_where_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recognised, "MOST", 3)
    for number in range(1, 6):
        Kept(b"one").add([(number, PAGE)])
    assert [number for number, _ in Kept(b"one").pages] == [3, 4, 5]


@pytest.mark.parametrize("content", [b"", b"no database at all, but long enough to be taken for one" * 100])
def test_a_damaged_file_keeps_nothing_and_stops_nothing(content: bytes) -> None:
    recognised.file().parent.mkdir(parents=True, exist_ok=True)
    recognised.file().write_bytes(content)
    kept = Kept(b"one")
    kept.add([(1, PAGE)])
    assert kept.pages == [(1, PAGE)]


def test_where_nothing_can_be_written_pages_are_known_while_they_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "taken").write_text("a file")
    monkeypatch.setattr(recognised, "file", lambda: tmp_path / "taken" / "pages")
    kept = Kept(b"one")
    kept.add([(1, PAGE)])
    assert kept.pages == [(1, PAGE)] and Kept(b"one").pages == []
