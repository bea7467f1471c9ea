"""What a Milvus index does when something breaks: the server goes away, a process is killed, two write at once."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import HashEmbedding, write_notes
from milvus_parts import begun, brought, free_port
from store_parts import asked
from update_parts import finds, passages

from assistant.cli.main import main
from assistant.config import Settings
from assistant.errors import IndexUnusable
from assistant.index import milvus, milvus_lease
from assistant.index.milvus import MilvusStore
from assistant.index.milvus_client import Milvus
from assistant.index.milvus_snapshot import MilvusSnapshot

pytestmark = [pytest.mark.milvus, pytest.mark.filterwarnings("default")]
MORE = {f"more{n}.md": f"# More {n}\nText number {n}." for n in range(8)}
WORKER = """
import sys, time
from fakes import HashEmbedding
from assistant.config import Settings
from assistant.errors import IndexUnusable
from assistant.index import milvus_writer
from assistant.index.update import update

class Slow(HashEmbedding):
    def _get_text_embedding(self, text):
        time.sleep(float(sys.argv[1]))
        return super()._get_text_embedding(text)

milvus_writer.AT_ONCE = 2
settings = Settings.read()
try:
    update([settings.notes], settings, Slow, lambda what, done, total: print(what, done, flush=True))
    print("done")
except IndexUnusable as error:
    print("refused:", error)
