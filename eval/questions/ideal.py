"""What an ideal writer answers to each question, and what careless ones would have written.

`eval/data/ideal.jsonl` holds, for an answerable question of ours or about strangers' notes, an answer's sentences in
the question's language, and wrong sentences: with another number, with another name, with something true that the notes
do not say. A local server plays these writers.
"""

import json
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import SequenceMatcher
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent.parent / "data" / "ideal.jsonl"
IDEAL = "ideal"
CARELESS = ("number", "name", "added")
"""Writers: one that changes a number, one that changes a name, one that adds what the notes do not say."""
_HALF = 0.5
"""Evidence holds a piece of gold if this share of the shorter one of the two stands in the other in one run."""
_EXCERPT = re.compile(r"^\[(\d+)\] (.*)$", re.MULTILINE)
_QUESTION = re.compile(r"(?:Question|질문): (.*)\Z", re.DOTALL)
_REFUSAL = re.compile(r'"([^"]+)"')


@dataclass(frozen=True)
class Ideal:
    """An ideal answer's sentences, and for each careless writer its wrong sentence, if there is one."""

    sentences: tuple[str, ...]
    wrong: Mapping[str, str]


@dataclass(frozen=True)
class Known:
    """What a writer knows of a question: the words that answer it, each piece a choice of wordings, and an answer."""

    gold: tuple[tuple[str, ...], ...]
    ideal: Ideal


def read_ideal(file: Path = FILE) -> dict[str, Ideal]:
    """Return the ideal answers by the question's id."""
    with file.open(encoding="utf-8") as lines:
        items = [json.loads(line) for line in lines]
    return {
        item["id"]: Ideal(tuple(item["answer"]), {name: item[name] for name in CARELESS if item[name]})
        for item in items
    }


class Writer:
    """Writes the ideal answer where the evidence in a prompt holds the gold, and declines where it does not.

    `knows` maps a question's text to what is known of it; `manner` is `IDEAL` or one of `CARELESS`.
    """

    def __init__(self, knows: Mapping[str, Known]) -> None:
        """Know the questions; be ideal."""
        self._knows = knows
        self.manner = IDEAL

    def reply(self, messages: Sequence[Mapping[str, str]]) -> str:
        """Return what is written for a prompt: sentences that end in their marks, or the prompt's own refusal."""
        system, user = messages[0]["content"], messages[1]["content"]
        asked, refusal = _QUESTION.search(user), _REFUSAL.search(system)
        assert asked and refusal, "the prompt holds neither the question nor the refusal"
        known = self._knows.get(asked.group(1).strip())
        numbers = known and _holding(known.gold, dict(_EXCERPT.findall(user)))
        if not known or not numbers:
            return refusal.group(1)
        marks = "".join(f" [{number}]" for number in numbers)
        return " ".join(f"{sentence}{marks}" for sentence in self.says(known.ideal))

    def says(self, ideal: Ideal) -> list[str]:
        """Return the sentences in this manner: the wrong one in the place of the one that it was made from."""
        said, wrong = list(ideal.sentences), ideal.wrong.get(self.manner)
        if self.manner == "added" and wrong:
            return [*said, wrong]
        if wrong:
            place = max(range(len(said)), key=lambda at: SequenceMatcher(None, said[at], wrong).ratio())
            said[place] = wrong
        return said


def _holding(gold: Sequence[Sequence[str]], excerpts: Mapping[str, str]) -> list[str]:
    """Return the numbers of the excerpts that hold the pieces of gold; none if a piece is missing."""
    found = []
    for piece in gold:
        held = [number for number, text in excerpts.items() if any(holds(text, words) for words in piece)]
        if not held:
            return []
        found += held
    return list(dict.fromkeys(found))


def holds(text: str, gold: str) -> bool:
    """Tell whether most of the gold, or of the text if that is shorter, stands in the other; spacing does not count."""
    one, other = (re.sub(r"[\W_]+", "", words.casefold()) for words in (text, gold))
    shared = SequenceMatcher(None, one, other, autojunk=False).find_longest_match().size
    return bool(one and other) and shared >= _HALF * min(len(one), len(other))


DONE = b"data: [DONE]\n\n"
"""What ends a stream of chunks."""


def chunk(delta: dict[str, str], reason: str | None = None) -> bytes:
    """Return an event of a streamed answer, as an OpenAI-compatible server sends it."""
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    said = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": [choice]}
    return f"data: {json.dumps(said)}\n\n".encode()


@contextmanager
def serving(writer: Writer) -> Iterator[str]:
    """Yield the address, ending in /v1, of an OpenAI-compatible server that writes so."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if not self.path.endswith("/chat/completions"):  # it does not tell its context window
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            self.wfile.write(chunk({"content": writer.reply(asked["messages"])}) + chunk({}, "stop") + DONE)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        server.server_close()
