"""What a note holds that nobody should act on: text that its reader does not see, and orders to the one who answers.

Passages are data. What is found here stays in the stored text, so that offsets stay exact, and in a quote that spans
it; it reaches neither the embedding nor the search terms, no prompt and no answer. Pure functions over strings.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Sequence

from assistant.text.language import sentences
from assistant.text.orders import is_order

Span = tuple[int, int]

_INVISIBLE = (
    # Unicode's Default_Ignorable_Code_Point: zero-width and bidi controls, fillers, variation selectors, tags.
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    # Controls that are no white space, and halves of surrogate pairs.
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff"
)
_PLAIN = re.compile(f"[{_INVISIBLE}]+")
# What stands under a bidi override is shown in another order than it is written; a terminal obeys escapes.
_UNSEEN = re.compile(f"[\u202d\u202e][^\u202c\\n]*\u202c?|\x1b\\[[0-9;?]*[ -/]*[@-~]|[{_INVISIBLE}]+")
_TITLE = r"(?:\"[^\"\n]{0,2000}\"|'[^'\n]{0,2000}'|\([^()\n]{0,2000}\))"
_TARGET = (
    r"\([ \t]*(?:<[^<>\n]{0,2000}>|[^\s()]{0,2000}(?:\([^\s()]{0,200}\)[^\s()]{0,200}){0,9})"
    rf"(?:[ \t]+{_TITLE})?[ \t]*\)"
)
_MARKUP = re.compile(
    r"(?P<fence>^ {0,3}(?:`{3,}|~{3,}))"
    r"|(?P<code>`[^`\n]+`)"
    r"|(?P<comment><!--)"
    r"|(?P<chat><\|im_start\|>[ \t]*(?:system|user|assistant)[ \t]*\n|<\|(?:system|user|assistant)\|>[ \t]*\n"
    r"|<start_of_turn>(?:user|model)[ \t]*\n|^[ \t]*(?:<s>[ \t]*)?(?:\[INST\](?![^\n]{0,3}\[/INST\])|<<SYS>>))"
    rf"|!\[[^\]\n]{{0,2000}}\]{_TARGET}"  # an image
    rf"|(?<=\]){_TARGET}"  # a link's address and title
    rf"|^ {{0,3}}\[[^\]^\n][^\]\n]*\]:[ \t]*\S+(?:[ \t]+{_TITLE})?[ \t]*$"  # its definition
    r"|<\w+(?:\s+[\w-]+\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'))+\s*/?>"  # a tag with attributes
    r"|(?P<base64>(?<![\w+/])[A-Za-z0-9+/]{24,}={0,2})",
    re.MULTILINE,
)
_CHAT_END = re.compile(r"<\|im_end\|>|<\|end\|>|<end_of_turn>|\[/INST\]|<</SYS>>(?![^\n]*\[/INST\])|\n[ \t]*\n")
_PART = re.compile(r"[^|;()—–]+")
"""A sentence's parts that are judged alone: table cells, what stands in brackets or behind a dash."""

_CONTROL = re.compile(r"<(?=[|/a-z_])|\[(?=/?INST\])")
"""What opens a control token: a server reads <|im_end|> as one wherever it stands, so a space parts the bracket off."""
_ASKED = re.compile(r"\s*(?:question|q|user|human|질문|문|사용자)\s*[:：]", re.IGNORECASE)
"""How a made-up question begins; it goes with the order that stands in its answer's place."""


def seen(text: str) -> str:
    """Return what is to be read of a text, without the rest; most texts as they are."""
    return _without(text, unread(text), "")


def blanked(text: str) -> str:
    """Return the text at its length, with spaces in the place of what is not to be read."""
    return _without(text, unread(text), " ")


def plain(text: str) -> str:
    """Return the text without invisible characters, control characters and halves of surrogate pairs."""
    return _PLAIN.sub("", text)


def inert(text: str) -> str:
    """Return a text as a prompt may hold it: on one line, with nothing that ends a turn."""
    return turnless(" ".join(text.split()))


def turnless(text: str) -> str:
    """Return the text with nothing that a server takes for the end of a turn."""
    return _CONTROL.sub(r"\g<0> ", text)


def unread(text: str) -> list[Span]:
    """Return the `(start, end)` of what is not to be read, in order, without overlaps."""
    unseen = [found.span() for found in _UNSEEN.finditer(text)]
    bare = _without(text, unseen, "")
    marked = list(_marked(bare))
    orders = list(_orders(_without(bare, marked, " ")))
    return _joined(unseen, marked + orders, text)


def _without(text: str, spans: Sequence[Span], filler: str) -> str:
    """Return the text with each character of the spans replaced."""
    if not spans:
        return text
    pieces, at = [], 0
    for start, end in spans:
        pieces += [text[at:start], filler * (end - start)]
        at = end
    return "".join(pieces) + text[at:]


def _joined(unseen: Sequence[Span], spans: Sequence[Span], text: str) -> list[Span]:
    """Return the unseen spans of the text and those of the text without them, as spans of the text, merged."""
    if not unseen:
        return sorted(spans)
    places = [at for first, last in _between(unseen, len(text)) for at in range(first, last)]
    found: list[Span] = []
    for start, end in sorted([*unseen, *((places[start], places[end - 1] + 1) for start, end in spans)]):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


def _between(spans: Sequence[Span], length: int) -> Iterator[Span]:
    starts = [0, *(end for _, end in spans)]
    return zip(starts, [*(start for start, _ in spans), length], strict=True)


def _marked(text: str) -> Iterator[Span]:
    """Yield comments, link targets, images, tags, chat turns and encoded text; code holds no comment."""
    at, open_comment = 0, False
    while found := _MARKUP.search(text, at):
        start, at = found.span()
        if found["fence"]:
            closing = re.compile(rf"^ {{0,3}}{found['fence'].strip()}[`~]*[ \t]*$", re.MULTILINE).search(text, at)
            at = closing.end() if closing else at
        elif found["comment"]:
            end = -1 if open_comment else text.find("-->", at)
            open_comment = end < 0
            if not open_comment:
                at = end + 3
                yield start, at
        elif found["chat"]:
            ending = _CHAT_END.search(text, at)
            at = (ending.end() if ending.group().strip() else ending.start()) if ending else len(text)
            yield start, at
        elif not found["code"] and (not found["base64"] or _encodes_text(found["base64"])):
            yield start, at


def _encodes_text(run: str) -> bool:
    try:
        return base64.b64decode(run + "=" * (-len(run) % 4), validate=True).decode().isprintable()
    except (binascii.Error, UnicodeDecodeError):
        return False


def _orders(text: str) -> Iterator[Span]:
    behind_one, asked = False, None
    for first, last in sentences(text):
        for part in _PART.finditer(text, first, last):
            if part.group().strip():
                behind_one = is_order(part.group(), behind_one)
                if behind_one:
                    yield from [asked] if asked else []
                    yield part.span()
                asked = part.span() if _ASKED.match(part.group()) else None


def headed(title: str, heading: str, text: str) -> str:
    """Return a text as it is read: where it stands, then its words, without what is not to be read."""
    return seen(f"{title} > {heading}\n{text}" if heading else f"{title}\n{text}")
