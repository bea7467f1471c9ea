"""Files → documents, or the reason why not."""

import os
import socket
import unicodedata
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import NoteError
from assistant.notes import files as load
from assistant.notes.document import Document
from assistant.notes.files import NoteFile, Unread, decode, find_notes, read
from assistant.notes.formats import tesseract

NEITHER = "expected text in UTF-8, UTF-16, CP949 or CP1252, found none of them; save it as UTF-8"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "folder"
    made.mkdir()
    return made


def document(folder: Path, data: bytes | str, name: str = "note.md") -> Document:
    found = read(saved(folder, data, name))
    assert isinstance(found, Document), found
    return found


def unread(folder: Path, data: bytes | str, name: str = "note.md") -> tuple[str, bool]:
    found = read(saved(folder, data, name))
    assert isinstance(found, Unread), found
    return found.reason, found.failed


def saved(folder: Path, data: bytes | str, name: str) -> NoteFile:
    (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)
    return NoteFile(folder, name)


def test_a_link_to_a_part_of_the_note_is_no_tag(folder: Path) -> None:
    assert document(folder, "- [The part](#the-part), see #kettle (#차)\n\n## The part\n").tags == ("kettle", "차")


def test_a_note_carries_its_title_source_url_tags_and_language(folder: Path) -> None:
    front = '---\ntitle: "녹차  우리기"\nurl: https://example.org\ntags: [tea, 차]\nauthor: 한지우\n---\n'
    note = document(folder, front + "# 다른 제목\n물은 70도이다. #green\n")
    assert (note.source, note.title, note.titled, note.url) == ("note.md", "녹차 우리기", True, "https://example.org")
    assert (note.language, note.tags, note.fields["author"]) == ("ko", ("tea", "차", "green"), "한지우")
    author, heading, *_ = note.blocks
    assert (note.text[author.start : author.end], heading.start) == ("author: 한지우", len(front))


@pytest.mark.parametrize(
    ("front", "aliases"),
    [
        ("aliases: [GT, '그린티 ', GT]", ("GT", "그린티")),
        ("aliases: GT, 그린티", ("GT", "그린티")),
        ("aliases:\n  - GT\nalias: 그린티", ("GT", "그린티")),
        ("aliases: <b hidden>x</b>Tea", ("Tea",)),
        ("aliases: {a: b}", ()),
        ("aliases:", ()),
        (f"aliases: [{', '.join(map(str, range(99)))}]", tuple(map(str, range(20)))),
    ],
)
def test_a_note_carries_its_other_names(folder: Path, front: str, aliases: tuple[str, ...]) -> None:
    assert document(folder, f"---\n{front}\n---\nWater.").aliases == aliases


def test_the_language_is_that_of_the_body_alone(folder: Path) -> None:
    assert document(folder, "---\ntitle: 아주 긴 한국어 제목이 앞에 있다\n---\nWater.").language == "en"


def test_the_hash_is_that_of_the_bytes(folder: Path) -> None:
    expected = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"
    assert document(folder, "foo").hash == expected


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# 녹차 #\n물", "녹차"),
        ("\n\n## Tea\nwater", "Tea"),
        ("# C#", "C#"),
        ("#tag #other\nwater", "note"),
        ("water\n# Tea", "note"),
        ("---\nurl: x\n---\n# Tea", "Tea"),
        ("---\ntitle: 2024-03-01\n---\nwater", "2024-03-01"),
        ("---\ntitle: 42\n---\nwater", "42"),
        ("---\ntitle: [a, b]\n---\n# Tea", "Tea"),
        ("---\ntitle: {a: b}\n---\nwater", "note"),
    ],
)
def test_the_title_is_the_front_matters_else_the_first_heading_else_the_files_name(
    folder: Path, text: str, title: str
) -> None:
    note = document(folder, text)
    assert (note.title, note.titled) == (title, title != "note")


