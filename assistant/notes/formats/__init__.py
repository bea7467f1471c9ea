"""The file formats, one module each; a new format is one more module and one more line in `BY_SUFFIX`.

In: a file's bytes and its name. Out: a `Document`.
It does not know folders or the index.
"""

import os
from collections.abc import Callable, Mapping

from assistant.notes.document import Document
from assistant.notes.formats import markdown, text

Read = Callable[[bytes, str], Document]
BY_SUFFIX: Mapping[str, Read] = {
    ".md": markdown.read,
    ".markdown": markdown.read,
    ".txt": text.read,
    ".text": text.read,
}


def read(data: bytes, name: str) -> Document:
    """Return the document of a file's bytes; `name` is its source.

    Raises:
        NoteError: the bytes are not in the format of the name's suffix.

    """
    return BY_SUFFIX[os.path.splitext(name)[1].lower()](data, name)
