"""Decides who may use the server: the host names that it accepts, and the log-in.

In: settings, and a request's headers. Out: yes or no; nobody comes in where that cannot be looked up. Passwords are
compared in constant time, and as bytes, since browsers send UTF-8 and some programs Latin-1.
"""

import base64
import ipaddress
import re
import secrets
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from assistant.config import Settings
from assistant.errors import SettingsError
from assistant.server.accounts import Accounts
from assistant.server.audit import Audit
from assistant.server.log_ins import InMemory, LogIns, Shared
from assistant.server.sessions import Sessions

_ANYWHERE = ("", "0.0.0.0", "::")
_HERE = frozenset(("127.0.0.1", "localhost", "::1"))
# Exactly one name, and at most a port: no header that two parsers could read differently.
_HOST = re.compile(r"(?P<name>\[[0-9a-fA-F:.]+\]|[^\s\x00-\x20,;/\\@?#:\[\]\"'<>%]+)(?::\d{1,5})?")


class TooOften(Exception):
    """Too many wrong passwords came within a minute; another one is not looked at."""


@dataclass(frozen=True)
class Access:
    """The accepted host names and the log-in; `figures` also accepts any IP address as a host name."""

    hosts: frozenset[str]
    figures: bool = False
    user: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    accounts: Accounts | None = None
    header: str = ""
    audit: Audit = field(default_factory=Audit)
    log_ins: LogIns = field(default_factory=InMemory, repr=False)
    # Scrypt takes memory; and guesses that come at once would all be looked at before the first of them is counted.
    at_once: threading.Semaphore = field(default_factory=lambda: threading.BoundedSemaphore(2), repr=False)

    @classmethod
    def to(cls, host: str, settings: Settings) -> "Access":
        """Return the access rules for a server on `host`; raise SettingsError if that needs a log-in and has none."""
        user, password, token = settings.serve_user, settings.serve_password, settings.serve_token
        if bool(user) != bool(password):
            raise SettingsError("expected serve_user and serve_password together, found one of them; set both")
        accounts = Accounts(settings.serve_accounts) if settings.serve_accounts else None
        if accounts and not accounts.names():
            raise SettingsError(f"{settings.serve_accounts} has no accounts; add one with: assistant accounts add NAME")
        header, names = settings.serve_user_header.lower(), _names(settings.serve_names)
        if not (_is_here(host) and not names or token or user or accounts or header):
            raise SettingsError(
                f"without a log-in the page is for this machine only: expected --host 127.0.0.1 or localhost, found "
                f"'{', '.join((host, *names))}'; to serve other machines set ASSISTANT_SERVE_ACCOUNTS, "
                "ASSISTANT_SERVE_TOKEN, or ASSISTANT_SERVE_USER and ASSISTANT_SERVE_PASSWORD"
            )
        anywhere = host in _ANYWHERE
        own = {socket.gethostname().lower(), f"{socket.gethostname().lower()}.local"} if anywhere else {host.lower()}
        own.update(names)
        access = cls(_HERE | own, anywhere, user, password, token, accounts, header, Audit(settings.serve_audit))
        shared = settings.serve_database if access.asks else ""
        return replace(access, log_ins=Shared(shared)) if shared else access

    @property
    def local(self) -> bool:
        """Whether only this machine is served, without a log-in."""
        return self.hosts == _HERE and not self.asks

    @property
    def asks(self) -> bool:
        """Whether a log-in is asked for."""
        return bool(self.token or self.user or self.accounts or self.header)

    def knows(self, host: str) -> bool:
        """Tell whether a Host header names this server; IP addresses are safe from DNS rebinding."""
        match = _HOST.fullmatch(host)
        name = match["name"].strip("[]").lower() if match else ""
        return name in self.hosts or (self.figures and _is_figures(name))

    def admits(self, authorization: str) -> bool:
        """Tell whether an Authorization header, decoded as Latin-1, is right, or no log-in is needed."""
        if not self.asks:
            return True
        scheme, _, credentials = authorization.encode("latin-1", "replace").partition(b" ")
        if scheme.lower() == b"bearer":
            return bool(self.token) and _same(credentials.strip(), self.token)
        log_in = _basic(authorization)
        return log_in is not None and self.knows_person(*log_in)

    def knows_person(self, user: bytes, password: bytes) -> bool:
        """Tell whether a name and a password are right."""
        # Browsers always ask for a name as well; with a token, any name is accepted that is not somebody's.
        taken = self.accounts is not None and bool(self.accounts.proof(user.decode("utf-8", "replace")))
        by_token = bool(self.token) and not taken and _same(password, self.token)
        by_name = bool(self.user) and _same(user, self.user) & _same(password, self.password)
        return by_token or by_name or (self.accounts is not None and self.accounts.admits(user, password))

    def person(self, authorization: str, cookie: str, named: str, address: str) -> str | None:
        """Return who sends a request; empty if that does not matter, None if they have to log in.

        A proxy's header (`named`) counts only if it comes from this machine (`address`).

        Raises:
            TooOften: too many wrong passwords came within a minute.
            Unkept: log-ins cannot be looked up.

        """
        if not self.asks:
            return ""
        if self.header and named and _is_here(address):
            return named
        if cookie and self.accounts and (name := self.sessions.name(cookie, self.proof)):
            return name
        if not authorization:
            return None
        name = self.owner(authorization)
        return name if self.tried(address, name, lambda: self.admits(authorization)) else None

    @property
    def sessions(self) -> Sessions:
        """The log-ins on the page."""
        return Sessions(self.log_ins)

    def log_in(self, address: str, name: str, password: str) -> str:
        """Return the cookie of somebody who logs in; empty if the password is wrong. Raises what `person` raises."""
        proof = self.proof(name)
        right = self.tried(address, name, lambda: self.knows_person(name.encode(), password.encode()))
        return self.sessions.begin(name, proof) if right else ""

    def proof(self, name: str) -> str:
        """Return what changes with each password by which a name may have logged in; empty if there is none."""
        line = self.accounts.proof(name) if self.accounts else ""
        ways = [line, "" if line else self.token, self.password if name == self.user else ""]
        return "\0".join(ways) if any(ways) else ""

    def tried(self, address: str, name: str, log_in: Callable[[], bool]) -> bool:
        """Tell whether a log-in is right, and count it if not; raises what `person` raises."""
        with self.at_once:
            if self.log_ins.guessing(address, name):
                raise TooOften
            if right := log_in():
                return right
            self.log_ins.count_wrong(address, name)
            return False

    def owner(self, authorization: str) -> str:
        """Return the name that an admitted request logged in by; empty without one, or where none is needed."""
        log_in = _basic(authorization) if self.asks else None
        return log_in[0].decode("utf-8", "replace") if log_in else ""


