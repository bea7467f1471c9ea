"""A small OpenAI-compatible HTTP server on the loopback address that answers, or fails, as a test tells it to."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from eval.questions.ideal import DONE, chunk


@dataclass
class Script:
    """What the server does: `says` streamed word by word, with a `pause` after each.

    Or it `fails` with a status, `hangs` for so many seconds, or `breaks` off half way.
    """

    says: str = ""
    fails: int = 0
    hangs: float = 0.0
    breaks: bool = False
    pause: float = 0.0
    asked: list[dict[str, Any]] = field(default_factory=list)


@contextmanager
def serving(script: Script) -> Iterator[str]:
    """Yield the server's address, ending in /v1."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if not self.path.endswith("/chat/completions"):  # it does not tell its context window
                self.send_error(404)
                return
            script.asked.append(said)
            time.sleep(script.hangs)
            self.send_response(script.fails or 200)
            self.send_header("Content-Type", "application/json" if script.fails else "text/event-stream")
            self.end_headers()
            if script.fails:
                self.wfile.write(b'{"error": {"message": "no, and your key is secret-key"}}')
                return
            with suppress(ConnectionError):  # its reader may leave at any word
                self.write()

        def write(self) -> None:
            words = script.says.split(" ")
            for place, word in enumerate(words):
                if script.breaks and place * 2 >= len(words):
                    return
                self.wfile.write(chunk({"content": word + " " * (place + 1 < len(words))}))
                self.wfile.flush()
                time.sleep(script.pause)
            self.wfile.write(chunk({}, "stop") + DONE)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
