"""Notes added to the folder and moved out of it, and the index brought in line behind the page."""

from pathlib import Path

import pytest
from fakes import HashEmbedding, opened

from assistant import Settings
from assistant.errors import NoteError
from assistant.page import notebook

each = pytest.mark.parametrize


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