def _names(given: str) -> tuple[str, ...]:
    """Return the names of the setting `serve_names`; raise SettingsError if one has a scheme or a port."""
    names = tuple(name for name in re.split(r"[,\s]+", given.lower()) if name)
    for name in names:
        if not re.fullmatch(r"[\w.-]+", name):
            raise SettingsError(f"serve_names must be names such as notes.example.org, without a port; found '{name}'")
    return names


def _basic(authorization: str) -> tuple[bytes, bytes] | None:
    """Return the name and the password of a Basic log-in; None if it is none."""
    scheme, _, credentials = authorization.encode("latin-1", "replace").partition(b" ")
    if scheme.lower() != b"basic":
        return None
    try:
        user, _, password = base64.b64decode(credentials.strip(), validate=True).partition(b":")
    except ValueError:
        return None
    return user, password


def is_own(origin: str, host: str) -> bool:
    """Tell whether an Origin header belongs to the page that is served under this Host header."""
    try:
        page = urlsplit(origin)
    except ValueError:
        return False
    return page.scheme in ("http", "https") and page.netloc.lower() == host.lower()


def _is_here(host: str) -> bool:
    return host.lower() == "localhost" or (_is_figures(host) and ipaddress.ip_address(host).is_loopback)


def _is_figures(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _same(sent: bytes, right: str) -> bool:
    forms = [right.encode("utf-8", "surrogatepass")]
    if all(ord(letter) < 256 for letter in right):
        forms.append(right.encode("latin-1"))
    return any([secrets.compare_digest(sent, form) for form in forms])
