"""PDF files: papers printed by Chromium, and small ones written by hand where Chromium prints no such thing."""

import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pypdfium2
import pytest
from browser_parts import IN_CHROMIUM
from ocr_parts import page
from PIL import Image

from assistant.errors import NoteError
from assistant.notes.formats import pdf
from assistant.notes.formats.extracted import Extracted
from assistant.notes.formats.pdf import extract
from assistant.notes.formats.scans import Scans
from assistant.text.blocks import Kind

BODY = (
    "The state-of-the-art configu\u00adration of retriev\u00adal is care\u00adfully exam\u00adined by every\u00adone. "
)
KOREAN = "이 논문은 노트를 찾는 방법을 다룬다. 우리는 글을 여러 조각으로 나누고 뜻을 숫자로 나타낸다. "
STAMP = "<div style='position:absolute;left:-14mm;top:90mm;transform:rotate(-90deg)'>arXiv:2601.01234v1</div>"
RUNNING = "<div style='font-size:8px;width:100%;text-align:center'>"
LONG = BODY * 7
PAPER = f"""<!doctype html><html lang=en><title>Untitled</title><style>
body {{ font: 10pt/1.25 'Liberation Serif', serif; text-align: justify }} .columns {{ columns: 2; column-gap: 6mm }}
h1 {{ text-align: center }} p {{ margin: 0 0 6pt }} td, th {{ padding: 2px 16px; text-align: left }}
</style>{STAMP}<h1>On Finding Notes</h1><p>Abstract. {BODY * 3}</p><div class=columns>
{"".join(f"<h2>{n} Method</h2><p>First{n}. {LONG}<h3>{n}.1 Detail</h3><p>Second{n}. {LONG}" for n in range(1, 8))}
</div><table><tr><th>Model<th>Recall<th>말<tr><td>BM25<td>61.2<td>빠르다<tr><td>Dense one<td>70.4<td>느리다
<tr><td>Both<td>75.9<td>둘 다</table><h2>제2장 결과</h2><p>{KOREAN * 6}</p></html>"""


@pytest.fixture(scope="module")
def printed(browser: Any) -> bytes:
    """A paper of two columns on several pages, with running titles and a stamp in the margin."""
    page = browser.new_page()
    page.set_content(PAPER)
    data = page.pdf(
        format="A4",
        margin={"top": "22mm", "bottom": "22mm", "left": "20mm", "right": "20mm"},
        display_header_footer=True,
        header_template=f"{RUNNING}Journal of Notes</div>",
        footer_template=f"{RUNNING}- <span class=pageNumber></span> of <span class=totalPages></span> -</div>",
    )
    page.close()
    return bytes(data)


@pytest.fixture(scope="module")
def paper(printed: bytes) -> Extracted:
    return extract(printed)


def blocks(found: Extracted) -> list[tuple[Kind, int, str]]:
    return [(block.kind, block.level, " ".join(found.text[block.start : block.end].split())) for block in found.blocks]


def written(*objects: bytes, trailer: bytes = b"") -> bytes:
    """Return a PDF of objects; the first is its catalogue."""
    out, starts = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        starts.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % start for start in starts)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    tail = b"trailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, trailer, len(out))
    return out + head + table + tail


def one_page(content: bytes, *font: bytes, trailer: bytes = b"") -> bytes:
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>"
    stream = b"<</Length %d>>stream\n%s\nendstream" % (len(content), content)
    tree = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
    return written(b"<</Type/Catalog/Pages 2 0 R>>", tree, page, stream, *font, trailer=trailer)


def scanned(pages: int) -> bytes:
    first, *others = [Image.new("RGB", (300, 400), "grey") for _ in range(pages)]
    out = io.BytesIO()
    first.save(out, "PDF", save_all=True, append_images=others)
    return out.getvalue()


HELVETICA = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"


