"""A PostgreSQL server of our own for a test, from the system's package, on a socket in a folder."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

_PLACES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def program(name: str) -> str | None:
    """Return where one of PostgreSQL's programs is; None if it is not on this machine."""
    return shutil.which(name) or next((str(place / name) for place in _PLACES if (place / name).exists()), None)


@contextmanager
def postgres() -> Iterator[str]:
    """Start a server and give its address; it refuses to run as root, so then it runs as its own user."""
    initdb, server = program("initdb"), program("postgres")
    assert initdb and server
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    user = {"user": "postgres"} if os.geteuid() == 0 else {}
    try:
        if user:
            shutil.chown(folder, "postgres")
        made = [initdb, "-D", str(folder / "data"), "-U", "notes", "-A", "trust", "-E", "UTF8", "--no-sync"]
        subprocess.run(made, check=True, capture_output=True, cwd=folder, **user)  # type: ignore[call-overload]
        command = [server, "-D", str(folder / "data"), "-k", str(folder), "-h", "", "-F"]
        running = subprocess.Popen(command, stderr=subprocess.DEVNULL, cwd=folder, **user)  # type: ignore[call-overload]
        address = f"postgresql://notes@/postgres?host={folder}"
        try:
            _wait_for(address)
            yield address
        finally:
            running.terminate()
            running.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(address: str) -> None:
    for _ in range(100):
        try:
            psycopg.connect(address, connect_timeout=1).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.1)
    raise AssertionError("PostgreSQL did not start")
