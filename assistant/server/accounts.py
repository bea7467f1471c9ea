"""The people who may log in to a team's server: a file with a line for each, `assistant accounts` writes it.

In: a name and a password. Out: whether they are right. A line holds the name, and scrypt's salt and hash of the
password (RFC 7914), never the password. The file is read again when it changes.
"""

import base64
import hashlib
import os
import secrets
import threading
import unicodedata
from contextlib import suppress
from pathlib import Path

from assistant.errors import SettingsError

_COST, _BLOCK, _WAYS = 2**14, 8, 1
"""Parameters of scrypt: 16 MB and some 50 ms for a password."""
_SHORTEST = 8
_KEPT = 1000
"""Log-ins that were right are remembered by a hash, lest each request of a program cost 50 ms."""


class Accounts:
    """The accounts of a file; thread-safe."""

    def __init__(self, file: Path) -> None:
        """Read nothing yet."""
        self._file, self._lock = file, threading.Lock()
        self._read: tuple[float, dict[str, str]] = (-1.0, {})
        self._right: dict[bytes, str] = {}
        self._key = secrets.token_bytes(32)

    def names(self) -> list[str]:
        """Return the names, sorted; raise SettingsError if the file cannot be read, or a line is none."""
        return sorted(self._lines())

    def admits(self, name: bytes, password: bytes) -> bool:
        """Tell whether there is such an account, in the encoding of either browsers or older programs."""
        pairs: dict[tuple[str, str], None] = {}
        for encoding in ("utf-8", "latin-1"):
            with suppress(UnicodeDecodeError):
                pairs[name.decode(encoding), password.decode(encoding)] = None
        return any(self._is_right(*pair) for pair in pairs)

    def proof(self, name: str) -> str:
        """Return what changes with an account's password; empty if there is no such account."""
        return self._lines().get(name, "")

    def put(self, name: str, password: str) -> None:
        """Add an account, or give one another password; raise SettingsError if the name or password cannot be."""
        if not name or ":" in name or name != name.strip() or not name.isprintable() or len(name) > 100:
            raise SettingsError("expected a name without colons and spaces around it, found another; choose one")
        if alike := [other for other in self._lines() if other != name and _folded(other) == _folded(name)]:
            raise SettingsError(
                f"expected a name that differs from '{alike[0]}' by more than capitals, found '{name}'; choose another"
            )
        if len(password) < _SHORTEST:
            raise SettingsError(f"expected a password of at least {_SHORTEST} characters, found {len(password)}")
        salt = secrets.token_bytes(16)
        self._write(self._lines() | {name: f"{_coded(salt)}:{_coded(_hash(password, salt))}"})

    def remove(self, name: str) -> None:
        """Remove an account; raise SettingsError if there is none of that name."""
        lines = self._lines()
        if name not in lines:
            raise SettingsError(f"expected one of {', '.join(sorted(lines)) or 'no accounts'}, found '{name}'")
        self._write({other: line for other, line in lines.items() if other != name})

    def _is_right(self, name: str, password: str) -> bool:
        line = self._lines().get(name, "")
        seen = hashlib.blake2b(f"{name}\0{password}\0{line}".encode("utf-8", "replace"), key=self._key).digest()
        with self._lock:
            if line and self._right.get(seen) == name:
                return True
        salt, _, right = line.partition(":")
        # a name that nobody has takes as long as one that somebody has
        found = _coded(_hash(password, base64.b64decode(salt or "AAAA")))
        if not (line and secrets.compare_digest(found, right)):
            return False
        with self._lock:
            self._right[seen] = name
            for old in list(self._right)[:-_KEPT]:
                del self._right[old]
        return True

    def _lines(self) -> dict[str, str]:
        with self._lock:
            try:
                changed = self._file.stat().st_mtime
                if changed != self._read[0]:
                    self._read = changed, dict(map(_parsed, self._file.read_text(encoding="utf-8").splitlines()))
            except FileNotFoundError:
                self._read = -1.0, {}
            except (OSError, ValueError) as error:
                raise SettingsError(f"the accounts in {self._file} cannot be read: {error}") from error
            return self._read[1]

    def _write(self, lines: dict[str, str]) -> None:
        text = "".join(f"{name}:{line}\n" for name, line in sorted(lines.items()))
        written = self._file.with_name(f"{self._file.name}.new")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with open(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
                file.write(text)
            os.replace(written, self._file)
        except OSError as error:
            raise SettingsError(f"the accounts in {self._file} cannot be written: {error.strerror}") from error
        with self._lock:
            self._read = -1.0, {}


def _folded(name: str) -> str:
    """Return what names have in common that a file system may take for one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _parsed(line: str) -> tuple[str, str]:
    name, salt, right = line.split(":")
    base64.b64decode(salt, validate=True)
    return name, f"{salt}:{right}"


def _hash(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode("utf-8", "replace"), salt=salt, n=_COST, r=_BLOCK, p=_WAYS)


def _coded(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