class TestPaper:
    pytestmark = IN_CHROMIUM

    def test_columns_are_read_one_after_the_other_below_what_stands_across_them(self, paper: Extracted) -> None:
        order = re.findall(r"On Finding|Abstract\.|First\d|Second\d|BM25|결과", paper.text)
        middle = [f"{name}{number}" for number in range(1, 8) for name in ("First", "Second")]
        assert order == ["On Finding", "Abstract.", *middle, "BM25", "결과"]

    def test_every_paragraph_is_whole_over_lines_columns_and_pages(self, paper: Extracted) -> None:
        paragraphs = [words for kind, _, words in blocks(paper) if kind is Kind.PARAGRAPH]
        body = BODY.replace("\u00ad", "")
        expected = [f"{name}{n}. {body * 7}".strip() for n in range(1, 8) for name in ("First", "Second")]
        assert paragraphs[0] == f"Abstract. {body * 3}".strip()
        assert paragraphs[1:-1] == expected

    def test_running_titles_page_numbers_and_stamps_are_left_out(self, paper: Extracted) -> None:
        assert "Journal" not in paper.text and "arXiv" not in paper.text
        assert not re.search(r"- ?\d of \d", paper.text)

    def test_headings_have_the_level_of_their_number_and_the_largest_is_the_title(self, paper: Extracted) -> None:
        headings = [(level, words) for kind, level, words in blocks(paper) if kind is Kind.HEADING]
        numbered = [(1 + deep, f"{n}.1 Detail" if deep else f"{n} Method") for n in range(1, 8) for deep in (0, 1)]
        assert headings == [(1, "On Finding Notes"), *numbered, (1, "제2장 결과")]
        assert paper.fields == {"title": "On Finding Notes"}

    def test_a_table_is_read_row_by_row(self, paper: Extracted) -> None:
        rows = [(kind, words) for kind, _, words in blocks(paper) if kind in (Kind.HEAD, Kind.ROW)]
        assert rows == [
            (Kind.HEAD, "| Model | Recall | 말 |"),
            (Kind.ROW, "| BM25 | 61.2 | 빠르다 |"),
            (Kind.ROW, "| Dense one | 70.4 | 느리다 |"),
            (Kind.ROW, "| Both | 75.9 | 둘 다 |"),
        ]

    def test_each_line_is_placed_where_its_words_stand(self, printed: bytes, paper: Extracted) -> None:
        with pypdfium2.PdfDocument(printed) as document:
            texts = [page.get_textpage() for page in document]
            width, height = document[0].get_size()
            for start, end, locator in paper.places:
                left, top, right, bottom = locator["box"]
                assert 0 <= left < right <= 1 and 0 < bottom - top < 0.06
                box = (left * width - 1, (1 - bottom) * height - 1, right * width + 1, (1 - top) * height + 1)
                inside = "".join(texts[locator["page"] - 1].get_text_bounded(*box).split())
                # a line's last word may end on the next line
                for word in re.findall(r"[\w.]+", paper.text[start:end])[:-1]:
                    assert word in inside or word == "of" or "-" in paper.text[start:end]

    def test_pages_that_are_pictures_are_named(self, printed: bytes, paper: Extracted) -> None:
        with pypdfium2.PdfDocument(printed) as document, pypdfium2.PdfDocument(scanned(3)) as pictures:
            count = len(document) + 3
            document.import_pages(pictures, index=1)
            out = io.BytesIO()
            document.save(out)
        found = extract(out.getvalue())
        assert found.missing.startswith(f"pages 2-4 of {count} hold no text (scanned); recognise")
        assert [words for _, _, words in blocks(found)][:3] == [words for _, _, words in blocks(paper)][:3]

    def test_pages_over_the_most_that_are_read_are_said(
        self, printed: bytes, paper: Extracted, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pdf, "MOST_PAGES", 2)
        found = extract(printed)
        assert re.fullmatch(r"of its \d pages the first 2 are read", found.missing)
        assert found.blocks[:4] == paper.blocks[:4] and {place.locator["page"] for place in found.places} == {1, 2}

    def test_a_page_shown_turned_has_boxes_as_it_is_shown(self, printed: bytes, paper: Extracted) -> None:
        with pypdfium2.PdfDocument(printed) as document:
            for page in document:
                page.set_rotation(90)
            out = io.BytesIO()
            document.save(out)
        turned = extract(out.getvalue())
        left, top, right, bottom = paper.places[1].locator["box"]
        box = turned.places[1].locator["box"]
        assert box == pytest.approx([1 - bottom, left, 1 - top, right], abs=0.001)


def korean(lines: Sequence[str]) -> bytes:
    shown = b" ".join(b"<%s> Tj T*" % line.encode("utf-16-be").hex().encode() for line in lines)
    name = b"/BaseFont/HYSMyeongJo-Medium"
    return one_page(
        b"BT /F 10 Tf 12 TL 50 700 Td " + shown + b" ET",
        b"<</Type/Font/Subtype/Type0" + name + b"/Encoding/UniKS-UCS2-H/DescendantFonts[6 0 R]>>",
        b"<</Type/Font/Subtype/CIDFontType0" + name + b"/CIDSystemInfo<</Registry(Adobe)/Ordering(Korea1)/Supplement 1"
        b">>/FontDescriptor 7 0 R/DW 1000>>",
        b"<</Type/FontDescriptor/FontName/HYSMyeongJo-Medium/Flags 4/FontBBox[0 -200 1000 900]/ItalicAngle 0/Ascent 880"
        b"/Descent -120/CapHeight 800/StemV 80>>",
    )


def test_korean_words_broken_between_syllables_are_joined_where_spaces_are_written() -> None:
    data = korean(
        [
            "이 논문은 노트를 찾는 방",
            "법을 다룬다. 우리는 글을 여러 ",
            "조각으로 나누고 뜻을 숫자로 바꾼 모",
            "형을 써서 무엇이든 찾아낼 수 ",
            "있다.",
        ]
    )
    assert extract(data).text == (
        "이 논문은 노트를 찾는 방법을 다룬다. 우리는 글을 여러 조각으로 나누고 뜻을 숫자로 바꾼 모형을 써서 "
        "무엇이든 찾아낼 수 있다."
    )


