"""What Tesseract sees in a picture becomes lines of words, and what it only guesses does not."""

import json
import os
import time
from pathlib import Path

import numpy as np
import pytest
from ocr_parts import IN_BOTH, KOREAN, REAL, drawn, page, played
from PIL import Image, ImageFilter

from assistant.errors import NoteError
from assistant.notes.formats import recognise, tesseract
from assistant.notes.formats.recognise import Page

BOTH = ("kor", "eng")
BLANK = Image.new("L", (1000, 1400), 255)
IN_SHELL = pytest.mark.skipif(os.name == "nt", reason="the stand-in is a shell script")


def texts(found: Page) -> list[str]:
    return [" ".join(word.text for word in line.words) for line in found.lines]


@IN_SHELL
class TestPlayed:
    @pytest.mark.parametrize(
        ("kor", "eng", "expected"),
        [
            ("물은:95 +70도:93 차다.:96", "Be:40 705:71 At.:60", "물은70도 차다."),
            ("107:60 01616:50", "The:96 heron:95", "The heron"),
            ("새:94 129:48 줄었다.:96", "AH:80 12%:85 FAC.:70", "새 12% 줄었다."),
            ("새:94 12:96 줄었다.:96", "AH:80 72:85 FAC.:70", "새 12 줄었다."),
            ("새:94 075:80 켠다.:96", "Xx:70 GPS:97 AC.:70", "새 GPS 켠다."),
            ("새:94 한:95 마리가:95 켠다.:40", "Xx:60 Yy:50 Zzz:60 ACt.:75", "새 한 마리가 켠다."),
            ("1206:60 왜가리:94 06166:55", "The:96 SIF:40 sings:96", "The 왜가리 sings"),
        ],
        ids=[
            "pieces of Korean",
            "English",
            "a number",
            "a surer number",
            "an English word in Korean",
            "neither is sure",
            "Korean in English",
        ],
    )
    def test_each_line_and_word_is_taken_in_the_language_that_is_surer(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kor: str, eng: str, expected: str
    ) -> None:
        # the same words stand in the same places
        played(tmp_path / "bin", monkeypatch, kor=[kor], eng=[eng])
        assert texts(recognise.read(BLANK, BOTH)) == [expected]

    def test_lines_that_are_only_guessed_are_left_out(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        guessed = ["ayy:47 siofa:36", "wey:25", "|:95"]
        played(tmp_path / "bin", monkeypatch, ("eng",), eng=guessed)
        found = recognise.read(BLANK, ("eng",))
        assert (texts(found), found.unclear) == ([], True)
        played(
            tmp_path / "bin", monkeypatch, ("eng",), eng=["The:96 heron:96 nests:95 here:96", "at:60 noon:55", *guessed]
        )
        found = recognise.read(BLANK, ("eng",))
        assert (texts(found), found.unclear) == (["The heron nests here", "at noon"], False)

    def test_nothing_but_white_holds_nothing_unclear(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        played(tmp_path / "bin", monkeypatch, kor=[], eng=[])
        found = recognise.read(BLANK, BOTH)
        assert (texts(found), found.unclear, found.turns) == ([], False, 0)

    @pytest.mark.parametrize(("rotate", "turns"), [(0, 0), (90, 3), (180, 2), (270, 1)])
    def test_a_page_without_lines_is_turned_as_the_program_says(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rotate: int, turns: int
    ) -> None:
        seen = 'head -c 12 "$1" | tr "\\n" " " >> "$0.seen"'
        script = played(tmp_path / "bin", monkeypatch, ("eng",), before=seen, rotate=rotate, eng=[])
        recognise.read(BLANK, ("eng",))
        sizes = Path(f"{script}.seen").read_text().split("P5 ")[1:]
        assert len(sizes) == 2 + (turns > 0)
        assert turns == 0 or sizes[2].split()[:2] == (["1400", "1000"] if turns % 2 else ["1000", "1400"])

    def test_a_page_takes_no_longer_than_its_time_in_all(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(recognise, "PATIENCE", 0.5)
        played(tmp_path / "bin", monkeypatch, before="exec sleep 60", kor=[], eng=[])
        began = time.monotonic()
        with pytest.raises(NoteError, match="too long"):
            recognise.read(BLANK, BOTH)
        assert time.monotonic() - began < 30

    def test_what_the_program_writes_may_be_broken(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        script = played(tmp_path / "bin", monkeypatch, ("eng",), eng=["The:96"])
        (script.parent / "eng.hocr").write_text("<html><body>")
        with pytest.raises(NoteError, match="hOCR"):
            recognise.read(BLANK, ("eng",))
        (script.parent / "eng.hocr").unlink()
        with pytest.raises(NoteError):
            recognise.read(BLANK, ("eng",))


def test_a_page_comes_back_from_json_as_it_was() -> None:
    kept = page("The heron nests", "on the 9th pylon.")
    assert Page.of(json.loads(json.dumps(kept))) == kept


ENGLISH = (
    "The heron nests on the ninth pylon.\nIt returns in the second week of March\nand leaves in October with its young."
)
HANGUL = "왜가리는 아홉째 기둥에 둥지를 튼다.\n삼월 둘째 주에 돌아와서 시월에 떠난다.\n새끼는 두 달 동안 둥지에 머문다."


def noisy(image: Image.Image, spread: float = 12) -> Image.Image:
    noise = np.random.default_rng(1).normal(0, spread, image.size[::-1])
    return Image.fromarray((np.asarray(image) + noise).clip(0, 255).astype("uint8"))


@IN_BOTH
class TestReal:
    @pytest.fixture(autouse=True)
    def _program(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tesseract, "program", REAL)
        monkeypatch.setattr(recognise, "PATIENCE", 600.0)  # many tests at once make it slow

    @pytest.mark.parametrize("quarter", range(4))
    def test_noisy_english_is_read_whichever_way_it_lies(self, quarter: int) -> None:
        found = recognise.read(noisy(drawn(ENGLISH)).rotate(90 * quarter, expand=True), BOTH)
        assert texts(found) == ENGLISH.split("\n") and found.turns == -quarter % 4

    @pytest.mark.skipif(not KOREAN.exists(), reason="there is no Korean font; apt-get install fonts-noto-cjk")
    def test_noisy_korean_is_read(self) -> None:
        found = texts(recognise.read(noisy(drawn(HANGUL, korean=True)), BOTH))
        words = set(" ".join(found).split())
        assert len(words & set(HANGUL.split())) >= 0.8 * len(HANGUL.split())

    @pytest.mark.parametrize("size", [14, 90])
    def test_small_and_large_letters_are_read(self, size: int) -> None:
        words = " ".join(texts(recognise.read(drawn(ENGLISH, size), BOTH))).split()
        assert len(set(words) & set(ENGLISH.split())) >= 0.8 * len(set(ENGLISH.split()))

    def test_pictures_without_words_hold_none(self) -> None:
        across, down = np.meshgrid(np.linspace(0, 1, 900), np.linspace(0, 1, 700))
        slope = 120 + 60 * np.sin(5 * across + 3 * down) + 50 * down
        random = np.random.default_rng(2)
        blocks = np.kron(random.integers(0, 255, (35, 45)), np.ones((20, 20)))
        for pixels in (slope, slope + random.normal(0, 15, slope.shape), blocks):
            image = Image.fromarray(pixels.clip(0, 255).astype("uint8"))
            for seen in (image, image.filter(ImageFilter.GaussianBlur(3))):
                assert texts(recognise.read(seen, BOTH)) == []