@pytest.mark.parametrize(
    "data",
    [
        "물은 70도.\n둘째 줄.\n".encode(),
        "물은 70도.\r\n둘째 줄.\r\n".encode(),
        "물은 70도.\r둘째 줄.\r\n".encode(),
        "\ufeff---\r\ntitle: 차\r\n---\r\n물은 70도.\r\n".encode(),
        "form feed \x0c and separator \u2028 stay".encode(),
    ],
)
def test_offsets_into_a_document_are_offsets_into_the_file_read_as_utf_8(folder: Path, data: bytes) -> None:
    assert document(folder, data).text == (folder / "note.md").read_text(encoding="utf-8")


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_any_text_in_utf_8_is_decoded_as_reading_the_file_would(text: str) -> None:
    expected = text.replace("\r\n", "\n").replace("\r", "\n")
    assert decode(text.encode()) == expected


def test_a_byte_order_mark_hides_neither_front_matter_nor_heading(folder: Path) -> None:
    with_front = document(folder, "\ufeff---\ntitle: Tea\n---\nbody", "a.md")
    assert with_front.title == "Tea"
    assert with_front.text[with_front.blocks[0].start :] == "body"
    assert document(folder, "\ufeff# Tea\nbody", "b.md").title == "Tea"


def test_cp949_is_read_as_korean(folder: Path) -> None:
    text = "# 녹차 우리기\n녹차는 70도의 물에 우린다.\n"
    found = document(folder, text.encode("cp949").replace(b"\n", b"\r\n"))
    assert (found.text, found.title, found.language) == (text, "녹차 우리기", "ko")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\0\1\2\3" * 9, "expected text, found a binary file"),
        (bytes(range(128, 256)), NEITHER),
        (b"\x89PNG\r\n\x1a\n\0\0", "it is damaged, or no picture; take it from where it came from once more"),
    ],
)
def test_what_is_not_text_in_a_known_encoding_fails_with_what_was_found(folder: Path, data: bytes, reason: str) -> None:
    assert unread(folder, data) == (reason, True)


@pytest.mark.parametrize("data", [b"", b" \n\t\r\n", "\ufeff\n".encode()])
def test_an_empty_file_is_skipped(folder: Path, data: bytes) -> None:
    assert unread(folder, data) == ("the file is empty", False)


@pytest.mark.parametrize("name", ["picture.svg", "data", "note.md.bak"])
def test_other_kinds_of_file_are_skipped_naming_what_was_found(folder: Path, name: str) -> None:
    reason, failed = unread(folder, "text", name)
    assert reason == f"{load.KINDS}; found '{Path(name).suffix or name}'"
    assert not failed


@pytest.mark.parametrize("name", ["memo", "memo.doc", "memo.2024"])
def test_a_document_is_known_by_its_first_bytes_whatever_it_is_called(folder: Path, name: str) -> None:
    (folder / name).write_bytes(rb"{\rtf1 The silo holds 900 tonnes.}")
    with zipfile.ZipFile(folder / "all.zip", "w") as archive:
        archive.write(folder / name, "memo")
    for file in (NoteFile(folder, name), NoteFile(folder, "all.zip/memo")):
        found = load.read(file)
        assert isinstance(found, Document) and "900 tonnes" in found.text


def test_a_document_of_a_format_that_is_not_read_fails_with_what_to_do(folder: Path) -> None:
    old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le")
    for name, data in (("a.doc", old), ("b.pages", b"PK"), ("c.ppt", b"no"), ("d.mobi", b"BOOK")):
        (folder / name).write_bytes(data)
        found = load.read(NoteFile(folder, name))
        assert isinstance(found, Unread) and found.failed and "save it" in found.reason
    with zipfile.ZipFile(folder / "tool.jar", "w") as archive:
        archive.writestr("Main.class", "x")
    assert not unread(folder, (folder / "tool.jar").read_bytes(), "tool.jar")[1]


@pytest.mark.parametrize("name", ["empty.pdf", "empty.docx", "empty.png"])
def test_an_empty_file_is_said_to_be_empty_whatever_it_is_called(folder: Path, name: str) -> None:
    if name.endswith("png") and not tesseract.program():
        pytest.skip("needs Tesseract")
    assert unread(folder, b"", name)[0] == "the file is empty"


