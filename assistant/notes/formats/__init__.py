"""One file a format. In: a file's bytes and its name. Out: a `Document`. It does not know folders or the index.

Another format is one more file here and one more line in `BY_SUFFIX`.
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
        NoteError: the bytes are not of the format that the name's suffix says.

    """
    return BY_SUFFIX[os.path.splitext(name)[1].lower()](data, name)
