"""Files of strangers are read in a process that may die: what it makes of them comes back, and nothing else."""

import itertools
import os
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from ocr_parts import encoded, played
from PIL import Image

from assistant.errors import NoteError
from assistant.notes import formats
from assistant.notes.formats import apart, tesseract
from assistant.notes.formats.child import answered
from assistant.notes.formats.extracted import Extracted
from assistant.text.blocks import Kind

PAGE = (
    "<html><title>차</title><body><h1>차</h1><p>물은 <b>70도</b>로 데운다.</p><ul><li>찻잎 3 g</li></ul></body></html>"
)
NUMBERS = itertools.count(71)


def children() -> list[psutil.Process]:
    own = psutil.Process().children()
    alive = [child for child in own if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]
    return [child for child in alive if "assistant.notes.formats.child" in child.cmdline()]


def numbered() -> str:
    """Return a page that was not read before."""
    return PAGE.replace("70", str(next(NUMBERS)))


def read(text: str = PAGE) -> Extracted:
    return apart.extract("html", text.encode())


def test_what_the_child_read_comes_back_whole() -> None:
    found = read()
    blocks = [(block.kind, found.text[block.start : block.end]) for block in found.blocks]
    assert blocks == [(Kind.HEADING, "차"), (Kind.PARAGRAPH, "물은 70도로 데운다."), (Kind.ITEM, "- 찻잎 3 g")]
    assert found.fields["title"] == "차"


def test_one_child_reads_one_file_after_the_other() -> None:
    read(numbered())
    before = children()
    read(numbered())
    assert len(before) == 1 and children() == before


def test_a_child_that_is_gone_is_replaced() -> None:
    read(numbered())
    (child,) = children()
    child.kill()
    time.sleep(0.1)
    assert "도로 데운다." in read(numbered()).text
    assert child not in children()


def test_a_file_that_ends_the_child_is_refused_and_the_next_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read(numbered())
    (child,) = children()
    child.suspend()  # it takes the file and never answers
    monkeypatch.setattr(apart, "PATIENCE", 0.3)
    began = time.monotonic()
    with pytest.raises(NoteError, match="took more than"):
        read(numbered())
    assert time.monotonic() - began < 60
    monkeypatch.setattr(apart, "PATIENCE", 60.0)
    assert "도로 데운다." in read(numbered()).text


def test_a_file_that_was_read_is_not_read_again() -> None:
    found = read()
    for child in children():
        child.kill()
    assert read() is found


@pytest.mark.parametrize("kind", ["pdf", "docx", "xlsx", "pptx", "epub", "hwp", "odt", "rtf", "notebook"])
@pytest.mark.parametrize("data", [b"", b"\0" * 100, b"PK\x03\x04" + b"\0" * 60, b"%PDF-1.7\n%%EOF", b"{"])
def test_bad_bytes_of_any_format_are_one_line_or_no_words(kind: str, data: bytes) -> None:
    try:
        assert not apart.extract(kind, data).text.strip("{ \0%EOFPDKXL-.17\x03\x04\n")
    except NoteError as error:
        assert str(error) and "\n" not in str(error)


def test_whatever_a_library_raises_is_one_line() -> None:
    assert "ModuleNotFoundError" in answered({"kind": "no such format"}, b"")["refused"]
    assert answered({"kind": "html"}, PAGE.encode())["fields"]["title"] == "차"


@pytest.fixture
def played_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A child that finds a stand-in for Tesseract, which reads each page as the same words."""
    for child in children():
        child.kill()
    yield played(tmp_path / "bin", monkeypatch, kor=["물은:95 70도:95"], eng=["28:50"])
    for child in children():
        child.kill()


@pytest.mark.skipif(os.name == "nt", reason="the stand-in is a shell script")
def test_scanned_pages_are_recognised_a_few_at_a_time_until_the_time_is_over(
    played_child: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = sheets(5)
    with pytest.raises(NoteError, match=f"pages 1-5 of 5 hold words that {tesseract.WAITS}"):
        apart.extract("pdf", data, 0)
    monkeypatch.setattr(apart, "GLANCE", 0.001)
    first = apart.extract("pdf", data, 0.001)
    assert (first.text, first.missing) == ("물은 70도", f"pages 2-5 of 5 hold words that {tesseract.WAITS}")
    assert apart.extract("pdf", data, 0.001).text.count("물은 70도") == 2, "another call goes on"
    found = apart.extract("pdf", data, 600)
    assert (found.text.count("물은 70도"), found.missing) == (5, "")


@pytest.mark.skipif(os.name == "nt", reason="the stand-in is a shell script")
def test_what_was_recognised_is_read_by_another_child_without_the_program(
    played_child: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = sheets(6)
    found = apart.extract("pdf", data, 600)
    for child in children():
        child.kill()
    played_child.write_text("#!/bin/sh\nexit 1\n")
    for other in range(7, 12):  # so that it is not read lately
        apart.extract("html", f"<p>{other}".encode())
    assert apart.extract("pdf", data, 0) == found


@pytest.mark.skipif(os.name == "nt", reason="the stand-in is a shell script")
def test_a_page_that_fails_is_said_and_the_others_are_read(played_child: Path) -> None:
    text = played_child.read_text()
    played_child.write_text(text.replace("\ncase", '\n[ -e "$0.once" ] || { touch "$0.once"; exit 9; }\ncase', 1))
    found = apart.extract("pdf", sheets(3), 600)
    assert found.text.count("물은 70도") == 2
    assert found.missing == "page 1 of 3 holds words that cannot be read (Tesseract ended with status 9)"


def sheets(count: int) -> bytes:
    first, *others = [Image.new("L", (300, 400), "grey") for _ in range(count)]
    return encoded(first, "PDF", save_all=True, append_images=others)


def test_a_page_of_what_has_no_pages_is_one_line() -> None:
    with pytest.raises(NoteError, match="only a PDF or a picture"):
        formats.picture(b"# Tea", 1)
    with pytest.raises(NoteError):
        formats.picture(b"%PDF-1.7 broken", 1)
