"""The image: built by Docker where it runs, else by the Dockerfile's steps in a folder; then started as it will be.

Docker's builder needs the network, for the base and for the packages; the steps need it for the packages.
"""

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from deploy_parts import ROOT, command, environment, steps
from fakes import REAL_MODELS, until, write_notes
from six_notes import NOTES, TEA

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
MOST = 1_500_000_000
BASE = 250_000_000
"""Bytes of Debian's slim Python with Tesseract, more or less: what a folder of the steps lacks of the image."""
Started = Callable[..., "subprocess.Popen[str]"]


def has_docker() -> bool:
    docker = shutil.which("docker")
    return bool(docker) and subprocess.run([docker, "info"], capture_output=True).returncode == 0


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the three volumes: six notes, the embedding model, nothing yet; over a gigabyte in the end."""
    folder = tmp_path_factory.mktemp("image")
    (folder / "data").mkdir()
    write_notes(folder / "notes", NOTES)
    ignored = shutil.ignore_patterns("openvino*", "judge-*")
    shutil.copytree(REAL_MODELS / "multilingual-e5-small", folder / "models" / "multilingual-e5-small", ignore=ignored)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def started(place: Path) -> Iterator[Started]:
    """Build the image, check its size, and return what starts a command in it."""
    if has_docker():
        name = "notes-assistant:test"
        subprocess.run(["docker", "build", "--quiet", "--tag", name, str(ROOT)], check=True)
        told = ["docker", "image", "inspect", "--format", "{{.Size}}", name]
        assert int(subprocess.run(told, capture_output=True, text=True, check=True).stdout) < MOST
        subprocess.run(["chmod", "-R", "a+rwX", str(place)], check=True)
        run = ["docker", "run", "--rm", "--init", "--read-only", "--tmpfs", "/tmp", "--network", "host"]
        run += [word for volume in ("data", "models", "notes") for word in ("-v", f"{place / volume}:/{volume}")]

        def start(*told: str, **given: str) -> subprocess.Popen[str]:
            settings = [word for name, value in given.items() for word in ("-e", f"{name}={value}")]
            return piped([*run, *settings, name, *told], dict(os.environ))

        yield start
        subprocess.run(["docker", "image", "rm", name], check=True)
    else:
        env = by_steps(place)
        assert sum(file.lstat().st_size for file in env.rglob("*")) + BASE < MOST

        def start_here(*told: str, **given: str) -> subprocess.Popen[str]:
            own = {name: moved(value, place) for name, value in environment().items() if name != "PATH"}
            return piped([str(env / "bin" / "assistant"), *told], {"PATH": os.environ["PATH"]} | own | given, place)

        yield start_here


def by_steps(place: Path) -> Path:
    """Do in a folder what the Dockerfile does to build the environment, and return that."""
    for copied in (shlex.split(rest) for word, rest in steps() if word == "COPY" and "--from" not in rest):
        for source in copied[:-1]:
            target = place / "src" / (copied[-1] if copied[-1] != "./" else source)
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                target.parent.mkdir(exist_ok=True)
                shutil.copy(ROOT / source, target)
    built = next(rest for word, rest in steps() if word == "RUN")
    script = moved(built, place).replace("python -m venv", f"{sys.executable} -m venv").replace("--no-cache-dir ", "")
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run(["sh", "-e", "-c", script], cwd=place / "src", env=clean, check=True, stdout=subprocess.DEVNULL)
    return place / "opt" / "assistant"


def moved(text: str, place: Path) -> str:
    """Return a text with the image's folders in this place."""
    return re.sub(r"(?<![\w/])(?=/(?:opt/assistant|wheel|data|models|notes)\b)", str(place), text)


def piped(command: list[str], given: dict[str, str], place: Path | None = None) -> "subprocess.Popen[str]":
    there = place / "data" if place else None
    return subprocess.Popen(command, env=given, cwd=there, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_without_a_log_in_the_image_s_own_command_says_what_is_missing(started: Started) -> None:
    with started(*command()) as running:
        _, err = running.communicate(timeout=300)
    assert running.returncode == 1 and err.count("\n") == 1 and "ASSISTANT_SERVE_TOKEN" in err


def test_notes_are_indexed_and_asked_with_what_the_image_holds(started: Started) -> None:
    with started("index") as indexing:
        out, err = indexing.communicate(timeout=600)
    assert indexing.returncode == 0 and "6 indexed" in out, err
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    told = [*command(), "--port", port]
    with started(*told, ASSISTANT_SERVE_TOKEN="t0ken", ASSISTANT_LLM="extractive") as serving:
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=300) as http:
                assert until(lambda: is_ready(http)), serving.stderr and serving.stderr.read()
                assert http.get("/api/notes").status_code == 401
                http.headers["authorization"] = "Bearer t0ken"
                assert "70도" in http.post("/api/ask", json={"question": TEA}).json()["answer"]
                assert http.get("/").status_code == 200
        finally:
            serving.terminate()
            _, err = serving.communicate(timeout=60)
    assert (serving.returncode, err) == (0, "")


def is_ready(http: httpx.Client) -> bool:
    try:
        return http.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False
