"""Commands, Python and settings on the pages do what the pages say, over the example notes, without a language model.

Both languages hold the same code (`test_pages`), so the English pages are run. A command that does not end, fetches
something or needs a server is only parsed; other programs are not run.
"""

import contextlib
import io
import json
import os
import re
import shlex
import shutil
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import pytest
from doc_pages import DOCS, Block, blocks, names, text_of
from door_parts import doors
from fakes import REAL_MODELS
from llama_index.core.base.embeddings.base import BaseEmbedding

from assistant import Assistant, Settings
from assistant.cli.main import main, parsed
from assistant.cli.opening import run_open
from assistant.models.judge import Judge
from eval.__main__ import STAGES
from eval.__main__ import main as evaluate

pytestmark = [pytest.mark.embedding, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
ROOT = DOCS.parent
SERVER = "http://127.0.0.1:7860"
PARSED = re.compile(r"(?:serve|mcp|models pull)\b|index .*--(?:from|embedding|on)\b")
"""What is not run: it does not end, or needs the network, a server, Ray or another model."""
OTHERS = frozenset(("uv", "pipx", "pip", "brew", "sudo", "ollama", "vllm", "claude", "ray"))
QUESTIONS = '{"id": "wechsel", "question": "What is WECHSEL for?"}\n'
SHOWN = re.compile(r"(\d+\.\d+) s\)|confidence (\d\.\d+)")
README = (ROOT / "README.md").read_text(encoding="utf-8")
BY_PAGE = {name: found for name in names("en") if (found := blocks(text_of("en", name)))} | {"README": blocks(README)}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder with notes in it, and a folder of papers and a diary among them."""
    place = tmp_path_factory.mktemp("home")
    notes = place / "notes"
    shutil.copytree(ROOT / "corpus", notes)
    (notes / "diary").mkdir()
    (notes / "diary" / "2026-10-01.md").write_text(
        "# Books\n\n#reading\n\n오늘은 등대에 대한 책을 읽었다.\n", encoding="utf-8"
    )
    for file in notes.rglob("*.md"):
        os.utime(file, (1_790_000_000, 1_790_000_000))  # in September 2026
    (place / "questions.jsonl").write_text(QUESTIONS, encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def judge() -> Judge:
    found = Judge.open(Settings(models=REAL_MODELS, threads=1))
    assert found
    return found


@pytest.fixture(scope="module")
def opened(home: Path, real_embedding: BaseEmbedding) -> Assistant:
    """The assistant over that folder, with its index where commands look for it."""
    index = home / ".assistant" / "index"
    own = Settings(notes=home / "notes", index=index, models=REAL_MODELS, llm="extractive", threads=1)
    assistant = Assistant(own, embed_model=real_embedding)
    assistant.index([own.notes])
    return assistant


@pytest.fixture
def reader(
    home: Path, opened: Assistant, judge: Judge, real_embedding: BaseEmbedding, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Somebody who follows a page in that folder; the models are loaded once for all of them."""
    for name in ("NOTES", "INDEX"):
        monkeypatch.delenv(f"ASSISTANT_{name}")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("ASSISTANT_MODELS", str(REAL_MODELS))
    monkeypatch.setenv("ASSISTANT_LLM", "extractive")
    monkeypatch.setattr("assistant.models.embedding.build_embedding", lambda settings: real_embedding)
    monkeypatch.setattr(Judge, "open", lambda settings: judge)
    monkeypatch.chdir(home)
    return home


@pytest.fixture(scope="module")
def door(opened: Assistant) -> Iterator[str]:
    with doors(opened, opened.settings) as address:
        yield address


def commands(block: Block) -> Iterator[str]:
    """Yield the lines of a block, with those that go on in the next one joined."""
    yield from filter(None, (line.strip() for line in block.code.replace("\\\n", " ").splitlines()))


def run(line: str, door: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Do what a line of a shell says; fail if it fails."""
    words = [os.path.expanduser(word) for word in shlex.split(line)]
    with monkeypatch.context() as own:
        while "=" in words[0]:
            own.setenv(*words.pop(0).split("=", 1))
        match words:
            case ["assistant", *arguments]:
                asked(line, arguments, own)
            case ["python", "-m", "eval", *arguments]:
                measured(arguments)
            case ["python", "-m", "eval.speed" | "eval.load" as module, *arguments]:
                helped(import_module(module).main, arguments)
            case ["curl", address, *options]:
                fetched(address.replace(SERVER, door), options)
            case ["make", target]:
                assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
            case _:
                assert words[0] in OTHERS, f"what is {words[0]}?"
                if "assistant" in words:  # another program is told to run ours
                    parsed(words[words.index("assistant") + 1 :])


def asked(line: str, arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    options = parsed(arguments)
    monkeypatch.setattr("sys.stdin", io.StringIO("a long password\n"))
    if options.run is not run_open and not PARSED.match(" ".join(arguments)):
        assert main(arguments) == 0, line


def measured(arguments: list[str]) -> None:
    known = {*STAGES, "support", "formats", "files", "compare", "report", "feedback"}
    assert not arguments or arguments[0] in known
    helped(evaluate, arguments, arguments[:1] if arguments[:1] in (["compare"], ["report"]) else [])


def helped(main: Callable[[list[str]], int], arguments: list[str], of: Sequence[str] = ()) -> None:
    """Look up options in the help, of a command of it: to run them takes minutes."""
    with contextlib.redirect_stdout(io.StringIO()) as said, pytest.raises(SystemExit):
        main([*of, "--help"])
    assert all(option in said.getvalue() for option in arguments if option.startswith("--"))


def fetched(address: str, options: list[str]) -> None:
    """Send what curl would."""
    given = dict(zip(options[::2], options[1::2], strict=True))
    assert set(given) <= {"-H", "-d"}
    headers = dict([given["-H"].split(": ")]) if "-H" in given else {}
    said = httpx.request("POST" if "-d" in given else "GET", address, headers=headers, content=given.get("-d"))
    assert said.status_code == 200 and "error" not in said.json(), said.text


def shown(text: str) -> tuple[str, list[float]]:
    """Return what a command printed without its seconds, and the confidence apart."""
    return SHOWN.sub("", text).strip(), [float(sure) for _, sure in SHOWN.findall(text) if sure]


def check(block: Block, place: Path, door: str, monkeypatch: pytest.MonkeyPatch) -> None:
    match block.kind:
        case "sh":
            for line in commands(block):
                run(line, door, monkeypatch)
        case "console":
            first, expected = block.text.split("\n", 1)
            with contextlib.redirect_stdout(io.StringIO()) as said:
                run(first.removeprefix("$ "), door, monkeypatch)
            (words, sure), (told, near) = shown(said.getvalue()), shown(expected)
            assert words == told and sure == pytest.approx(near, abs=0.05)
        case "python":
            exec(compile(block.text.replace(SERVER, door), "page", "exec"), {"__name__": "page"})
        case "toml":
            (place / "page.toml").write_text(block.text, encoding="utf-8")
            Settings.read(place / "page.toml", {})
        case "json":
            json.loads(block.text)
        case other:
            assert other in {"text", "nginx", "gitignore"}, f"who checks blocks of {other}?"


@pytest.mark.parametrize("name", BY_PAGE)
def test_the_code_of_a_page_runs(name: str, reader: Path, door: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for block in BY_PAGE[name]:
        check(block, reader, door, monkeypatch)


def test_a_line_that_is_wrong_is_noticed(reader: Path, door: str, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong: list[tuple[str, Any]] = [
        ("assistant ask --nonsense", SystemExit),
        ("assistant serve --hosts here", SystemExit),
        ("assistant show absent.md", AssertionError),
        ("claude mcp add notes -- assistant nonsense", SystemExit),
        ("python -m eval nonsense", AssertionError),
        ("curl http://127.0.0.1:7860/api/note?source=absent.md", AssertionError),
        ("make nonsense", AssertionError),
        ("nonsense", AssertionError),
    ]
    for line, error in wrong:
        with pytest.raises(error):
            run(line, door, monkeypatch)
