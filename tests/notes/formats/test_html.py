import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.notes.formats.extracted import Extracted
from assistant.notes.formats.html import extract
from assistant.text.blocks import Kind

TEXT = "<p>" + "The committee decided to move the release to the second week of March. " * 4 + "</p>"


def page(body: str, head: str = "") -> Extracted:
    return extract(f"<!doctype html><html><head><meta charset=utf-8>{head}</head><body>{body}</body></html>".encode())


def told(found: Extracted) -> list[tuple[str, str]]:
    return [(block.kind.value, found.text[block.start : block.end]) for block in found.blocks]


def test_headings_paragraphs_items_and_code_are_read_in_order() -> None:
    found = page(
        "<h2>설치 방법</h2><p>먼저 <code>pip install</code>을\n 실행한다.<br>그다음 설정한다.</p>"
        "<ol start=3><li>세 번째<ul><li>안쪽</li></ul>뒷말</li><li><p>네 번째</p></li></ol>"
        "<pre><code>if a &lt; b:\n    return  1\n</code></pre><blockquote>인용한 말</blockquote>"
    )
    assert told(found) == [
        ("heading", "설치 방법"),
        ("paragraph", "먼저 pip install을 실행한다.\n그다음 설정한다."),
        ("item", "3. 세 번째"),
        ("item", "  - 안쪽"),
        ("paragraph", "뒷말"),
        ("item", "4. 네 번째"),
        ("code", "if a < b:\n    return  1"),
        ("paragraph", "인용한 말"),
    ]
    assert [block.level for block in found.blocks][:4] == [2, 0, 1, 2]


def test_a_term_stands_before_what_explains_it() -> None:
    found = page("<dl><dt>RAG</dt><dd><p>Retrieval first.</p><p>Then writing.</p></dd><dt>A</dt><dt>B</dt></dl>")
    assert told(found) == [
        ("paragraph", "RAG: Retrieval first."),
        ("paragraph", "Then writing."),
        ("paragraph", "A, B"),
    ]


def test_a_cell_that_spans_several_is_repeated_in_each() -> None:
    found = page(
        "<table><caption>요금표</caption><thead><tr><th rowspan=2>도시<th colspan=2>2024</tr>"
        "<tr><th>1월<th>2월</tr></thead>"
        "<tr><td rowspan=2>서울<td>10<td>11</tr><tr><td colspan=2>12</tr><tr><td colspan=3>부산은 없음</tr></table>"
    )
    assert told(found) == [
        ("paragraph", "요금표"),
        ("head", "| 도시 | 2024 1월 | 2024 2월 |"),
        ("row", "| 서울 | 10 | 11 |"),
        ("row", "| 서울 | 12 | 12 |"),
        ("row", "| 부산은 없음 |"),
    ]


@pytest.mark.parametrize(
    "table",
    [
        "<table><tr><td>One thing.</td></tr><tr><td>Another.</td></tr></table>",
        "<table><tr><td><table><tr><td>One thing.</td></tr></table></td><td>Another.</td></tr></table>",
        "<table role=presentation><tr><td>One thing.<td>Another.</tr><tr></table>",
    ],
)
def test_a_table_that_only_places_text_becomes_paragraphs(table: str) -> None:
    assert told(page(table)) == [("paragraph", "One thing."), ("paragraph", "Another.")]


def test_what_no_reader_sees_is_left_out() -> None:
    found = page(
        "<p>Seen.</p><div hidden>a b</div><p style='color:red; display : none'>c</p><i aria-hidden=true>d</i>"
        "<script>e</script><style>f</style><noscript>g</noscript><template>h</template><!-- i -->"
        f"<svg><text>j</text></svg><img src='data:image/png;base64,{'A' * 50_000}' alt='k.png'>"
        "<select><option>l</select><button>m</button>"
    )
    assert found.text == "Seen."


def test_a_picture_is_told_only_where_its_words_say_something() -> None:
    found = page("<p>See<img alt='Sales rose by half in 2024'>and<img alt='logo'><img alt='my first photo.jpg'>.</p>")
    assert found.text == "See Sales rose by half in 2024 and."


@pytest.mark.parametrize(
    "formula",
    [
        '<span class="katex"><span class="katex-mathml"><math><semantics><mrow><mi>E</mi></mrow><annotation encoding='
        '"application/x-tex">E=mc^2</annotation></semantics></math></span><span class="katex-html" aria-hidden="true">'
        "E=mc2</span></span>",
        '<span style="display: none;"><math alttext="{\\displaystyle E=mc^2}"><mi>E</mi></math></span>'
        '<img aria-hidden="true" alt="{\\displaystyle E=mc^2} is a formula">',
        '<span class="MathJax_Preview"></span><span class="MathJax" id="f"><span>E=mc2</span></span>'
        '<script type="math/tex">E=mc^2</script>',
    ],
)
def test_a_formula_is_told_once_as_it_was_written(formula: str) -> None:
    assert page(f"<p>Energy is {formula} here.</p>").text == "Energy is E=mc^2 here."


def test_a_formula_without_its_source_keeps_powers_and_fractions() -> None:
    math = "<math><mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><msup><mi>x</mi><mn>2</mn></msup></mfrac></math>"
    assert page(f"<p>{math} and 10<sup>6</sup>, H<sub>2</sub>O<sup><a href='#n'>3</a></sup></p>").text == (
        "(a + b)/(x^2) and 10^6, H2O[3]"
    )


