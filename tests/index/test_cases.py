"""Notes of the kinds that failed elsewhere are indexed right: nothing lost, nothing torn.

They lie beside the repository, in shared/cases; where they are absent the tests skip.
"""

import re
from pathlib import Path

import pytest

from assistant.index.passages import passages
from assistant.notes.document import Document, Kind
from assistant.notes.files import NoteFile, find_notes, read

ROOT = Path(__file__).parent.parent.parent
CASES = next((at for parent in ROOT.parents if (at := parent / "shared" / "cases").is_dir()), None)
FOLDERS = sorted(CASES.iterdir()) if CASES else []
EACH = pytest.mark.parametrize("folder", [at for at in FOLDERS if at.is_dir()], ids=lambda folder: str(folder.name))


def notes(folder: Path) -> list[Document]:
    files = [file for file in find_notes([folder / "notes"]) if isinstance(file, NoteFile)]
    return [note for file in files if isinstance(note := read(file), Document)]


@EACH
def test_every_file_is_read(folder: Path) -> None:
    for file in find_notes([folder / "notes"]):
        assert isinstance(file, NoteFile) and isinstance(read(file), Document)


@EACH
def test_every_line_that_a_reader_sees_is_in_a_passage_or_a_heading(folder: Path) -> None:
    for note in notes(folder):
        left = list(note.text)
        headings = [(block.start, block.end) for block in note.blocks if block.kind is Kind.HEADING]
        for start, end in [*((p.start, p.end) for p in passages(note)), *note.hidden, *headings]:
            left[start:end] = " " * (end - start)
        start = next((block.start for block in note.blocks if block.kind is not Kind.FIELD), 0)
        assert not re.findall(r"[^\W_]+", "".join(left[start:])), note.source


@EACH
def test_no_row_fence_or_formula_is_torn(folder: Path) -> None:
    for note in notes(folder):
        spans = [(passage.start, passage.end) for passage in passages(note)]
        for block in note.blocks:
            if block.kind in (Kind.ROW, Kind.HEAD, Kind.CODE, Kind.MATH, Kind.ITEM):
                assert any(start <= block.start and block.end <= end for start, end in spans), note.source
