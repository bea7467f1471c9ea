"""Shows formulas of notes as browsers draw them: LaTeX becomes MathML.

In: a formula as it is written, with its `$`. Out: HTML, or nothing if it cannot be understood; then it is shown as it
stands. latex2mathml translates; of what it makes only MathML's own elements and looks are kept, since a note is a
stranger's.
"""

import re
from functools import lru_cache

import latex2mathml.converter
import lxml.html
from markupsafe import Markup

_LONGEST = 2000
_MARKS = re.compile(r"\A\s*(?:\$\$?|\\\[|\\\()\s*|\s*(?:\$\$?|\\\]|\\\))\s*\Z")
_UNSEEN = re.compile(r"\\(?:label|tag)\*?\{[^{}]*\}|\\(?:nonumber|notag)\b|%[^\n]*")
_ALIGNED = re.compile(r"\\(begin|end)\{(?:aligned|split|gather(?:ed)?|equation|align|multline)\*?\}")
ELEMENTS = frozenset(
    "math mrow mi mn mo mtext mspace ms mfrac msqrt mroot mstyle mpadded mphantom mfenced menclose msub msup msubsup"
    " munder mover munderover mmultiscripts mtable mtr mtd".split()
)
LOOKS = frozenset(
    "display displaystyle mathvariant stretchy fence separator form accent accentunder columnalign rowalign linebreak"
    " linethickness lspace rspace minsize maxsize movablelimits open close notation width height depth".split()
)


@lru_cache(maxsize=1000)
def formula(written: str) -> Markup:
    """Return a formula as MathML; empty if it is none that can be read."""
    if len(written) > _LONGEST:
        return Markup("")
    latex = _UNSEEN.sub("", _MARKS.sub("", written)).strip()
    if not latex:
        return Markup("")
    display = "block" if written.lstrip().startswith(("$$", "\\[", "\\begin")) else "inline"
    try:
        made = latex2mathml.converter.convert(_ALIGNED.sub(r"\\\1{matrix}", latex), display=display)
        root = lxml.html.fragment_fromstring(made)
    except Exception:  # it raises errors of every kind over what is no LaTeX
        return Markup("")
    if root.tag != "math":
        return Markup("")
    for element in [*root.iter()]:
        if not isinstance(element.tag, str):
            element.drop_tree()
        elif element.tag not in ELEMENTS:
            element.drop_tag()
        else:
            for name in set(element.attrib) - LOOKS:
                del element.attrib[name]
    return Markup(lxml.html.tostring(root, encoding="unicode"))  # it escapes all text
