"""Mends the parts of a Word file in which mammoth would lose words: text boxes, formulas, fields, headings.

In: an archive. Out: the bytes of one that holds only what is read, and no document type, so that no entity is resolved.
"""

import io
import re
from collections.abc import Iterable, Mapping
from typing import Any
from zipfile import ZipFile

from lxml import etree

from assistant.errors import NoteError
from assistant.notes.formats.formula import formula
from assistant.notes.formats.word_heads import by_look
from assistant.notes.formats.word_numbers import Numbers, attribute, value
from assistant.notes.formats.xml import local, of_part

LABEL = "\U0010fffd"
"""Stands on both sides of the number that Word shows before an item: a character that no text holds."""
_WRAPPERS = ("fldSimple", "hyperlink", "smartTag", "customXml", "ins", "moveTo", "bdo", "dir", "oMathPara")
_PICTURES = ("drawing", "pict", "object")
_RENAMED = {"cr": "br", "ptab": "tab"}
_OFF = ("0", "false", "off")
_READ = re.compile(r"word/(document|footnotes|endnotes|numbering|styles)\d*\.xml")
_ABOUT = re.compile(r"\[Content_Types\]\.xml|_rels/\.rels|word/_rels/document\d*\.xml\.rels")


def mended(parts: ZipFile) -> bytes:
    """Return a Word file with the words of all its parts where mammoth finds them.

    Raises:
        NoteError: a part is missing or broken.

    """
    names = list(dict.fromkeys(parts.namelist()))
    read = {name: found[1] for name in names if (found := _READ.fullmatch(name))}
    if "document" not in read.values():
        raise NoteError("expected word/document.xml in it, found none; save it again in Word")
    roots = {name: of_part(parts, name) for name in names if name in read or _ABOUT.fullmatch(name)}
    styles = next((root for name, root in roots.items() if read.get(name) == "styles"), ())
    numbering = next((root for name, root in roots.items() if read.get(name) == "numbering"), ())
    levels = _levels(styles)
    out = io.BytesIO()
    with ZipFile(out, "w") as copy:
        for name, root in roots.items():
            if (part := read.get(name)) in ("document", "footnotes", "endnotes"):
                _mend(root, levels, Numbers(numbering, styles), styles if part == "document" else None)
            copy.writestr(name, etree.tostring(root, encoding="utf-8"))
    return out.getvalue()


def _mend(root: Any, levels: Mapping[str, int], numbers: Numbers, styles: Iterable[Any] | None) -> None:
    _clear(root)
    _lift_boxes(root)
    for element in _found(root, *_PICTURES):
        _unwrap(element, ())
    for element in _found(root, "sdt"):
        _unwrap(element, () if _is_filler(element) else _inside(element, "sdtContent"))
    for element in _found(root, "ruby"):
        _unwrap(element, _inside(element, "rubyBase"))
    for element in _found(root, *_WRAPPERS):
        _unwrap(element, element)
    for element in _found(root, "oMath"):
        _unwrap(element, (_run(root, f" {formula(element)} "),))
    for element in _found(root, *_RENAMED):
        element.tag = element.tag.replace(local(element), _RENAMED[local(element)])
    headings = {element: level for element in _found(root, "p") if (level := _level(element, levels))}
    headings = headings or (by_look(root, styles) if styles is not None else {})
    for element in _found(root, "p"):
        label = numbers.label(element)
        if level := headings.get(element, 0):
            _call_heading(element, level)
        if label and _has_words(element):
            element.insert(1, _run(root, f"{label} " if level else f"{LABEL}{label}{LABEL}"))


def _clear(root: Any) -> None:
    """Remove what is deleted, hidden, or told in an older way as well."""
    for element in _found(root, "del", "moveFrom"):
        if not local(element.getparent()).endswith("Pr"):  # there it says that a paragraph's mark is deleted
            _unwrap(element, ())
    for element in _found(root, "AlternateContent"):
        _unwrap(element, _choice(element))
    for element in _found(root, "vanish"):
        run = element.getparent().getparent()
        if value(element) not in _OFF and run is not None and local(run) == "r":
            _unwrap(run, ())


