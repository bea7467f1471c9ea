"""Writes formulas in one line: the TeX they were made of where it is at hand, else `a^(b+1)` and the like.

In: elements of MathML (web pages, books) or of Office's OMML (Word). Out: text.
"""

from typing import Any

_PATTERNS = {
    "mfrac": "{0}/{1}",
    "f": "{0}/{1}",
    "msup": "{0}^{1}",
    "sSup": "{0}^{1}",
    "msub": "{0}_{1}",
    "sSub": "{0}_{1}",
    "msubsup": "{0}_{1}^{2}",
    "munderover": "{0}_{1}^{2}",
    "sSubSup": "{0}_{1}^{2}",
    "munder": "{0}_{1}",
    "limLow": "{0}_{1}",
    "mover": "{0}^{1}",
    "limUpp": "{0}^{1}",
    "msqrt": "√{0}",
    "rad": "√{0}",
}
_BETWEEN = {"mtr": ", ", "mr": ", ", "mtable": "; ", "m": "; ", "eqArr": "; "}
_LEFT_OUT = ("annotation", "annotation-xml", "del", "moveFrom", "mphantom")
_OPERATORS = frozenset("+-−=<>≤≥≈→×·±")


def formula(element: Any) -> str:
    """Return a formula's TeX, else its text with powers, indices, fractions and roots told apart."""
    for note in element.iter("{*}annotation"):
        if "tex" in note.get("encoding", "").lower() and note.text:
            return _unstyled(note.text)
    try:
        return _unstyled(element.get("alttext", "")) or _read(element).strip()
    except RecursionError:  # nested beyond any meaning
        return "".join(element.itertext())


def _unstyled(tex: str) -> str:
    tex = " ".join(tex.split())
    return tex[len(r"{\displaystyle") : -1].strip() if tex.startswith(r"{\displaystyle") and tex[-1] == "}" else tex


def _read(element: Any) -> str:
    tag = _name(element)
    parts = [text for child in element if _name(child) not in _LEFT_OUT and (text := _read(child))]
    if tag == "d":
        return _property(element, "begChr", "(") + ", ".join(parts) + _property(element, "endChr", ")")
    if tag == "nary":
        marks = [f"{mark}{_grouped(part)}" for mark, part in zip("_^", parts[:-1], strict=False)]
        return f"{_property(element, 'chr', '∫')}{''.join(marks)} {parts[-1] if parts else ''}"
    if tag == "rad" and len(parts) > 1:
        return f"{_grouped(parts[0])}√{_grouped(parts[1])}"
    pattern = _PATTERNS.get(tag, "")
    if parts and pattern.count("{") == 1:
        parts = ["".join(parts)]
    if pattern and len(parts) == pattern.count("{"):
        return pattern.format(*map(_grouped, parts))
    text = (element.text or "").strip() if not len(element) else _BETWEEN.get(tag, "").join(parts)
    return f" {text} " if text in _OPERATORS else text


def _grouped(part: str) -> str:
    part = part.strip()
    alone = len(part) == 1 or part.isalnum() or part.startswith("(") and part.find(")") == len(part) - 1
    return part if alone else f"({part})"


def _property(element: Any, name: str, default: str) -> str:
    """Return what an OMML element's properties say, such as the brackets of a delimiter."""
    for found in element.iterfind(f"{{*}}{_name(element)}Pr/{{*}}{name}"):
        return next((value for key, value in found.attrib.items() if key.endswith("val")), default)
    return default


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]