"""


class Server:
    """A server that can be killed and started again over the same data."""

    def __init__(self, place: Path) -> None:
        self.place, self.port = place, free_port()
        self.process: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        if self.process is None:
            self.process = begun(self.place, self.port)

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None


@pytest.fixture(scope="module")
def kept_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    pytest.importorskip("milvus_lite")
    server = Server(tmp_path_factory.mktemp("faults"))
    yield server
    server.kill()


@pytest.fixture
def server(kept_server: Server) -> Server:
    kept_server.begin()
    return kept_server


@pytest.fixture
def held(settings: Settings, server: Server, tmp_path: Path) -> Settings:
    name = f"t{abs(hash(str(tmp_path))):x}"
    return replace(settings, store="milvus", store_address=f"http://127.0.0.1:{server.port}", store_name=name)


def worker(held: Settings, seconds: float) -> subprocess.Popen[str]:
    """Start a process that indexes, and takes so long for each passage."""
    told = {f"ASSISTANT_{name.upper()}": str(getattr(held, name)) for name in ("notes", "index", "embedding")}
    told |= {f"ASSISTANT_{name.upper()}": getattr(held, name) for name in ("store", "store_address", "store_name")}
    parts = Path(__file__).parents[1] / "parts"
    paths = os.pathsep.join((str(parts), os.environ["PYTHONPATH"]))
    command = [sys.executable, "-c", WORKER, str(seconds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | told | {"PYTHONPATH": paths})


def whole(snapshot: MilvusSnapshot) -> None:
    """Check that the state holds each passage once, and as many as it says."""
    ids = [passage.id for passage in passages(snapshot)]
    assert len(ids) == len(set(ids)) == snapshot.about.passages == sum(note.passages for note in snapshot.notes)


def test_a_server_that_is_away_at_the_start_is_said_in_one_line(
    held: Settings, server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server.kill()
    for name in ("store", "store_address", "store_name"):
        monkeypatch.setenv(f"ASSISTANT_{name.upper()}", getattr(held, name))
    assert main(["status"]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"assistant: the Milvus server at {held.store_address} ") and said.count("\n") == 1


def test_a_server_that_goes_away_in_a_question_is_said_so_and_used_again_when_it_is_back(
    held: Settings, server: Server
) -> None:
    snapshot = brought(held)
    found = snapshot.dense(asked("tea water"), 5)
    server.kill()
    began = time.monotonic()
    with pytest.raises(IndexUnusable, match="Milvus server at"):
        snapshot.dense(asked("tea water"), 5)
    assert time.monotonic() - began < 15
    server.begin()
    assert snapshot.dense(asked("tea water"), 5) == found


def test_a_server_that_goes_away_in_an_ingest_loses_nothing(held: Settings, server: Server) -> None:
    before = brought(held)
    expected = finds(before)
    write_notes(held.notes, MORE)

    class Killing(HashEmbedding):
        def _get_text_embedding(self, text: str) -> list[float]:
            server.kill()
            return super()._get_text_embedding(text)

    with pytest.raises(IndexUnusable, match="Milvus server at"):
        brought(held, Killing())
    server.begin()
    assert finds(MilvusStore(held).snapshot()) == expected
    Milvus(held).delete(f"{held.store_name}_head", 'pk like "lease-%"')  # as if its minute had passed
    after = brought(held)
    assert after.about.notes == before.about.notes + len(MORE)
    whole(after)


def test_a_killed_worker_leaves_a_whole_index_which_the_next_one_goes_on_with(
    held: Settings, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = brought(held)
    write_notes(held.notes, MORE)
    process = worker(held, 0.2)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("embedding") and int(line.split()[1]) >= 5:
            break
    process.kill()
    process.communicate()
    there = MilvusStore(held).snapshot()
    whole(there)
    assert before.about.notes < there.about.notes < before.about.notes + len(MORE)
    with pytest.raises(IndexUnusable, match="another process is indexing into"):
        brought(held)
    now, model = time.time, HashEmbedding()
    monkeypatch.setattr(time, "time", lambda: now() + milvus_lease.LEASE)
    after = brought(held, model)
    whole(after)
    assert after.about.notes == before.about.notes + len(MORE)
    assert len(model.embedded) == after.about.passages - there.about.passages


def test_while_one_worker_indexes_another_is_refused(held: Settings, server: Server) -> None:
    process = worker(held, 0.3)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("embedding"):
            break
    with pytest.raises(IndexUnusable, match="another process is indexing into"):
        brought(held)
    assert "done" in process.communicate()[0]
    whole(MilvusStore(held).snapshot())
    assert MilvusStore(held).snapshot().about.notes == 6


def test_of_many_that_begin_at_once_never_two_write(held: Settings, server: Server) -> None:
    brought(held)
    inside, most, together = list[int](), list[int](), threading.Barrier(4)

    def begin(number: int) -> None:
        store = MilvusStore(held)
        assert store.exists()
        together.wait()
        for _ in range(5):
            with suppress(IndexUnusable), store.writing():
                inside.append(number)
                most.append(len(inside))
                time.sleep(0.05)
                inside.remove(number)

    threads = [threading.Thread(target=begin, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(most, default=1) == 1
    MilvusStore(held).remove("nothing")


def test_readers_see_whole_states_while_another_writes(held: Settings, server: Server) -> None:
    before = brought(held)
    write_notes(held.notes, MORE)
    wrong, seen, over = list[str](), set[int](), threading.Event()

    def reading() -> None:
        store = MilvusStore(held)
        while not over.is_set():
            try:
                snapshot = store.snapshot()
                whole(snapshot)
                seen.add(snapshot.about.notes)
            except AssertionError as error:
                wrong.append(str(error))

    reader = threading.Thread(target=reading)
    reader.start()
    process = worker(held, 0.1)
    assert "done" in process.communicate()[0]
    over.set()
    reader.join()
    assert wrong == [] and before.about.notes in seen and len(seen) >= 2


def test_another_schema_is_left_alone(held: Settings, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    before = finds(brought(held))
    with monkeypatch.context() as patched:
        patched.setattr(milvus, "SCHEMA", 2)
        for call in (MilvusStore(held).snapshot, MilvusStore(held).exists, lambda: brought(held)):
            with pytest.raises(IndexUnusable, match="has schema 1, this version of the program has 2; use"):
                call()
    assert finds(MilvusStore(held).snapshot()) == before
