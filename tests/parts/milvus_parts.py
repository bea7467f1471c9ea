"""What the tests of an index in Milvus share: a server (milvus-lite) in a process of its own, and the way into it."""

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from fakes import HashEmbedding

from assistant.config import Settings
from assistant.index.milvus import MilvusStore
from assistant.index.milvus_snapshot import MilvusSnapshot
from assistant.index.update import update


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def begun(place: Path, port: int) -> subprocess.Popen[bytes]:
    """Start a server over a folder, and return once it listens."""
    command = [Path(sys.executable).parent / "milvus-lite", "server", "--data-dir", place, "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(150):
        time.sleep(0.2)
        with socket.socket() as probe:
            if not probe.connect_ex(("127.0.0.1", port)):
                return process
    raise AssertionError("milvus-lite did not start within 30 s")


@contextmanager
def serving(place: Path) -> Iterator[str]:
    """Give the address of a server; MILVUS_ADDRESS names another to test with."""
    if running := os.environ.get("MILVUS_ADDRESS"):
        yield running
        return
    port = free_port()
    process = begun(place, port)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def in_server(settings: Settings, address: str) -> Settings:
    """Return settings with an index of its own in a server."""
    return replace(settings, store="milvus", store_address=address, store_name=f"t{secrets.token_hex(6)}")


def brought(held: Settings, model: HashEmbedding | None = None) -> MilvusSnapshot:
    """Bring the server's index in line with the notes, and return its state."""
    update([held.notes], held, lambda: model or HashEmbedding())
    return MilvusStore(held).snapshot()
