import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import NoteError
from assistant.notes.formats.docx import extract
from assistant.notes.formats.extracted import Extracted

SPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml"'
)
STYLES = f"""<w:styles {SPACES}>
<w:style w:type="paragraph" w:styleId="a3"><w:name w:val="Title"/></w:style>
<w:style w:type="paragraph" w:styleId="1"><w:name w:val="heading 1"/><w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="2"><w:name w:val="heading 2"/><w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="own"><w:name w:val="우리 제목"/><w:basedOn w:val="2"/></w:style>
<w:style w:type="paragraph" w:styleId="10"><w:name w:val="toc 1"/></w:style>
</w:styles>"""
NUMBERING = f"""<w:numbering {SPACES}>
<w:abstractNum w:abstractNumId="0">
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl>
<w:lvl w:ilvl="1"><w:numFmt w:val="bullet"/><w:lvlText w:val="o"/></w:lvl></w:abstractNum>
<w:num w:numId="5"><w:abstractNumId w:val="0"/></w:num></w:numbering>"""
CORE = """<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"><dc:title>{}</dc:title>
<dc:creator>김철수</dc:creator><dcterms:modified>2024-03-05T01:02:03Z</dcterms:modified></cp:coreProperties>"""
RELATIONS = """<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
Target="word/document.xml"/>
</Relationships>"""


