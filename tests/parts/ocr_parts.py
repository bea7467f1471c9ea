"""A stand-in for the program Tesseract, pages as it reads them, and pictures of words."""

import io
import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from assistant.notes.formats import tesseract
from assistant.notes.formats.recognise import Line, Page, Word

REAL = tesseract.program
"""Finds the real program; elsewhere the tests see none."""
IN_BOTH = pytest.mark.skipif(
    tesseract.languages() != ("kor", "eng"),
    reason="Tesseract is absent; apt-get install tesseract-ocr tesseract-ocr-kor",
)
KOREAN = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
_PLAYED = """#!/bin/sh
[ "$1" = --list-langs ] && printf 'List of available languages (2):\\n{languages}\\n' && exit 0
{before}
case "$*" in
  *" osd") echo "Rotate: {rotate}";;
  *) cp "{folder}/$4.hocr" "$2.hocr" && cp "{folder}/$4.txt" "$2.txt";;
esac
"""


def played(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    languages: Sequence[str] = ("kor", "eng"),
    before: str = "",
    rotate: int = 0,
    **readings: Sequence[str],
) -> Path:
    """Put a program in the place of Tesseract, which reads the lines given for each language: "word:sureness …".

    The first words of all languages stand at one place, and so do the second ones.
    """
    folder.mkdir(exist_ok=True)
    for language, lines in readings.items():
        hocr, text = _written(lines)
        (folder / f"{language}.hocr").write_text(hocr, encoding="utf-8")
        (folder / f"{language}.txt").write_text(text, encoding="utf-8")
    script = folder / "tesseract"
    said = _PLAYED.format(folder=folder, before=before, rotate=rotate, languages="\\n".join((*languages, "osd")))
    script.write_text(said, encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(tesseract, "program", REAL)
    return script


def _written(lines: Sequence[str]) -> tuple[str, str]:
    """Return lines as hOCR, and as text; "+" joins pieces of one word."""
    spans, texts = [], []
    for row, line in enumerate(lines):
        top = 600 + 40 * row
        words, text, at = [], "", 0
        for written in line.split():
            piece, _, sure = written.removeprefix("+").rpartition(":")
            text += " " * (bool(text) and not written.startswith("+")) + piece
            at += 30 if written.startswith("+") else 150 - at % 150
            box = f"bbox {at} {top} {at + 40} {top + 24}"
            words.append(f"<span class='ocrx_word' title='{box}; x_wconf {sure}'>{piece}</span>")
        place = f"bbox 150 {top} {at + 40} {top + 24}; baseline 0 -4; x_size 24"
        spans.append(f"<span class='ocr_line' title='{place}'>{''.join(words)}</span>")
        texts.append(text)
    return f"<html xmlns='http://www.w3.org/1999/xhtml'><body>{''.join(spans)}</body></html>", "\n".join(texts)


def page(
    *lines: str, head: str = "", languages: Sequence[str] = ("kor", "eng"), turns: int = 0, unclear: bool = False
) -> Page:
    """Return a page of 1,000 by 1,400 pixels with these lines, below a running head if there is one."""
    found = []
    for row, line in enumerate((head, *lines)):
        words, at = [], 100.0
        for word in line.split():
            words.append(Word(word, 95.0, at, at + 10 * len(word)))
            at += 10 * len(word) + 8
        top = 270.0 + 30 * row if row else 60.0
        found.append(Line(100.0, top, top + 19, top + 24, 0.0, 24.0, words))
    return Page(list(languages), turns, 1000, 1400, found if head else found[1:], unclear)


def drawn(text: str, size: int = 32, korean: bool = False) -> Image.Image:
    """Return a picture of lines of words, black on white."""
    font = ImageFont.truetype(str(KOREAN), size, index=1) if korean else ImageFont.load_default(size)
    lines = text.split("\n")
    width = max(round(font.getlength(line)) for line in lines)
    image = Image.new("L", (width + 200, 2 * size * len(lines) + 200), 250)
    for row, line in enumerate(lines):
        ImageDraw.Draw(image).text((100, 100 + 2 * size * row), line, font=font, fill=15)
    return image


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    """Return a picture's bytes."""
    kept = io.BytesIO()
    image.save(kept, kind, **options)
    return kept.getvalue()
