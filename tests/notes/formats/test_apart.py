"""Files of strangers are read in a process that may die: what it makes of them comes back, and nothing else."""

import itertools
import time

import psutil
import pytest

from assistant.errors import NoteError
from assistant.notes import formats
from assistant.notes.formats import apart
from assistant.notes.formats.child import answered
from assistant.notes.formats.extracted import Extracted
from assistant.text.blocks import Kind

PAGE = (
    "<html><title>차</title><body><h1>차</h1><p>물은 <b>70도</b>로 데운다.</p><ul><li>찻잎 3 g</li></ul></body></html>"
)
NUMBERS = itertools.count(71)


def children() -> list[psutil.Process]:
    own = psutil.Process().children()
    return [child for child in own if child.is_running() and "assistant.notes.formats.child" in child.cmdline()]


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


def test_a_page_of_what_has_no_pages_is_one_line() -> None:
    with pytest.raises(NoteError, match="only a PDF"):
        formats.picture(b"# Tea", 1)
    with pytest.raises(NoteError):
        formats.picture(b"%PDF-1.7 broken", 1)
