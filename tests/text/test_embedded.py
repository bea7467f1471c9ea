"""Data in base64 is found, and no text that somebody wrote."""

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.index.passages import passages
from assistant.notes.files import Document, NoteFile, parsed
from assistant.text.embedded import data

PICTURE = base64.b64encode(bytes(range(256)) * 8).decode()
WRAPPED = "\n".join(PICTURE[at : at + 76] for at in range(0, len(PICTURE), 76))


@pytest.mark.parametrize("written", [PICTURE, WRAPPED, f"data:image/png;base64,{PICTURE}"])
@pytest.mark.parametrize("around", ["{}", "A picture: {}\n그리고 글.", "first\n\n{}\n\nlast"])
def test_data_is_found_whole(written: str, around: str) -> None:
    text = around.format(written)
    [(start, end)] = data(text)
    assert text[start:end] == written


@given(st.text(max_size=500))
def test_short_texts_hold_none(text: str) -> None:
    assert len(text) >= 180 or not list(data(text))


@pytest.mark.parametrize(
    "text",
    [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJZ0bWV0aGluZ3NvbWV0aGluZ3NvbWV0aGluZ3Nv",
        "x" * 2000,
        "https://example.org/" + "Path-1/" * 60,
        "가" * 900,
    ],
)
def test_what_people_note_down_is_text(text: str) -> None:
    assert not list(data(text))


@pytest.mark.parametrize("name", ["a.txt", "a.md"])
@pytest.mark.parametrize("written", [PICTURE * 40, WRAPPED])
def test_a_note_is_made_of_its_words_alone(name: str, written: str) -> None:
    read = parsed(NoteFile(Path("/n"), name), f"The pump has a valve.\n\n{written}\n\nThe valve is red.\n".encode())
    assert isinstance(read, Document)
    assert (
        " ".join(passage.shown for passage in passages(read)).split()
        == "The pump has a valve. The valve is red.".split()
    )


def test_of_a_drawing_the_words_are_read() -> None:
    words = "## Text Elements\n\nBoiler ^a1b2c3d4\n\n## Drawing"
    note = f'---\nexcalidraw-plugin: parsed\n---\n\n{words}\n```json\n{{"x": 1}}\n```\n'
    read = parsed(NoteFile(Path("/n"), "plan.excalidraw.md"), note.encode())
    assert isinstance(read, Document)
    assert not any("x" in read.text[block.start : block.end] and block.kind == "code" for block in read.blocks)
