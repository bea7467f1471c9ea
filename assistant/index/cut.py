"""Where a note's text is cut: spans of whole sentences under one heading, as offsets.

In: a note's text. Out: the heading and the span of each passage. Knows nothing of LlamaIndex, which takes seconds to
import, so that a run that finds nothing new need not wait for it.
"""

import re
from collections.abc import Iterator

from assistant.notes.files import HEADING
from assistant.text.language import sentences
from assistant.text.untrusted import blanked, seen

VERSION = 4
"""Part of the index's fingerprint: raise it whenever the same note would give other passages or another title."""
TARGET_TOKENS = 220
# One line that opens and closes (```code```) is no fence.
_FENCE = re.compile(r"\s*(`{3,}(?!.*`)|~{3,})")


def spans(text: str, body_start: int) -> Iterator[tuple[str, int, int]]:
    """Yield `(heading path, start, end)` of each passage, in order; nothing for headings or marks of code alone."""
    read = text[:body_start] + blanked(text[body_start:])
    for path, start, end in _sections(text, read, body_start):
        for first, last in _packed(read, start, end):
            if any(line.strip() for line in read[first:last].splitlines() if not _FENCE.match(line)):
                yield path, first, last


def estimate_tokens(text: str) -> float:
    """Estimate the encoder's tokens: about 0.65 per Hangul syllable and 0.27 per other character (e5, our notes)."""
    hangul = sum("가" <= char <= "힣" for char in text)
    return 0.65 * hangul + 0.27 * (len(text) - hangul)


def _sections(text: str, read: str, body_start: int) -> Iterator[tuple[str, int, int]]:
    """Yield `(heading path, start, end)` of what stands under each heading; a `#` inside a code fence is none."""
    path: list[tuple[int, str]] = []
    begin = at = body_start
    fence = ""
    for line in read[body_start:].splitlines(keepends=True):
        bare = line.strip()
        if fence:
            fence = "" if bare.startswith(fence) and not bare.strip(fence[0]) else fence
        elif opened := _FENCE.match(line):
            fence = opened.group(1)
        elif HEADING.match(line) and (heading := HEADING.match(seen(text[at : at + len(line)]))):
            yield _joined(path), begin, at
            level, name = len(heading.group(1)), heading.group(2)
            # The heading that opens a note is its title, which every passage carries anyway.
            opens = level == 1 and not read[body_start:at].strip()
            path = [item for item in path if item[0] < level] + ([] if opens else [(level, name)])
            begin = at + len(line)
        at += len(line)
    yield _joined(path), begin, len(read)


def _joined(path: list[tuple[int, str]]) -> str:
    return " > ".join(name for _, name in path)


def _packed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield spans of whole sentences of about TARGET_TOKENS, of even size rather than full ones and a rest."""
    spans = [(start + a, start + b) for a, b in sentences(text[start:end])]
    spans = [piece for span in spans for piece in _bounded(text, *span)]
    if not spans:
        return
    sizes = [estimate_tokens(text[a:b]) for a, b in spans]
    parts = max(1, round(sum(sizes) / TARGET_TOKENS))
    goal, first, held = sum(sizes) / parts, 0, 0.0
    for place, size in enumerate(sizes):
        paragraph_ends = "\n\n" in text[spans[place - 1][1] : spans[place][0]] if place else False
        # A blank line is the better place to cut, so it may cut a little early and other places a little late.
        if place > first and held + size / 2 > goal * (0.8 if paragraph_ends else 1.1):
            yield spans[first][0], spans[place - 1][1]
            first, held = place, 0.0
        held += size
    yield spans[first][0], spans[-1][1]


def _bounded(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut a sentence that the encoder could not read whole, at white space where there is some."""
    limit = TARGET_TOKENS * 2
    # Four times as many characters are too many in any language; to look further at every cut would take for ever.
    while estimate_tokens(text[start : min(end, start + 4 * limit)]) > limit:
        cut = start + limit
        space = text.rfind(" ", start + limit // 2, cut)
        cut = space if space > 0 else cut
        yield start, start + len(text[start:cut].rstrip())
        start = cut
        while text[start].isspace():
            start += 1
    if start < end:
        yield start, end