@pytest.mark.parametrize("name", ["A.MD", "b.Txt", "c.markdown", "d.text", "녹차 노트.md"])
def test_the_kinds_of_note_are_known_by_their_suffix_in_any_case(folder: Path, name: str) -> None:
    assert document(folder, "물은 70도", name).source == name


def test_a_note_that_opts_out_is_skipped(folder: Path) -> None:
    assert unread(folder, "---\nindex: false\n---\nbody") == ("its front matter says 'index: false'", False)
    assert document(folder, "---\nindex: true\n---\nbody").text.endswith("body")


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("프로젝트 1f0c9a7be2d84c6fb1a2334455667788.csv", "프로젝트"),
        ("1f0c9a7be2d84c6fb1a2334455667788.md", "1f0c9a7be2d84c6fb1a2334455667788"),
        ("tea  diary.txt", "tea diary"),
        (unicodedata.normalize("NFD", "녹차 일기.txt"), "녹차 일기"),
    ],
)
def test_a_note_without_a_title_is_called_as_its_file(folder: Path, name: str, title: str) -> None:
    assert document(folder, "이름,값\n차,70도\n물,3 g", name).title == title


def test_a_huge_file_fails_without_being_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "MAX_BYTES", 1000)
    assert unread(folder, "x" * 1001) == ("a note has at most 1,000 bytes, found 1,001; split it", True)
    assert len(document(folder, "x" * 1000).text) == 1000


@pytest.mark.skipif(getattr(os, "geteuid", int)() == 0, reason="root may read everything")
def test_a_file_without_permission_fails(folder: Path) -> None:
    file = saved(folder, "text", "note.md")
    file.path.chmod(0)
    found = read(file)
    assert isinstance(found, Unread) and (found.reason, found.failed) == ("cannot be read: Permission denied", True)


def test_a_broken_link_fails(folder: Path) -> None:
    (folder / "note.md").symlink_to(folder / "gone.md")
    found = read(NoteFile(folder, "note.md"))
    assert isinstance(found, Unread) and (found.reason, found.failed) == (
        "cannot be read: No such file or directory",
        True,
    )


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such files")
def test_what_is_neither_file_nor_folder_fails_instead_of_waiting(folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / "socket.md"))
        os.mkfifo(folder / "pipe.md")
        for name in ("socket.md", "pipe.md"):
            found = read(NoteFile(folder, name))
            assert isinstance(found, Unread) and (found.reason, found.failed) == ("not a regular file", True)


def test_a_name_that_is_not_utf_8_fails_under_a_name_that_can_be_printed(folder: Path) -> None:
    (folder / os.fsdecode("녹차.md".encode("cp949"))).write_text("물은 70도")
    [file] = find_notes([folder])
    found = read(file)
    assert isinstance(found, Unread)
    assert (found.reason, found.failed) == ("its name is not UTF-8; rename it", True)
    assert found.file.source.encode().endswith(b".md")


def test_find_notes_walks_folders_in_order_and_leaves_hidden_ones_out(folder: Path) -> None:
    hidden = (".hidden.md", ".git/x.md", "a/.obsidian/y.md", "a/~$report.docx")
    for name in ("b.md", "a/z.md", "a/가.md", "x.md/inner.md", "c.png", *hidden):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("text")
    assert [file.source for file in find_notes([folder])] == ["a/z.md", "a/가.md", "b.md", "c.png", "x.md/inner.md"]
    assert {file.root for file in find_notes([folder])} == {folder}


def test_find_notes_takes_files_and_paths_with_dots(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "sub").mkdir()
    (folder / "a.md").write_text("text")
    monkeypatch.chdir(folder / "sub")
    assert list(find_notes([Path("../a.md"), Path("..")])) == [NoteFile(folder, "a.md")] * 2


@pytest.mark.parametrize("name", ["missing", "x" * 300, "nul\0byte"])
def test_a_missing_path_is_named(folder: Path, name: str) -> None:
    with pytest.raises(NoteError, match="no file or folder at .*; name one that holds notes"):
        list(find_notes([folder / name]))
