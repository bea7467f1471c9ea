r"""Decodes a file's bytes into text.

In: bytes. Out: text in which every line ends in `\n`, or a NoteError with the reason.
"""

from codecs import BOM_UTF16_BE, BOM_UTF16_LE

from assistant.errors import NoteError


def decode(data: bytes) -> str:
    """Return the text of a note in UTF-8, UTF-16 with a BOM or CP949; raise NoteError for anything else."""
    marked = data.startswith((BOM_UTF16_LE, BOM_UTF16_BE))
    if b"\0" in data and not marked:
        raise NoteError("expected text, found a binary file")
    for encoding in ("utf-16",) if marked else ("utf-8", "cp949"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text and (encoding != "cp949" or _looks_korean(text)):
            return text.replace("\r\n", "\n").replace("\r", "\n")
    raise NoteError("expected text in UTF-8, UTF-16 or CP949, found none of them; save it as UTF-8")


def _looks_korean(text: str) -> bool:
    """Tell whether decoded CP949 is Korean: most characters besides ASCII are Hangul, and common ones."""
    foreign = [char for char in text if ord(char) > 127]
    hangul = sum("가" <= char <= "힣" for char in foreign)
    # The 2,350 syllables of EUC-KR make up nearly all Korean text; stray bytes land on the rare ones as well.
    common = 0
    for char in foreign:
        try:
            common += len(char.encode("euc-kr")) == 2
        except UnicodeEncodeError:
            continue
    return bool(foreign) and hangul / len(foreign) > 0.6 and common / len(foreign) > 0.9
