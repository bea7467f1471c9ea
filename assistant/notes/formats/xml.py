"""Reads XML of strangers, alone or as a part of an archive: no entity is resolved, and nothing is fetched.

In: bytes, or an archive and a part's name. Out: the root element.
"""

import zipfile
from typing import Any

from lxml import etree

from assistant.errors import NoteError
from assistant.notes.formats.archive import part


def parsed(data: bytes, what: str) -> Any:
    """Return the root element; raise NoteError, which says `what` was expected, if it is no XML or nests too deep."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        reason = (str(error).splitlines() or ["nothing in it"])[0][:200]
        raise NoteError(f"expected {what}, found broken XML ({reason}); save it again in its program") from error


def of_part(archive: zipfile.ZipFile, name: str) -> Any:
    """Return the root element of a part; raise NoteError if it is missing or broken."""
    try:
        return parsed(part(archive, name), name)
    except KeyError as error:
        raise NoteError(f"expected {name} in it, found none; save it again in its program") from error


def local(element: Any) -> str:
    """Return an element's name without its namespace; empty for an entity, which has none."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def refuse_encrypted(archive: zipfile.ZipFile) -> None:
    """Raise NoteError if the manifest of an OpenDocument or HWPX archive says that parts of it are encrypted."""
    if "META-INF/manifest.xml" in archive.namelist():
        manifest = of_part(archive, "META-INF/manifest.xml")
        if any(local(element) == "encryption-data" for element in manifest.iter("{*}*")):
            raise NoteError("it is encrypted; save it without a password")