def test_menus_and_banners_and_lists_of_links_are_left_out() -> None:
    links = "".join(f'<li><a href="/{name}">{name} page</a></li>' for name in ("Home", "News", "Shop", "Help"))
    found = page(
        f"<header>Site <nav>{links}</nav></header><div class='cookie-consent'>We use cookies. <button>OK</button></div>"
        f"<div><ul>{links}</ul></div><h1>Release moved</h1>{TEXT}<aside>Read also</aside><footer>© 2024</footer>"
    )
    assert found.text.startswith("Release moved\n\nThe committee")
    assert found.text.endswith("of March.")


def test_the_article_is_taken_where_it_holds_most_of_the_text() -> None:
    found = page(
        f"<main><article><header><h1>제목</h1></header>{TEXT}<aside>주의할 점</aside></article><p>Comments</p></main>"
    )
    assert found.text.startswith("제목") and "주의할 점" in found.text and "Comments" not in found.text
    both = page(f"<article>{TEXT}<p>first</p></article><article>{TEXT}<p>second</p></article>")
    assert "first" in both.text and "second" in both.text


def test_text_that_stands_in_no_right_place_is_not_lost() -> None:
    assert page(f"<aside>{TEXT}</aside><main>Short.</main>").text.count("committee") == 4
    links = "".join(f'<dt><a href="https://e.org/{n}">Bookmark number {n}</a></dt>' for n in range(20))
    assert "Bookmark number 7" in page(f"<h1>Bookmarks</h1><dl>{links}</dl>").text


@pytest.mark.parametrize(
    "data",
    [
        "<meta charset='euc-kr'><p>똠방각하 회의록</p>".encode("cp949"),
        "<p>똠방각하 회의록</p>".encode("cp949"),
        "<p>똠방각하 회의록</p>".encode(),
        "<p>똠방각하 회의록</p>".encode("utf-16"),
        "<meta charset=euc-kr><p>똠방각하 회의록</p>".encode(),
        '<meta http-equiv="Content-Type" content="text/html; charset=ks_c_5601-1987"><p>똠방각하 회의록</p>'.encode(
            "cp949"
        ),
        '<?xml version="1.0" encoding="EUC-KR"?><html xmlns="http://www.w3.org/1999/xhtml"><body><p>똠방각하&nbsp;회의록'
        "</p></body></html>".encode("cp949"),
    ],
)
def test_korean_is_read_in_every_encoding(data: bytes) -> None:
    assert extract(data).text == "똠방각하 회의록"


def test_western_text_is_read_without_a_word_about_its_encoding() -> None:
    assert extract("<p>Größe, café</p>".encode("cp1252")).text == "Größe, café"


def test_what_a_page_says_of_itself_becomes_fields() -> None:
    found = page(
        f"<h1>회의 결과</h1>{TEXT}<time datetime='2023-01-01'></time>",
        "<title>회의 결과 | 우리 회사</title><link rel=canonical href='https://example.com/a'>"
        "<meta name=author content=김철수><meta property='article:published_time' content='2024-03-05T09:00:00+09:00'>",
    )
    assert found.fields == {
        "title": "회의 결과",
        "url": "https://example.com/a",
        "date": "2024-03-05",
        "author": "김철수",
    }
    assert page("<h1>Other</h1>", "<title>A - B</title>").fields["title"] == "A - B"
    assert page("<p>x</p><time>2024. 3. 5.</time>").fields == {"date": "2024-03-05"}


@pytest.mark.parametrize("data", [b"", b" \n", b"<!-- nothing -->", b"\x00\xff\xfe<", b"<html><body></body></html>"])
def test_a_page_without_text_gives_none(data: bytes) -> None:
    assert extract(data).text.strip("\ufffd<ÿþ ") == ""


def test_entities_are_not_multiplied() -> None:
    data = (
        b'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
        b'<html xmlns="http://www.w3.org/1999/xhtml"><body><p>&b;</p></body></html>'
    )
    assert "aaaa" not in extract(data).text


@pytest.mark.parametrize("tag", ["div", "ul><li", "font", "table><tr><td", "p><b", "h2><span", "ol", "blockquote"])
def test_what_nests_too_deep_is_read_flat(tag: str) -> None:
    assert page("".join(f"<{tag}>word{number} " for number in range(3000))).text.split()[-1].endswith("word2999")


def test_a_formula_that_nests_too_deep_is_read() -> None:
    assert page("<p>so " + "<math><mrow>" + "<mrow>" * 1500 + "<mi>x</mi>").text == "so x"


TAGS = "p div h1 h2 ul ol li table tr td th thead pre br dl dt dd a b span math msup sup script nav main".split()
PIECES = st.one_of(
    st.sampled_from([f"<{tag}>" for tag in TAGS] + [f"</{tag}>" for tag in TAGS]),
    st.sampled_from(["<li value=7>", "<ol start=x>", "<td rowspan=3 colspan=2>", "<th colspan=99999>", "<a href=#x>"]),
    st.text(max_size=8),
)


@given(st.lists(PIECES, max_size=40))
def test_any_markup_gives_blocks_with_words_in_order(pieces: list[str]) -> None:
    found = extract("".join(pieces).encode("utf-8", "replace"))
    at = 0
    for block in found.blocks:
        assert at <= block.start < block.end <= len(found.text)
        assert found.text[block.start : block.end].strip()
        assert (block.level > 0) == (block.kind in (Kind.HEADING, Kind.ITEM))
        at = block.end
