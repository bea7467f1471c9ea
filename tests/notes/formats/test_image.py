"""Pictures are read as pages, each line with its box; what holds no words is no note."""

import io
import json
from pathlib import Path

import pytest
from ocr_parts import IN_BOTH, REAL, drawn, encoded, page
from PIL import Image

from assistant.errors import NoteError
from assistant.notes import formats
from assistant.notes.files import PICTURE, NoteFile, Unread, read
from assistant.notes.formats import image, tesseract
from assistant.notes.formats.recognised import Kept
from assistant.notes.formats.scans import Scans
from assistant.text.blocks import locator_of

SHEET = Image.new("RGB", (500, 700), "white")
LINES = (
    "The heron nests on the ninth pylon, where no",
    "boat can come near. It returns in the second",
    "week of March.",
)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_the_words_of_a_picture_are_a_paragraph_with_a_box_for_each_line(kind: str) -> None:
    found = image.extract(encoded(SHEET, kind), Scans({1: page(*LINES)}))
    assert (found.text, found.missing) == (" ".join(LINES), "")
    where = locator_of(found.places, found.text.index("boat"), found.text.index("March"))
    assert where is not None and where["page"] == 1
    assert [box[1] for box in where["boxes"]] == [round(330 / 1400, 4), round(360 / 1400, 4)]


def test_a_tiff_has_pages_and_another_picture_only_one() -> None:
    sheets = [SHEET, SHEET.resize((300, 200))]
    many = encoded(SHEET, "TIFF", save_all=True, append_images=sheets)
    found = image.extract(many, Scans({1: page(*LINES), 3: page("물은 70도로 데운다.")}))
    assert [place.locator["page"] for place in found.places] == [1, 1, 1, 3]
    assert found.missing.startswith("page 2 of 3 holds what is not read; write it down")
    assert Image.open(io.BytesIO(image.picture(many, 3))).size == (300, 200)
    with pytest.raises(NoteError, match="from 1 to 3, found 4"):
        image.picture(many, 4)
    moving = encoded(SHEET, "WEBP", save_all=True, append_images=[Image.new("RGB", (500, 700))])
    assert image.extract(moving, Scans({1: page()})).missing == "no words can be read in the picture"


def test_a_picture_is_shown_as_its_camera_was_held_on_white_and_not_too_large() -> None:
    held = Image.Exif()
    held[274] = 6  # turned by a quarter
    assert Image.open(io.BytesIO(image.picture(encoded(SHEET, "JPEG", exif=held), 1))).size == (700, 500)
    clear = Image.new("RGBA", (4000, 2000), (0, 0, 0, 0))
    shown = Image.open(io.BytesIO(image.picture(encoded(clear), 1)))
    assert (shown.size, shown.getpixel((9, 9))) == ((1100, 550), (255, 255, 255))


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n", encoded(SHEET, "JPEG")[:200], b"GIF89a", b"%PDF-1.7"])
def test_bytes_that_are_no_picture_are_one_line(data: bytes) -> None:
    with pytest.raises(NoteError, match="damaged"):
        image.extract(data)


def test_a_picture_that_is_cut_off_is_one_line() -> None:
    cut = encoded(drawn("The heron nests\n" * 20))[:-2000]
    with pytest.raises(NoteError, match="damaged"):
        image.picture(cut, 1)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [10_001, 14_000])
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_drawn(side: int) -> None:
    with pytest.raises(NoteError, match="at most 100,000,000 pixels"):
        image.extract(encoded(Image.new("1", (side, side))))


def test_a_note_of_a_picture_is_called_as_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = encoded(SHEET)
    Kept(data).add([(1, json.loads(json.dumps(page("The Heron", *LINES))))])
    note = formats.read(data, "trips/Whiteboard of May.png")
    assert (note.title, note.titled, note.language) == ("Whiteboard of May", False, "en")
    assert note.text.startswith("The Heron")


def test_without_the_program_a_picture_is_not_opened_and_says_how_to_have_it_read(tmp_path: Path) -> None:
    (tmp_path / "board.JPG").write_bytes(encoded(SHEET, "JPEG"))
    found = read(NoteFile(tmp_path, "board.JPG"))
    assert isinstance(found, Unread) and (found.reason, found.failed) == (PICTURE, False)
    assert tesseract.GET in PICTURE


@IN_BOTH
def test_a_picture_is_read_cited_and_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tesseract, "program", REAL)
    text = "The heron nests on the ninth pylon.\nIt returns in the second week of March."
    (tmp_path / "heron.png").write_bytes(data := encoded(drawn(text)))
    found = read(NoteFile(tmp_path, "heron.png"))
    assert not isinstance(found, Unread), found
    assert " ".join(found.text.split()) == " ".join(text.split())
    where = locator_of(found.places, 0, 10)
    assert where is not None
    [(left, top, right, bottom)] = where["boxes"]
    shown = Image.open(io.BytesIO(formats.picture(data, 1))).convert("L")
    inside = shown.crop((left * shown.width, top * shown.height, right * shown.width, bottom * shown.height))
    below = shown.crop((0, 0, shown.width, round(top * shown.height) - 4))
    assert inside.getextrema()[0] < 60 and below.getextrema()[0] > 200, "the ink is in the box, and none above it"


@IN_BOTH
def test_a_picture_without_words_is_no_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tesseract, "program", REAL)
    (tmp_path / "sky.png").write_bytes(encoded(Image.linear_gradient("L").resize((800, 600))))
    found = read(NoteFile(tmp_path, "sky.png"))
    assert isinstance(found, Unread) and (found.reason, found.failed) == ("no words can be read in the picture", False)