def _lift_boxes(root: Any) -> None:
    """Put what text boxes hold behind the paragraphs that they hang on."""
    for box in reversed(_found(root, "txbxContent")):
        host = next(box.iterancestors("{*}p"), None)
        if host is not None:
            for child in reversed(box):
                host.addnext(child)


def _found(root: Any, *tags: str) -> list[Any]:
    return [element for element in root.iter(*(f"{{*}}{tag}" for tag in tags)) if element is not root]


def _unwrap(element: Any, instead: Iterable[Any]) -> None:
    """Put elements in the place of one."""
    parent = element.getparent()
    if parent is not None:
        for child in list(instead):
            element.addprevious(child)
        parent.remove(element)


def _inside(element: Any, tag: str) -> list[Any]:
    return [child for content in element.iterfind(f"{{*}}{tag}") for child in content]


def _choice(element: Any) -> list[Any]:
    """Return the newer of the ways in which something is told, unless only the older has words."""
    newer, older = _inside(element, "Choice"), _inside(element, "Fallback")
    return newer if any(_has_words(child) for child in newer) or not older else older


def _has_words(element: Any) -> bool:
    return next(element.iter("{*}t"), None) is not None


def _is_filler(control: Any) -> bool:
    """Tell a content control that shows only its invitation, or the table of contents."""
    for properties in control.iterfind("{*}sdtPr"):
        if properties.find("{*}showingPlcHdr") is not None:
            return True
        return any("Table of Contents" in value(found) for found in properties.iter("{*}docPartGallery"))
    return False


def _run(root: Any, words: str) -> Any:
    space = root.tag.rpartition("}")[0]
    run = etree.Element(f"{space}}}r")
    etree.SubElement(run, f"{space}}}t").text = words
    return run


def _levels(styles: Iterable[Any]) -> dict[str, int]:
    """Return the levels of headings by their styles, from 1; a style has it from the one that it is based on."""
    own: dict[str, int] = {}
    based: dict[str, str] = {}
    for style in styles:
        name = attribute(style, "styleId")
        for found in style.iterfind("{*}pPr/{*}outlineLvl"):
            own[name] = _outline(found)
        for found in style.iterfind("{*}basedOn"):
            based[name] = value(found)
    levels = {}
    for name in {*own, *based}:
        above = name
        for _ in range(20):  # a broken file's styles may go in a circle
            if above in own or above not in based:
                break
            above = based[above]
        levels[name] = own.get(above, 0)
    return levels


def _level(paragraph: Any, levels: Mapping[str, int]) -> int:
    """Return the level of a heading by its style or what the paragraph says of itself; 0 if it is none."""
    properties = paragraph.find("{*}pPr")
    if properties is None or not _has_words(paragraph):
        return 0
    outline = properties.find("{*}outlineLvl")
    return levels.get(value(properties.find("{*}pStyle")), 0) if outline is None else _outline(outline)


def _call_heading(paragraph: Any, level: int) -> None:
    """Give a heading the style by which mammoth knows it."""
    space = paragraph.tag.rpartition("}")[0] + "}"
    properties = paragraph.find("{*}pPr")
    if properties is None:
        paragraph.insert(0, properties := etree.Element(f"{space}pPr"))
    style = properties.find("{*}pStyle")
    if style is None:
        style = etree.SubElement(properties, f"{space}pStyle")
    style.attrib.clear()
    style.set(f"{space}val", f"Heading{min(level, 6)}")


def _outline(element: Any) -> int:
    """Return a heading's level from 1; 0 for body text."""
    level = value(element)
    return int(level) + 1 if level in tuple("012345678") else 0
