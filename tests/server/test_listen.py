"""Connections within bounds: halves of requests, too many, what is no HTTP, and readers that do not read."""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest
from door_parts import client, doors
from fakes import until

from assistant import Answer, Settings
from assistant.answer import Action
from assistant.errors import SettingsError
from assistant.server import listen
from assistant.server.access import Access
from assistant.server.app import build_app
from assistant.server.listen import free_port, listening
from assistant.text.language import Language
from eval.load import served

each = pytest.mark.parametrize
HEAD = "POST /api/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
HALVES = {
    "nothing": "",
    "a line": "GET /v1/mod",
    "half a head": "GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\n",
    "half a body": HEAD + 'Content-Length: 100\r\n\r\n{"question": ',
    "no body": HEAD + "Content-Length: 100\r\n\r\n",
    "half a chunk": HEAD + "Transfer-Encoding: chunked\r\n\r\n50\r\n{",
    "half a head after a whole request": "GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nGET /v1",
    "a body that nobody wants": HEAD + "Content-Length: 9000000\r\n\r\n{",
}


class Quick:
    """Stands for an assistant that answers at once."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def stream(self, question: str, history: Any, scope: Any, **how: Any) -> Iterator[Answer]:
        yield Answer(question, Language.EN, f"{len(question)} letters", action=Action.CORRECT)


@pytest.fixture
def address(settings: Settings) -> Iterator[str]:
    with doors(Quick(settings), settings) as found:
        yield found


def connected(address: str) -> socket.socket:
    host, port = address.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=30)


def rest(connection: socket.socket) -> bytes:
    """Return all that is said until the server closes the connection; a reset is a way to close it."""
    said = b""
    with contextlib.suppress(ConnectionError):
        while data := connection.recv(65536):
            said += data
    return said


@each("half", HALVES.values(), ids=HALVES.keys())
def test_half_a_request_is_not_waited_for_for_ever(address: str, monkeypatch: pytest.MonkeyPatch, half: str) -> None:
    monkeypatch.setattr(listen, "WITHIN", 0.5)
    with connected(address) as connection:
        connection.sendall(half.encode())
        rest(connection)  # a time-out of the socket would raise
    with client(address) as http:
        assert http.get("/v1/models").status_code == 200


@each("start", ["GET /v1/models HTTP/1.1\r\nX: ", HEAD + "Content-Length: 100000\r\n\r\n"])
def test_a_request_that_dribbles_is_not_waited_for_either(
    address: str, monkeypatch: pytest.MonkeyPatch, start: str
) -> None:
    monkeypatch.setattr(listen, "WITHIN", 0.5)
    with connected(address) as connection:
        connection.sendall(start.encode())

        def dribble() -> bool:
            try:
                connection.sendall(b"a")
            except OSError:
                return True
            return False

        assert until(dribble)


def test_a_large_body_that_goes_on_is_waited_for(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listen, "WITHIN", 0.4)
    monkeypatch.setattr(listen, "PACE", 1000)
    body = json.dumps({"question": "a" * 20_000}).encode()
    with connected(address) as connection:
        connection.sendall((HEAD + f"Connection: close\r\nContent-Length: {len(body)}\r\n\r\n").encode())
        for at in range(0, len(body), 2000):
            time.sleep(0.1)  # some 10 pieces, two or three in each span
            connection.sendall(body[at : at + 2000])
        said = rest(connection)
    assert said.startswith(b"HTTP/1.1 200") and b"20000 letters" in said


def test_connections_are_bounded_and_come_free_again(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listen, "CONNECTIONS", 5)
    with contextlib.ExitStack() as stack:
        for _ in range(5):
            one = stack.enter_context(connected(address))
            one.sendall(b"GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert one.recv(100).startswith(b"HTTP/1.1 200")
        with connected(address) as one_more:
            said = rest(one_more)
    assert said.startswith(b"HTTP/1.1 503") and json.loads(said.split(b"\r\n\r\n")[1])["error"].count("\n") == 0

    def answers() -> bool:
        with client(address) as http:
            return http.get("/v1/models").status_code == 200

    assert until(answers)


@each(
    "said",
    [
        b"\x16\x03\x01\x02\x00\x01\x00",  # TLS to a server that speaks none
        b"GET / HTTP/1.1\r\n\r\n",  # no Host
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n",
        HEAD.encode() + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        HEAD.encode() + b"Content-Length: -1\r\n\r\n",
        HEAD.encode() + b"Content-Length: 1_0\r\n\r\n",
        HEAD.encode() + b"Content-Length : 5\r\n\r\nhello",
        HEAD.encode() + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        HEAD.encode() + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"a" * 100_000 + b"\r\nConnection: close\r\n\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n",
    ],
)
def test_what_is_no_http_is_one_line_and_nothing_is_printed(
    address: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, said: bytes
) -> None:
    with connected(address) as connection:
        with contextlib.suppress(ConnectionError):
            connection.sendall(said)
        answer = rest(connection)
    if answer:  # a reset may come before it
        head, body = answer.split(b"\r\n\r\n", 1)
        assert head.startswith((b"HTTP/1.1 400", b"HTTP/1.1 404")) and json.loads(body)["error"].count("\n") == 0
    assert "Traceback" not in capfd.readouterr().err + caplog.text


def test_a_length_and_chunks_at_once_hide_no_second_request(address: str) -> None:
    hidden = b"GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    body = b"0\r\n\r\n" + hidden
    head = f"{HEAD}Content-Length: {len(body)}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    with connected(address) as connection:
        connection.sendall(head.encode() + body)
        assert rest(connection).count(b"HTTP/1.1 ") <= 1


def test_what_breaks_off_in_the_middle_of_a_response_prints_nothing(
    address: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with connected(address) as connection:  # 413 is said before the body is whole, and then the body is none
        connection.sendall((HEAD + "Content-Length: 9000000\r\n\r\n").encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 413")
    with connected(address) as connection:
        connection.sendall((HEAD + "Transfer-Encoding: chunked\r\nAuthorization: x\r\nOrigin: null\r\n\r\n").encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 403")
        connection.sendall(b"zz\r\n")
        rest(connection)
    assert "Traceback" not in capfd.readouterr().err + caplog.text


class Talkative(Quick):
    """Stands for an assistant whose answers are long and come on and on."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.ended = threading.Event()

    def stream(self, question: str, history: Any, scope: Any, **how: Any) -> Iterator[Answer]:
        if question == "short":
            yield Answer(question, Language.EN, "short", action=Action.CORRECT)
            return
        try:
            for number in range(3000):
                yield Answer(question, Language.EN, f"{number} " * 20_000, action=Action.CORRECT)
                time.sleep(0.001)
        finally:
            self.ended.set()


