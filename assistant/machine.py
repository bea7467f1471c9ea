"""What differs between Linux, macOS and Windows: no other module asks which system it runs on.

In: a bound, a name, a path, an error. Out: what this system makes of it.
"""

import errno
import os
import re
import sys
import threading
import time
import unicodedata
from pathlib import Path

_LOOK = 0.1
"""Seconds between two looks at how much memory this process holds."""
_DEVICE = re.compile(r"CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9¹²³]", re.IGNORECASE)
_JUNCTION = 0xA0000003
"""How Windows marks a folder that is another one, which Python 3.11 does not count as a link."""


def bound_memory(most: int) -> None:
    """Let this process hold no more than so many bytes.

    Linux then raises MemoryError. macOS takes no such bound and Windows knows none: there the process ends itself.
    """
    if sys.platform in ("darwin", "win32"):
        threading.Thread(target=_end_above, args=(most,), name="memory", daemon=True).start()
        return
    import resource

    _, allowed = resource.getrlimit(resource.RLIMIT_AS)
    if allowed == resource.RLIM_INFINITY or allowed > most:
        resource.setrlimit(resource.RLIMIT_AS, (most, allowed))


def _end_above(most: int) -> None:
    import psutil

    own = psutil.Process()
    while own.memory_info().rss <= most:
        time.sleep(_LOOK)
    os._exit(1)


def peak_memory() -> int:
    """Return the most bytes that this process has held, without what the one that started it held."""
    if sys.platform == "win32":
        import psutil

        return int(psutil.Process().memory_info().peak_wset)
    if sys.platform == "darwin":
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:"))


def obeys_escapes() -> bool:
    """Tell whether a terminal here obeys escape sequences; old consoles of Windows print them as text."""
    # Windows Terminal sets WT_SESSION.
    return os.environ.get("TERM") != "dumb" and (sys.platform != "win32" or "WT_SESSION" in os.environ)


def reader_gone(error: BaseException) -> bool:
    """Tell whether an error means that nobody reads what is printed, as after `| head`."""
    invalid = isinstance(error, OSError) and error.errno == errno.EINVAL  # what Windows calls it
    return isinstance(error, BrokenPipeError) or (sys.platform == "win32" and invalid)


def is_link(path: str) -> bool:
    """Tell whether a file or folder is another one by another name: a symbolic link, or a junction of Windows."""
    try:
        return os.path.islink(path) or getattr(os.lstat(path), "st_reparse_tag", 0) == _JUNCTION
    except (OSError, ValueError):
        return False


def is_device(name: str) -> bool:
    """Tell whether Windows has a device of this name, such as "con" or "NUL.md", so that no file can have it."""
    return _DEVICE.fullmatch(name.partition(".")[0].strip()) is not None


def alike(name: str) -> str:
    """Return what two names share that some file system takes for one: "Tea" and "tea", "가" composed and not."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
