"""The program that recognises words may be absent, lack a language, fail or hang."""

import os
import time
from pathlib import Path

import pytest
from ocr_parts import played

from assistant.errors import NoteError
from assistant.notes.formats import tesseract

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-in is a shell script")


def test_without_the_program_nothing_is_read_and_nothing_helps() -> None:
    assert tesseract.program() is None
    assert tesseract.languages() == ()
    assert not tesseract.may_help(f"page 1 of 1 holds no text (scanned); {tesseract.GET}")
    with pytest.raises(NoteError, match="not installed"):
        tesseract.run(time.monotonic() + 10, "--version")


@pytest.mark.parametrize(
    ("installed", "expected"),
    [(("eng", "kor", "deu"), ("kor", "eng")), (("eng",), ("eng",)), (("deu",), ()), (("kor_vert",), ())],
)
def test_korean_and_english_are_used_where_they_are_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installed: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    played(tmp_path / "bin", monkeypatch, installed)
    assert tesseract.languages() == expected
    assert tesseract.may_help(tesseract.GET) == bool(expected)
    assert tesseract.may_help(tesseract.KOREAN) == ("kor" in expected)
    assert tesseract.may_help(f"pages 2-9 of 9 hold scans that {tesseract.WAITS}")
    assert not tesseract.may_help("page 3 of 9 cannot be read (damaged)")


def test_a_program_in_the_working_folder_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = played(tmp_path / "bin", monkeypatch)
    assert tesseract.program() == str(script)
    monkeypatch.chdir(script.parent)
    assert tesseract.program() is None


@pytest.mark.parametrize(
    ("before", "reason"), [("exit 3", "status 3"), ("exec sleep 60", "too long"), ("kill -9 $$", "status -9")]
)
def test_a_program_that_fails_or_hangs_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str, reason: str
) -> None:
    played(tmp_path / "bin", monkeypatch, before=before)
    began = time.monotonic()
    with pytest.raises(NoteError, match=reason):
        tesseract.run(began + 1, "page.pgm", "page")
    assert time.monotonic() - began < 30


def test_a_program_that_cannot_be_started_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    played(tmp_path / "bin", monkeypatch).write_bytes(b"\x7fELF no program")
    assert tesseract.languages() == ()
    with pytest.raises(NoteError, match="cannot be started"):
        tesseract.run(time.monotonic() + 10, "--version")
