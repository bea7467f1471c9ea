"""Zip archives: their members are notes, wherever they stand, and nothing in one harms."""

import io
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.notes import archives as module
from assistant.notes.archives import Archives, Unopened
from assistant.notes.document import Document
from assistant.notes.files import NoteFile, Unread, contents, find_notes, read
from assistant.notes.formats import archive as limits

HEX = "0123456789abcdef0123456789abcdef"
each = pytest.mark.parametrize


def zipped(members: Mapping[str, bytes | str], change: Callable[[zipfile.ZipInfo], None] = lambda info: None) -> bytes:
    """Return an archive of these members, each of whose entries was changed before it was written."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            info = zipfile.ZipInfo(name)
            change(info)
            made.writestr(info, data, zipfile.ZIP_DEFLATED)
    return kept.getvalue()


def found(folder: Path) -> dict[str, str]:
    """What is found in a folder: the text of each note, or why there is none."""
    told: dict[str, str] = {}
    for item in find_notes([folder]):
        document = item if isinstance(item, Unread) else read(item)
        source = document.file.source if isinstance(document, Unread) else document.source
        assert source not in told
        told[source] = f"- {document.reason}" if isinstance(document, Unread) else document.text
    return told


def test_the_members_of_an_archive_and_of_archives_in_it_are_notes(tmp_path: Path) -> None:
    inner = zipped({f"차/녹차 {HEX}.md": "# 녹차\n물은 70도이다.", f"Teas {HEX}.csv": "name,degrees\ngreen,70\n"})
    outer = zipped({"Export-1.zip": inner, "plan.md": "The plan.", "photo.png": "x", "folder/": ""})
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "Export.ZIP").write_bytes(outer)
    told = found(tmp_path)
    assert told["mine/Export.ZIP/plan.md"] == "The plan."
    assert told[f"mine/Export.ZIP/Export-1.zip/차/녹차 {HEX}.md"] == "# 녹차\n물은 70도이다."
    assert "| green | 70 |" in told[f"mine/Export.ZIP/Export-1.zip/Teas {HEX}.csv"]
    assert told.pop("mine/Export.ZIP/photo.png").startswith("- a picture is not read") and len(told) == 3


def test_a_members_title_loses_the_digits_of_notion(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped({f"Green tea {HEX}.txt": "Water.", f"Teas {HEX}_all.csv": "a,b\n1,2\n"}))
    documents = [read(item) for item in find_notes([tmp_path]) if isinstance(item, NoteFile)]
    assert [each.title for each in documents if isinstance(each, Document)] == ["Green tea", "Teas"]


def test_an_archive_that_is_named_itself_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped({"b.md": "x"}))
    assert [item.source for item in find_notes([tmp_path / "a.zip"]) if isinstance(item, NoteFile)] == ["a.zip/b.md"]


def test_a_folder_whose_name_ends_like_an_archives_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.zip").mkdir()
    (tmp_path / "a.zip" / "b.md").write_text("x")
    [file] = find_notes([tmp_path])
    assert isinstance(file, NoteFile)
    assert (file.source, file.member, file.archive, contents(file)) == ("a.zip/b.md", "", "", b"x")


@each("mark", ["[Content_Types].xml", "mimetype", "Contents/content.hpf"])
def test_a_document_that_is_an_archive_too_is_one_note(tmp_path: Path, mark: str) -> None:
    document = zipped({mark: "application/epub+zip", "word/document.xml": "x"})
    for name in ("a.zip", "b.docx"):
        (tmp_path / name).write_bytes(document)
    (tmp_path / "c.zip").write_bytes(zipped({"in.zip": document, "word/list.md": "words"}))
    sources = [item.source for item in find_notes([tmp_path]) if isinstance(item, NoteFile)]
    assert sources == ["a.zip", "b.docx", "c.zip/in.zip", "c.zip/word/list.md"]


@each("name", ["../b.md", "a/../../b.md", "/b.md", "C:/b.md", "..\\b.md", "\\b.md", "a/.."])
def test_a_path_that_leads_out_of_the_archive_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "b.md").write_text("the secret")
    (tmp_path / "notes" / "a.zip").write_bytes(zipped({name: "evil", "c.md": "good", "a..b.md": "too"}))
    told = found(tmp_path / "notes")
    plain = name.replace("\\", "/")
    reason = "- its path leads out of the archive; it is left out"
    assert told == {f"a.zip/{plain}": reason, "a.zip/c.md": "good", "a.zip/a..b.md": "too"}
    assert isinstance(contents(NoteFile(tmp_path / "notes", f"a.zip/{plain}")), Unread)


def test_a_link_in_an_archive_is_not_followed(tmp_path: Path) -> None:
    def link(info: zipfile.ZipInfo) -> None:
        info.external_attr = 0o120777 << 16

    (tmp_path / "a.zip").write_bytes(zipped({"b.md": "/etc/passwd"}, link))
    assert found(tmp_path) == {"a.zip/b.md": "- a link in an archive is not followed"}


def test_what_is_hidden_or_ignored_is_left_out(tmp_path: Path) -> None:
    members = {
        ".gitignore": "drafts/\n*.tmp.md\n",
        "drafts/a.md": "x",
        "b.tmp.md": "x",
        "__MACOSX/._c.md": "x",
        ".obsidian/app.md": "x",
        "vault/.obsidian/templates.json": '{"folder": "틀"}',
        "vault/틀/d.md": "x",
        "vault/e.md": "kept",
        "inner.zip": zipped({".assistantignore": "f.md", "f.md": "x", "g.md": "kept"}),
        "named.zip": zipped({"h.md": "x"}),
    }
    (tmp_path / "a.zip").write_bytes(zipped(members))
    (tmp_path / ".gitignore").write_text("a.zip/named.zip\nother.zip\n")
    (tmp_path / "other.zip").write_bytes(zipped({"i.md": "x"}))
    assert found(tmp_path) == {"a.zip/inner.zip/g.md": "kept", "a.zip/vault/e.md": "kept"}


@each(
    ("name", "encoding"),
    [("한국어 노트.md", "cp949"), ("한국어 노트.md", "utf-8"), ("résumé.md", "cp437"), ("résumé.md", "utf-8")],
)
def test_names_are_read_as_the_program_meant_them(tmp_path: Path, name: str, encoding: str) -> None:
    raw = name.encode(encoding)
    stand_in = "x" * len(raw)
    data = zipped({stand_in: "x"}).replace(stand_in.encode(), raw)
    (tmp_path / "a.zip").write_bytes(data)
    assert found(tmp_path) == {f"a.zip/{name}": "x"}


def encrypted() -> bytes:
    """Return an archive whose one member says that it is encrypted."""
    data = bytearray(zipped({"b.md": "x"}))
    for start, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(start) + at] |= 1
    return bytes(data)


@each(
    ("data", "reason"),
    [
        (encrypted(), "it is encrypted; save it without a password"),
        (b"PK\x03\x04 half of an archive", "it is damaged"),
        (b"", "it is damaged"),
    ],
)
def test_an_archive_that_cannot_be_read_is_one_line(tmp_path: Path, data: bytes, reason: str) -> None:
    (tmp_path / "a.zip").write_bytes(data)
    (tmp_path / "b.zip").write_bytes(zipped({"in.zip": data, "c.md": "x"}))
    told = found(tmp_path)
    assert told.pop("b.zip/c.md") == "x"
    assert set(told) == {"a.zip", "b.zip/in.zip"} and all(line.startswith(f"- {reason}") for line in told.values())


def test_a_damaged_member_costs_only_itself(tmp_path: Path) -> None:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as made:
        made.writestr("a.md", "the first note")
        made.writestr("b.md", "good")
    (tmp_path / "a.zip").write_bytes(kept.getvalue().replace(b"the first", b"THE FIRST"))
    told = found(tmp_path)
    assert told["a.zip/b.md"] == "good" and told["a.zip/a.md"].startswith("- its part a.md is damaged (Bad CRC-32")


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_BYTES", 1000)
    big = zipped({"a.md": "x" * 600})
    (tmp_path / "alone.zip").write_bytes(zipped({"a.md": "x" * 1001}))
    (tmp_path / "nested.zip").write_bytes(zipped({"one.zip": big, "two.zip": big}))
    told = found(tmp_path)
    assert told["nested.zip/one.zip/a.md"] == "x" * 600
    too_much = [source for source, line in told.items() if line.startswith("- it unpacks to ")]
    assert too_much == ["alone.zip", "nested.zip/two.zip"] and len(told) == 3


def test_too_many_parts_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_PARTS", 3)
    (tmp_path / "a.zip").write_bytes(zipped({f"{n}.md": "x" for n in range(4)}))
    assert found(tmp_path)["a.zip"].startswith("- it unpacks to 4 parts")


def test_what_is_never_read_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_BYTES", 1000)
    monkeypatch.setattr(limits, "MOST_PARTS", 2)
    videos = {f"{n}.mp4": "x" * 600 for n in range(5)}
    (tmp_path / "a.zip").write_bytes(zipped({"a.md": "x", "b.md": "y", **videos}))
    told = found(tmp_path)
    assert (told["a.zip/a.md"], told["a.zip/b.md"]) == ("x", "y")


def test_archives_in_each_other_end_somewhere(tmp_path: Path) -> None:
    data = zipped({"a.md": "x"})
    for _ in range(4):
        data = zipped({"in.zip": data, "a.md": "x"})
    (tmp_path / "a.zip").write_bytes(data)
    told = found(tmp_path)
    assert told["a.zip/in.zip/in.zip/in.zip"] == "- more than 3 archives in each other; unpack it"
    assert [source for source, text in told.items() if text == "x"] == [
        f"a.zip/{'in.zip/' * deep}a.md" for deep in range(3)
    ]


def test_a_note_of_too_many_bytes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped({"a.md": b"x" * 20_000_001}))
    assert found(tmp_path) == {"a.zip/a.md": "- a note has at most 20,000,000 bytes, found 20,000,001; split it"}


def test_a_linked_archive_outside_the_folder_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "a.zip").write_bytes(zipped({"b.md": "x"}))
    (tmp_path / "notes" / "a.zip").symlink_to(tmp_path / "a.zip")
    assert [item.source for item in find_notes([tmp_path / "notes"]) if isinstance(item, NoteFile)] == ["a.zip"]


def test_few_archives_are_open_at_a_time_and_none_afterwards(tmp_path: Path) -> None:
    for number in range(9):
        (tmp_path / f"{number}.zip").write_bytes(zipped({"in.zip": zipped({"a.md": str(number)})}))
    with Archives() as archives:
        for _ in range(2):
            for number in range(9):
                data = archives.read(tmp_path / f"{number}.zip", "in.zip/a.md", 10)
                assert data == str(number).encode()
        assert archives.holds(tmp_path / "3.zip", "in.zip/a.md") and not archives.holds(tmp_path / "3.zip", "a.md")
        assert len(archives) <= 4
    assert len(archives) == 0
    with pytest.raises(Unopened) as told, Archives() as archives:
        archives.listing(tmp_path / "no.zip")
    assert told.value.inside == "" and "\n" not in str(told.value)


@given(
    st.dictionaries(st.text(st.sampled_from("a./\\:C가 "), min_size=1, max_size=8), st.just(b"x"), max_size=5),
    st.binary(max_size=6),
    st.integers(0, 400),
)
def test_no_archive_ends_a_run_or_leads_out(
    tmp_path_factory: pytest.TempPathFactory, members: dict[str, bytes], noise: bytes, at: int
) -> None:
    folder = tmp_path_factory.mktemp("notes")
    data = zipped({f"{name}.md": text for name, text in members.items()})
    (folder / "a.zip").write_bytes(data[:at] + noise + data[at + len(noise) :])
    for item in find_notes([folder]):
        read_item = contents(item) if isinstance(item, NoteFile) else item
        assert read_item == b"x" or isinstance(read_item, bytes | Unread)
        if isinstance(item, NoteFile):
            assert ".." not in item.source.split("/") and module.BORDER.search(item.source)
