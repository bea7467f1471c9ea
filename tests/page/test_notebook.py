"""Notes added to the folder and moved out of it, and the index brought in line behind the page."""

import tempfile
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import HashEmbedding, opened
from hypothesis import given
from hypothesis import strategies as st

from assistant import Settings
from assistant.errors import NoteError
from assistant.page import notebook

each = pytest.mark.parametrize
NFD = unicodedata.normalize("NFD", "가.md")


@each(
    ("name", "kept"),
    [("a.md", "a.md"), ("../../b.txt", "b.txt"), ("C:\\x\\차.md", "차.md"), ("a\u202e<b>.md", "a b.md")],
)
def test_a_note_is_added_inside_the_folder_and_nowhere_else(tmp_path: Path, name: str, kept: str) -> None:
    place = tmp_path / "kept"
    assert notebook.add(place, name, "글".encode()) == place / kept
    assert notebook.add(place, name, b"other").name == f"{Path(kept).stem}-2{Path(kept).suffix}"
    assert (place / kept).read_text(encoding="utf-8") == "글" and len(list(tmp_path.rglob("*.*"))) == 2


DEVICES = ["CON", "con", "Nul", "AUX", "PRN", "COM1", "lpt9", "COM¹", "CONIN$", "con ", "NUL.x", "aux.tar"]


@each("name", DEVICES)
def test_a_name_that_windows_keeps_for_a_device_is_changed(tmp_path: Path, name: str) -> None:
    made = notebook.add(tmp_path / "kept", f"{name}.md", b"x")
    assert made.stem.split(".")[0].endswith("_") and made.suffix == ".md"
    assert notebook.add(tmp_path / "kept", f"a{name}.md", b"x").stem == f"a{name}".strip()


@each(
    ("name", "kept"),
    [("a. . .md", "a.md"), ("a .md", "a.md"), ("a.md. ", "a.md"), (" .a.md", "a.md"), ("a.MD", "a.MD")],
)
def test_what_windows_would_cut_off_a_name_is_cut_off(tmp_path: Path, name: str, kept: str) -> None:
    assert notebook.add(tmp_path, name, b"x").name == kept


@each(("first", "second"), [("a.md", "A.md"), ("A.MD", "a.md"), ("가.md", NFD), (NFD, "가.md"), ("ß.md", "SS.md")])
def test_names_that_some_systems_hold_for_one_do_not_overwrite_each_other(
    tmp_path: Path, first: str, second: str
) -> None:
    (tmp_path / first).write_bytes(b"old")  # as another program saved it
    made = notebook.add(tmp_path, second, b"new")
    assert made.stem.endswith("-2") and (tmp_path / first).read_bytes() == b"old"
    assert unicodedata.is_normalized("NFC", made.name) and made.read_bytes() == b"new"


def test_a_decomposed_name_is_composed_and_a_long_one_is_cut(tmp_path: Path) -> None:
    assert notebook.add(tmp_path, NFD, b"x").name == "가.md"
    for letter in ("a", "가", "\U0001d54f", "e\u0301"):
        made = notebook.add(tmp_path, f"{letter * 400}.markdown", b"x")
        assert made.suffix == ".markdown" and len(made.name.encode()) < 255
        assert notebook.add(tmp_path, f"{letter * 400}.markdown", b"x").stem == f"{made.stem}-2"


@given(st.text(max_size=30))
def test_any_name_stays_in_the_folder_or_is_refused(name: str) -> None:
    with tempfile.TemporaryDirectory() as place:
        try:
            made = notebook.add(Path(place) / "kept", f"{name}.md", b"x")
        except NoteError:
            assert not (Path(place) / "kept").exists()
            return
        assert made.parent == Path(place) / "kept" and [made] == [*made.parent.iterdir()]
        assert not made.name.startswith(".") and not set(made.name) & set('<>:"|?*\\/')


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
    tea = next(note for note in assistant.snapshot.notes if note.source == "녹차.md")
    aside = notebook.remove(settings.notes, tea)
    assert aside.is_file() and ".removed" in aside.parts
    assert assistant.index().removed == ("녹차.md",)
    with pytest.raises(NoteError):
        notebook.remove(settings.notes / "deep", tea)


def test_notes_go_where_those_of_the_index_are_unless_another_folder_was_chosen(
    settings: Settings, embed_model: HashEmbedding
) -> None:
    index = opened(settings, embed_model).snapshot
    nobody_chose = replace(settings, notes=Settings.notes)
    for _ in ("without a folder corpus", "beside one"):
        assert notebook.folder(nobody_chose, index) == settings.notes
        assert notebook.folder(nobody_chose, None) == Settings.notes
        Settings.notes.mkdir(exist_ok=True)
    chosen = replace(settings, notes=settings.notes / "chosen")
    assert notebook.folder(chosen, index) == settings.notes
    chosen.notes.mkdir()
    assert notebook.folder(chosen, index) == chosen.notes


def test_a_changed_note_keeps_its_place_and_its_former_text_aside(
    settings: Settings, embed_model: HashEmbedding
) -> None:
    notes = {note.source: note for note in opened(settings, embed_model).snapshot.notes}
    file, note = settings.notes / "deep" / "library.txt", notes["deep/library.txt"]
    before = file.read_bytes()
    former = notebook.change(settings.notes, note, "새 글".encode())
    assert (file.read_text(encoding="utf-8"), former.read_bytes()) == ("새 글", before)
    assert former.is_relative_to(settings.notes / notebook.REMOVED)
    for data in (b" \n", b"x" * (notebook.MAX_BYTES + 1)):
        with pytest.raises(NoteError):
            notebook.change(settings.notes, note, data)
    assert file.read_text(encoding="utf-8") == "새 글"


def test_a_change_that_cannot_be_written_leaves_the_note_as_it_was(
    settings: Settings, embed_model: HashEmbedding, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does it on Windows, which renames no file to one that is there."""
    notes = {note.source: note for note in opened(settings, embed_model).snapshot.notes}
    file, before = settings.notes / "sourdough.md", (settings.notes / "sourdough.md").read_bytes()

    def full(self: Path, data: bytes) -> int:
        self.touch()
        raise OSError(28, "No space left on device")

    def renamed(self: Path, target: Path) -> Path:
        if target.exists():
            raise FileExistsError(17, "File exists")
        return self.replace(target)

    monkeypatch.setattr(Path, "write_bytes", full)
    monkeypatch.setattr(Path, "rename", renamed)
    with pytest.raises(NoteError, match="No space left"):
        notebook.change(settings.notes, notes["sourdough.md"], b"new")
    assert file.read_bytes() == before and not list((settings.notes / notebook.REMOVED).iterdir())


def test_a_removed_note_comes_back_and_nothing_else_does(settings: Settings, embed_model: HashEmbedding) -> None:
    notes = {note.source: note for note in opened(settings, embed_model).snapshot.notes}
    removed = notebook.remove(settings.notes, notes["deep/library.txt"])
    shelved = removed.relative_to(settings.notes / notebook.REMOVED).as_posix()
    for outside in ("../sourdough.md", "/etc/passwd", "none.md", "deep", ""):
        with pytest.raises(NoteError):
            notebook.restore(settings.notes, outside, "deep/library.txt")
    with pytest.raises(NoteError):
        notebook.restore(settings.notes, shelved, "../library.txt")
    assert notebook.restore(settings.notes, shelved, "deep/library.txt") == settings.notes / "deep" / "library.txt"
    assert not removed.exists()
