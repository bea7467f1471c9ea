"""Reads mails (.eml): subject, sender, date and words, quoted mails among them; attachments by name only.

In: a file's bytes. Out: an `Extracted` with the mail's subject as title, its date and its sender as author.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage
from unicodedata import east_asian_width

from assistant.errors import NoteError
from assistant.notes.formats.charset import declared, decoded
from assistant.notes.formats.extracted import MOST, Extracted, Writer
from assistant.notes.formats.markup import write
from assistant.notes.formats.seen import parsed, words_of
from assistant.text.language import Language, detect

# The standard library's reader of headers raises these over what strangers write.
_BROKEN = (LookupError, ValueError, AttributeError, TypeError, MessageError)
_ELSEWHERE = re.compile(
    r"\b(?:view|see|read|display|support|open)\b.{0,80}\b(?:html|browser|online)\b|\bhtml\b.{0,60}\b(?:mail|message)\b"
    r"|(?:html|브라우저|웹).{0,40}(?:보기|보시|확인|지원|형식)",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST_NOTICE = 400
_QUOTE = re.compile(r"(?:>[ \t]?)+")
_ITEM = re.compile(r"[ \t]*([-*•·]|\d{1,2}[.)])[ \t]+(\S.*)")
_CELLS = re.compile(r"\S {3,}\S|-{3,} -{3,}")
_WRAPPED = range(60, 101)
"""Columns of a line that was wrapped by a mail program: its paragraph goes on in the next."""


def extract(data: bytes) -> Extracted:
    """Return the text of a mail; mails attached to it are read too.

    Raises:
        NoteError: the bytes are no mail.

    """
    try:
        message = message_from_bytes(data, policy=policy.default)
        if not {"from", "subject", "date", "to"} & {name.lower() for name in message}:
            raise NoteError("expected a mail with From, Subject or Date, found none of them; save it as .eml once more")
        writer = Writer()
        _write(message, writer, 1)
    except (*_BROKEN, RecursionError) as error:
        raise NoteError(f"expected a mail, found a damaged one ({error}); save it as .eml once more") from error
    sent = _sent(message)
    fields = {"title": _header(message, "Subject"), "author": _header(message, "From")}
    missing = f"what follows the first {MOST:,} characters" if writer.full else ""
    return writer.extracted(fields | {"date": sent.date().isoformat() if sent else ""}, missing)


def _write(message: EmailMessage, writer: Writer, level: int) -> None:
    subject = _header(message, "Subject")
    writer.heading(level, subject)
    told = [f"{name}: {words}" for name in ("From", "To", "Cc") if (words := _header(message, name))]
    if sent := _sent(message):
        told.append(f"Date: {sent:%Y-%m-%d %H:%M}")
    writer.lines([(line, {}) for line in told])
    korean = detect(subject) is Language.KO
    attached: list[str] = []
    for part in _parts(message):
        kind = part.get_content_type()
        if kind == "message/rfc822":
            _write(part.get_content(), writer, level + 1)
        elif _is_body(part):
            words = _body(part, writer)
            korean = detect(words) is Language.KO if words else korean
        elif filename := part.get_filename():
            attached.append(filename)
    if attached:
        writer.paragraph(f"{'첨부' if korean else 'Attachments'}: {', '.join(attached)}")


def _parts(message: EmailMessage) -> Iterator[EmailMessage]:
    """Yield the parts of a mail; of those that say the same, the one that is read best."""
    if not message.is_multipart() or message.get_content_type() == "message/rfc822":
        yield message
        return
    parts = [part for part in message.iter_parts() if isinstance(part, EmailMessage)]
    if message.get_content_type() == "multipart/alternative":
        plain = next((part for part in parts if part.get_content_type() == "text/plain"), None)
        richer = [part for part in parts if part is not plain]
        parts = [plain] if plain and (not richer or not _says_nothing(_text(plain))) else richer[-1:]
    for part in parts:
        yield from _parts(part)


def _is_body(part: EmailMessage) -> bool:
    return part.get_content_type() in ("text/plain", "text/html") and part.get_content_disposition() != "attachment"


def _says_nothing(words: str) -> bool:
    return not words.strip() or len(words) < _LONGEST_NOTICE and _ELSEWHERE.search(words) is not None


def _body(part: EmailMessage, writer: Writer) -> str:
    """Write a part and return its words."""
    text = _text(part)
    if part.get_content_type() == "text/html":
        root = parsed(text)
        write(root, writer)
        return words_of(root)
    for depth, lines in _paragraphs(text):
        _paragraph(depth, lines, writer)
    return text


def _text(part: EmailMessage) -> str:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    return decoded(data, part.get_content_charset() or declared(data))


def _paragraphs(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines between blank ones, with the number of `>` before them."""
    depth, lines = 0, list[str]()
    for line in text.splitlines():
        quote = _QUOTE.match(line)
        deep = quote[0].count(">") if quote else 0
        words = line[quote.end() :] if quote else line
        if not words.strip() or deep != depth:
            yield depth, lines
            lines = []
        depth = deep
        if words.strip():
            lines.append(words)
    yield depth, lines


def _paragraph(depth: int, lines: list[str], writer: Writer) -> None:
    """Write a paragraph with its wrapped lines joined, but not those of a table, and the items of a list in it."""
    whole: list[str] = []
    goes_on = False
    for line in lines:
        item = _ITEM.match(line)
        if goes_on and not item and not _CELLS.search(line.strip()):
            whole[-1] += f" {line.strip()}"
        else:
            whole.append(line)
        ended = line.rstrip().endswith((".", "!", "?", ":", "。")) or _CELLS.search(line.strip())
        goes_on = _width(line) in _WRAPPED and not ended
    said: list[str] = []
    for line in whole:
        if (item := _ITEM.match(line)) and not depth:
            _say(said, depth, writer)
            said = []
            writer.item(item[2], 1, item[1])
        else:
            said.append(line)
    _say(said, depth, writer)


def _say(lines: list[str], depth: int, writer: Writer) -> None:
    writer.lines([(f"{'>' * depth} {line}" if depth and not number else line, {}) for number, line in enumerate(lines)])


def _width(line: str) -> int:
    """Return the columns a line takes; Hangul takes two each."""
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in line.strip())


def _header(message: EmailMessage, name: str) -> str:
    """Return a header's words; bytes that no encoding was told for are taken for UTF-8 or Korean."""
    raw = next((str(value) for key, value in message.raw_items() if key.lower() == name.lower()), "")
    if any("\udc80" <= char <= "\udcff" for char in raw):
        return " ".join(decoded(raw.encode("ascii", "surrogateescape")).split())
    try:
        return str(message.get(name, ""))
    except _BROKEN:
        return raw


def _sent(message: EmailMessage) -> datetime | None:
    try:
        found = getattr(message.get("Date"), "datetime", None)
    except _BROKEN:
        return None
    return found if isinstance(found, datetime) else None
