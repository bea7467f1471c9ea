"""Decodes text of strangers: pages and mails say what they are written in, and some say it wrongly.

In: bytes, and the name of an encoding. Out: text; bytes that fit nothing are replaced, never refused.
"""

import codecs
import re

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_DECLARED = re.compile(
    rb"<(?:meta\b[^>]{0,500}?\bcharset|\?xml\b[^>]{0,200}?\bencoding)\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE
)
# What browsers read these as: programs write the larger one and name the smaller.
_LARGER = {"euc_kr": "cp949", "iso8859-1": "cp1252", "ascii": "utf-8", "utf-16": "utf-8"}
_HANGUL = re.compile("[가-힣]")


def declared(data: bytes) -> str:
    """Return the encoding that a page says it is in; empty if it says none."""
    found = _DECLARED.search(data[:4096])
    return found[1].decode("ascii") if found else ""


def decoded(data: bytes, encoding: str = "") -> str:
    """Return the text of bytes: by their mark, the encoding said, UTF-8, Korean (CP949) or Western (CP1252)."""
    for mark, marked in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(marked, "replace")
    said = _known(encoding)
    for tried in filter(None, (said, "utf-8", "cp949")):
        try:
            text = data.decode(tried)
        except UnicodeError:
            continue
        if tried != "cp949" or tried == said or _HANGUL.search(text):
            return text
    return data.decode(said or "cp1252", "replace")


def _known(encoding: str) -> str:
    """Return Python's name of an encoding of text; empty if it has none."""
    try:
        found = codecs.lookup(encoding.strip())
        found.decode(b"")
        if not isinstance(b"a".decode(found.name), str):
            return ""
    except (LookupError, UnicodeError, ValueError):
        return "cp949" if encoding.lower().endswith("949") else ""
    return _LARGER.get(found.name, found.name)
