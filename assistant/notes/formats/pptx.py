"""PowerPoint presentations: each slide's title, text, tables, charts and speaker notes.

In: bytes. Out: an `Extracted`; each slide is a place. Shapes are read from top to bottom and from left to right.
"""

import io
import re
from collections.abc import Iterator, Sequence
from typing import Any

from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.shapes.group import GroupShape
from pptx.shapes.picture import Picture

from assistant.errors import NoteError
from assistant.notes.formats import archive
from assistant.notes.formats.extracted import Extracted, Writer
from assistant.notes.formats.properties import fields
from assistant.notes.formats.xml import parsed

_BAND = 180_000
"""EMU, half a centimetre: shapes whose tops are this near stand in one line."""
_DEEPEST = 20
"""Groups nested deeper are not read."""
_MOST_CATEGORIES = 100
_ABOUT = (PP_PLACEHOLDER.SLIDE_NUMBER, PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.HEADER)
"""Placeholders whose text is the same on every slide."""
_PICTURE = re.compile(
    r"\S+\.\w{3,4}|(?:picture|image|그림|사진|graphic|그래픽|content placeholder|내용 개체 틀)\s*\d*"
    r"|(?:an? )?(?:picture|image|photo|screenshot)(?: containing .*)?"
    r"|.*(?:자동 생성된 설명|automatically generated).*",
    re.IGNORECASE | re.DOTALL,
)
"""What is written for a picture when nobody describes it."""


def extract(data: bytes) -> Extracted:
    """Return the slides of a presentation, hidden ones too; raise NoteError if the bytes are none."""
    archive.opened(data).close()
    try:
        presentation = Presentation(io.BytesIO(data))
        writer = Writer()
        titles = []
        for number, slide in enumerate(presentation.slides, 1):
            with writer.at({"slide": number}):
                titles.append(_slide(writer, slide))
        given = fields(presentation.core_properties)
    except Exception as error:  # python-pptx raises errors of every kind over a broken presentation
        reason = f"{type(error).__name__}: {(str(error).splitlines() or [''])[0][:200]}"
        raise NoteError(f"expected a presentation, found a damaged one ({reason}); save it again") from error
    found = writer.extracted({**given, "title": given["title"] or next(iter(titles), "")})
    if not found.blocks:
        raise NoteError(
            "expected slides with text, found none; its pictures are not read, so write down what they show"
        )
    return found


def _slide(writer: Writer, slide: Any) -> str:
    """Write a slide and return its title."""
    title = slide.shapes.title
    words = title.text_frame.text if title is not None and title.has_text_frame else ""
    writer.heading(2, words)
    for shape in _in_order(slide.shapes):
        if title is None or shape.shape_id != title.shape_id:
            _shape(writer, shape)
    if slide.has_notes_slide and (notes := slide.notes_slide.notes_text_frame) is not None:
        for paragraph in notes.paragraphs:
            writer.paragraph(_words(paragraph))
    return " ".join(words.split())


def _in_order(shapes: Any, depth: int = 0) -> Iterator[Any]:
    """Yield shapes from top to bottom and left to right; a group's shapes stay together."""
    placed = sorted(shapes, key=lambda shape: (shape.top or 0, shape.left or 0))
    lines: list[list[Any]] = []
    for shape in placed:
        if lines and (shape.top or 0) - (lines[-1][0].top or 0) <= _BAND:
            lines[-1].append(shape)
        else:
            lines.append([shape])
    for line in lines:
        for shape in sorted(line, key=lambda shape: shape.left or 0):
            if not isinstance(shape, GroupShape):
                yield shape
            elif depth < _DEEPEST:
                yield from _in_order(shape.shapes, depth + 1)


def _shape(writer: Writer, shape: Any) -> None:
    if shape.is_placeholder and shape.placeholder_format.type in _ABOUT:
        return
    if getattr(shape, "has_table", False):
        for place, row in enumerate(shape.table.rows):
            cells = ["" if cell.is_spanned else cell.text_frame.text for cell in row.cells]
            writer.row(cells, head=place == 0 and shape.table.first_row)
    elif getattr(shape, "has_chart", False):
        _chart(writer, shape.chart)
    elif shape.has_text_frame:
        _text(writer, shape)
    elif drawn := shape._element.xpath(".//*[local-name()='relIds']/@r:dm"):
        _diagram(writer, shape.part.related_part(drawn[0]).blob)
    elif isinstance(shape, Picture):
        described = shape._element.xpath("./p:nvPicPr/p:cNvPr/@descr")
        if described and not _PICTURE.fullmatch(described[0].strip()):
            writer.paragraph(described[0])


def _text(writer: Writer, shape: Any) -> None:
    listed = _is_list(shape)
    for paragraph in shape.text_frame.paragraphs:
        words = _words(paragraph)
        marks = paragraph._p.xpath("./a:pPr/a:buNone | ./a:pPr/a:buChar | ./a:pPr/a:buAutoNum | ./a:pPr/a:buBlip")
        bulleted = not marks[-1].tag.endswith("}buNone") if marks else listed or paragraph.level > 0
        if bulleted:
            writer.item(words, paragraph.level + 1)
        else:
            writer.paragraph(words)


def _is_list(shape: Any) -> bool:
    """Tell whether a shape's paragraphs are bulleted unless they say otherwise: a content placeholder's are."""
    kinds = (PP_PLACEHOLDER.OBJECT, PP_PLACEHOLDER.BODY, PP_PLACEHOLDER.VERTICAL_BODY, PP_PLACEHOLDER.VERTICAL_OBJECT)
    if not (shape.is_placeholder and shape.placeholder_format.type in kinds):
        return False
    return sum(bool(paragraph.text.strip()) for paragraph in shape.text_frame.paragraphs) > 1


def _words(paragraph: Any) -> str:
    return str(paragraph.text).replace("\v", " ")


def _diagram(writer: Writer, data: bytes) -> None:
    """Write the texts of SmartArt, which are listed in a part of their own."""
    for point in parsed(data, "a diagram").iter("{*}pt"):
        writer.item("".join(text.text or "" for text in point.iter("{*}t")))


def _chart(writer: Writer, chart: Any) -> None:
    """Write a chart as a table: its categories, and a column for each series."""
    if chart.has_title and chart.chart_title.has_text_frame:
        writer.paragraph(chart.chart_title.text_frame.text)
    for plot in chart.plots:
        categories = [str(category) for category in plot.categories][:_MOST_CATEGORIES]
        series = list(plot.series)
        if not categories or not series:
            continue
        writer.row(["", *(one.name for one in series)], head=True)
        columns: Sequence[Sequence[float | None]] = [tuple(one.values) for one in series]
        for place, category in enumerate(categories):
            values = [column[place] if place < len(column) else None for column in columns]
            writer.row([category, *("" if value is None else f"{value:.12g}" for value in values)])
