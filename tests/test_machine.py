"""What differs between systems: what each of them makes of it, and that nothing else asks for the system."""

import ast
import errno
import os
import re
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from assistant import machine

ROOT = Path(__file__).parent.parent
SYSTEMS = ["linux", "darwin", "win32"]
TAKES = """
import sys, time
import psutil
from assistant import machine
most, taken, sys.platform = int(sys.argv[2]), int(sys.argv[3]), sys.argv[1]
machine.bound_memory(most)
try:
    held = b"x" * taken
except MemoryError:
    sys.exit("too much")
time.sleep(0.3 if taken < most else 60)
"""
MODULES = {"resource", "fcntl", "termios", "tty", "pty", "pwd", "grp", "posix", "msvcrt", "winreg", "nt", "curses"}
ATTRIBUTES = {
    "os": "name fork forkpty getuid geteuid getgid getegid getgroups setsid setpgid getpgid killpg waitpid wait mkfifo "
    "mknod chown fchown lchown fchmod chroot nice sched_getaffinity sched_setaffinity uname getloadavg statvfs "
    "pathconf startfile posix_spawn register_at_fork O_NOFOLLOW O_DIRECTORY O_BINARY",
    "signal": "SIGKILL SIGHUP SIGQUIT SIGUSR1 SIGUSR2 SIGALRM SIGCHLD SIGPIPE SIGSTOP SIGCONT CTRL_C_EVENT alarm pause",
    "socket": "AF_UNIX SO_REUSEADDR SO_REUSEPORT SO_EXCLUSIVEADDRUSE",
    "sys": "platform getwindowsversion",
    "platform": "system uname",
}
ARGUMENTS = {"preexec_fn", "start_new_session", "process_group", "pass_fds", "creationflags", "startupinfo"}
PLACES = re.compile(r"/(?:proc|tmp|dev|etc|usr|var|bin)/\w|[A-Z]:\\")


def ended(system: str, most: int, taken: int) -> tuple[int, str]:
    command = [sys.executable, "-c", TAKES, system, str(most), str(taken)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stderr.strip()


@pytest.mark.skipif(sys.platform != "linux", reason="plays the other systems on Linux")
@pytest.mark.parametrize("system", SYSTEMS)
def test_who_takes_more_memory_than_it_may_is_stopped_on_every_system(system: str) -> None:
    assert ended(system, 400_000_000, 800_000_000) == (1, "too much" if system == "linux" else "")
    assert ended(system, 400_000_000, 50_000_000) == (0, "")


def test_a_narrower_bound_that_is_there_already_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    resource = pytest.importorskip("resource")
    said: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: said.append(limits))
    for allowed in (1000, 5000, resource.RLIM_INFINITY):
        monkeypatch.setattr(resource, "getrlimit", lambda _, allowed=allowed: (allowed, allowed))
        machine.bound_memory(2000)
    assert said == [(2000, 5000), (2000, resource.RLIM_INFINITY)]


def test_the_most_memory_that_was_held_is_of_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    held = psutil.Process().memory_info().rss
    assert 0.9 * held < machine.peak_memory() < 100 * held
    said = SimpleNamespace(memory_info=lambda: SimpleNamespace(peak_wset=77))
    monkeypatch.setattr(psutil, "Process", lambda: said)
    monkeypatch.setattr(sys, "platform", "win32")
    assert machine.peak_memory() == 77


@pytest.mark.parametrize(
    ("system", "environment", "obeyed"),
    [
        ("linux", {"TERM": "xterm"}, True),
        ("linux", {"TERM": "dumb"}, False),
        ("darwin", {"TERM": "xterm"}, True),
        ("win32", {}, False),
        ("win32", {"WT_SESSION": "1"}, True),
    ],
)
def test_escape_sequences_go_to_terminals_that_obey_them(
    monkeypatch: pytest.MonkeyPatch, system: str, environment: dict[str, str], obeyed: bool
) -> None:
    for name in ("TERM", "WT_SESSION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", system)
    assert machine.obeys_escapes() is obeyed


@pytest.mark.parametrize(("system", "gone"), [("linux", False), ("darwin", False), ("win32", True)])
def test_windows_calls_a_pipe_without_a_reader_invalid(
    monkeypatch: pytest.MonkeyPatch, system: str, gone: bool
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    assert machine.reader_gone(OSError(errno.EINVAL, "Invalid argument")) is gone
    assert machine.reader_gone(BrokenPipeError())
    assert not machine.reader_gone(OSError(errno.ENOSPC, "full")) and not machine.reader_gone(ValueError())


def test_a_link_is_a_symbolic_one_or_a_junction(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "broken").symlink_to(tmp_path / "gone")
    found = {name: machine.is_link(str(tmp_path / name)) for name in ("real", "link", "broken", "gone", "\0")}
    assert found == {"real": False, "link": True, "broken": True, "gone": False, "\0": False}
    status = SimpleNamespace(st_mode=os.lstat(tmp_path / "real").st_mode, st_reparse_tag=0xA0000003)
    monkeypatch.setattr(os, "lstat", lambda path: status)
    assert machine.is_link(str(tmp_path / "real"))


def test_names_that_windows_keeps_for_devices_are_known() -> None:
    assert all(map(machine.is_device, ("con", "NUL", "nul.md", "Com1", "lpt² .txt", "CONIN$", "aux.tar.gz")))
    assert not any(map(machine.is_device, ("console", "com", "com10", "연", "", ".con", "null.md")))


def test_names_are_alike_where_some_file_system_takes_them_for_one() -> None:
    for one, other in (("Tea", "tea"), ("녹차", unicodedata.normalize("NFD", "녹차")), ("É", "e\u0301")):
        assert machine.alike(one) == machine.alike(other)
    assert machine.alike("tea") != machine.alike("teas")


def own_to_a_system(source: str) -> Iterator[str]:
    """Yield what a source names that not every system has, or that asks which system it is."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name.split(".")[0] in MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = {name.name for name in node.names} & {*ATTRIBUTES.get(node.module, "").split()}
            yield from names | ({node.module} & MODULES)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.attr in ATTRIBUTES.get(node.value.id, "").split():
                yield f"{node.value.id}.{node.attr}"
        elif isinstance(node, ast.keyword) and node.arg in ARGUMENTS:
            yield node.arg
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and PLACES.match(node.value):
            yield node.value


@pytest.mark.parametrize(
    "line",
    [
        "import resource",
        "from fcntl import flock",
        "def f():\n  import msvcrt",
        "os.fork()",
        "from signal import SIGKILL",
        "child.send_signal(signal.SIGKILL)",
        "if sys.platform == 'linux': pass",
        "subprocess.Popen(command, start_new_session=True)",
        "open('/proc/self/status')",
        r"Path('C:\\Users')",
    ],
)
def test_what_only_some_systems_have_is_noticed(line: str) -> None:
    assert [*own_to_a_system(line)]
    assert not [*own_to_a_system("import os, signal\nos.replace(a, b)\nsignal.SIGTERM\nx.name\n'/api/ask'\n'/v1'")]


@pytest.mark.parametrize(
    "file",
    [path for folder in ("assistant", "eval") for path in sorted((ROOT / folder).rglob("*.py"))],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_only_one_module_knows_the_systems(file: Path) -> None:
    found = [*own_to_a_system(file.read_text(encoding="utf-8"))]
    assert bool(found) == (file.name == "machine.py"), found