def test_a_client_that_never_reads_holds_up_nobody_and_is_let_go(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listen, "UNREAD", 1.0)
    talkative = Talkative(settings)
    body = json.dumps({"question": "long", "stream": True}).encode()
    with doors(talkative, settings) as address, connected(address) as deaf:
        deaf.sendall((HEAD + f"Content-Length: {len(body)}\r\n\r\n").encode() + body)
        assert talkative.ended.wait(60)  # ended by the server, or said to its end: it does not wait for the reader
        with client(address) as http:
            assert http.post("/api/ask", json={"question": "short"}).json()["answer"] == "short"


def test_ctrl_c_ends_all_that_waits(settings: Settings) -> None:
    hangs, may_go = threading.Event(), threading.Event()

    def stream(question: str, history: Any, scope: Any, **how: Any) -> Iterator[Answer]:
        hangs.set()
        may_go.wait(300)
        yield Answer(question, Language.EN, "late", action=Action.CORRECT)

    said: list[tuple[int, str]] = []

    def ask(address: str, streamed: bool) -> None:
        with client(address) as http:
            answer = http.post("/api/ask", json={"question": "why", "stream": streamed})
            said.append((answer.status_code, answer.json()["error"]))

    app = build_app(cast(Any, SimpleNamespace(stream=stream, settings=settings)), Access.to("127.0.0.1", settings))
    with served(app) as address:
        asking = [threading.Thread(target=ask, args=(address, streamed)) for streamed in (False, True, False)]
        for one in asking:
            one.start()
        assert hangs.wait(30) and until(lambda: app.state.turns.taken == len(asking))
    for one in asking:
        one.join(60)
    assert [status for status, _ in said] == [503] * 3  # 200 if anything had waited for the model
    may_go.set()
    assert all("stopped" in line and "서버" in line for _, line in said)


def test_a_taken_port_is_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert port < free_port("127.0.0.1", port) < port + 20
    assert free_port("127.0.0.1", 0) > 0
    with pytest.raises(SettingsError, match="65536"):
        free_port("127.0.0.1", 65536)


def test_an_address_that_cannot_be_listened_at_is_one_line() -> None:
    with listening("127.0.0.1", 0) as door, pytest.raises(SettingsError, match="cannot listen") as raised:
        listening("127.0.0.1", door.getsockname()[1])
    assert "\n" not in str(raised.value)
