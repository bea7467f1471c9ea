"""The shipped notes: all are indexed, and what is said of them holds."""

import re
from pathlib import Path

import pytest

from assistant.index.passages import passages
from assistant.notes.document import Document
from assistant.notes.files import NoteFile, find_notes, read
from assistant.notes.front_matter import front_matter

CORPUS = Path(__file__).parent.parent.parent / "corpus"
FILES = [file for file in find_notes([CORPUS]) if file.source != "README.md"]
EACH = pytest.mark.parametrize("file", FILES, ids=[file.source for file in FILES])


def document(file: NoteFile) -> Document:
    found = read(file)
    assert isinstance(found, Document), found
    return found


def test_there_are_study_notes_and_paper_abstracts() -> None:
    folders = [file.source.split("/")[0] for file in FILES]
    assert set(folders) == {"notes", "papers"}
    assert folders.count("notes") >= 4 and folders.count("papers") >= 11


def test_no_note_is_skipped_and_none_is_there_twice() -> None:
    documents = [document(file) for file in FILES]
    assert len({item.hash for item in documents}) == len(FILES)
    assert len({item.title for item in documents}) == len(FILES)


@EACH
def test_front_matter_says_title_language_source_url_and_date(file: NoteFile) -> None:
    front, body_start = front_matter(file.path.read_text(encoding="utf-8"))
    assert list(front) == ["title", "language", "source", "url", "date"]
    assert isinstance(front["title"], str) and front["title"]
    assert front["language"] in ("ko", "en", "ko, en")
    assert isinstance(front["source"], str) and front["source"]
    assert front["url"] == "" or str(front["url"]).startswith("https://")
    assert front["date"] == "" or re.fullmatch(r"\d{4}-\d\d-\d\d", str(front["date"]))
    found = document(file)
    assert (found.title, found.url) == (front["title"], front["url"])
    assert found.language in str(front["language"])
    assert found.blocks[0].start >= body_start > 0
    assert found.hidden == ()


@EACH
def test_each_passage_is_the_files_text_at_its_offsets(file: NoteFile) -> None:
    text = file.path.read_text(encoding="utf-8")
    made = passages(document(file))
    assert made
    for passage in made:
        assert text[passage.start : passage.end] == passage.text == passage.shown != ""


def table_rows() -> list[tuple[str, list[str], list[str]]]:
    """Return system, aliases and notes of each row of corpus/README.md."""
    lines = (CORPUS / "README.md").read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if line.startswith("| ")]
    return [(row[0], row[1].split(", "), row[2].split(", ")) for row in cells[1:]]


def test_each_system_of_the_table_is_found_in_each_note_it_names() -> None:
    rows = table_rows()
    assert len(rows) > 200
    for system, aliases, notes in rows:
        for note in notes:
            text = (CORPUS / note).read_text(encoding="utf-8").casefold()
            assert any(name and name.casefold() in text for name in (system, *aliases)), (system, note)
    assert {note for _, _, notes in rows for note in notes} == {
        path.relative_to(CORPUS).as_posix() for path in CORPUS.rglob("*.md") if path.name != "README.md"
    }
