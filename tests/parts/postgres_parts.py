"""A PostgreSQL server of our own for a test, from the system's package, on a socket in a folder."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

_PLACES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def program(name: str) -> str | None:
    """Return where one of PostgreSQL's programs is; None if it is not on this machine."""
    return shutil.which(name) or next((str(place / name) for place in _PLACES if (place / name).exists()), None)


@contextmanager
def postgres() -> Iterator[str]:
    """Start a server and give its address."""
    with cluster() as folder, running(folder) as address:
        yield address


@contextmanager
def cluster() -> Iterator[Path]:
    """Make the files of a server that `running` starts; it refuses to run as root, so then it runs as its own user."""
    if (initdb := program("initdb")) is None:
        pytest.skip("PostgreSQL is absent; apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        if _user():
            shutil.chown(folder, "postgres")
        made = [initdb, "-D", str(folder / "data"), "-U", "notes", "-A", "trust", "-E", "UTF8", "--no-sync"]
        subprocess.run(made, check=True, capture_output=True, cwd=folder, **_user())  # type: ignore[call-overload]
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Run the server of a cluster, and give its address; whoever is connected at the end is cut off."""
    server = program("postgres")
    assert server
    command = [server, "-D", str(folder / "data"), "-k", str(folder), "-h", "", "-F"]
    started = subprocess.Popen(command, stderr=subprocess.DEVNULL, cwd=folder, **_user())  # type: ignore[call-overload]
    address = f"postgresql://notes@/postgres?host={folder}"
    try:
        _wait_for(address)
        yield address
    finally:
        started.send_signal(signal.SIGINT)  # does not wait for clients, as SIGTERM does
        started.wait(30)


def _user() -> dict[str, str]:
    return {"user": "postgres"} if os.geteuid() == 0 else {}


def _wait_for(address: str) -> None:
    for _ in range(100):
        try:
            psycopg.connect(address, connect_timeout=1).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.1)
    raise AssertionError("PostgreSQL did not start")