def word(body: str, title: str = "", **parts: str) -> bytes:
    own = {
        "_rels/.rels": RELATIONS,
        "word/document.xml": f"<w:document {SPACES}><w:body>{body}<w:sectPr/></w:body></w:document>",
        "word/styles.xml": STYLES,
        "word/numbering.xml": NUMBERING,
        "docProps/core.xml": CORE.format(title),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in (own | {f"word/{name}.xml": text for name, text in parts.items()}).items():
            archive.writestr(name, text)
    return out.getvalue()


def p(words: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{r(words)}</w:p>"


def r(words: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{words}</w:t></w:r>'


def styled(words: str, style: str) -> str:
    return p(words, f'<w:pStyle w:val="{style}"/>')


def table(*rows: tuple[str, ...], head: bool = False) -> str:
    marked = "<w:trPr><w:tblHeader/></w:trPr>" if head else ""
    lines = ["".join(f"<w:tc>{p(cell)}</w:tc>" for cell in row) for row in rows]
    return (
        f"<w:tbl><w:tr>{marked}{lines[0]}</w:tr>" + "".join(f"<w:tr>{line}</w:tr>" for line in lines[1:]) + "</w:tbl>"
    )


def told(found: Extracted) -> list[tuple[str, int, str]]:
    return [(block.kind.value, block.level, found.text[block.start : block.end]) for block in found.blocks]


def test_headings_are_known_by_their_level_whatever_they_are_called() -> None:
    found = extract(
        word(
            styled("보고서", "a3")
            + styled("목차 3", "10")
            + styled("개요", "1")
            + styled("배경", "own")
            + p("Own level", '<w:outlineLvl w:val="2"/>')
            + p("본문이다.")
        )
    )
    assert told(found) == [
        ("heading", 1, "보고서"),
        ("heading", 1, "개요"),
        ("heading", 2, "배경"),
        ("heading", 3, "Own level"),
        ("paragraph", 0, "본문이다."),
    ]
    assert found.fields == {"title": "보고서", "author": "김철수", "date": "2024-03-05"}
    assert extract(word(p("x"), title="연간 계획")).fields["title"] == "연간 계획"


def test_items_keep_their_numbers_and_depth() -> None:
    level = '<w:numPr><w:ilvl w:val="{}"/><w:numId w:val="5"/></w:numPr>'
    found = extract(word(p("One", level.format(0)) + p("inner", level.format(1)) + p("Two", level.format(0))))
    assert told(found) == [("item", 1, "1. One"), ("item", 2, "  - inner"), ("item", 1, "2. Two")]


LAW = f"""<w:numbering {SPACES}><w:abstractNum w:abstractNumId="0">
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="제%1조"/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="ganada"/><w:lvlText w:val="%2."/></w:lvl>
<w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="lowerRoman"/><w:lvlText w:val="%1.%3)"/></w:lvl></w:abstractNum>
<w:num w:numId="5"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="6"><w:abstractNumId w:val="0"/>
<w:lvlOverride w:ilvl="0"><w:startOverride w:val="7"/></w:lvlOverride></w:num></w:numbering>"""


def test_numbers_are_those_that_word_shows() -> None:
    def at(depth: int, number: int = 5) -> str:
        return f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="{number}"/></w:numPr>'

    body = p("목적", at(0) + '<w:outlineLvl w:val="0"/>') + p("정의", at(1)) + p("범위", at(1)) + p("사이 글")
    body += p("절차", at(1)) + p("deep", at(2)) + p("적용", at(0)) + p("첫째", at(1)) + p("다른 목록", at(0, 6))
    assert extract(word(body, numbering=LAW)).text.split("\n") == [
        *("제1조 목적", "", "  가. 정의", "  나. 범위", "", "사이 글", "", "  다. 절차", "    1.i) deep", "제2조 적용"),
        *("  가. 첫째", "제7조 다른 목록"),
    ]


def test_the_first_row_names_the_columns_where_it_looks_so() -> None:
    assert [kind for kind, *_ in told(extract(word(table(("항목", "값"), ("길이", "3")))))] == ["head", "row"]
    assert [kind for kind, *_ in told(extract(word(table(("길이", "3"), ("폭", "4")))))] == ["row", "row"]
    assert [kind for kind, *_ in told(extract(word(table(("", "2024"), ("폭", "4"), head=True))))] == ["head", "row"]


def test_merged_cells_are_repeated() -> None:
    merged = (
        f'<w:tbl><w:tr><w:tc><w:tcPr><w:vMerge w:val="restart"/></w:tcPr>{p("서울")}</w:tc>'
        f"<w:tc>{p('1월')}</w:tc></w:tr>"
        f"<w:tr><w:tc><w:tcPr><w:vMerge/></w:tcPr><w:p/></w:tc><w:tc>{p('2월 3')}</w:tc></w:tr></w:tbl>"
    )
    assert "| 서울 | 2월 3 |" in extract(word(merged)).text


BOX = "<w:txbxContent>{}</w:txbxContent>"
NEW = f"<mc:Choice Requires='wps'><w:drawing><wps:txbx>{BOX}</wps:txbx></w:drawing></mc:Choice>"
OLD = f"<mc:Fallback><w:pict><v:textbox>{BOX}</v:textbox></w:pict></mc:Fallback>"


@pytest.mark.parametrize("ways", [NEW + OLD, NEW, OLD])
def test_the_words_of_a_text_box_stand_once_behind_their_paragraph(ways: str) -> None:
    shape = f"<mc:AlternateContent>{ways}</mc:AlternateContent>".replace("{}", p("글상자 하나") + p("둘"))
    found = extract(word(f"<w:p>{r('앞')}<w:r>{shape}</w:r>{r('뒤')}</w:p>" + p("다음")))
    assert found.text == "앞뒤\n\n글상자 하나\n\n둘\n\n다음"


def test_controls_fields_and_links_keep_their_words_and_invitations_go() -> None:
    found = extract(
        word(
            f"<w:p>{r('이름: ')}<w:sdt><w:sdtPr/><w:sdtContent>{r('김철수')}</w:sdtContent></w:sdt>"
            f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{r('Click here')}</w:sdtContent></w:sdt></w:p>"
            f"<w:sdt><w:sdtContent>{p('Whole paragraph')}</w:sdtContent></w:sdt>"
            f"<w:p><w:fldSimple w:instr='REF x'>{r('표 1')}</w:fldSimple>{r(' and ')}"
            f"<w:hyperlink r:id='rId99'>{r('a link')}</w:hyperlink></w:p>"
            '<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj></w:sdtPr>'
            f"<w:sdtContent>{p('개요 ... 1')}</w:sdtContent></w:sdt>"
        )
    )
    assert found.text == "이름: 김철수\n\nWhole paragraph\n\n표 1 and a link"


def test_deletions_and_hidden_words_go_and_insertions_stay() -> None:
    found = extract(
        word(
            f"<w:p>{r('The price is ')}<w:del><w:r><w:delText>5</w:delText></w:r></w:del>"
            f"<w:ins>{r('7')}</w:ins>{r(' won.')}<w:r><w:rPr><w:vanish/></w:rPr><w:t>secret</w:t></w:r></w:p>"
        )
    )
    assert found.text == "The price is 7 won."


def test_a_formula_is_told_in_a_line() -> None:
    def m(tag: str, *inner: str) -> str:
        return f"<m:{tag}>{''.join(inner)}</m:{tag}>"

    def t(words: str) -> str:
        return m("r", m("t", words))

    power = m("sSup", m("e", t("x")), m("sup", t("2")))
    fraction = m("f", m("num", power, t("+"), t("1")), m("den", t("n")))
    brackets = m("d", m("e", t("a"), t("-"), t("b")))
    total = m("nary", '<m:naryPr><m:chr m:val="∑"/></m:naryPr>', m("sub", t("i=1")), m("sup", t("n")), m("e", t("i")))
    found = extract(
        word(
            f"<w:p>{r('값은 ')}<m:oMath>{fraction}{brackets}</m:oMath>{r('이다.')}</w:p><w:p>{m('oMath', total)}</w:p>"
        )
    )
    assert found.text == "값은 (x^2 + 1)/n(a - b) 이다.\n\n∑_(i=1)^n i"


def test_footnotes_stay_and_comments_go() -> None:
    notes = f'<w:footnotes {SPACES}><w:footnote w:id="2">{p("출처는 통계청이다.")}</w:footnote></w:footnotes>'
    marks = '<w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:commentReference w:id="0"/></w:r>'
    found = extract(word(f"<w:p>{r('인구가 줄었다')}{marks}</w:p>", footnotes=notes))
    assert found.text == "인구가 줄었다[1]\n\n1. 출처는 통계청이다."


def without(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.namelist():
            if part != name:
                new.writestr(part, old.read(part))
    return out.getvalue()


def test_a_file_without_its_lesser_parts_is_read_and_one_without_its_document_refused() -> None:
    data = word(p("본문"))
    for name in ("word/styles.xml", "word/numbering.xml", "docProps/core.xml", "_rels/.rels"):
        data = without(name, data)
    assert extract(data).text == "본문"
    assert extract(word(p("본문"), title="</broken>")).fields == {}
    with pytest.raises(NoteError, match="expected word/document.xml"):
        extract(without("word/document.xml", data))


@pytest.mark.parametrize("body", ["<w:p>", "<w:p><w:r><w:footnoteReference w:id='9'/></w:r></w:p>", "&bomb;"])
def test_a_broken_document_is_refused_in_one_line(body: str) -> None:
    with pytest.raises(NoteError, match="save it again") as refused:
        extract(word(body))
    assert "\n" not in str(refused.value)


def test_entities_are_not_multiplied() -> None:
    entities = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    bomb = f"{entities}<w:styles {SPACES}><w:style>&b;</w:style></w:styles>"
    with pytest.raises(NoteError):
        extract(word(p("x"), styles=bomb))


@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=20))
def test_damaged_bytes_give_text_or_a_reason(at: int, noise: bytes) -> None:
    data = bytearray(word(styled("제목", "1") + p("본문") + table(("a", "b"), ("c", "d"))))
    at %= len(data)
    data[at : at + len(noise)] = noise
    try:
        extract(bytes(data))
    except NoteError as error:
        assert str(error) and "\n" not in str(error)
