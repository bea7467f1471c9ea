"""PowerPoint presentations → blocks of slides."""

import io
from datetime import datetime

import pytest
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI
from pptx.oxml.ns import qn
from pptx.oxml.xmlchemy import OxmlElement
from pptx.presentation import Presentation as Slides
from pptx.slide import Slide
from pptx.util import Inches

from assistant.errors import NoteError
from assistant.notes.formats.extracted import Extracted
from assistant.notes.formats.pptx import extract
from assistant.text.blocks import Kind, locator_of

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001e221bc330000"
    "000049454e44ae426082"
)


def saved(slides: Slides) -> bytes:
    stream = io.BytesIO()
    slides.save(stream)
    return stream.getvalue()


def read(slides: Slides) -> Extracted:
    return extract(saved(slides))


def text(slide: Slide, words: str, left: float, top: float) -> None:
    slide.shapes.add_textbox(Inches(left), Inches(top), Inches(1), Inches(1)).text_frame.text = words


def test_a_slide_has_its_title_bullets_table_and_notes_and_says_its_number() -> None:
    slides = Presentation()
    text(slides.slides.add_slide(slides.slide_layouts[6]), "Welcome", 1, 1)
    slide = slides.slides.add_slide(slides.slide_layouts[1])
    slide.shapes.title.text = "분기 계획"
    frame = slide.placeholders[1].text_frame
    frame.text = "첫째"
    below = frame.add_paragraph()
    below.text, below.level = "하위", 1
    table = slide.shapes.add_table(2, 2, Inches(1), Inches(6), Inches(4), Inches(1)).table
    for place, words in enumerate(["Item", "Price", "녹차", "1200"]):
        table.cell(place // 2, place % 2).text = words
    slide.notes_slide.notes_text_frame.text = "말할 것"
    found = read(slides)
    assert found.text == "Welcome\n\n분기 계획\n\n- 첫째\n  - 하위\n\n| Item | Price |\n| 녹차 | 1200 |\n\n말할 것"
    row = found.blocks[5]
    assert (row.kind, found.blocks[4].kind, found.blocks[1].level) == (Kind.ROW, Kind.HEAD, 2)
    assert locator_of(found.places, row.start, row.end) == {"slide": 2}
    at = found.text.index("말할")
    assert locator_of(found.places, at, at + 4) == {"slide": 2}


def test_shapes_are_read_from_top_to_bottom_and_left_to_right_groups_together() -> None:
    slides = Presentation()
    slide = slides.slides.add_slide(slides.slide_layouts[6])
    text(slide, "right", 5, 1)
    text(slide, "left", 1, 1.1)
    text(slide, "top", 1, 0.2)
    group = slide.shapes.add_group_shape()
    for words, top in (("second", 5), ("first", 3)):
        group.shapes.add_textbox(Inches(1), Inches(top), Inches(1), Inches(1)).text_frame.text = words
    text(slide, "last", 4, 4)
    assert read(slides).text.split("\n\n") == ["top", "left", "right", "first", "second", "last"]


def test_a_chart_is_a_table_and_only_a_telling_description_of_a_picture_is_read() -> None:
    slides = Presentation()
    slide = slides.slides.add_slide(slides.slide_layouts[6])
    data = CategoryChartData()
    data.categories = ["1분기", "Q2"]
    data.add_series("매출", (1.5, None))
    place = (Inches(1), Inches(1), Inches(3), Inches(2))
    chart = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *place, data).chart
    chart.has_title = True
    chart.chart_title.text_frame.text = "Sales"
    for words, top in (("Picture 3", 4), ("녹차 밭의 지도", 5)):
        picture = slide.shapes.add_picture(io.BytesIO(PNG), Inches(1), Inches(top))
        picture.element.nvPicPr.cNvPr.set("descr", words)
    assert read(slides).text == "Sales\n\n|  | 매출 |\n| 1분기 | 1.5 |\n| Q2 |  |\n\n녹차 밭의 지도"


def test_the_texts_of_smart_art_are_items() -> None:
    slides = Presentation()
    slide = slides.slides.add_slide(slides.slide_layouts[6])
    names = 'xmlns:d="urn:d" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    point = "<d:pt><d:t><a:p><a:r><a:t>{}</a:t></a:r></a:p></d:t></d:pt>"
    points = "".join(point.format(words) for words in ("우리기", "Pour"))
    blob = f"<d:dataModel {names}><d:ptLst>{points}</d:ptLst></d:dataModel>".encode()
    part = Part(PackURI("/ppt/diagrams/data1.xml"), "application/xml", slides.part.package, blob)
    frame = slide.shapes.add_table(1, 1, 0, 0, 9, 9).element
    drawn = frame.graphic.graphicData
    drawn.remove(drawn[0])
    drawn.set("uri", "http://schemas.openxmlformats.org/drawingml/2006/diagram")
    link = OxmlElement("a:relIds")
    link.set(qn("r:dm"), slide.part.relate_to(part, RELATIONSHIP_TYPE.DIAGRAM_DATA))
    drawn.append(link)
    assert read(slides).text == "- 우리기\n- Pour"


def test_the_title_is_the_presentations_unless_a_program_wrote_it() -> None:
    slides = Presentation()
    slides.slides.add_slide(slides.slide_layouts[0]).shapes.title.text = "첫 장"
    about = slides.core_properties
    about.title, about.author, about.modified = "PowerPoint Presentation", "한지우", datetime(2024, 3, 1)
    assert read(slides).fields == {"title": "첫 장", "author": "한지우", "date": "2024-03-01"}
    about.title = "분기 보고"
    assert read(slides).fields["title"] == "분기 보고"


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 broken", saved(Presentation()), saved(Presentation())[:-500]])
def test_bytes_that_are_no_presentation_with_text_are_refused_in_one_line(data: bytes) -> None:
    with pytest.raises(NoteError) as error:
        extract(data)
    assert "\n" not in str(error.value)
