from email.message import EmailMessage
from email.policy import SMTP

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import NoteError
from assistant.notes.formats.extracted import Extracted
from assistant.notes.formats.mail import extract

HEAD = b"From: Kim <kim@example.com>\r\nTo: lee@example.com\r\nDate: Tue, 5 Mar 2024 23:30:00 +0900\r\n"


def blocks(found: Extracted) -> list[str]:
    return [found.text[block.start : block.end] for block in found.blocks]


def mail(**headers: str) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    for name, value in {"From": "Kim <kim@example.com>", "Date": "Tue, 5 Mar 2024 23:30:00 +0900", **headers}.items():
        message[name] = value
    return message


def test_a_korean_mail_is_read_with_its_headers_and_attachments() -> None:
    message = mail(Subject="3월 회의 일정", To="이영희 <lee@example.com>")
    message.set_content("안녕하세요.\n\n일시: 3월 7일\n장소: 3층\n- 예산\n- 일정\n", charset="euc-kr")
    message.add_attachment(b"%PDF-", maintype="application", subtype="pdf", filename="예산안.pdf")
    message.add_attachment("a,b", subtype="csv", filename="b.csv")
    found = extract(bytes(message))
    assert blocks(found) == [
        "3월 회의 일정",
        "From: Kim <kim@example.com>\nTo: 이영희 <lee@example.com>\nDate: 2024-03-05 23:30",
        "안녕하세요.",
        "일시: 3월 7일\n장소: 3층",
        "- 예산",
        "- 일정",
        "첨부: 예산안.pdf, b.csv",
    ]
    assert found.fields == {"title": "3월 회의 일정", "date": "2024-03-05", "author": "Kim <kim@example.com>"}


def test_wrapped_lines_are_joined_and_quotes_stay_apart() -> None:
    body = (
        b"The server moves to the new rack on Friday evening, and so nobody should\r\nstart long jobs.\r\n\r\n"
        b"On Mon, 4 Mar 2024, Lee wrote:\r\n> When does it move?\r\n> Please tell us.\r\n>> It moves soon.\r\nKim\r\n"
    )
    assert blocks(extract(HEAD + b"Subject: Move\r\n\r\n" + body))[2:] == [
        "The server moves to the new rack on Friday evening, and so nobody should start long jobs.",
        "On Mon, 4 Mar 2024, Lee wrote:",
        "> When does it move?\nPlease tell us.",
        ">> It moves soon.",
        "Kim",
    ]


@pytest.mark.parametrize(
    "plain", ["", "Please view this message in an HTML browser.", "HTML 형식으로 보기를 지원하지 않습니다."]
)
def test_html_is_read_where_the_plain_text_says_nothing(plain: str) -> None:
    message = mail(Subject="News")
    message.set_content(plain)
    message.add_alternative("<h2>Sale</h2><p>Everything costs <b>half</b>.</p>", subtype="html")
    assert blocks(extract(bytes(message)))[2:] == ["Sale", "Everything costs half."]
    message = mail(Subject="News")
    message.set_content("Everything costs half.")
    message.add_alternative("<p>ALL</p>", subtype="html")
    assert blocks(extract(bytes(message)))[2:] == ["Everything costs half."]


@pytest.mark.parametrize("charset", ["euc-kr", "ks_c_5601-1987", "iso-2022-kr", "utf-8", "x-unknown", "us-ascii"])
def test_korean_is_read_in_every_encoding(charset: str) -> None:
    codec = {"ks_c_5601-1987": "cp949", "x-unknown": "cp949", "us-ascii": "utf-8"}.get(charset, charset)
    body = "회의는 세 시입니다.".encode(codec)
    head = HEAD + f"Content-Type: text/plain; charset={charset}\r\nSubject: ".encode()
    assert blocks(extract(head + "회의".encode("cp949") + b"\r\n\r\n" + body))[::2] == ["회의", "회의는 세 시입니다."]


def test_an_encoded_subject_and_quoted_printable_are_decoded() -> None:
    data = (
        HEAD + b"Subject: =?euc-kr?B?yLjAxw==?= =?utf-8?Q?_=EA=B3=84=ED=9A=8D?=\r\n"
        b"Content-Transfer-Encoding: quoted-printable\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        b"=EA=B3=84=ED=9A=8D=\r\n=EC=9D=B4=EB=8B=A4."
    )
    assert blocks(extract(data))[::2] == ["회의 계획", "계획이다."]


def test_an_attached_mail_is_read_under_its_subject() -> None:
    inner = mail(Subject="First plan")
    inner.set_content("We meet at nine.")
    message = mail(Subject="Fwd")
    message.set_content("See below.")
    message.add_attachment(inner)
    found = extract(bytes(message))
    assert [block.words for block in found.blocks if block.level] == ["Fwd", "First plan"]
    assert found.text.endswith("We meet at nine.")


@pytest.mark.parametrize("data", [b"", b"no mail at all", b"\x00\x01\x02", b"<html><p>page</p></html>"])
def test_what_is_no_mail_is_refused(data: bytes) -> None:
    with pytest.raises(NoteError, match="expected a mail"):
        extract(data)


HEADERS = st.sampled_from(["Subject", "To", "Date", "Content-Type", "Content-Disposition", "Content-Transfer-Encoding"])
VALUES = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["multipart/mixed", "multipart/alternative; boundary=x", "message/rfc822", "base64"]),
    st.sampled_from(["text/html; charset=punycode", "text/plain; charset=utf-7", "inline; filename*=x''%ff"]),
)


@given(st.lists(st.tuples(HEADERS, VALUES), max_size=5), st.binary(max_size=60))
def test_any_mail_is_read_or_refused(headers: list[tuple[str, str]], body: bytes) -> None:
    head = "".join(f"{name}: {value}\r\n" for name, value in headers).encode("utf-8", "replace")
    try:
        found = extract(b"From: a@b.c\r\n" + head + b"\r\n--x\r\n\r\n" + body)
    except NoteError:
        return
    assert all(found.text[block.start : block.end].strip() for block in found.blocks)