def test_a_real_hyphen_stays_and_bullets_are_items() -> None:
    lines = [
        "We use well-known data and a data-driven",
        "way; all that is driven by data is well-",
        "known to us.",
        "\\225 One",
        "\\225 Two",
    ]
    shown = b" ".join(b"(%s) Tj T*" % line.encode() for line in lines)
    font = HELVETICA.replace(b">>", b"/Encoding/WinAnsiEncoding>>")
    found = extract(one_page(b"BT /F 10 Tf 12 TL 50 700 Td " + shown + b" ET", font))
    assert blocks(found) == [
        (
            Kind.PARAGRAPH,
            0,
            "We use well-known data and a data-driven way; all that is driven by data is well-known to us.",
        ),
        (Kind.ITEM, 1, "- One"),
        (Kind.ITEM, 1, "- Two"),
    ]


UNNAMED = (
    b"<</Length 99>>stream\n1 begincodespacerange <00> <FF> endcodespacerange "
    b"1 beginbfrange <20> <7E> <E020> endbfrange\nendstream"
)
LOCKED = b"/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<%s>/U<%s>>>/ID[<00><00>]" % (b"41" * 32, b"42" * 32)
HELLO = b"BT /F 10 Tf 50 700 Td (Hello to everyone who reads this) Tj ET"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "it is damaged"),
        (b"%PDF-1.7\nnothing of use", "it is damaged"),
        (one_page(HELLO, HELVETICA, trailer=LOCKED), "it is encrypted; save it without a password"),
        (scanned(3), "pages 1-3 of 3 hold no text (scanned); recognise the text with an OCR program and save it anew"),
        (scanned(1), "page 1 of 1 holds no text (scanned); recognise the text with an OCR program and save it anew"),
        (one_page(b"", HELVETICA), "it holds no text"),
        (
            one_page(HELLO, HELVETICA.replace(b">>", b"/ToUnicode 6 0 R>>"), UNNAMED),
            "page 1 of 1 holds text whose letters",
        ),
    ],
    ids=["empty", "broken", "encrypted", "scanned", "one scanned page", "blank", "letters without names"],
)
def test_what_cannot_be_read_is_said_in_one_line(data: bytes, said: str) -> None:
    with pytest.raises(NoteError) as raised:
        extract(data)
    assert str(raised.value).startswith(said) and "\n" not in str(raised.value)
    assert ("install Tesseract" in str(raised.value)) == ("OCR program" in str(raised.value))


def test_what_was_recognised_of_scans_stands_where_they_do() -> None:
    head = "Harbour almanac of the eastern coast"
    known = {
        1: page(
            "The heron nests on the ninth pylon of the northern pier, where the winter boats", "seldom pass, and it re-"
        ),
        3: page("turns every year. 왜가리는 삼월 둘째 주에 돌아온다."),
    }
    found = extract(scanned(4), Scans(known))
    assert found.missing.startswith("pages 2, 4 of 4 hold no text (scanned); recognise")
    assert "it returns every year." in found.text and "왜가리는 삼월 둘째 주에 돌아온다." in found.text
    assert [place.locator["page"] for place in found.places] == [1, 1, 3]
    assert found.places[0].locator["box"] == pytest.approx([0.1, 300 / 1400, 0.862, 324 / 1400], abs=1e-3)
    titled = {n: page(f"물은 {70 + n}도로 데운다.", head=head) for n in range(1, 5)}
    assert extract(scanned(4), Scans(titled)).text.split("\n\n") == [f"물은 {70 + n}도로 데운다." for n in range(1, 5)]


def test_letters_without_names_are_read_as_a_scan_and_a_page_of_text_never_is() -> None:
    unnamed = one_page(HELLO, HELVETICA.replace(b">>", b"/ToUnicode 6 0 R>>"), UNNAMED)
    assert extract(unnamed, Scans({1: page("Hello to everyone")})).text == "Hello to everyone"
    assert "Hello to everyone who reads" in extract(one_page(HELLO, HELVETICA), Scans({1: page("Good night")})).text


def test_a_title_that_the_file_names_is_its_title_unless_it_is_a_file_name() -> None:
    def titled(name: bytes) -> Mapping[str, str]:
        info = b"<</Title(" + name + b")>>"
        return extract(one_page(HELLO, HELVETICA, info, trailer=b"/Info 6 0 R")).fields

    assert titled(b"Notes on Notes") == {"title": "Notes on Notes"}
    assert titled(b"Microsoft Word - draft.doc") == titled(b"draft2.pdf") == titled(b"Untitled") == {}
