import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import NoteError
from assistant.notes.formats.epub import extract

CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OEBPS/content.opf"/></rootfiles></container>'
)
PACKAGE = """<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>항해 일지</dc:title><dc:creator>김하늘</dc:creator>
<dc:creator>Lee</dc:creator><dc:date>2021-05-01T00:00:00Z</dc:date><dc:language>ko</dc:language></metadata>
<manifest><item id="n" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="t" href="toc.xhtml" media-type="application/xhtml+xml"/>
<item id="one" href="text/one.xhtml" media-type="application/xhtml+xml"/>
<item id="two" href="text/two%20b.xhtml" media-type="application/xhtml+xml"/>
<item id="pic" href="a.jpg" media-type="image/jpeg"/></manifest>
<spine><itemref idref="n"/><itemref idref="t"/><itemref idref="two"/><itemref idref="one"/></spine></package>"""
LINKS = "".join(f'<p><a href="one.xhtml#{number}">Chapter {number}</a></p>' for number in range(6))


def chapter(body: str) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml" '
        f'xmlns:epub="http://www.idpf.org/2007/ops"><head><title/><script src="x"/></head><body>{body}</body></html>'
    )


PARTS = {
    "mimetype": "application/epub+zip",
    "META-INF/container.xml": CONTAINER,
    "OEBPS/content.opf": PACKAGE,
    "OEBPS/nav.xhtml": chapter("<nav><ol><li><a href='a'>One</a></li></ol></nav>"),
    "OEBPS/toc.xhtml": chapter(LINKS),
    "OEBPS/text/one.xhtml": chapter("<h1>2장</h1><p>배가&nbsp;<a id='x'/>돌아왔다.<sup><a href='#n'>1</a></sup></p>"),
    "OEBPS/text/two b.xhtml": chapter("<h1>1장</h1><p>배가 떠났다.</p><nav>menu</nav>"),
}


def book(**changed: str | None) -> bytes:
    names = {name.replace("/", "_").replace(".", "_").replace("-", "_").replace(" ", "_"): name for name in PARTS}
    parts = PARTS | {names.get(name, name): text for name, text in changed.items()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in parts.items():
            if text is not None:
                archive.writestr(name, text)
    return out.getvalue()


def encrypted(path: str) -> dict[str, str]:
    return {
        "META-INF/encryption.xml": '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><EncryptedData '
        'xmlns="http://www.w3.org/2001/04/xmlenc#"><CipherData>'
        f'<CipherReference URI="{path}"/></CipherData></EncryptedData></encryption>'
    }


def test_chapters_are_read_in_the_order_of_the_book_without_its_contents() -> None:
    found = extract(book())
    assert found.text == "1장\n\n배가 떠났다.\n\n2장\n\n배가 돌아왔다.[1]"
    assert [block.words for block in found.blocks if block.level] == ["1장", "2장"]
    assert found.fields == {"title": "항해 일지", "author": "김하늘, Lee", "date": "2021-05-01", "language": "ko"}
    assert found.missing == ""


def test_a_chapter_that_is_not_in_the_file_is_said() -> None:
    found = extract(book(OEBPS_text_one_xhtml=None))
    assert found.text == "1장\n\n배가 떠났다."
    assert found.missing == "1 of 3 chapters, which are damaged or not in the file"


def test_a_chapter_of_broken_xhtml_is_read_as_a_browser_would() -> None:
    found = extract(book(OEBPS_text_one_xhtml=chapter("<h1>2장</h1><p>열린 <b>글<p>다음 & 끝")))
    assert found.text.endswith("2장\n\n열린 글\n\n다음 & 끝")


@pytest.mark.parametrize("mark", ["epub:type='pagebreak'", "role='doc-pagebreak'"])
def test_the_numbers_of_printed_pages_are_no_words_of_a_book(mark: str) -> None:
    found = extract(book(OEBPS_text_one_xhtml=chapter(f"<h1>2장</h1><p>배가 <span {mark}>169</span>돌아왔다.</p>")))
    assert found.text.endswith("2장\n\n배가 돌아왔다.")


def test_a_protected_book_is_refused_and_one_with_scrambled_fonts_is_read() -> None:
    with pytest.raises(NoteError, match="protected against copying"):
        extract(book(**encrypted("OEBPS/text/two%20b.xhtml")))
    assert extract(book(**encrypted("OEBPS/fonts/a.otf"))).text.startswith("1장")


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"META_INF_container_xml": None}, "expected META-INF/container.xml"),
        ({"META_INF_container_xml": "<container"}, "broken XML"),
        ({"META_INF_container_xml": "<container/>"}, "expected the place"),
        ({"OEBPS_content_opf": None}, "expected OEBPS/content.opf"),
        ({"OEBPS_content_opf": "<package/>"}, "expected a book with chapters"),
        ({name: None for name in ("OEBPS_toc_xhtml", "OEBPS_text_one_xhtml", "OEBPS_text_two_b_xhtml")}, "found none"),
    ],
)
def test_a_book_without_its_parts_is_refused(changed: dict[str, str | None], reason: str) -> None:
    with pytest.raises(NoteError, match=reason):
        extract(book(**changed))


def test_entities_are_not_multiplied() -> None:
    bomb = '<!DOCTYPE p [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>' + PACKAGE.partition("?>")[2]
    assert extract(book(OEBPS_content_opf=bomb.replace("항해 일지", "&b;"))).fields.get("title") is None


@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=20))
def test_damaged_bytes_give_text_or_a_reason(at: int, noise: bytes) -> None:
    data = bytearray(book())
    at %= len(data)
    data[at : at + len(noise)] = noise
    try:
        extract(bytes(data))
    except NoteError as error:
        assert str(error) and "\n" not in str(error)
