"""XML of strangers is read without their entities, and broken parts are refused."""

import io
import zipfile

import pytest

from assistant.errors import NoteError
from assistant.notes.formats.xml import local, of_part, parsed


def test_an_entity_is_neither_resolved_nor_fetched() -> None:
    bomb = (
        b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;"><!ENTITY f SYSTEM "file:///etc/hostname">]><a>x&c;&f;y</a>'
    )
    root = parsed(bomb, "a note")
    assert "".join(root.itertext(with_tail=False)).startswith("x")
    assert b"bbbb" not in "".join(root.xpath("//text()")).encode()
    assert [local(child) for child in root] == ["", ""]


def test_names_are_told_without_their_namespace() -> None:
    assert local(parsed(b'<o:text xmlns:o="urn:x"/>', "a note")) == "text"


@pytest.mark.parametrize("data", [b"", b"<a>", b"plain", b"<a>" * 1000 + b"</a>" * 1000])
def test_broken_or_deep_xml_is_refused_in_one_line(data: bytes) -> None:
    with pytest.raises(NoteError, match="expected a note, found broken XML") as error:
        parsed(data, "a note")
    assert "\n" not in str(error.value)


def test_a_part_that_is_missing_or_damaged_is_named() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.xml", "<a/>")
    with zipfile.ZipFile(stream) as archive, pytest.raises(NoteError, match=r"expected b\.xml in it"):
        of_part(archive, "b.xml")
    data = stream.getvalue().replace(b"<a/>", b"<b/>")
    with zipfile.ZipFile(io.BytesIO(data)) as archive, pytest.raises(NoteError, match=r"its part a\.xml is damaged"):
        of_part(archive, "a.xml")
