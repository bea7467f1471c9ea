"""What a reader sees of HTML: its words in order, without scripts, pictures and hidden parts, and formulas once.

In: HTML or XHTML as text. Out: elements of lxml, and what opens, closes and is said in them.
"""

import re
from collections.abc import Collection, Iterator
from html import entities
from typing import Any, Literal

import lxml.html
from lxml import etree

from assistant.errors import NoteError
from assistant.notes.formats.formula import formula
from assistant.notes.formats.web_table import is_data

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure "
    "footer form header hr html legend li main menu nav ol option p pre section summary table tbody td tfoot th thead "
    "tr ul".split()
) | frozenset(HEADINGS)
_UNSEEN = frozenset(
    "applet area audio base canvas datalist embed head iframe input link meta noscript object param rp script select "
    "source style svg template textarea title track video".split()
)
BREAK = "\v"
"""Stands for the end of a line inside a paragraph."""
_UNSHOWN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_LINE_NUMBERS = re.compile(r"\b(?:linenos?|line-?numbers?|gutter|hljs-ln-numbers|mw-editsection)\b")
_FILE = re.compile(r"\.\w{2,4}$|://")
_POWER = re.compile(r"[-+−–]?(?:\d+|[a-zA-Z])")
_TAG = re.compile(r"</?([a-zA-Z][\w:-]*)[^<>]*>")
_FLAT = frozenset(("script", "style", "title", "textarea", "br", "p", "meta", "link"))
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]*);")


def parsed(text: str) -> Any:
    """Return the root element of a page; what cannot be understood is left out, as a browser does.

    Raises:
        NoteError: elements nest deeper than can be read.

    """
    text = text.replace("\0", "")
    if "http://www.w3.org/1999/xhtml" in text[:2000] and "<!ENTITY" not in text:
        strict = etree.XMLParser(
            encoding="utf-8",
            resolve_entities=False,
            no_network=True,
            huge_tree=False,
            load_dtd=False,
            remove_comments=True,
            remove_pis=True,
        )
        try:
            return etree.fromstring(_ENTITY.sub(_numbered, text).encode("utf-8", "replace"), strict)
        except etree.XMLSyntaxError:
            pass
    root = _lenient(text)
    if root is None:
        root = _lenient(_TAG.sub(_flattened, text))
    if root is not None:
        return root
    raise NoteError("expected a page, found elements nested deeper than can be read; save it as text")


def _lenient(text: str) -> Any:
    """Return the root of a page as a browser would read it; None if it nests too deep to be read to its end."""
    parser = lxml.html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        root = lxml.html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except etree.ParserError:
        return etree.Element("html")
    return None if any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log) else root


def _flattened(tag: re.Match[str]) -> str:
    """Return a tag that holds what follows only up to the next one."""
    kind = tag[1].lower()
    return tag[0] if kind in _FLAT else "<p>" if kind in BLOCKS else ""


def _numbered(entity: re.Match[str]) -> str:
    code = entities.name2codepoint.get(entity[1])
    return entity[0] if code is None or entity[1] in ("lt", "gt", "amp", "quot") else f"&#{code};"


def name(element: Any) -> str:
    """Return an element's tag in small letters, without its namespace."""
    return str(element.tag).rpartition("}")[2].lower()


def seen(
    root: Any, dropped: Collection[Any] = (), whole: bool = False
) -> Iterator[tuple[Literal["open", "close", "text", "whole"], Any]]:
    """Yield what a reader sees: elements that open and close, and texts between.

    What is `dropped` is left out. Tables of data and code are not entered if they are taken `whole`.
    """
    walk = etree.iterwalk(root, events=("start", "end"))
    closed = None
    for event, element in walk:
        if event == "end":
            if element is not closed:
                yield "close", element
            if element.tail and element is not root:
                yield "text", element.tail
            continue
        tag = name(element)
        words = "" if element in dropped else _instead(element, tag)
        taken = words is None and whole and (tag == "pre" or tag == "table" and is_data(element))
        if words is None and not taken:
            yield "open", element
            if element.text:
                yield "text", element.text
            continue
        walk.skip_subtree()
        closed = element
        yield ("whole", element) if taken else ("text", words)


def _instead(element: Any, tag: str) -> str | None:
    """Return what stands in the place of an element; None if it is read like others."""
    if tag == "math":
        return f" {formula(element)} "
    if tag == "br":
        return BREAK
    if tag == "script" and element.get("type", "").startswith("math/tex"):
        return f" {element.text or ''} "
    if tag == "input" and element.get("type") == "checkbox":
        return "[x] " if "checked" in element.attrib else "[ ] "
    if tag in _UNSEEN or _hidden(element, tag) or _numbers_page(element):
        return ""
    if tag == "img":
        return _told(element.get("alt", ""))
    if tag == "a" and element.get("href", "").startswith("#") and not any(char.isalnum() for char in _plain(element)):
        return ""
    if tag == "sup":
        return _raised(element)
    return f"({_plain(element)})" if tag == "rt" else None


def _numbers_page(element: Any) -> bool:
    """Tell the number of a printed page in the text of a book."""
    kind = element.get("{http://www.idpf.org/2007/ops}type") or element.get("epub:type") or element.get("role", "")
    return kind in ("pagebreak", "doc-pagebreak")


def _hidden(element: Any, tag: str) -> bool:
    if tag in ("html", "body"):  # a page that a script was to show
        return False
    kind = element.get("class", "")
    if _LINE_NUMBERS.search(kind) or tag in ("div", "span") and kind.startswith("MathJax"):
        return True
    if tag == "button" and not any(_plain(head) == _plain(element) for head in element.iterancestors(*HEADINGS)):
        return True
    if tag == "dialog" and element.get("open") is None:
        return True
    shown = element.get("hidden", "until-found") == "until-found" and element.get("aria-hidden") != "true"
    # Wikipedia and KaTeX hide a formula's source and show a picture of it.
    return not (shown and not _UNSHOWN.search(element.get("style", ""))) and next(element.iter("{*}math"), None) is None


def _told(alt: str) -> str:
    telling = len(alt.split()) >= 3 and len(alt) <= 500 and not _FILE.search(alt.strip())
    return f" {alt} " if telling else ""


def _raised(element: Any) -> str | None:
    """Return a power as `^2` and the number of a footnote as `[2]`, lest it join the number before."""
    words = _plain(element)
    if next(element.iter("{*}a"), None) is not None:
        return f"[{words}]" if words.isdecimal() else None
    return f"^{words}" if _POWER.fullmatch(words) else None


def _plain(element: Any) -> str:
    return "".join(element.itertext()).strip()


def words_of(element: Any, dropped: Collection[Any] = ()) -> str:
    """Return the words of an element in one line."""
    pieces = (
        found if what == "text" else " " if name(found) in BLOCKS else "" for what, found in seen(element, dropped)
    )
    return " ".join("".join(pieces).split())
