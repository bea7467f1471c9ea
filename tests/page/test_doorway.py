"""Nobody reads a file of the machine, or makes it ask another, through the page: each event, form and address."""

import json
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import pytest
from door_parts import client
from fakes import HashEmbedding, opened
from filelock import FileLock

from assistant import Settings
from assistant.page import uploads
from assistant.page.mount import mount_page
from assistant.server.app import build_app
from assistant.server.guard import Access
from eval.load import served

SECRET = "the safe opens with 4711"
META = {"_type": "gradio.FileData"}
each = pytest.mark.parametrize


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file that is no note."""
    file = tmp_path / "secret.md"
    file.write_text(SECRET, encoding="utf-8")
    return file


@contextmanager
def standing(settings: Settings, embed_model: HashEmbedding) -> Iterator[tuple[httpx.Client, gr.Blocks]]:
    app = build_app(opened(settings, embed_model), Access.to("127.0.0.1", settings))
    mount_page(app, opened(settings, embed_model), None)
    mounted: Any = app.router.routes[-1]
    with served(app) as address, client(address) as browser:
        yield browser, mounted.app.get_blocks()


@pytest.fixture
def page(settings: Settings, embed_model: HashEmbedding) -> Iterator[tuple[httpx.Client, gr.Blocks]]:
    with standing(settings, embed_model) as both:
        yield both


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """An address of this machine, and what it was asked for."""
    asked: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(SECRET.encode())

        def log_message(self, *told: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/secret.md", asked
    server.shutdown()
    server.server_close()


def forms(path: str, address: str) -> Iterator[Any]:
    """Yield the ways in which a request can name a file, or an address that the server would ask."""
    outside = f"{uploads.folder()}/../{Path(path).relative_to('/')}"
    for place in (path, address, f"file://{path}", outside, str(uploads.folder()), f"{path}\0"):
        yield [{"path": place, "orig_name": "a.md", "is_stream": True, "meta": META}]
        yield {"path": place, "url": place, "orig_name": "a.md", "size": 1, "mime_type": "text/plain", "meta": META}
    whole = {"path": path, "meta": META}
    yield from (whole, [whole], {"value": whole}, [[whole]], {"files": [whole], "text": ""}, {"a": {"b": [whole]}})
    yield from ({"path": path}, [{"path": path}], {"url": address, "meta": META}, [{"url": address}], [[path]])
    yield from ({"path": whole, "meta": META}, {"meta": META, "video": whole})


def nothing_leaked(settings: Settings, *replies: httpx.Response) -> None:
    for reply in replies:
        assert SECRET not in reply.text and "/file=" not in reply.text, reply.request.url
    kept = [file for place in (uploads.folder(), settings.notes) for file in place.rglob("*") if file.is_file()]
    assert not [file for file in kept if SECRET in file.read_text(encoding="utf-8")]


def test_no_field_of_any_event_takes_a_file_that_was_not_uploaded(
    page: Any, settings: Settings, secret: Path, listener: tuple[str, list[str]]
) -> None:
    browser, blocks = page
    tried = 0
    for number, event in blocks.fns.items():
        fields = len(event.inputs)
        for form in forms(str(secret), listener[0]):
            bodies = [{"data": [None] * at + [form] + [None] * (fields - at - 1)} for at in range(fields)]
            bodies.append({"data": [form] * fields, "event_data": form})
            bodies.append({"data": [None] * fields, "event_data": {"source": form}})
            for body in bodies if not event.cancels else bodies[-1:]:
                # The field for files has no use for what its event says; it is left out there.
                if body["data"] == [None] * fields and any(
                    isinstance(field, gr.UploadButton) for field in event.inputs
                ):
                    continue
                asked = body | {"fn_index": number, "session_hash": "attacker1"}
                reply = browser.post("/gradio_api/queue/join", json=asked)
                tried += 1
                assert reply.status_code == 400 and list(reply.json()) == ["error"], (event.targets, asked)
                assert SECRET not in reply.text and "\n" not in reply.json()["error"]
    assert tried > 1500 and listener[1] == []
    nothing_leaked(settings)


def test_what_the_page_itself_would_not_send_is_refused(page: Any) -> None:
    browser, blocks = page
    number, event = next((number, event) for number, event in blocks.fns.items() if len(event.inputs) == 2)
    right: dict[str, Any] = {"fn_index": number, "data": ["", ""], "session_hash": "one"}
    deep = "[" * 100_000 + "]" * 100_000
    wrong = [
        *("", "[]", "null", "{", deep, f'{{"data": {deep}}}', '{"data": 1}'),
        *(
            json.dumps(right | change)
            for change in ({"data": ["a"]}, {"data": ["a"] * 3}, {"data": {}}, {"data": None})
        ),
        *(json.dumps(right | {"fn_index": other}) for other in (None, "write", 10_000, -1, True, 1.0, [number])),
        *(json.dumps(right | {"session_hash": other}) for other in ("../../x", "", {}, "a" * 65, 3)),
        *(json.dumps(right | {"trigger_id": other}) for other in ("1", {}, [1])),
        '{"data": [{"path": "/etc/hostname", "meta": {"_type": "gradio.FileData"}}, ""]}',
    ]
    for body in wrong:
        reply = browser.post("/gradio_api/queue/join", content=body, headers={"content-type": "application/json"})
        assert reply.status_code == 400 and list(reply.json()) == ["error"], body[:80]


ADDRESSES = [
    *("file={path}", "file/{path}", "file=http://127.0.0.1:9/x", "proxy=http://127.0.0.1:9/x", "stream/a/b/1/1.md"),
    *("stream/a/b/1/playlist.m3u8", "deep_link?session_hash=one", "runs", "run-history/buckets", "vibe-code", "info"),
    *("custom_component/a/client/component/index.js", "queue/status", "token", "user", "login_check", "openapi.json"),
    *(
        "call/write/1",
        "profiling/traces",
        "../gradio_api/file={path}",
        "/file={path}",
        "heartbeat/../file={path}",
    ),
    *("startup-events", "queue/join", "upload", "run/predict"),
]


SENT = (
    "component_server component_server/ process_recording vibe-edit vibe-code undo-vibe-edit call/write call/v2/write "
    "api/write run/predict run/write stream/1 stream/1/close run-history/connect login"
).split()


def test_what_the_page_does_not_use_of_gradio_is_closed(page: Any, settings: Settings, secret: Path) -> None:
    browser, _ = page
    for address in ADDRESSES:
        asked = f"/gradio_api/{address.format(path=secret)}"
        for path in (asked, asked.replace("=", "%3D"), asked.replace("/gradio_api", "/gradio_api/")):
            reply = browser.get(path)
            assert reply.status_code == 404 and list(reply.json()) == ["error"], path
            nothing_leaked(settings, reply)


def test_what_the_page_does_not_send_to_gradio_is_closed(page: Any, settings: Settings, secret: Path) -> None:
    browser, blocks = page
    files = {"path": str(secret), "meta": META}
    body = {"data": [files], "fn_name": "x", "component_id": min(blocks.blocks), "session_hash": "one", "prompt": "x"}
    for address in SENT:
        reply = browser.post(f"/gradio_api/{address}", json=body)
        assert reply.status_code == 404 and list(reply.json()) == ["error"], address
        nothing_leaked(settings, reply, browser.post(f"/gradio_api/{address}", files={"files": ("a.md", b"x")}))


def test_another_conversation_cannot_be_named_in_the_pages_address(page: Any) -> None:
    browser, _ = page
    uploads_state = uploads.folder() / "deep_links" / "stolen"
    uploads_state.mkdir(parents=True)
    (uploads_state / "state.json").write_text(f'[{{"id": 1, "props": "{SECRET}"}}]', encoding="utf-8")
    try:
        for path in ("/", "/config"):
            for name in ("stolen", "../deep_links/stolen"):
                assert SECRET not in browser.get(path, params={"deep_link": name}).text
    finally:
        (uploads_state / "state.json").unlink()


def sent(browser: httpx.Client, blocks: gr.Blocks, paths: list[str], name: str) -> str:
    """Drop uploaded files into the field as a browser does, and return what the page makes of it."""
    number = next(
        n for n, event in blocks.fns.items() if any(isinstance(field, gr.UploadButton) for field in event.inputs)
    )
    data = [[{"path": path, "orig_name": name, "url": "http://127.0.0.1:9/x", "meta": META} for path in paths]]
    body = {"fn_index": number, "data": data, "session_hash": "dropper", "event_data": data}
    assert browser.post("/gradio_api/queue/join", json=body).status_code == 200
    with browser.stream("GET", "/gradio_api/queue/data", params={"session_hash": "dropper"}) as events:
        return next(text for text in events.iter_lines() if "process_completed" in text)


def test_an_uploaded_file_becomes_a_note_and_leaves_the_folder_that_is_ours_alone(
    page: Any, settings: Settings
) -> None:
    browser, blocks = page
    given = {"files": ("망 원경.md", "거위 열두 마리".encode())}
    (path,) = browser.post("/gradio_api/upload", files=given).json()
    assert Path(path).is_relative_to(uploads.folder()) and uploads.folder().stat().st_mode & 0o077 == 0
    assert browser.get(f"/gradio_api/file={path}").status_code == 404
    assert "거위.md" in json.loads(sent(browser, blocks, [path], "거위.md")[6:])["output"]["data"][0]
    assert (settings.notes / "거위.md").read_text(encoding="utf-8") == "거위 열두 마리"
    assert not Path(path).exists()
    # What is gone cannot be named again.
    again = [{"path": path, "orig_name": "b.md", "meta": META}]
    number = next(
        n for n, event in blocks.fns.items() if any(isinstance(field, gr.UploadButton) for field in event.inputs)
    )
    reply = browser.post("/gradio_api/queue/join", json={"fn_index": number, "data": [again], "session_hash": "x"})
    assert reply.status_code == 400


def test_a_link_in_the_upload_folder_leads_nowhere(secret: Path) -> None:
    link = uploads.folder() / "link.md"
    link.symlink_to(secret)
    try:
        assert not uploads.holds(str(link)) and not uploads.holds(str(uploads.folder())) and not uploads.holds("a.md")
        assert uploads.taken({"path": str(link)}) == ("link.md", b"")
    finally:
        link.unlink()


def test_files_with_the_same_bytes_are_both_taken_and_old_ones_swept() -> None:
    place = uploads.folder() / "same"
    place.mkdir()
    for name in ("a.md", "b.md"):
        (place / name).write_bytes(b"x")
    assert [uploads.taken({"path": str(place / name), "orig_name": ""}) for name in ("a.md", "b.md")] == [
        ("a.md", b"x"),
        ("b.md", b"x"),
    ]
    assert not place.exists()
    place.mkdir()
    (place / "c.md").write_bytes(b"x")
    uploads.sweep()
    assert place.exists()
    os.utime(place, (0, 0))
    uploads.sweep()
    assert not place.exists()


def test_what_killed_processes_left_behind_is_swept_and_nothing_else(tmp_path: Path) -> None:
    prefix = uploads.folder().parent / "notes-assistant-uploads-"
    killed, empty, alive, linked = (Path(f"{prefix}{name}-{os.getpid()}") for name in ("a", "b", "c", "d"))
    for item in (killed / "old", empty, alive / "old", tmp_path / "mine"):
        item.mkdir(parents=True)
    linked.symlink_to(tmp_path)
    try:
        with FileLock(alive / ".lock"):
            uploads.sweep()
        assert not killed.exists() and not empty.exists()
        assert (alive / "old").exists() and (tmp_path / "mine").exists() and uploads.folder().exists()
        uploads.sweep()
        assert not alive.exists()
    finally:
        linked.unlink()
        for item in (killed, empty, alive):
            shutil.rmtree(item, ignore_errors=True)
