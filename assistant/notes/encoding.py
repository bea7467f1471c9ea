r"""Decodes a file's bytes into text.

In: bytes. Out: text in which every line ends in `\n`, or a NoteError with the reason.
"""

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE

from assistant.errors import NoteError

_CONTROL = re.compile(r"[\0-\x08\x0e-\x1f]")
_LOST = "\ufffd"
_OTHERS = ("cp1252", "cp932", "gb18030", "cp1251")
"""What a file may be in that is neither UTF-8 nor Korean; charset-normalizer tells which."""
_BROKEN = 10
"""In another encoding than UTF-8 at most one of so many characters beyond ASCII may be damaged."""
_FEW = 100
"""Text has at most one zero in so many characters."""
_PARTICLES = frozenset("은는이가을를의에다로고도")
"""What Korean is written with whatever it is about; Chinese read as Korean by mistake has few."""
_LOOKED_AT = 50_000
"""Bytes from which that is told."""


def decode(data: bytes) -> str:
    """Return the text of a note in UTF-8, UTF-16, CP949 or CP1252; raise NoteError if it is no text.

    In what is UTF-8 but for a few bytes, as after a broken download, each of these becomes U+FFFD, and so do few zeros,
    as in what was copied out of a PDF.
    """
    text = _decoded(data).replace("\r\n", "\n").replace("\r", "\n")
    if text.count("\0") > len(text) // _FEW or (_LOST in text and not text.strip(f"{_LOST}\ufeff\n")):
        raise NoteError("expected text, found a binary file")
    return text.replace("\0", _LOST)


def lost(text: str, data: bytes) -> str:
    """Return one line about bytes that could not be decoded, empty if there are none."""
    count = text.count(_LOST) - data.count(_LOST.encode())
    return f"found {count:,} times what is not UTF-8, now {_LOST}; save it as UTF-8" if count > 0 else ""


def _decoded(data: bytes) -> str:
    if encoding := _utf_16(data):
        return data.decode(encoding, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if b"\0" in data:
            raise NoteError("expected text, found a binary file") from error
        text = data.decode("utf-8", "replace")
    # few bad bytes among good ones are damage; where most are bad, the file is in another encoding
    bad, good = text.count(_LOST), sum(char > "\x7f" for char in text)
    if bad <= (good - bad) // 4 and bad <= max(4, len(text) // _FEW):
        return text
    return _korean(data) or _foreign(data)


def _utf_16(data: bytes) -> str:
    """Return the encoding of UTF-16 text, which has a byte order mark, or a zero in most of its ASCII characters."""
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return "utf-16"
    beginning = data[: _LOOKED_AT // 2 * 2]
    for encoding, zeros in (("utf-16-le", beginning[1::2]), ("utf-16-be", beginning[::2])):
        if zeros.count(0) > max(1, len(zeros) // 5) and not _CONTROL.search(beginning.decode(encoding, "replace")):
            return encoding
    return ""


def _korean(data: bytes) -> str:
    """Return the text if it is Korean in CP949, else nothing: mostly Hangul, and common syllables, with some hanja."""
    text = data.decode("cp949", "replace")
    foreign = [char for char in text if ord(char) > 127 and char != _LOST]
    if text.count(_LOST) > len(foreign) // _BROKEN:
        return ""
    hangul = sum("가" <= char <= "힣" for char in foreign)
    hanja = sum("\u4e00" <= char <= "\u9fff" for char in foreign)
    particles = sum(char in _PARTICLES for char in foreign)
    # The 2,350 syllables of EUC-KR make up nearly all Korean text; stray bytes land on the rare ones as well.
    common = 0
    for char in foreign:
        try:
            common += len(char.encode("euc-kr")) == 2
        except UnicodeEncodeError:
            continue
    korean = hangul > 0.6 * len(foreign) or (particles > hangul / 8 and hangul + hanja > 0.9 * len(foreign))
    return text if korean and common > 0.9 * len(foreign) else ""


def _foreign(data: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_LOOKED_AT], cp_isolation=list(_OTHERS)).best()
    text = data.decode(best.encoding if best else "cp1252", "replace")
    foreign = sum(byte > 127 for byte in data)
    if best is None and (2 * foreign > len(data) or text.count(_LOST) > max(1, foreign // _BROKEN)):
        raise NoteError("expected text in UTF-8, UTF-16, CP949 or CP1252, found none of them; save it as UTF-8")
    return text
